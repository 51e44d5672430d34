//! Many pods at once, in the cheapest form: the server's printed rows and the Warning events of a namespace.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::SinkExt;
use futures::channel::mpsc;
use serde_json::Value;

use tokio::time::Instant;

use crate::evidence::{Event, Gap, GapKind, Object, Pod, PodRow, SourceStatus, age_seconds};
use crate::source::{Connection, SourceError, collection_path, encode, object_path};

use super::ask::{Asker, Failure, Listed};

/// Rows a page. The server's memory for a page grows with it; 500 is what kubectl asks for.
const PAGE: usize = 500;
/// Whole objects a page: each may be tens of kilobytes, and a page is held while it is read. Of smaller pages more of the reading goes on
/// while the server writes the next.
const WHOLE_PAGE: usize = 100;
/// Pages of one namespace: half a million pods.
const PAGES: usize = 1000;

/// What is asked of every namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Label selector, as typed.
    pub selector: Option<String>,
    /// Field selector, as typed.
    pub field_selector: Option<String>,
    /// Label selectors whose pods are left out.
    pub exclude: Vec<String>,
    /// Label selectors whose pods have an age limit of their own, in seconds.
    pub limits: Vec<(String, i64)>,
}

/// What a namespace looks like from afar.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    /// The namespace.
    pub namespace: String,
    /// All pods, as rows.
    pub rows: Vec<PodRow>,
    /// The pods themselves, where the server sent them instead of rows: only those that look wrong.
    pub objects: Vec<Object>,
    /// Warning events: of each object and reason the latest.
    pub warnings: Vec<Event>,
    /// Names of pods of phase Failed whose row does not tell.
    pub failed: Vec<String>,
    /// Names left out on request.
    pub excluded: BTreeSet<String>,
    /// The age limit of pods that have one of their own, in seconds: the strictest.
    pub limits: BTreeMap<String, i64>,
    /// How each question was answered.
    pub sources: Vec<SourceStatus>,
    /// What could not be learned.
    pub gaps: Vec<Gap>,
    /// Whether pods could be listed at all.
    pub readable: bool,
}

/// Names of all namespaces; `Err` with the gap when they may not be listed, or not in time.
///
/// # Errors
/// A source that is of no use as a whole (no connection, refused credentials).
pub async fn namespaces(conn: &Connection, deadline: Instant) -> Result<Result<Vec<String>, Gap>, SourceError> {
    let asker = Asker::new(conn, 1).sharing(deadline);
    match asker.list(&collection_path("v1", None, "namespaces"), "", PAGE, PAGES).await {
        Ok(listed) => Ok(Ok(listed.items.iter().map(|o| o.name().to_owned()).collect())),
        Err(Failure { fatal: Some(fatal), .. }) => Err(fatal),
        Err(failure) => Ok(Err(Gap::new(failure.kind, "list", "namespaces", "the list of namespaces", failure.why))),
    }
}

/// Whether a namespace exists: asked where nothing was found in it, for its name may be a slip of the pen. `None` where that
/// cannot be known.
pub async fn namespace_exists(conn: &Connection, name: &str, deadline: Instant) -> Option<bool> {
    let asker = Asker::new(conn, 1).sharing(deadline);
    match asker.get(&object_path("v1", None, "namespaces", &encode(name)), "Namespace", name).await {
        Ok(_) => Some(true),
        Err(failure) => (failure.kind == GapKind::NotFound).then_some(false),
    }
}

/// Names of pods of a namespace, for whoever is typing one: one request, as printed rows, and none where it fails.
pub async fn pod_names(conn: &Connection, namespace: &str) -> Vec<String> {
    let asker = Asker::new(conn, 1);
    let path = collection_path("v1", Some(&encode(namespace)), "pods");
    let listed = asker.rows(&path, "", PAGE, 1).await.unwrap_or_default();
    listed.rows.into_iter().map(|row| row.name).chain(listed.items.iter().map(|o| o.name().to_owned())).collect()
}

/// Names of namespaces, for whoever is typing one: one request; where it fails, those that the kubeconfig knows.
pub async fn namespace_names(conn: &Connection) -> Vec<String> {
    let asker = Asker::new(conn, 1);
    let known = || conn.known_namespaces.iter().cloned().chain([conn.default_namespace.clone()]).collect();
    match asker.list(&collection_path("v1", None, "namespaces"), "", PAGE, 1).await {
        Ok(listed) => listed.items.iter().map(|o| o.name().to_owned()).collect(),
        Err(_) => known(),
    }
}

/// Looks at one namespace: rows, Warning events, and what the rows cannot tell. What has no answer in its share of the
/// time is a gap, and does not keep the rest from being seen.
pub async fn overview(conn: &Connection, namespace: &str, asked: &Asked, deadline: Instant) -> Overview {
    let asker = Asker::new(conn, 4).sharing(deadline);
    let mut seen = Overview { namespace: namespace.to_owned(), ..Overview::default() };
    let pods = collection_path("v1", Some(&encode(namespace)), "pods");
    let selectors = selectors(asked.selector.as_deref(), asked.field_selector.as_deref());
    let events = collection_path("v1", Some(&encode(namespace)), "events");
    let thin_pods = |listed: &mut Listed| thin_pods(conn, listed);
    let (rows, warnings) = tokio::join!(
        asker.rows_thinned(&pods, &selectors, PAGE, PAGES, &thin_pods),
        asker.list_thinned(&events, "fieldSelector=type%21%3DNormal", PAGE, 20, &thin_events)
    );
    let mut whole = false;
    match rows {
        Ok(listed) => {
            seen.readable = true;
            whole = listed.let_go > 0 || !listed.items.is_empty();
            seen.rows = listed.rows;
            seen.objects = listed.items;
            seen.note("pods", "list", seen.rows.len(), listed.problems);
        }
        Err(failure) => seen.miss("pods", "list", &failure),
    }
    match warnings {
        Ok(listed) => {
            let count = listed.items.len() + listed.let_go;
            seen.warnings = listed.items.into_iter().filter_map(Event::from_object).collect();
            seen.note("events", "list", count, listed.problems);
        }
        Err(failure) => seen.miss("events", "list", &failure),
    }
    // An evicted pod whose container had ended with 0 prints `Completed` with READY 0/m: only its phase tells.
    if !whole && seen.rows.iter().any(|r| r.status == "Completed") {
        let selectors = self::selectors(asked.selector.as_deref(), Some("status.phase=Failed"));
        match asker.rows(&pods, &selectors, PAGE, PAGES).await {
            Ok(listed) => seen.failed = names(listed).collect(),
            Err(failure) => seen.miss("pods", "list", &failure),
        }
    }
    for label in &asked.exclude {
        match asker.rows(&pods, &self::selectors(Some(label), None), PAGE, PAGES).await {
            Ok(listed) => seen.excluded.extend(names(listed)),
            Err(failure) => seen.miss("pods", "list", &failure),
        }
    }
    for (label, limit) in &asked.limits {
        match asker.rows(&pods, &self::selectors(Some(label), Some("status.phase=Running")), PAGE, PAGES).await {
            Ok(listed) => names(listed).for_each(|name| {
                let strictest = seen.limits.entry(name).or_insert(*limit);
                *strictest = (*strictest).min(*limit);
            }),
            Err(failure) => seen.miss("pods", "list", &failure),
        }
    }
    seen
}

fn names(listed: Listed) -> impl Iterator<Item = String> {
    let of_objects: Vec<String> = listed.items.iter().map(|o| o.name().to_owned()).collect();
    listed.rows.into_iter().map(|r| r.name).chain(of_objects)
}

/// Pods that came whole become rows; only those that look wrong are kept whole.
fn thin_pods(conn: &Connection, listed: &mut Listed) {
    let now = conn.now();
    // The pages before left their rows, and what was kept of them stands first.
    let kept = listed.rows.len().saturating_sub(listed.let_go);
    let mut rows = Vec::new();
    let page = listed.items.split_off(kept.min(listed.items.len()));
    for object in page {
        let row = PodRow::from_pod(&Pod::from_object(object.clone()), now);
        if row.is_suspect() {
            listed.items.push(object);
        }
        rows.push(row);
    }
    listed.rows.extend(rows);
}

/// Of each object and reason the latest Warning is enough to know whom to ask about.
fn thin_events(listed: &mut Listed) {
    let mut latest: BTreeMap<(String, String, String), Object> = BTreeMap::new();
    let key = |o: &Object| {
        let about =
            |field: &str| [format!("/involvedObject/{field}"), format!("/regarding/{field}")].iter().find_map(|p| o.text(p)).unwrap_or_default().to_owned();
        // What a probe says differs with its kind, which is the first word.
        let message = o.text("/message").or_else(|| o.text("/note")).unwrap_or_default();
        let first_word = message.split(' ').next().unwrap_or_default();
        (about("kind"), about("name"), format!("{} {first_word}", o.text("/reason").unwrap_or_default()))
    };
    let time = |o: &Object| Event::from_object(o.clone()).and_then(|e| e.time());
    for object in std::mem::take(&mut listed.items) {
        match latest.entry(key(&object)) {
            std::collections::btree_map::Entry::Vacant(slot) => {
                slot.insert(object);
            }
            std::collections::btree_map::Entry::Occupied(mut slot) => {
                if time(slot.get()) < time(&object) {
                    slot.insert(object);
                }
            }
        }
    }
    listed.items = latest.into_values().collect();
}

/// A namespace's workflows that failed, with their ages in seconds as coarse as they are printed, the youngest first; `Ok(None)` where
/// the cluster knows no workflows.
///
/// # Errors
/// The gap, when they could not be read.
pub async fn failed_workflows(conn: &Connection, namespace: &str, deadline: Instant) -> Result<Option<Vec<(String, Option<i64>)>>, Gap> {
    let asker = Asker::new(conn, 1).sharing(deadline);
    let path = collection_path("argoproj.io/v1alpha1", Some(&encode(namespace)), "workflows");
    let selector = "labelSelector=workflows.argoproj.io%2Fphase%20in%20%28Failed%2CError%29";
    let thin = |listed: &mut Listed| {
        for object in std::mem::take(&mut listed.items) {
            let age = conn.now().zip(object.time("/metadata/creationTimestamp")).map(|(now, made)| format!("{}s", (now - made).num_seconds().max(0)));
            listed.rows.push(PodRow { name: object.name().to_owned(), age: age.unwrap_or_default(), ..PodRow::default() });
        }
    };
    match asker.rows_thinned(&path, selector, 100, 4, &thin).await {
        Ok(listed) => {
            let mut found: Vec<(String, Option<i64>)> = listed.rows.into_iter().map(|r| (r.name, age_seconds(&r.age))).collect();
            found.sort_by(|a, b| (a.1.is_none(), a.1, &a.0).cmp(&(b.1.is_none(), b.1, &b.0)));
            Ok(Some(found))
        }
        // Neither a cluster without the kind nor a bundle that was never asked says anything about workflows.
        Err(failure) if failure.is_absent() || matches!(failure.kind, GapKind::NotAsked) => Ok(None),
        Err(failure) => Err(Gap::new(failure.kind, "list", "workflows.argoproj.io", format!("failed workflows of namespace {namespace}"), failure.why)),
    }
}

/// What is asked of the objects behind many suspects.
///
/// # Errors
/// The gap, when they could not be read.
pub async fn objects_of(conn: &Connection, namespace: &str, resource: &str, name: Option<&str>, deadline: Instant) -> Result<Vec<Object>, Gap> {
    let asker = Asker::new(conn, 1).sharing(deadline);
    let (group, plural) = resource.rsplit_once('/').unwrap_or(("v1", resource));
    let verb = if name.is_some() { "get" } else { "list" };
    let answer = match name {
        Some(name) => {
            let kind = crate::source::kind_of(plural).unwrap_or_default();
            asker.get(&object_path(group, Some(&encode(namespace)), plural, &encode(name)), kind, name).await.map(|o| vec![o])
        }
        None => asker.list(&collection_path(group, Some(&encode(namespace)), plural), "", PAGE, PAGES).await.map(|l| l.items),
    };
    let resource = group.split_once('/').map_or_else(|| plural.to_owned(), |(group, _)| format!("{plural}.{group}"));
    let what = name.map_or_else(|| format!("{plural} of namespace {namespace}"), |name| format!("{plural} {name} of namespace {namespace}"));
    answer.map_err(|f| Gap::new(f.kind, verb, &resource, what, f.why))
}

/// The objects of a kind about pods that are wanted (the pods themselves, or events), page by page: nothing else of a page is built. False
/// when there are more pages than are read: `most`, or a bound of its own.
///
/// # Errors
/// The gap, when they could not be read to the end; what came before was sent.
pub async fn objects_among(
    conn: &Connection,
    namespace: &str,
    resource: &str,
    pods: Arc<BTreeSet<String>>,
    most: Option<usize>,
    mut each: mpsc::Sender<Vec<Object>>,
    deadline: Instant,
) -> Result<bool, Gap> {
    let asker = Asker::new(conn, 1).sharing(deadline);
    let about_itself = resource == "pods";
    let limit = if about_itself { WHOLE_PAGE } else { PAGE };
    let wanted = move |field: &str, value: &Value| match (field, value.get("kind").and_then(Value::as_str)) {
        ("metadata", _) if about_itself => value.get("name").and_then(Value::as_str).is_some_and(|name| pods.contains(name)),
        ("involvedObject" | "regarding", Some("Pod") | None) => value.get("name").and_then(Value::as_str).is_some_and(|name| pods.contains(name)),
        ("involvedObject" | "regarding", _) => false,
        _ => true,
    };
    let mut pager = asker.pages_of(&collection_path("v1", Some(&encode(namespace)), resource), limit, most.unwrap_or(PAGES), Arc::new(wanted));
    let mut more = false;
    while let Some(page) = pager.next().await {
        match page {
            // Whoever listens has gone only when nothing is wanted any more.
            Ok(page) => {
                more = page.more;
                each.send(page.items).await.unwrap_or_default();
            }
            Err(f) => return Err(Gap::new(f.kind, "list", resource, format!("{resource} of namespace {namespace}"), f.why)),
        }
    }
    Ok(!more)
}

fn selectors(labels: Option<&str>, fields: Option<&str>) -> String {
    let labels = labels.map(|l| format!("labelSelector={}", encode(l)));
    let fields = fields.map(|f| format!("fieldSelector={}", encode(f)));
    [labels, fields].into_iter().flatten().collect::<Vec<_>>().join("&")
}

impl Overview {
    fn note(&mut self, resource: &str, verb: &str, count: usize, problems: Vec<(GapKind, String)>) {
        self.sources.push(SourceStatus { name: format!("{resource} {}", self.namespace), gap: None, empty: count == 0, detail: format!("{count} answers") });
        for (kind, why) in problems {
            self.gaps.push(Gap::new(kind, verb, resource, format!("some {resource} of namespace {}", self.namespace), why));
        }
    }

    fn miss(&mut self, resource: &str, verb: &str, failure: &Failure) {
        self.sources.push(SourceStatus { name: format!("{resource} {}", self.namespace), gap: Some(failure.kind), empty: false, detail: failure.why.clone() });
        let gap = Gap::new(failure.kind, verb, resource, format!("{resource} of namespace {}", self.namespace), failure.why.clone());
        self.gaps.push(gap.capture(format!("kubectl get {resource} -n {}", self.namespace)));
    }
}
