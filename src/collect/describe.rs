//! What a question is called: in gaps, in the ledger, and as a command to type.

use crate::diagnosis::Question;
use crate::evidence::{ENDPOINTS, Gap, GapKind};
use crate::source::plural_of;

use super::peers::is_address;

/// A question in words.
pub(super) struct Described {
    pub(super) verb: &'static str,
    pub(super) resource: String,
    /// Lower-case fragment.
    pub(super) what: String,
    /// Name in the ledger.
    pub(super) source: String,
    pub(super) capture: Option<String>,
}

impl Described {
    pub(super) fn gap(&self, kind: GapKind, why: &str) -> Gap {
        let gap = Gap::new(kind, self.verb, &self.resource, self.what.clone(), why);
        match &self.capture {
            Some(command) => gap.capture(command.clone()),
            None => gap,
        }
    }
}

/// `replicasets.apps`, `pods`.
pub(super) fn resource_name(api_version: &str, kind: &str) -> String {
    match api_version.split_once('/') {
        Some((group, _)) => format!("{}.{group}", plural_of(kind)),
        None => plural_of(kind),
    }
}

/// A word of a command line. Names come from the cluster and may hold anything; what is printed is meant to be pasted.
pub(super) fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._/=,:@%+-".contains(c);
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(plain) {
        return text.to_owned();
    }
    let printable: String = text.chars().filter(|c| !c.is_control()).collect();
    format!("'{}'", printable.replace('\'', r"'\''"))
}

/// The label selector of the EndpointSlices of Services (K8s API, `discovery.k8s.io/v1`, label `kubernetes.io/service-name`).
pub(super) fn of_services(services: &[String]) -> String {
    format!("kubernetes.io/service-name in ({})", services.join(","))
}

pub(super) fn describe(question: &Question) -> Described {
    let of = |verb, resource: &str, what: String, source: String, capture: String| Described {
        verb,
        resource: resource.to_owned(),
        what,
        source,
        capture: Some(capture),
    };
    match question {
        Question::Pod { namespace, name } => {
            of("get", "pods", format!("pod {name}"), "pod".to_owned(), format!("kubectl get pod -n {} {} -o yaml", word(namespace), word(name)))
        }
        Question::Namespace { name } => {
            of("get", "namespaces", format!("namespace {name}"), format!("namespace {name}"), format!("kubectl get namespace {}", word(name)))
        }
        Question::PodElsewhere { name } => of(
            "list",
            "pods",
            format!("pods named {name} in other namespaces"),
            "pods of all namespaces".to_owned(),
            format!("kubectl get pods -A --field-selector {}", word(&format!("metadata.name={name}"))),
        ),
        Question::EventsElsewhere { name } => of(
            "list",
            "events",
            format!("events about {name} in other namespaces"),
            "events of all namespaces".to_owned(),
            format!("kubectl get events -A --field-selector {}", word(&format!("involvedObject.name={name}"))),
        ),
        Question::Owner { api_version, kind, namespace, name, .. } | Question::Object { api_version, kind, namespace, name } => {
            let resource = resource_name(api_version, kind);
            let command = format!("kubectl get {} -n {} {} -o yaml", word(&resource), word(namespace), word(name));
            of("get", &resource, format!("{kind} {name}"), format!("{kind}/{name}"), command)
        }
        Question::Workflows { namespace } => of(
            "list",
            "workflows.argoproj.io",
            "workflows that ran the same template".to_owned(),
            "workflows".to_owned(),
            format!("kubectl get workflows.argoproj.io -n {} -o yaml", word(namespace)),
        ),
        Question::TaskRuns { namespace } => of(
            "list",
            "taskruns.tekton.dev",
            "the TaskRun that names the pod".to_owned(),
            "taskruns".to_owned(),
            format!("kubectl get taskruns.tekton.dev -n {} -o yaml", word(namespace)),
        ),
        Question::Objects { api_version, kind, namespace } => {
            let resource = resource_name(api_version, kind);
            let command = format!("kubectl get {} -n {} -o yaml", word(&resource), word(namespace));
            of("list", &resource, format!("all objects of kind {kind}"), resource.clone(), command)
        }
        Question::Endpoints { namespace, services } => of(
            "list",
            "endpointslices.discovery.k8s.io",
            format!("whether anything is ready behind {}", services.iter().map(|s| format!("Service {s}")).collect::<Vec<_>>().join(", ")),
            ENDPOINTS.to_owned(),
            format!("kubectl get endpointslices.discovery.k8s.io -n {} -l {}", word(namespace), word(&of_services(services))),
        ),
        Question::Events { namespace, kind, name } => {
            let object = kind.as_ref().map_or_else(|| name.clone(), |k| format!("{k} {name}"));
            let source = kind.as_ref().map_or_else(|| format!("events {name}"), |k| format!("events {k}/{name}"));
            of(
                "list",
                "events",
                format!("events about {object}"),
                source,
                format!("kubectl get events -n {} --field-selector {}", word(namespace), word(&format!("involvedObject.name={name}"))),
            )
        }
        Question::EventsNaming { namespace, name } => of(
            "list",
            "events",
            format!("events of controllers that name {name}"),
            "events of controllers".to_owned(),
            format!("kubectl get events -n {} | grep {}", word(namespace), word(name)),
        ),
        Question::Node { name } => of("get", "nodes", format!("node {name}"), format!("Node/{name}"), format!("kubectl get node {} -o yaml", word(name))),
        Question::NodeEvents { name } => of(
            "list",
            "events",
            format!("events about node {name}"),
            format!("events Node/{name}"),
            format!("kubectl get events -n default --field-selector {}", word(&format!("involvedObject.kind=Node,involvedObject.name={name}"))),
        ),
        Question::Siblings { namespace, selector, .. } => {
            let command = format!("kubectl get pods -n {} -l {} -o yaml", word(namespace), word(selector));
            of("list", "pods", "pods of the same owner".to_owned(), format!("siblings {selector}"), command)
        }
        Question::Kin { namespace, .. } => of(
            "list",
            "pods",
            "pods whose names have the same make".to_owned(),
            "pods of the namespace".to_owned(),
            format!("kubectl get pods -n {}", word(namespace)),
        ),
        Question::PeerNamed { namespace, host } if is_address(host) => of(
            "list",
            "pods",
            format!("{host}, which the log names"),
            format!("peer {host}"),
            format!("kubectl get pods,services -n {} -o wide", word(namespace)),
        ),
        Question::PeerNamed { namespace, host } => of(
            "get",
            "services",
            format!("{host}, which the log names"),
            format!("peer {host}"),
            format!("kubectl get services,endpointslices,pods -n {} -o wide", word(namespace)),
        ),
        Question::PeerLabelled { namespace, key, value } => of(
            "list",
            "pods",
            format!("pods labelled {key}={value}"),
            format!("pods {key}={value}"),
            format!("kubectl get pods -n {} -l {}", word(namespace), word(&format!("{key}={value}"))),
        ),
        Question::NodeFiles { node, namespace, pod, uid } => {
            let path = format!("/api/v1/nodes/{node}/proxy/logs/pods/{namespace}_{pod}_{uid}/");
            of(
                "get",
                "nodes/proxy",
                format!("log files of pod {pod} on node {node}"),
                "node log files".to_owned(),
                format!("kubectl get --raw {}", word(&path)),
            )
        }
        Question::NodeJournal { node, service, since, pattern } => {
            let pattern = pattern.as_ref().map(|p| format!("&pattern={p}")).unwrap_or_default();
            let path = format!("/api/v1/nodes/{node}/proxy/logs/?query={service}&sinceTime={}{pattern}", crate::evidence::format_time(*since));
            of("get", "nodes/proxy", format!("journal of {service} on node {node}"), format!("journal {service}"), format!("kubectl get --raw {}", word(&path)))
        }
        Question::Log { namespace, pod, container, previous } => {
            let suffix = if *previous { " (previous)" } else { "" };
            let flag = if *previous { " --previous" } else { "" };
            let command = format!("kubectl logs -n {} {} -c {} --timestamps{flag}", word(namespace), word(pod), word(container));
            of("get", "pods/log", format!("log of container {container}{suffix} of pod {pod}"), format!("log {pod} {container}{suffix}"), command)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_stay_one_word() {
        assert_eq!(word("web-0"), "web-0");
        assert_eq!(word("-x"), "'-x'");
        assert_eq!(word("a; rm -rf ~\n"), "'a; rm -rf ~'");
        assert_eq!(word("it's"), r"'it'\''s'");
        let question = Question::PeerLabelled { namespace: "shop".to_owned(), key: "k".to_owned(), value: "$(id)".to_owned() };
        assert_eq!(describe(&question).capture.as_deref(), Some("kubectl get pods -n shop -l 'k=$(id)'"));
    }
}
