//! From what was typed to a pod: a workload stands for its worst pod, live or gone; the beginning of a name for the one pod it fits.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use tokio::time::{Duration, Instant};

use crate::evidence::{Condition, Event, Gap, GapKind, Object, Pod, PodRow};
use crate::reconstruct::argo;
use crate::source::{Connection, collection_path, encode, object_path, plural_of};

use super::ask::{Asker, Failure, within};

/// Workloads by kind, in the order in which a bare name is tried.
const WORKLOADS: &[(&str, &str)] = &[
    ("Deployment", "apps/v1"),
    ("StatefulSet", "apps/v1"),
    ("DaemonSet", "apps/v1"),
    ("Job", "batch/v1"),
    ("CronJob", "batch/v1"),
    ("Workflow", "argoproj.io/v1alpha1"),
    ("ReplicaSet", "apps/v1"),
];
/// Requests in flight at once.
const CONCURRENCY: usize = 8;
/// At most this many candidates are named.
const MAX_CANDIDATES: usize = 20;
/// Reasons of events that tell of a failure of the pod they are about.
const FAILURES: &[&str] = &["BackOff", "Failed", "Unhealthy", "Evicted", "OOMKilling", "FailedMount", "FailedScheduling", "DeadlineExceeded", "InspectFailed"];

/// What a text stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// One pod, and in words how it was chosen.
    Pod {
        /// Its name.
        name: String,
        /// Lower-case fragment: "the worst of 3 pods of Deployment web".
        how: String,
    },
    /// Several pods begin so.
    Several(Vec<String>),
    /// Nothing fits.
    Nothing,
}

/// Finds the pod that a workload or the beginning of a name stands for. What cannot be read within the time counts as not there, and
/// is told as a gap.
pub async fn resolve(conn: &Connection, namespace: &str, kind: Option<&str>, name: &str, time: Duration) -> (Resolved, Vec<Gap>) {
    let start = Instant::now();
    // One object that hangs must not take the time of the lists.
    let (objects_until, until) = (start + time / 2, start + time);
    let ask = Resolver { asker: Asker::new(conn, CONCURRENCY), namespace: encode(namespace), objects_until, until, gaps: RefCell::default() };
    let resolved = match kind {
        Some(kind) => {
            let object = match WORKLOADS.iter().find(|(k, _)| *k == kind) {
                Some((kind, version)) => ask.object(version, kind, name).await,
                None => None,
            };
            ask.workload(kind, name, object.as_ref()).await
        }
        None => {
            let tries = WORKLOADS.iter().map(|(kind, version)| ask.object(version, kind, name));
            let found = futures::future::join_all(tries).await;
            match WORKLOADS.iter().zip(found).find_map(|((kind, _), object)| object.map(|o| (*kind, o))) {
                Some((kind, object)) => ask.workload(kind, name, Some(&object)).await,
                None => ask.prefix(name).await,
            }
        }
    };
    let mut gaps = ask.gaps.into_inner();
    gaps.sort();
    gaps.dedup();
    (resolved, gaps)
}

struct Resolver<'a> {
    asker: Asker<'a>,
    namespace: String,
    objects_until: Instant,
    until: Instant,
    gaps: RefCell<Vec<Gap>>,
}

impl Resolver<'_> {
    async fn object(&self, api_version: &str, kind: &str, name: &str) -> Option<Object> {
        let plural = plural_of(kind);
        let path = object_path(api_version, Some(&self.namespace), &plural, &encode(name));
        let answer = within(self.objects_until, self.asker.get(&path, kind, name)).await;
        answer.map_err(|failure| self.miss(&failure, "get", api_version, &plural)).ok()
    }

    /// Keeps what could not be read. That a name does not exist, or that a recording never asked, is no gap here.
    fn miss(&self, failure: &Failure, verb: &str, api_version: &str, plural: &str) {
        if matches!(failure.kind, GapKind::NotFound | GapKind::NotAsked) {
            return;
        }
        let resource = api_version.split_once('/').map_or_else(|| plural.to_owned(), |(group, _)| format!("{plural}.{group}"));
        let what = format!("{plural} of namespace {}, for what the name stands for", self.namespace);
        let capture = format!("kubectl get {resource} -n {}", self.namespace);
        self.gaps.borrow_mut().push(Gap::new(failure.kind, verb, &resource, what, failure.why.clone()).capture(capture));
    }

    async fn list(&self, api_version: &str, resource: &str, selectors: &str) -> Vec<Object> {
        let path = collection_path(api_version, Some(&self.namespace), resource);
        let answer = within(self.until, self.asker.list(&path, selectors, 500, 4)).await;
        answer.map_err(|failure| self.miss(&failure, "list", api_version, resource)).map(|l| l.items).unwrap_or_default()
    }

    async fn pods(&self) -> Vec<PodRow> {
        let path = collection_path("v1", Some(&self.namespace), "pods");
        let listed = match within(self.until, self.asker.rows(&path, "", 500, 4)).await {
            Ok(listed) => listed,
            Err(failure) => {
                self.miss(&failure, "list", "v1", "pods");
                return Vec::new();
            }
        };
        let whole = listed.items.into_iter().map(|o| PodRow::from_pod(&Pod::from_object(o), self.asker.conn.now()));
        listed.rows.into_iter().chain(whole).collect()
    }

    async fn events(&self, selector: &str) -> Vec<Event> {
        let selector = format!("fieldSelector={}", encode(selector));
        self.list("v1", "events", &selector).await.into_iter().filter_map(Event::from_object).collect()
    }

    async fn workload(&self, kind: &str, name: &str, object: Option<&Object>) -> Resolved {
        if let Some(pod) = object.filter(|_| kind == "Workflow").and_then(failed_step) {
            return Resolved::Pod { name: pod, how: format!("the step of Workflow {name} that failed first") };
        }
        let (rows, made, warnings) = futures::join!(self.pods(), self.events("reason=SuccessfulCreate"), self.events("involvedObject.kind=Pod,type=Warning"));
        let rows: Vec<PodRow> = rows.into_iter().filter(|r| belongs(kind, name, &r.name)).collect();
        let gone = gone(kind, name, &rows, &made, &warnings);
        let total = rows.len() + gone.len();
        let of = |n: usize| if n == 1 { "the only known pod".to_owned() } else { format!("the worst of {n} known pods") };
        let worst = rows.iter().filter(|r| r.is_suspect()).max_by_key(|r| (rank(&r.status), r.restarts, std::cmp::Reverse(r.name.clone())));
        let failed_gone = gone.iter().filter(|g| g.failed).max_by(|a, b| (a.made, &a.name).cmp(&(b.made, &b.name)));
        let over = object.is_some_and(|o| Condition::read_list(o).iter().any(|c| c.kind == "Failed" && c.status == "True"));
        let last_gone = gone.iter().max_by(|a, b| (a.made, &a.name).cmp(&(b.made, &b.name))).filter(|_| rows.is_empty() || over);
        let chosen = worst.map(|r| (&r.name, ""));
        let chosen = chosen.or_else(|| failed_gone.or(last_gone).map(|g| (&g.name, ", gone by now")));
        let chosen = chosen.or_else(|| rows.iter().min_by(|a, b| a.name.cmp(&b.name)).map(|r| (&r.name, "")));
        match (chosen, object) {
            (Some((pod, state)), _) => Resolved::Pod { name: pod.clone(), how: format!("{} of {kind} {name}{state}", of(total)) },
            (None, Some(object)) => match self.would_be(kind, object).await {
                Some(pod) => Resolved::Pod { name: pod, how: format!("{kind} {name} has no pod that anything remembers: this is a name that one would have") },
                None => Resolved::Nothing,
            },
            (None, None) => Resolved::Nothing,
        }
    }

    /// A name such as the workload's controller gives, for a pod that was never created.
    async fn would_be(&self, kind: &str, object: &Object) -> Option<String> {
        let name = object.name();
        match kind {
            "StatefulSet" => Some(format!("{name}-{}", object.int("/spec/ordinals/start").unwrap_or(0))),
            "Deployment" => {
                let revision = |o: &Object| o.annotations().get("deployment.kubernetes.io/revision").and_then(|r| r.parse::<i64>().ok()).unwrap_or(0);
                let sets = self.list("apps/v1", "replicasets", "").await;
                let own = sets.iter().filter(|s| s.owners().iter().any(|o| o.kind == "Deployment" && o.name == name));
                own.max_by_key(|s| revision(s)).map(|s| format!("{}-xxxxx", s.name()))
            }
            "CronJob" | "Workflow" => None,
            _ => Some(format!("{name}-xxxxx")),
        }
    }

    /// The one pod whose name begins so, live or remembered by events.
    async fn prefix(&self, text: &str) -> Resolved {
        let (rows, events) = futures::join!(self.pods(), self.events("involvedObject.kind=Pod"));
        let names: BTreeSet<String> =
            rows.into_iter().map(|r| r.name).chain(events.into_iter().map(|e| e.about.name)).filter(|n| n.starts_with(text)).collect();
        let mut names = names.into_iter();
        match (names.next(), names.next()) {
            (Some(name), None) => Resolved::Pod { how: format!("the only pod whose name begins with {text}"), name },
            (Some(first), Some(second)) => Resolved::Several([first, second].into_iter().chain(names).take(MAX_CANDIDATES).collect()),
            _ => Resolved::Nothing,
        }
    }
}

/// The pod of the step that failed first.
fn failed_step(workflow: &Object) -> Option<String> {
    let argo::Nodes::Read(nodes) = argo::nodes(workflow) else { return None };
    let failed = nodes.iter().filter(|n| n.kind == "Pod" && matches!(n.phase.as_str(), "Failed" | "Error"));
    failed.min_by(|a, b| (a.finished, &a.id).cmp(&(b.finished, &b.id))).map(|n| argo::pod_name(workflow.name(), &n.template, &n.name))
}

/// How bad a printed status is: what cannot run above what does not serve.
fn rank(status: &str) -> u8 {
    match status {
        "Running" => 1,
        "Pending" | "ContainerCreating" | "PodInitializing" | "Terminating" => 2,
        _ => 3,
    }
}

/// Whether a pod's name is one that the workload's controller gives.
fn belongs(kind: &str, workload: &str, pod: &str) -> bool {
    let Some(rest) = pod.strip_prefix(workload).and_then(|r| r.strip_prefix('-')) else { return kind == "Workflow" && pod == workload };
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = rest.split('-').collect();
    match (kind, parts.as_slice()) {
        ("Workflow", _) => true,
        ("Deployment", [hash, suffix]) => hash.len() <= 10 && suffix.len() == 5,
        ("StatefulSet", [ordinal]) => digits(ordinal),
        // Pods of an indexed Job carry their index.
        ("Job", [suffix]) => suffix.len() == 5,
        ("Job", [index, suffix]) => digits(index) && suffix.len() == 5,
        ("CronJob", [minutes, .., suffix]) => digits(minutes) && minutes.len() >= 8 && suffix.len() == 5,
        ("DaemonSet" | "ReplicaSet", [suffix]) => suffix.len() == 5,
        _ => false,
    }
}

/// A pod that only its controller's event remembers.
struct Gone {
    name: String,
    made: Option<crate::evidence::Time>,
    failed: bool,
}

fn gone(kind: &str, workload: &str, rows: &[PodRow], made: &[Event], warnings: &[Event]) -> Vec<Gone> {
    let mut found: BTreeMap<String, Gone> = BTreeMap::new();
    let failures: BTreeSet<&str> = warnings.iter().filter(|e| FAILURES.contains(&e.reason.as_str())).map(|e| e.about.name.as_str()).collect();
    let named = made.iter().flat_map(|e| e.message.split([' ', ':', ',']).map(move |word| (word.trim_matches('"'), e.time())));
    let warned = warnings.iter().map(|e| (e.about.name.as_str(), e.time()));
    for (name, time) in named.chain(warned).filter(|(name, _)| belongs(kind, workload, name)) {
        if !rows.iter().any(|r| r.name == name) {
            let one = found.entry(name.to_owned()).or_insert_with(|| Gone { name: name.to_owned(), made: time, failed: failures.contains(name) });
            one.made = one.made.max(time);
        }
    }
    found.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::belongs;

    #[test]
    fn names_that_controllers_give() {
        for (kind, workload, pod) in [
            ("Deployment", "web", "web-5d9c7b6f4-x7k2p"),
            ("StatefulSet", "db", "db-10"),
            ("DaemonSet", "agent", "agent-x7k2p"),
            ("Job", "load", "load-x7k2p"),
            ("Job", "load", "load-3-x7k2p"),
            ("CronJob", "nightly", "nightly-29012345-x7k2p"),
            ("Workflow", "run", "run"),
            ("Workflow", "run", "run-build-169523555"),
        ] {
            assert!(belongs(kind, workload, pod), "{kind} {workload} {pod}");
        }
        for (kind, workload, pod) in
            [("Deployment", "web", "web-x7k2p"), ("StatefulSet", "db", "db-x7k2p"), ("Job", "load", "load-test-x7k2p"), ("Job", "load", "loader-x7k2p")]
        {
            assert!(!belongs(kind, workload, pod), "{kind} {workload} {pod}");
        }
    }
}
