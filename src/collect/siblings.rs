//! Pods of the same owner, and pods whose names have the same make.

use std::collections::BTreeSet;

use futures::StreamExt;

use crate::diagnosis::{NameShape, is_kin};
use crate::evidence::{GapKind, Object, Pod, PodRow};
use crate::source::{collection_path, encode, object_path};

use super::absorb::Found;
use super::ask::{Asker, Failure, Listed};

/// An owner with more pods than this is read as rows.
const MANY: usize = 50;
/// At most this many pods of such an owner are read whole.
pub const MAX_WHOLE_SIBLINGS: usize = 10;
/// At most this many pods of other runs are read whole.
const MAX_WHOLE_KIN: usize = 6;
/// Of the pods read whole, at most so many tenths look failed, so that some that fared well remain to compare with.
const FAILED_TENTHS: usize = 7;

/// What was found, and what is missing from it.
pub(super) type Answered = (Vec<Found>, Problems);

/// What is missing from an answer, and why.
pub(super) type Problems = Vec<(GapKind, String)>;

/// Pods with the same template labels: rows first, objects only of as many as are worth it.
pub(super) async fn siblings(asker: &Asker<'_>, namespace: &str, selector: &str, owner: Option<&(String, String)>, target: &str) -> Result<Answered, Failure> {
    let path = collection_path("v1", Some(&encode(namespace)), "pods");
    let selectors = format!("labelSelector={}", encode(selector));
    let listed = asker.rows(&path, &selectors, 500, 2).await?;
    let mut problems = listed.problems.clone();
    let rows = rows_of(&listed);
    let mut found = vec![Found::Rows(rows.clone())];
    let others: Vec<&PodRow> = rows.iter().filter(|r| r.name != target).collect();
    let objects = if !listed.items.is_empty() {
        let keep: Option<BTreeSet<String>> = (listed.items.len() > MANY).then(|| choose(&others, MAX_WHOLE_SIBLINGS).into_iter().collect());
        listed.items.into_iter().filter(|o| keep.as_ref().is_none_or(|k| k.contains(o.name()))).collect()
    } else if others.is_empty() {
        // The row does not tell whose incarnation it is.
        Vec::new()
    } else if rows.len() <= MANY && !listed.more {
        let whole = asker.list(&path, &selectors, MANY, 1).await?;
        problems.extend(whole.problems);
        whole.items
    } else {
        let names = choose(&others, MAX_WHOLE_SIBLINGS);
        let count = if listed.more { format!("more than {}", rows.len()) } else { rows.len().to_string() };
        problems.push((GapKind::NotAsked, format!("{} of {count} pods were read whole, the others as printed rows", names.len())));
        whole(asker, namespace, names, &mut problems).await
    };
    let of_owner = |pod: &Pod| owner.is_none_or(|(kind, name)| pod.owners.iter().any(|o| o.kind == *kind && o.name == *name));
    found.extend(objects.into_iter().map(Pod::from_object).filter(of_owner).map(Found::Sibling));
    Ok((found, problems))
}

/// What a search by name looks for.
pub(super) struct KinRule<'a> {
    pub(super) like: &'a str,
    pub(super) prefix: Option<&'a str>,
    pub(super) template: Option<&'a str>,
    pub(super) near: bool,
}

/// Pods of other runs, by the namespace's printed rows; and names like the target's for one that left no trace.
pub(super) async fn kin(asker: &Asker<'_>, namespace: &str, rule: &KinRule<'_>, known: &BTreeSet<String>) -> Result<Answered, Failure> {
    let path = collection_path("v1", Some(&encode(namespace)), "pods");
    let listed = asker.rows(&path, "", 500, 4).await?;
    let mut problems = listed.problems.clone();
    if listed.more {
        problems.push((GapKind::NotAsked, "the namespace has more pods than were looked through".to_owned()));
    }
    let rows = rows_of(&listed);
    let alike: Vec<&PodRow> = rows.iter().filter(|r| is_kin(&r.name, rule.like, rule.prefix, rule.template)).filter(|r| !known.contains(&r.name)).collect();
    let names = choose(&alike, MAX_WHOLE_KIN);
    let objects: Vec<Object> = if listed.items.is_empty() {
        whole(asker, namespace, names, &mut problems).await
    } else {
        listed.items.into_iter().filter(|o| names.iter().any(|n| n == o.name())).collect()
    };
    let mut found: Vec<Found> = objects.into_iter().map(|o| Found::Sibling(Pod::from_object(o))).collect();
    if rule.near {
        found.push(Found::Near(nearest(&rows, rule.like)));
    }
    Ok((found, problems))
}

fn rows_of(listed: &Listed) -> Vec<PodRow> {
    let from_objects = listed.items.iter().map(|o| PodRow::from_pod(&Pod::from_object(o.clone()), None));
    listed.rows.iter().cloned().chain(from_objects).collect()
}

/// Which pods are worth reading whole: failed ones first, then some that fared well; by name, so that it is repeatable.
fn choose(rows: &[&PodRow], count: usize) -> Vec<String> {
    let mut sorted: Vec<&PodRow> = rows.to_vec();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    let (failed, well): (Vec<&PodRow>, Vec<&PodRow>) = sorted.into_iter().partition(|r| r.is_suspect());
    let of_failed = (count * FAILED_TENTHS).div_ceil(10).max(count.saturating_sub(well.len())).min(failed.len());
    let chosen = failed.iter().take(of_failed).chain(well.iter().take(count - of_failed));
    chosen.map(|r| r.name.clone()).collect()
}

/// Reads pods by name; one that has gone meanwhile is no loss.
async fn whole(asker: &Asker<'_>, namespace: &str, names: Vec<String>, problems: &mut Vec<(GapKind, String)>) -> Vec<Object> {
    let reads = names.into_iter().map(|name| async move {
        let uri = object_path("v1", Some(&encode(namespace)), "pods", &encode(&name));
        (asker.get(&uri, "Pod", &name).await, name)
    });
    let mut answers: Vec<_> = futures::stream::iter(reads).buffer_unordered(MAX_WHOLE_SIBLINGS).collect().await;
    answers.sort_by(|a, b| a.1.cmp(&b.1));
    let mut objects = Vec::new();
    for (answer, name) in answers {
        match answer {
            Ok(object) => objects.push(object),
            Err(failure) if failure.is_absent() => {}
            Err(failure) => problems.push((failure.kind, format!("pod {name}: {}", failure.why))),
        }
    }
    objects
}

/// Up to five names that begin most like the target's.
fn nearest(rows: &[PodRow], like: &str) -> Vec<String> {
    let shape = NameShape::of(like);
    let stem = shape.deployment.or(shape.generated_from).or(shape.ordinal_of);
    let common = |name: &str| name.bytes().zip(like.bytes()).take_while(|(a, b)| a == b).count();
    let mut near: Vec<(usize, &str)> = rows
        .iter()
        .map(|r| (common(&r.name), r.name.as_str()))
        .filter(|(count, name)| {
            *name != like && (*count >= 4 || (*count > 0 && *count * 2 >= like.len()) || stem.as_ref().is_some_and(|s| name.starts_with(s.as_str())))
        })
        .collect();
    near.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    near.into_iter().take(5).map(|(_, name)| name.to_owned()).collect()
}
