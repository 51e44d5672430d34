//! Whom the decisive lines of the logs name: the peers worth a look.

use crate::evidence::CaseFile;
use crate::reconstruct::{Judged, reconstruct};
use crate::signatures::is_local;

/// Hosts and addresses (without ports) that the decisive lines name, most telling first; not the pod itself. For `collect`,
/// between rounds.
pub fn peers_named(case: &CaseFile) -> Vec<String> {
    let history = reconstruct(case, &Judged::default());
    let fact = history.facts.get("log.peer");
    let named = fact.into_iter().flat_map(|f| &f.values).map(|(v, _)| v.to_string());
    let mut hosts: Vec<String> = Vec::new();
    for peer in named.filter(|peer| !is_local(peer)) {
        let host = host(&peer).to_owned();
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    hosts
}

/// `host:port`, `[v6]:port`, or a bare host or address.
fn host(peer: &str) -> &str {
    match peer.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => match peer.split_once(':') {
            // More than one colon is an IPv6 address without a port.
            Some((host, port)) if !port.contains(':') => host,
            _ => peer,
        },
    }
}
