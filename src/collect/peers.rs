//! Pods that the target depended on.

use crate::evidence::{Gap, GapKind, Object, Peer, PeerRelation, Pod};
use crate::source::{collection_path, encode, object_path};

use super::absorb::Found;
use super::ask::{Asker, Failure};
use super::describe::word;
use super::siblings::Answered;

/// A label that more pods than this share is no identity.
const FEW: usize = 8;
/// Pods looked at behind one Service.
const PER_SERVICE: usize = 2;

/// A host name or address from the log: the Service and the pods behind it.
pub(super) async fn named(asker: &Asker<'_>, namespace: &str, host: &str) -> Result<Answered, Failure> {
    let bare = bare_host(host);
    if is_address(host) { by_address(asker, namespace, &bare, host).await } else { by_name(asker, namespace, &bare, host).await }
}

/// Whether it is no name.
pub(super) fn is_address(host: &str) -> bool {
    let bare = bare_host(host);
    bare.contains(':') || (bare.contains('.') && bare.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
}

/// Without brackets, port and the dot at the end.
fn bare_host(host: &str) -> String {
    if let Some(inner) = host.strip_prefix('[') {
        return inner.split(']').next().unwrap_or_default().to_owned();
    }
    let bare = match host.split_once(':') {
        Some((name, port)) if !port.contains(':') => name,
        _ => host,
    };
    bare.trim_end_matches('.').to_owned()
}

async fn by_address(asker: &Asker<'_>, namespace: &str, address: &str, host: &str) -> Result<Answered, Failure> {
    let pods = collection_path("v1", Some(&encode(namespace)), "pods");
    let selector = format!("fieldSelector={}", encode(&format!("status.podIP={address}")));
    let mut found = Vec::new();
    match asker.list(&pods, &selector, 10, 1).await {
        Ok(listed) if !listed.items.is_empty() => return Ok((peers(listed.items, None, host), listed.problems)),
        Ok(_) => {}
        // It may still be a Service's.
        Err(failure) => found.push(missed(&failure, "list", namespace, &format!("pods with the address {address}"))),
    }
    let services = match asker.list(&collection_path("v1", Some(&encode(namespace)), "services"), "", 500, 1).await {
        Ok(services) => services,
        Err(failure) => {
            found.push(Found::Gap(Gap::new(failure.kind, "list", "services", format!("services of namespace {namespace}"), failure.why)));
            return Ok((found, Vec::new()));
        }
    };
    // The question is called after pods.
    let unread = |(kind, why)| Found::Gap(Gap::new(kind, "list", "services", format!("services of namespace {namespace}"), why));
    found.extend(services.problems.into_iter().map(unread));
    let has = |s: &Object| s.text("/spec/clusterIP") == Some(address) || s.list("/spec/clusterIPs").iter().any(|ip| ip.as_str() == Some(address));
    let Some(service) = services.items.into_iter().find(has) else { return Ok((found, Vec::new())) };
    let (behind, problems) = behind(asker, service, host).await?;
    found.extend(behind);
    Ok((found, problems))
}

/// Pods that could not be read, in a question that is called after services.
fn missed(failure: &Failure, verb: &str, namespace: &str, what: &str) -> Found {
    let gap = Gap::new(failure.kind, verb, "pods", what, failure.why.clone());
    Found::Gap(gap.capture(format!("kubectl get pods -n {} -o wide", word(namespace))))
}

async fn by_name(asker: &Asker<'_>, namespace: &str, name: &str, host: &str) -> Result<Answered, Failure> {
    let labels: Vec<&str> = name.split('.').collect();
    // `svc`, `svc.ns`, `svc.ns.svc…`, `pod.svc.ns.svc…` (pods of a StatefulSet have names of their own).
    let at_svc = labels.iter().position(|l| *l == "svc");
    let (pod, service, of) = match (labels.as_slice(), at_svc) {
        ([pod, service, ns, ..], Some(3)) => (Some(*pod), *service, *ns),
        ([service, ns, ..], _) => (None, *service, *ns),
        ([service], _) => (None, *service, namespace),
        _ => return Ok((Vec::new(), Vec::new())),
    };
    let mut unread = Vec::new();
    if let Some(pod) = pod {
        let uri = object_path("v1", Some(&encode(of)), "pods", &encode(pod));
        match asker.get(&uri, "Pod", pod).await {
            Ok(object) => return Ok((peers(vec![object], None, host), Vec::new())),
            Err(failure) if failure.is_absent() => {}
            Err(failure) => unread.push(missed(&failure, "get", of, &format!("pod {pod}, which the log names"))),
        }
    }
    let uri = object_path("v1", Some(&encode(of)), "services", &encode(service));
    match asker.get(&uri, "Service", service).await {
        Ok(found) => {
            let (behind, problems) = behind(asker, found, host).await?;
            unread.extend(behind);
            Ok((unread, problems))
        }
        // `name.service` inside the target's own namespace looks like `service.namespace`.
        Err(first) if labels.len() == 2 && first.code.is_some() => {
            let uri = object_path("v1", Some(&encode(namespace)), "pods", &encode(service));
            match asker.get(&uri, "Pod", service).await {
                Ok(object) => Ok((peers(vec![object], None, host), Vec::new())),
                Err(failure) if first.is_absent() && !failure.is_absent() => {
                    Ok((vec![missed(&failure, "get", namespace, &format!("pod {service}, which the log names"))], Vec::new()))
                }
                Err(_) => Err(first),
            }
        }
        Err(failure) if failure.is_absent() && !unread.is_empty() => Ok((unread, Vec::new())),
        Err(failure) => Err(failure),
    }
}

/// The pods that a Service selects, failed ones first.
async fn behind(asker: &Asker<'_>, service: Object, host: &str) -> Result<Answered, Failure> {
    let selector: Vec<String> = service.map("/spec/selector").iter().map(|(k, v)| format!("{k}={v}")).collect();
    let alone = |service: Object| vec![Found::Peer(Peer { pod: None, service: Some(service), relation: PeerRelation::Named(host.to_owned()) })];
    if selector.is_empty() {
        return Ok((alone(service), Vec::new()));
    }
    let path = collection_path("v1", Some(&encode(service.namespace())), "pods");
    let query = format!("labelSelector={}", encode(&selector.join(",")));
    match asker.list(&path, &query, 20, 1).await {
        Ok(listed) if listed.items.is_empty() => Ok((alone(service), listed.problems)),
        Ok(listed) => Ok((peers(listed.items, Some(&service), host), listed.problems)),
        Err(failure) => {
            let gap = missed(&failure, "list", service.namespace(), &format!("pods behind Service {}", service.name()));
            let mut found = alone(service);
            found.push(gap);
            Ok((found, Vec::new()))
        }
    }
}

fn peers(objects: Vec<Object>, service: Option<&Object>, host: &str) -> Vec<Found> {
    let mut pods: Vec<Pod> = objects.into_iter().map(Pod::from_object).collect();
    pods.sort_by_key(|p| (!is_bad(p), p.name.clone()));
    let found = pods.into_iter().take(PER_SERVICE);
    found.map(|pod| Found::Peer(Peer { pod: Some(pod), service: service.cloned(), relation: PeerRelation::Named(host.to_owned()) })).collect()
}

fn is_bad(pod: &Pod) -> bool {
    crate::diagnosis::is_failed(pod) || pod.containers.iter().any(|c| c.restarts > 0)
}

/// Pods that carry the same label, when they are few.
pub(super) async fn labelled(asker: &Asker<'_>, namespace: &str, key: &str, value: &str) -> Result<Answered, Failure> {
    let path = collection_path("v1", Some(&encode(namespace)), "pods");
    let listed = asker.list(&path, &format!("labelSelector={}", encode(&format!("{key}={value}"))), FEW + 1, 1).await?;
    if listed.more || listed.items.len() > FEW {
        return Ok((Vec::new(), Vec::new()));
    }
    let relation = || PeerRelation::Label(format!("{key}={value}"));
    let found = listed.items.into_iter().map(|o| Found::Peer(Peer { pod: Some(Pod::from_object(o)), service: None, relation: relation() }));
    let problems: Vec<(GapKind, String)> = listed.problems;
    Ok((found.collect(), problems))
}
