//! Which of the pods kept by `scan --watch --save` is meant.

use std::collections::BTreeSet;
use std::path::Path;

use super::Failure;
use crate::source::kept::{self, KeptPod};

/// Names shown in a hint.
const SHOWN: usize = 12;

/// The kept pod of this name, or the only one whose name begins so; of several incarnations the one that was kept last.
pub fn choose(directory: &Path, namespace: Option<&str>, name: &str, uid: Option<&str>) -> Result<KeptPod, Failure> {
    let mut all = kept::kept(directory);
    all.retain(|p| namespace.is_none_or(|n| n == p.namespace) && uid.is_none_or(|u| u == p.uid));
    let named = |exact: bool| {
        let fits = |p: &&KeptPod| if exact { p.name == name } else { p.name.starts_with(name) };
        let found: Vec<&KeptPod> = all.iter().filter(fits).collect();
        let names: BTreeSet<String> = found.iter().map(|p| format!("{}/{}", p.namespace, p.name)).collect();
        (found.last().map(|p| (*p).clone()), names)
    };
    let (mut last, mut names) = named(true);
    if last.is_none() {
        (last, names) = named(false);
    }
    match last {
        Some(pod) if names.len() == 1 => Ok(pod),
        Some(_) => Err(Failure::usage(format!("several kept pods are called {name}, or begin so")).hint(format!("choose one: {}", listed(&names)))),
        None => {
            let there: BTreeSet<String> = all.iter().rev().map(|p| format!("{}/{}", p.namespace, p.name)).collect();
            let hint = if there.is_empty() { "nothing is kept there".to_owned() } else { format!("kept are {}", listed(&there)) };
            Err(Failure::unreadable(anyhow::anyhow!("no pod called {name} is kept in {}", directory.display())).hint(hint))
        }
    }
}

fn listed(names: &BTreeSet<String>) -> String {
    let shown: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
    shown.join(", ") + if names.len() > SHOWN { ", …" } else { "" }
}
