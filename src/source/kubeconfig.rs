//! Which cluster, and as whom: kubeconfig files merged as kubectl merges them, and flags that stand in place of what they say.

use std::path::PathBuf;

use kube::config::{AuthInfo, Cluster, Context, KubeConfigOptions, Kubeconfig, KubeconfigError, NamedAuthInfo, NamedCluster, NamedContext};

use super::cluster::{ClusterOptions, one_line};
use super::error::SourceError;

/// What kubectl's flags put in place of the kubeconfig's own words.
#[derive(Clone, Default)]
pub struct Overrides {
    /// `--cluster`: another cluster of the kubeconfig than the context's.
    pub cluster: Option<String>,
    /// `--user`: another user of the kubeconfig than the context's.
    pub user: Option<String>,
    /// `--server`.
    pub server: Option<String>,
    /// `--token`.
    pub token: Option<String>,
    /// `--certificate-authority`.
    pub certificate_authority: Option<PathBuf>,
    /// `--client-certificate`.
    pub client_certificate: Option<PathBuf>,
    /// `--client-key`.
    pub client_key: Option<PathBuf>,
    /// `--tls-server-name`.
    pub tls_server_name: Option<String>,
    /// `--insecure-skip-tls-verify`.
    pub insecure: bool,
}

/// A token is never printed, nor logged.
impl std::fmt::Debug for Overrides {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Overrides").field("cluster", &self.cluster).field("user", &self.user).field("server", &self.server).finish_non_exhaustive()
    }
}

/// The name of what flags alone describe.
const BY_FLAGS: &str = "flags";

/// The configuration, how a report names it, and the namespaces that the kubeconfig knows of this cluster.
pub(super) async fn load(options: &ClusterOptions) -> Result<(kube::Config, String, Vec<String>), SourceError> {
    let overrides = &options.overrides;
    let mut kubeconfig = match read(options) {
        Ok(kubeconfig) => kubeconfig,
        Err(SourceError::NoKubeconfig { .. }) if options.kubeconfig.is_none() && options.context.is_none() && overrides.server.is_some() => {
            Kubeconfig::default()
        }
        Err(SourceError::NoKubeconfig { path }) => {
            if options.kubeconfig.is_none()
                && options.context.is_none()
                && let Ok(config) = kube::Config::incluster()
            {
                return Ok((config, "in-cluster".to_owned(), Vec::new()));
            }
            return Err(SourceError::NoKubeconfig { path });
        }
        Err(error) => return Err(error),
    };
    let mut known: Vec<String> = kubeconfig.contexts.iter().map(|c| c.name.clone()).collect();
    known.sort();
    let context = match options.context.clone().or_else(|| kubeconfig.current_context.clone()).filter(|c| !c.is_empty()) {
        Some(context) if known.contains(&context) => context,
        Some(name) => return Err(SourceError::UnknownContext { name, known }),
        // kubectl asks no more than where the server is.
        None if overrides.server.is_some() || overrides.cluster.is_some() => {
            by_flags(&mut kubeconfig, overrides);
            BY_FLAGS.to_owned()
        }
        None => return Err(SourceError::NoCurrentContext { known }),
    };
    let namespaces = namespaces_beside(&kubeconfig, &context);
    apply(&mut kubeconfig, &context, overrides)?;
    let chosen = KubeConfigOptions { context: Some(context.clone()), cluster: overrides.cluster.clone(), user: overrides.user.clone() };
    let config = kube::Config::from_custom_kubeconfig(kubeconfig, &chosen).await.map_err(|e| SourceError::Kubeconfig(one_line(&e)))?;
    let description = match (&overrides.server, &overrides.cluster) {
        (Some(server), _) => format!("server {server}"),
        (None, Some(cluster)) => format!("cluster {cluster}"),
        (None, None) => format!("context {context}"),
    };
    Ok((config, description, namespaces))
}

/// Names of the contexts that there are, for completion.
pub fn contexts(kubeconfig: Option<PathBuf>) -> Vec<String> {
    let read = read(&ClusterOptions { kubeconfig, ..ClusterOptions::default() });
    read.map(|k| k.contexts.into_iter().map(|c| c.name).collect()).unwrap_or_default()
}

/// `--kubeconfig`, else the files of `KUBECONFIG`, else `~/.kube/config`. Of a list, files that are not there are left out, the
/// first file that says something wins, and an empty current context says nothing (kubectl, `clientcmd/loader.go`).
fn read(options: &ClusterOptions) -> Result<Kubeconfig, SourceError> {
    let unusable = |error: KubeconfigError| SourceError::Kubeconfig(one_line(&error));
    if let Some(path) = &options.kubeconfig {
        return if path.exists() { Kubeconfig::read_from(path).map_err(unusable) } else { Err(SourceError::NoKubeconfig { path: Some(path.clone()) }) };
    }
    let listed: Vec<PathBuf> =
        std::env::var_os("KUBECONFIG").map(|value| std::env::split_paths(&value).filter(|p| !p.as_os_str().is_empty()).collect()).unwrap_or_default();
    if listed.is_empty() {
        return Kubeconfig::read().map_err(|error| match error {
            KubeconfigError::FindPath | KubeconfigError::ReadConfig(..) => SourceError::NoKubeconfig { path: None },
            other => unusable(other),
        });
    }
    let mut merged: Option<Kubeconfig> = None;
    for path in listed.iter().filter(|p| p.exists()) {
        let mut next = Kubeconfig::read_from(path).map_err(unusable)?;
        next.current_context = next.current_context.filter(|c| !c.is_empty());
        merged = Some(match merged {
            Some(before) => before.merge(next).map_err(unusable)?,
            None => next,
        });
    }
    merged.ok_or_else(|| SourceError::NoKubeconfig { path: listed.into_iter().next() })
}

/// A context for a cluster that only flags name.
fn by_flags(kubeconfig: &mut Kubeconfig, overrides: &Overrides) {
    let cluster = overrides.cluster.clone().unwrap_or_else(|| BY_FLAGS.to_owned());
    let user = overrides.user.clone().unwrap_or_else(|| BY_FLAGS.to_owned());
    if overrides.cluster.is_none() {
        kubeconfig.clusters.push(NamedCluster { name: cluster.clone(), cluster: Some(Cluster::default()), other: Default::default() });
    }
    if overrides.user.is_none() {
        kubeconfig.auth_infos.push(NamedAuthInfo { name: user.clone(), auth_info: Some(AuthInfo::default()), other: Default::default() });
    }
    let context = Context { cluster, user: Some(user), ..Context::default() };
    kubeconfig.contexts.push(NamedContext { name: BY_FLAGS.to_owned(), context: Some(context), other: Default::default() });
}

/// Puts the flags into the cluster and the user that are asked with.
fn apply(kubeconfig: &mut Kubeconfig, context: &str, overrides: &Overrides) -> Result<(), SourceError> {
    let said = kubeconfig.contexts.iter().find(|c| c.name == context).and_then(|c| c.context.clone()).unwrap_or_default();
    let known = |names: Vec<String>, flag: &str, wanted: &str| match names.iter().any(|n| n == wanted) {
        true => Ok(()),
        false => Err(SourceError::Kubeconfig(format!("{flag} {wanted} is not in it; there {}", listed(names)))),
    };
    if let Some(name) = &overrides.cluster {
        known(kubeconfig.clusters.iter().map(|c| c.name.clone()).collect(), "--cluster", name)?;
    }
    if let Some(name) = &overrides.user {
        known(kubeconfig.auth_infos.iter().map(|u| u.name.clone()).collect(), "--user", name)?;
    }
    let cluster = overrides.cluster.clone().unwrap_or(said.cluster);
    if let Some(found) = kubeconfig.clusters.iter_mut().find(|c| c.name == cluster) {
        let cluster = found.cluster.get_or_insert_default();
        if let Some(server) = &overrides.server {
            cluster.server = Some(if server.contains("://") { server.clone() } else { format!("http://{server}") });
        }
        if let Some(path) = &overrides.certificate_authority {
            cluster.certificate_authority = Some(path.display().to_string());
            cluster.certificate_authority_data = None;
        }
        if overrides.tls_server_name.is_some() {
            cluster.tls_server_name.clone_from(&overrides.tls_server_name);
        }
        if overrides.insecure {
            // As kubectl has it: an authority beside this flag is a contradiction, so the kubeconfig's own is left out.
            cluster.insecure_skip_tls_verify = Some(true);
            (cluster.certificate_authority, cluster.certificate_authority_data) = (None, None);
        }
    }
    let user = overrides.user.clone().or(said.user).unwrap_or_default();
    if let Some(found) = kubeconfig.auth_infos.iter_mut().find(|u| u.name == user) {
        let user = found.auth_info.get_or_insert_default();
        if let Some(token) = &overrides.token {
            user.token = Some(token.clone().into());
            (user.token_file, user.exec, user.auth_provider) = (None, None, None);
        }
        if let Some(path) = &overrides.client_certificate {
            user.client_certificate = Some(path.display().to_string());
            user.client_certificate_data = None;
        }
        if let Some(path) = &overrides.client_key {
            user.client_key = Some(path.display().to_string());
            user.client_key_data = None;
        }
    }
    Ok(())
}

fn listed(mut names: Vec<String>) -> String {
    names.sort();
    match names.as_slice() {
        [] => "are none".to_owned(),
        names => format!("is {}", names.join(", ")),
    }
}

/// The namespaces of all contexts of the same cluster: what the user is known to work in.
fn namespaces_beside(kubeconfig: &Kubeconfig, context: &str) -> Vec<String> {
    let cluster_of = |name: &str| kubeconfig.contexts.iter().find(|c| c.name == name).and_then(|c| c.context.as_ref()).map(|c| c.cluster.clone());
    let cluster = cluster_of(context);
    let same = kubeconfig.contexts.iter().filter_map(|c| c.context.as_ref()).filter(|c| Some(&c.cluster) == cluster.as_ref());
    let mut found: Vec<String> = same.filter_map(|c| c.namespace.clone()).filter(|n| !n.is_empty()).collect();
    found.sort();
    found.dedup();
    found
}
