//! From a request to a case file: opens the source, asks, keeps what was said, and looks elsewhere for a name that is not
//! where it was first looked for.

use std::io::{IsTerminal, Read, Write};

use tokio::time::{Duration, Instant};

use super::progress::Progress;
use super::request::{From, Request};
use super::{Failure, clocks, ending};
use crate::collect::{self, Extras, Resolved};
use crate::diagnosis::peers_named;
use crate::evidence::{Budget, CaseFile, Gap, Target};
use crate::reconstruct::{Judged, reconstruct};
use crate::redact;
use crate::source::foreign::{MAX_PASTE_BYTES, PodId};
use crate::source::{self, BundleInfo, Connection, SourceError, kept};

/// A case, and what to tell the user about how it was found.
pub struct Asked {
    /// The case.
    pub case: CaseFile,
    /// Lower-case fragments for stderr.
    pub notes: Vec<String>,
}

/// Asks until the case is as complete as the budget allows.
pub async fn ask(request: &Request) -> Result<Asked, Failure> {
    let (mut connection, progress) = match &request.from {
        From::Paste => return pasted(request).await,
        From::Bundle(path) if kept::is_kept(path) => {
            let pod = super::kept::choose(path, request.namespace.as_deref().filter(|_| request.namespace_said), &request.pod, request.uid.as_deref())?;
            let chosen = Request { pod: pod.name, kind: None, namespace: Some(pod.namespace), from: From::Bundle(pod.path), ..request.clone() };
            return Box::pin(ask(&chosen)).await;
        }
        From::Bundle(path) => (source::foreign::open(path)?, Progress::none()),
        From::Cluster(options) => {
            let connection = source::connect(options).await?;
            let progress = Progress::start(&format!("asking {}", connection.description));
            (connection, progress)
        }
    };
    if request.save.is_some() {
        connection = connection.recorded();
    }
    // One limit for everything that one run asks.
    let until = Instant::now() + Duration::from_millis(request.budget.milliseconds);
    let namespace = request.namespace.clone().unwrap_or_else(|| connection.default_namespace.clone());
    let mut notes = Vec::new();
    let mut pod = request.pod.clone();
    let mut missed = Vec::new();
    if let Some(kind) = request.kind {
        pod = match resolve(&connection, until, &namespace, Some(kind), &pod, &mut missed).await {
            Resolved::Pod { name, how } => {
                notes.push(format!("{name} is {how}"));
                name
            }
            // What nothing remembers is answered as a name that nothing remembers.
            Resolved::Several(_) | Resolved::Nothing => pod,
        };
    }
    let mut case = collect_in(&connection, request, until, namespace.clone(), &pod).await?;
    if request.kind.is_none() && request.uid.is_none() && is_no_pod(&case) {
        match resolve(&connection, until, &namespace, None, &pod, &mut missed).await {
            Resolved::Pod { name, how } if name != pod => {
                notes.push(format!("no pod is called {pod}; {name} is {how}"));
                pod = name;
                case = collect_in(&connection, request, until, namespace, &pod).await?;
            }
            Resolved::Several(names) => {
                let listed = names.join(", ");
                return Err(Failure::usage(format!("no pod is called {pod}, and several begin so")).hint(format!("choose one: {listed}")));
            }
            _ => {}
        }
    }
    if let ([elsewhere], false, None) = (case.other_namespaces.as_slice(), request.namespace_said, &case.pod) {
        let elsewhere = elsewhere.clone();
        notes.push(format!("{pod} is not in namespace {}; investigating the one in {elsewhere}", case.target.namespace));
        case = collect_in(&connection, request, until, elsewhere, &pod).await?;
    }
    case.gaps.extend(missed);
    case.gaps.sort();
    case.gaps.dedup();
    drop(progress);
    if ending::is_unread(&case) {
        return Err(unread(&case, &connection));
    }
    save(&connection, request, &case)?;
    notes.extend(clocks::note(&connection));
    Ok(Asked { case, notes })
}

/// What a workload or the beginning of a name stands for. Most of the time is left for the pod that is found.
async fn resolve(connection: &Connection, until: Instant, namespace: &str, kind: Option<&str>, name: &str, gaps: &mut Vec<Gap>) -> Resolved {
    let time = until.saturating_duration_since(Instant::now()).mul_f64(0.4);
    let (resolved, missed) = collect::resolve(connection, namespace, kind, name, time).await;
    gaps.extend(missed);
    resolved
}

/// The API has no pod of this name, nothing remembers one, and no other namespace knows it either.
fn is_no_pod(case: &CaseFile) -> bool {
    case.pod.is_none() && case.pod_absent && !case.namespace_absent && case.other_namespaces.is_empty() && !reconstruct(case, &Judged::default()).traced
}

/// Asks the text on standard input.
async fn pasted(request: &Request) -> Result<Asked, Failure> {
    // Ages count from the clock of whoever printed them; where the text states no moment at all, that is this one.
    let pasted = source::foreign::paste(&stdin()?, chrono::Utc::now())?;
    let fits =
        |pod: &&PodId| (request.pod.is_empty() || pod.name == request.pod) && request.namespace.as_ref().is_none_or(|namespace| *namespace == pod.namespace);
    let pods: Vec<&PodId> = pasted.pods.iter().filter(fits).collect();
    let pod = match pods.as_slice() {
        [pod] => *pod,
        [] => {
            let failure = Failure::usage(format!("the pasted text is not about {}", if request.pod.is_empty() { "that namespace" } else { &request.pod }));
            return Err(failure.hint(format!("it is about {}", names(&pasted.pods))));
        }
        _ => return Err(Failure::usage("the pasted text is about several pods").hint(format!("a2 investigate - NAME, with one of: {}", names(&pasted.pods)))),
    };
    let connection = if request.save.is_some() { pasted.connection.clone().recorded() } else { pasted.connection.clone() };
    let until = Instant::now() + Duration::from_millis(request.budget.milliseconds);
    let case = collect_in(&connection, request, until, pod.namespace.clone(), &pod.name).await?;
    save(&connection, request, &case)?;
    Ok(Asked { case, notes: pasted.notes })
}

fn names(pods: &[PodId]) -> String {
    let shown: Vec<String> = pods.iter().take(12).map(|p| format!("{}/{}", p.namespace, p.name)).collect();
    shown.join(", ") + if pods.len() > shown.len() { ", …" } else { "" }
}

fn stdin() -> Result<Vec<u8>, Failure> {
    let mut input = std::io::stdin().lock();
    if input.is_terminal() {
        let _ = writeln!(std::io::stderr(), "paste what kubectl describe, get events and logs printed, then press Ctrl-D");
    }
    let mut text = Vec::new();
    // One byte more than is allowed shows that there is more.
    input.by_ref().take(MAX_PASTE_BYTES as u64 + 1).read_to_end(&mut text).map_err(Failure::unreadable)?;
    Ok(text)
}

async fn collect_in(connection: &Connection, request: &Request, until: Instant, namespace: String, name: &str) -> Result<CaseFile, Failure> {
    let left = until.saturating_duration_since(Instant::now());
    let budget = Budget { milliseconds: left.as_millis().try_into().unwrap_or(u64::MAX), ..request.budget };
    let target = Target { namespace, name: name.to_owned(), uid: request.uid.clone() };
    let extras = Extras { namespace_given: request.namespace_said, name_peers: Some(&peers_named), ..Extras::default() };
    collect::collect(connection, target, request.options.clone(), budget, extras).await.map_err(|error| clocks::explain(error, connection))
}

/// Nothing was answered: why, as the source itself said it first.
fn unread(case: &CaseFile, connection: &Connection) -> Failure {
    let why = case.gaps.first().map_or_else(|| "no answer within the time allowed".to_owned(), |gap| format!("{}: {}", gap.what, gap.why));
    let (namespace, name) = (&case.target.namespace, &case.target.name);
    // Only a cluster has an address.
    let hint = match connection.server.as_str() {
        "" => format!("the bundle is about namespace {}, which is taken when -n is left out", connection.default_namespace),
        _ => format!("kubectl auth can-i get pods -n {namespace} shows what is allowed; --timeout allows more time"),
    };
    Failure::unreadable(anyhow::anyhow!("nothing could be read of {namespace}/{name} from {}: {why}", connection.description))
        .hint(hint)
        .gaps(case.gaps.iter().cloned())
}

/// Writes what was said, redacted, before anything is printed: an answer whose evidence was lost is not what was asked for.
fn save(connection: &Connection, request: &Request, case: &CaseFile) -> Result<(), Failure> {
    let (Some(path), Some(recorder)) = (&request.save, &connection.recorder) else { return Ok(()) };
    let info = BundleInfo {
        captured_at: Some(case.observed_at),
        server_version: case.server_version.clone(),
        namespaces: vec![case.target.namespace.clone()],
        node_events_since: case.node_events_since,
    };
    let redactor = redact::Redactor::new();
    Ok(recorder.write(path, &info, &|text| redactor.redact(text).into_owned())?)
}

impl std::convert::From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        let hint = error.hint();
        let failure = Self::unreadable(error);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}
