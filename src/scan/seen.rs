//! Which pods are there: enough to count them while they come and go, at a few bytes each.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::finding::Finding;

/// The pods of one namespace. Of a name its hash is kept: of a hundred thousand, two alike are one chance in four thousand millions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pods(BTreeSet<u64>);

impl<'a> FromIterator<&'a str> for Pods {
    fn from_iter<I: IntoIterator<Item = &'a str>>(names: I) -> Self {
        Self(names.into_iter().map(hash).collect())
    }
}

impl Pods {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// How many of them no finding is about. A finding may be about a pod that is gone.
    pub(super) fn healthy<'a>(&self, findings: impl IntoIterator<Item = &'a Finding>) -> usize {
        let ill: BTreeSet<u64> = findings.into_iter().filter_map(|f| f.pod.as_deref()).map(hash).filter(|h| self.0.contains(h)).collect();
        self.len() - ill.len()
    }
}

fn hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

/// The pods of all namespaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen(BTreeMap<String, Pods>);

impl Seen {
    /// What a look at a namespace saw, in place of what was known.
    pub(super) fn put(&mut self, namespace: String, pods: Pods) {
        self.0.insert(namespace, pods);
    }

    /// What another look saw: all there is, or a part of it.
    pub(super) fn update(&mut self, other: Self, all: bool, unread: &dyn Fn(&str) -> bool) {
        if all {
            self.0.retain(|namespace, _| unread(namespace));
        }
        self.0.extend(other.0.into_iter().filter(|(namespace, _)| !unread(namespace)));
    }

    /// A pod is there.
    pub(super) fn come(&mut self, namespace: &str, name: &str) {
        self.0.entry(namespace.to_owned()).or_default().0.insert(hash(name));
    }

    /// A pod is there no more.
    pub(super) fn go(&mut self, namespace: &str, name: &str) {
        if let Some(pods) = self.0.get_mut(namespace) {
            pods.0.remove(&hash(name));
        }
    }

    pub(super) fn count(&self) -> usize {
        self.0.values().map(Pods::len).sum()
    }

    /// How many of them no finding is about.
    pub(super) fn healthy(&self, findings: &[Finding]) -> usize {
        let mut by_namespace: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for finding in findings {
            by_namespace.entry(finding.namespace.as_str()).or_default().push(finding);
        }
        self.0.iter().map(|(namespace, pods)| pods.healthy(by_namespace.remove(namespace.as_str()).unwrap_or_default())).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coming_twice_counts_once_and_going_unseen_counts_nothing() {
        let mut seen = Seen::default();
        seen.put("shop".to_owned(), ["a", "b"].into_iter().collect());
        seen.come("shop", "b");
        seen.come("bank", "b");
        seen.go("bank", "never-was");
        assert_eq!(seen.count(), 3);
        seen.go("shop", "a");
        seen.go("shop", "a");
        assert_eq!(seen.count(), 2);
        let mut other = Seen::default();
        other.put("bank".to_owned(), Pods::default());
        // A namespace that could not be read this time keeps what it had; one that is no more goes.
        seen.update(other, true, &|namespace| namespace == "bank");
        assert_eq!(seen.count(), 1);
    }
}
