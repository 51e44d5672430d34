//! What is really asked for: command line over configuration over defaults. Nothing later looks at flags.

use std::path::PathBuf;
use std::time::Duration;

use super::args::{InvestigateArgs, Output, WhereArgs};
use super::{Config, Failure};
use crate::evidence::{Budget, Options, ProjectCommands};
use crate::source::{ClusterOptions, Overrides};

/// Where answers come from.
#[derive(Clone, Debug)]
pub enum From {
    /// A cluster.
    Cluster(Box<ClusterOptions>),
    /// A bundle.
    Bundle(PathBuf),
    /// Text on standard input.
    Paste,
}

/// One investigation, settled.
#[derive(Clone, Debug)]
pub struct Request {
    /// The pod's name, or the workload's; empty when a paste is to tell it.
    pub pod: String,
    /// The workload whose worst pod is meant.
    pub kind: Option<&'static str>,
    /// The incarnation.
    pub uid: Option<String>,
    /// The namespace, unless it is left to the source.
    pub namespace: Option<String>,
    /// The namespace was said for this run: no other one is looked at.
    pub namespace_said: bool,
    /// What is judged.
    pub options: Options,
    /// What it may cost.
    pub budget: Budget,
    /// Where answers come from.
    pub from: From,
    /// Where they are kept.
    pub save: Option<PathBuf>,
    /// Rules beside the built-in ones.
    pub rules: Vec<PathBuf>,
    /// The format.
    pub output: Output,
    /// The findings decide the exit code.
    pub exit_code: bool,
}

impl Request {
    /// Settles an investigation.
    pub fn new(args: &InvestigateArgs, config: &Config) -> Result<Self, Failure> {
        let (pod, is_paste) = match (args.pod.is_paste(), &args.pasted) {
            (true, Some(pod)) if !pod.is_paste() => (Some(pod), true),
            (true, _) => (None, true),
            (false, None) => (Some(&args.pod), false),
            (false, Some(other)) => {
                return Err(Failure::usage(format!("one pod at a time: {} or {}", args.pod.name, other.name)).hint("a2 investigate - NAME reads pasted text"));
            }
        };
        if is_paste && args.from.is_some() {
            return Err(Failure::usage("the pod cannot be pasted and be in a bundle").hint("leave out - or --from"));
        }
        let namespace = match (&pod.and_then(|p| p.namespace.clone()), &args.cluster.namespace) {
            (Some(named), Some(flagged)) if named != flagged => {
                return Err(Failure::usage(format!("the pod is named in namespace {named}, but -n says {flagged}")).hint("leave one of them out"));
            }
            (named, flagged) => flagged.clone().or_else(|| named.clone()),
        };
        let limits = config.clone().in_force().limits;
        let since = args.since.or(limits.since).unwrap_or_default();
        let timeout = args.timeout.or(limits.timeout).unwrap_or_default();
        if timeout.is_zero() {
            return Err(Failure::usage("--timeout 0 leaves no time to ask anything").hint("10s is the default"));
        }
        Ok(Self {
            pod: pod.map(|p| p.name.clone()).unwrap_or_default(),
            kind: args.pod.kind,
            uid: args.uid.clone(),
            namespace_said: namespace.is_some(),
            namespace: namespace.or_else(|| config.namespace.clone().filter(|_| !is_paste)),
            options: Options {
                since_seconds: i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
                container: args.container.clone(),
                sidecars: config.sidecars.clone(),
                task_labels: config.labels.of_kind(),
                logs: !args.no_logs,
                node_logs: args.node_logs,
                labels: config.labels.by_name(),
                project: ProjectCommands { format: config.project.format.clone(), lint: config.project.lint.clone(), test: config.project.test.clone() },
            },
            budget: Budget { milliseconds: milliseconds(timeout), ..Budget::default() },
            from: if is_paste { From::Paste } else { from(args.from.as_ref(), &args.cluster.at, limits.request_timeout, timeout) },
            save: args.save.clone(),
            rules: args.rules.clone(),
            output: args.show.output.or(config.output).unwrap_or_default(),
            exit_code: args.exit_code,
        })
    }
}

/// Settles where answers come from.
pub(super) fn from(bundle: Option<&PathBuf>, at: &WhereArgs, configured: Option<Duration>, timeout: Duration) -> From {
    // Zero means "no limit of its own" to kubectl; the limit on everything together still holds.
    let request_timeout = at.request_timeout.or(configured).filter(|limit| !limit.is_zero()).unwrap_or(timeout);
    match bundle {
        Some(bundle) => From::Bundle(bundle.clone()),
        None => From::Cluster(Box::new(ClusterOptions {
            kubeconfig: at.kubeconfig.clone(),
            context: at.context.clone(),
            impersonate: at.impersonate.clone(),
            impersonate_groups: at.impersonate_groups.clone(),
            request_timeout: Some(request_timeout),
            overrides: Overrides {
                cluster: at.instead.cluster.clone(),
                user: at.instead.user.clone(),
                server: at.instead.server.clone(),
                token: at.instead.token.clone(),
                certificate_authority: at.instead.certificate_authority.clone(),
                client_certificate: at.instead.client_certificate.clone(),
                client_key: at.instead.client_key.clone(),
                tls_server_name: at.instead.tls_server_name.clone(),
                insecure: at.instead.insecure_skip_tls_verify,
            },
        })),
    }
}

pub(super) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::args::{Cli, Command};
    use super::*;

    fn request(args: &[&str], config: &Config) -> Result<Request, Failure> {
        let cli = Cli::try_parse_from([&["a2", "investigate"], args].concat()).expect("the line parses");
        match cli.command {
            Command::Investigate(args) => Request::new(&args, config),
            other => panic!("{other:?}"),
        }
    }

    fn config(text: &str) -> Config {
        Config::parse(text, std::path::Path::new("config.yaml")).expect("the file parses")
    }

    #[test]
    fn defaults() {
        let request = request(&["web"], &Config::default()).unwrap();
        assert_eq!((request.namespace, request.namespace_said, request.output), (None, false, Output::Table));
        assert_eq!((request.options, request.budget), (Options::default(), Budget::default()));
    }

    #[test]
    fn the_command_line_wins_over_the_configuration() {
        let config = config("namespace: own\noutput: yaml\nsidecars: [shipper]\nlimits: { timeout: 1s, since: 1h }\n");
        let silent = request(&["web"], &config).unwrap();
        assert_eq!((silent.namespace.as_deref(), silent.namespace_said, silent.output), (Some("own"), false, Output::Yaml));
        assert_eq!((silent.options.since_seconds, silent.budget.milliseconds), (3600, 1000));
        assert_eq!(silent.options.sidecars, ["shipper"]);
        let loud = request(&["web", "-n", "shop", "-ojson", "--since", "2d", "--timeout", "1m"], &config).unwrap();
        assert_eq!((loud.namespace.as_deref(), loud.namespace_said, loud.output), (Some("shop"), true, Output::Json));
        assert_eq!((loud.options.since_seconds, loud.budget.milliseconds), (2 * 86_400, 60_000));
    }

    #[test]
    fn a_name_may_carry_its_namespace() {
        let request = |args: &[&str]| request(args, &config("namespace: own\n"));
        assert_eq!(request(&["shop/web"]).unwrap().namespace.as_deref(), Some("shop"));
        assert_eq!(request(&["shop/web", "-n", "shop"]).unwrap().namespace.as_deref(), Some("shop"));
        assert_eq!(request(&["shop/web", "-n", "other"]).unwrap_err().exit, super::super::Exit::Usage);
    }

    #[test]
    fn no_limit_on_one_request_is_still_the_limit_on_all() {
        let From::Cluster(cluster) = request(&["web", "--request-timeout", "0", "--timeout", "7s"], &Config::default()).unwrap().from else {
            panic!("no cluster")
        };
        assert_eq!(cluster.request_timeout, Some(Duration::from_secs(7)));
        assert!(request(&["web", "--timeout", "0"], &Config::default()).is_err());
    }
}
