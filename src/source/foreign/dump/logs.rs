//! Whose a log file is, by its path.
//!
//! ```text
//! namespaces/<ns>/pods/<pod>/<c>/<c>/logs/current.log    must-gather, and previous.log
//! namespaces/<ns>/pod/<pod>/<c>/current.log              crust-gather
//! cluster-resources/pods/logs/<ns>/<pod>/<c>.log         support bundle, and <c>-previous.log
//! <ns>/<pod>/logs.txt                                    cluster-info dump, all containers in one, with headers
//! ```

use std::collections::BTreeMap;

/// Containers by namespace and pod.
pub(super) type Pods = BTreeMap<(String, String), Vec<String>>;

/// Namespace, pod, container and whether it is of the previous instance.
pub(super) fn owner(path: &str, pods: &Pods) -> Option<(String, String, String, bool)> {
    let parts: Vec<&str> = path.split('/').collect();
    let file = parts.last()?;
    let stem = file.strip_suffix(".log").or_else(|| file.strip_suffix(".txt"))?;
    let (stem, mut previous) = match stem.strip_suffix("previous").map(|s| s.trim_end_matches(['-', '.', '_'])) {
        Some(rest) => (rest, true),
        None => (stem, false),
    };
    previous |= stem.starts_with("previous");
    // The pod is the nearest directory that bears the name of one; its namespace, where the path shows it, must fit.
    let (at, (namespace, pod)) = parts.iter().enumerate().rev().skip(1).find_map(|(at, part)| {
        let mut of_name = pods.keys().filter(|(_, name)| name == part);
        let shown = of_name.clone().find(|(ns, _)| parts.iter().take(at).any(|p| p == ns));
        let only = of_name.next().filter(|_| of_name.next().is_none());
        Some((at, shown.or(only)?))
    })?;
    let containers = pods.get(&(namespace.clone(), pod.clone()))?;
    let below = parts.get(at + 1..parts.len() - 1).unwrap_or_default().iter().copied().chain([stem]);
    let container = below.rev().find(|p| containers.iter().any(|c| c == p))?;
    Some((namespace.clone(), pod.clone(), container.to_owned(), previous))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layout() {
        let pods: Pods = [(("shop".to_owned(), "web-1".to_owned()), vec!["app".to_owned(), "proxy".to_owned()])].into();
        let is = |path: &str| owner(path, &pods).map(|(_, _, c, p)| (c, p));
        let app = |previous| Some(("app".to_owned(), previous));
        assert_eq!(is("mg/quay-1/namespaces/shop/pods/web-1/app/app/logs/current.log"), app(false));
        assert_eq!(is("namespaces/shop/pods/web-1/app/app/logs/previous.log"), app(true));
        assert_eq!(is("namespaces/shop/pods/web-1/app/app/logs/previous.insecure.log"), app(true));
        assert_eq!(is("namespaces/shop/pod/web-1/app/current.log"), app(false));
        assert_eq!(is("sb/cluster-resources/pods/logs/shop/web-1/app.log"), app(false));
        assert_eq!(is("sb/cluster-resources/pods/logs/shop/web-1/app-previous.log"), app(true));
        assert_eq!(is("sb/web/web-1/proxy.log"), Some(("proxy".to_owned(), false)));
        assert_eq!(is("sb/web/web-2/proxy.log"), None);
        assert_eq!(is("shop/web-1/logs.txt"), None);
    }
}
