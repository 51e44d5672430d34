//! Which container the pod exists for.

use super::history::Primary;
use crate::evidence::{Container, ContainerKind, Pod, State};

/// Published names of sidecars and injected containers.
pub const SIDECAR_NAMES: &[&str] = &[
    "wait",
    "supervisor",
    "istio-proxy",
    "linkerd-proxy",
    "envoy",
    "envoy-sidecar",
    "consul-dataplane",
    "kuma-sidecar",
    "queue-proxy",
    "daprd",
    "cloud-sql-proxy",
    "cloudsql-proxy",
    "sql-proxy",
    "pgbouncer",
    "vault-agent",
    "vault-agent-init",
    "fluent-bit",
    "fluentbit",
    "fluentd",
    "filebeat",
    "promtail",
    "vector",
    "logstash",
    "log-shipper",
    "logger",
    "jaeger-agent",
    "otc-container",
    "otel-collector",
    "otel-agent",
    "opentelemetry-collector",
    "datadog-agent",
    "telegraf",
    "statsd-exporter",
    "node-exporter",
    "metrics",
    "metrics-exporter",
    "exporter",
    "kube-rbac-proxy",
    "oauth2-proxy",
    "config-reloader",
    "configmap-reload",
    "reloader",
    "git-sync",
    "tool-server",
    "docker-daemon",
    "dind",
    "code-server",
    "cloudflared",
    "tailscale",
    "aws-xray-daemon",
    "xray-daemon",
    "ambassador",
    "proxy-sidecar",
    "sidecar",
    "iron-proxy",
];

/// Parts of image names that only sidecars use.
const SIDECAR_IMAGES: &[&str] = &[
    "istio/proxyv2",
    "linkerd/proxy",
    "linkerd2/proxy",
    "envoyproxy/envoy",
    "cloud-sql-proxy",
    "cloudsql-docker",
    "fluent/fluent-bit",
    "fluent-bit:",
    "fluentd:",
    "filebeat",
    "grafana/promtail",
    "hashicorp/vault",
    "jaegertracing/jaeger-agent",
    "otel/opentelemetry-collector",
    "opentelemetry-collector",
    "daprio/daprd",
    "knative",
    "argoexec",
    "kube-rbac-proxy",
    "oauth2-proxy",
    "configmap-reload",
    "config-reloader",
    "git-sync",
    "docker:dind",
    "timberio/vector",
    "cloudflare/cloudflared",
];

/// Endings that mark a helper by convention.
const SIDECAR_ENDINGS: &[&str] = &["-sidecar", "-proxy", "-exporter", "-reloader", "-shipper", "-logger", "-agent-sidecar", "-collector", "-forwarder"];

/// Names that mark the main container by convention.
const MAIN_NAMES: &[&str] = &[
    "main",
    "app",
    "user-container",
    "sandbox",
    "agent",
    "application",
    "server",
    "ray-head",
    "ray-worker",
    "spark-kubernetes-driver",
    "spark-kubernetes-executor",
];

/// Whether a container is a helper by its kind, name or image.
pub fn is_sidecar(container: &Container, configured: &[String]) -> bool {
    let name = container.name.as_str();
    container.kind != ContainerKind::Main
        || SIDECAR_NAMES.contains(&name)
        || configured.iter().any(|c| c == name)
        || SIDECAR_ENDINGS.iter().any(|e| name.ends_with(e))
        || name.starts_with("sidecar-")
        || SIDECAR_IMAGES.iter().any(|i| container.image.contains(i))
}

/// Whether it ended badly and nothing will start it again.
pub(super) fn failed_for_good(container: &Container, pod: &Pod) -> bool {
    container.state.terminated().is_some_and(|t| t.exit_code != 0 && !container.restarts_after(t.exit_code, &pod.restart_policy))
}

/// The kubelet makes up an end for containers that it lost track of, a common side effect of evictions: it names no culprit.
fn is_made_up(container: &Container) -> bool {
    container.state.terminated().is_some_and(|t| t.reason == "ContainerStatusUnknown")
}

/// Of a gone pod: the one application container that was started and is missing among those that were stopped with the pod.
/// It was dead before, which is what the verdict is about.
pub(super) fn missing_from_killing(pod: &Pod, started: &[String], killed: &[String], configured: &[String]) -> Option<Primary> {
    let apps: Vec<&Container> = pod.of_kind(ContainerKind::Main).filter(|c| !is_sidecar(c, configured)).collect();
    let missing: Vec<&&Container> = apps.iter().filter(|c| started.contains(&c.name) && !killed.contains(&c.name)).collect();
    match (killed.is_empty(), missing.as_slice()) {
        (false, [one]) if apps.len() > 1 => Some(Primary { container: one.name.clone(), why: "it was dead before the others were stopped".to_owned() }),
        _ => None,
    }
}

/// Chooses the primary container; `None` only for a pod without containers.
pub(super) fn choose(pod: &Pod, override_name: Option<&str>, configured: &[String]) -> Option<Primary> {
    let made = |c: &Container, why: &str| Some(Primary { container: c.name.clone(), why: why.to_owned() });
    if let Some(c) = override_name.and_then(|n| pod.container(n)) {
        return made(c, "asked for with --container");
    }
    let main: Vec<&Container> = pod.of_kind(ContainerKind::Main).collect();
    if let Some(c) = pod.annotations.get("kubectl.kubernetes.io/default-container").and_then(|n| main.iter().find(|c| c.name == *n)) {
        return made(c, "annotation kubectl.kubernetes.io/default-container");
    }
    if pod.labels.contains_key("workflows.argoproj.io/workflow")
        && let Some(c) = main.iter().find(|c| c.name == "main").or_else(|| main.iter().rev().find(|c| c.name != "wait"))
    {
        return made(c, "main container of an Argo workflow step");
    }
    if pod.labels.contains_key("tekton.dev/taskRun") {
        let steps: Vec<&&Container> = main.iter().filter(|c| c.name.starts_with("step-")).collect();
        // Steps after the first failed one are skipped and end with 1 as well: the first is the culprit.
        let failed = steps
            .iter()
            .filter(|c| c.state.terminated().is_some_and(|t| t.exit_code != 0))
            .min_by_key(|c| (c.state.terminated().and_then(|t| t.finished), c.index));
        if let Some(c) = failed.or(steps.first()) {
            return made(c, "step of a Tekton task");
        }
    }
    if let Some(c) = main.iter().find(|c| c.name == "user-container") {
        return made(c, "user container of a Knative service");
    }
    let mut apps: Vec<&Container> = main.iter().copied().filter(|c| !is_sidecar(c, configured)).collect();
    if apps.is_empty() {
        apps = main;
    }
    if let [only] = apps.as_slice() {
        return made(only, if pod.of_kind(ContainerKind::Main).count() == 1 { "the only container" } else { "the only container that is no known sidecar" });
    }
    let ended = |c: &Container| c.state.terminated().and_then(|t| t.finished);
    let offender = pod.message.as_deref().and_then(|m| apps.iter().find(|c| m.contains(&format!("Container {} ", c.name))));
    if let Some(c) = offender {
        return made(c, "named by the kubelet as the offender");
    }
    if let Some(c) = apps.iter().filter(|c| failed_for_good(c, pod)).min_by_key(|c| (is_made_up(c), ended(c), c.index)) {
        return made(c, "the application container that failed for good");
    }
    if let Some(c) = apps.iter().find(|c| MAIN_NAMES.contains(&c.name.as_str())) {
        return made(c, "named as main containers are");
    }
    // Also an owner's name holds the container's in most charts: web-7d4b9-x2x7k runs "web".
    let similar = |c: &&&Container| c.name.len() >= 3 && (pod.name.starts_with(&c.name) || pod.owners.iter().any(|o| o.name.contains(&c.name)));
    if let Some(c) = apps.iter().filter(similar).max_by_key(|c| (c.name.len(), usize::MAX - c.index)) {
        return made(c, "named like its owner");
    }
    let trouble = |c: &&&Container| matches!(c.state, State::Waiting { .. } | State::Terminated(_));
    if let Some(c) = apps.iter().find(trouble) {
        return made(c, "the application container that is not running");
    }
    if let Some(c) = apps.iter().find(|c| !c.ports.is_empty()) {
        return made(c, "first container with a port");
    }
    apps.first().and_then(|c| made(c, "first container of the spec"))
}
