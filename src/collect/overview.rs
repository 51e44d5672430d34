//! Many pods at once, in the cheapest form: the server's printed rows and the Warning events of a namespace.

use crate::evidence::{Event, Gap, GapKind, Object, Pod, PodRow, SourceStatus};
use crate::source::{Connection, SourceError, collection_path, encode, object_path};

use super::ask::{Asker, Failure};

/// Rows a page. The server's memory for a page grows with it; 500 is what kubectl asks for.
const PAGE: usize = 500;
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
}

/// What a namespace looks like from afar.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    /// The namespace.
    pub namespace: String,
    /// All pods, as rows.
    pub rows: Vec<PodRow>,
    /// The pods themselves, where the server sent them instead of rows.
    pub objects: Vec<Object>,
    /// Warning events, of all objects.
    pub warnings: Vec<Event>,
    /// Names of pods of phase Failed whose row does not tell.
    pub failed: Vec<String>,
    /// Names left out on request.
    pub excluded: Vec<String>,
    /// How each question was answered.
    pub sources: Vec<SourceStatus>,
    /// What could not be learned.
    pub gaps: Vec<Gap>,
    /// Whether pods could be listed at all.
    pub readable: bool,
}

/// Names of all namespaces; `Err` with the gap when they may not be listed.
///
/// # Errors
/// A source that is of no use as a whole (no connection, refused credentials).
pub async fn namespaces(conn: &Connection) -> Result<Result<Vec<String>, Gap>, SourceError> {
    let asker = Asker::new(conn, 1);
    match asker.list(&collection_path("v1", None, "namespaces"), "", PAGE, PAGES).await {
        Ok(listed) => Ok(Ok(listed.items.iter().map(|o| o.name().to_owned()).collect())),
        Err(Failure { fatal: Some(fatal), .. }) => Err(fatal),
        Err(failure) => Ok(Err(Gap::new(failure.kind, "list", "namespaces", "the list of namespaces", failure.why))),
    }
}

/// Looks at one namespace: rows, Warning events, and what the rows cannot tell.
pub async fn overview(conn: &Connection, namespace: &str, asked: &Asked) -> Overview {
    let asker = Asker::new(conn, 4);
    let mut seen = Overview { namespace: namespace.to_owned(), ..Overview::default() };
    let pods = collection_path("v1", Some(&encode(namespace)), "pods");
    let selectors = selectors(asked.selector.as_deref(), asked.field_selector.as_deref());
    let events = collection_path("v1", Some(&encode(namespace)), "events");
    let (rows, warnings) = tokio::join!(asker.rows(&pods, &selectors, PAGE, PAGES), asker.list(&events, "fieldSelector=type%21%3DNormal", PAGE, 20));
    match rows {
        Ok(listed) => {
            seen.readable = true;
            seen.rows = listed.rows;
            seen.rows.extend(listed.items.iter().map(|o| PodRow::from_pod(&Pod::from_object(o.clone()))));
            seen.objects = listed.items;
            seen.note("pods", "list", seen.rows.len(), listed.problems);
        }
        Err(failure) => seen.miss("pods", "list", &failure),
    }
    match warnings {
        Ok(listed) => {
            seen.warnings = listed.items.into_iter().filter_map(Event::from_object).collect();
            seen.note("events", "list", seen.warnings.len(), listed.problems);
        }
        Err(failure) => seen.miss("events", "list", &failure),
    }
    // An evicted pod whose container had ended with 0 prints `Completed` with READY 0/m: only its phase tells.
    if seen.objects.is_empty() && seen.rows.iter().any(|r| r.status == "Completed") {
        let failed = asker.rows(&pods, &self::selectors(asked.selector.as_deref(), Some("status.phase=Failed")), PAGE, PAGES).await;
        match failed {
            Ok(listed) => seen.failed = listed.rows.into_iter().map(|r| r.name).chain(listed.items.iter().map(|o| o.name().to_owned())).collect(),
            Err(failure) => seen.miss("pods", "list", &failure),
        }
    }
    for label in &asked.exclude {
        match asker.rows(&pods, &self::selectors(Some(label), None), PAGE, PAGES).await {
            Ok(listed) => seen.excluded.extend(listed.rows.into_iter().map(|r| r.name).chain(listed.items.iter().map(|o| o.name().to_owned()))),
            Err(failure) => seen.miss("pods", "list", &failure),
        }
    }
    seen
}

/// What is asked of the objects behind many suspects.
///
/// # Errors
/// The gap, when they could not be read.
pub async fn objects_of(conn: &Connection, namespace: &str, resource: &str, name: Option<&str>) -> Result<Vec<Object>, Gap> {
    let asker = Asker::new(conn, 1);
    let (group, plural) = resource.rsplit_once('/').unwrap_or(("v1", resource));
    let verb = if name.is_some() { "get" } else { "list" };
    let answer = match name {
        Some(name) => {
            let kind = crate::source::kind_of(plural).unwrap_or_default();
            asker.get(&object_path(group, Some(&encode(namespace)), plural, &encode(name)), kind, name).await.map(|o| vec![o])
        }
        None => asker.list(&collection_path(group, Some(&encode(namespace)), plural), "", PAGE, PAGES).await.map(|l| l.items),
    };
    answer.map_err(|f| Gap::new(f.kind, verb, plural, format!("{plural} of namespace {namespace}"), f.why))
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
