//! Rounds of questions under one budget.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::Instant;

use crate::diagnosis::{Hints, Question, plan};
use crate::evidence::{Budget, CaseFile, Cost, Event, GapKind, Object, Options, Pod, Target, Time};
use crate::source::{Connection, SourceError};

use super::absorb::{Found, absorb, finish};
use super::ask::{Asker, Failure};
use super::clock::{newest, settle};
use super::describe::describe;
use super::objects::{self, answer};
use super::shared::Shared;

/// What `scan` has read already, so that it is not asked again.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The pod.
    pub pod: Option<Pod>,
    /// All events about the pod; `None` when they were not read.
    pub events: Option<Vec<Object>>,
}

/// A question of several requests ends in order once the time of its last one is up.
const LEEWAY: Duration = Duration::from_millis(50);

/// Names hosts out of the logs read so far, most telling first.
pub type NamePeers = dyn Fn(&CaseFile) -> Vec<String> + Sync;

/// What collecting may use beside the target.
#[derive(Default)]
pub struct Extras<'a> {
    /// The user named the namespace: other namespaces are not searched.
    pub namespace_given: bool,
    /// Finds host names and addresses in the decisive lines of the logs read so far.
    pub name_peers: Option<&'a NamePeers>,
    /// What is known already.
    pub known: Known,
    /// Only the pod, its events and its logs, and what else could make the answer another.
    pub brief: bool,
    /// What others of the same scan have asked already.
    pub shared: Option<&'a Shared>,
}

/// Collects everything worth knowing about a target.
///
/// # Errors
/// Only when the source as a whole is of no use: no connection, or credentials that were not accepted, so that the
/// first round brought no answer at all. Everything less is a gap in the case.
pub async fn collect(conn: &Connection, target: Target, options: Options, budget: Budget, extras: Extras<'_>) -> Result<CaseFile, SourceError> {
    let spent = conn.meter.read();
    let deadline = Instant::now() + Duration::from_millis(budget.milliseconds);
    let mut case = CaseFile::new(target, options, conn.now().unwrap_or(Time::UNIX_EPOCH));
    case.server_version = conn.server_version.clone();
    case.node_events_since = conn.node_events_since;
    let mut asked = BTreeSet::new();
    take_known(&mut case, &mut asked, extras.known);
    let mut hints = Hints { namespace_given: extras.namespace_given, peers_named: Vec::new(), brief: extras.brief };
    let mut out_of_time = false;
    for round in 0..budget.rounds {
        let questions = plan(&case, &asked, &hints);
        if questions.is_empty() {
            break;
        }
        let now = Instant::now();
        if now >= deadline {
            out_of_time = true;
            break;
        }
        // One question that hangs must not take the time of all the others.
        let until = if round + 1 < budget.rounds { now + (deadline - now).mul_f64(0.6) } else { deadline };
        let (asker, view) = (Asker::new(conn, budget.concurrency).until(until), objects::View::of(&case));
        let answers = questions.into_iter().map(|question| {
            let (asker, view) = (&asker, &view);
            async move {
                let answering = async {
                    match extras.shared {
                        Some(shared) => shared.answer(asker, &question, view).await,
                        None => answer(asker, &question, view).await,
                    }
                };
                let answered = tokio::time::timeout_at(until + LEEWAY, answering).await;
                (question, answered.unwrap_or_else(|_| Err(Failure::late())))
            }
        });
        let mut answers = futures::future::join_all(answers).await;
        answers.sort_by(|a, b| a.0.cmp(&b.0));
        if round == 0 {
            answers = useful(conn, answers)?;
        }
        if let Some(now) = conn.now() {
            case.observed_at = now;
        }
        for (question, answered) in answers {
            absorb(&mut case, &question, answered);
            asked.insert(question);
        }
        if conn.now().is_none() {
            case.observed_at = newest(&case).unwrap_or(Time::UNIX_EPOCH);
        }
        if let Some(name_peers) = extras.name_peers.filter(|_| !case.logs.is_empty()) {
            hints.peers_named = name_peers(&case);
        }
    }
    for question in plan(&case, &asked, &hints) {
        let (kind, why) = match out_of_time || Instant::now() >= deadline {
            true => (GapKind::TimedOut, "the time allowed was spent".to_owned()),
            false => (GapKind::NotAsked, format!("the budget of {} rounds was spent", budget.rounds)),
        };
        let guess = matches!(question, Question::Owner { guess: true, .. });
        if !guess {
            case.gaps.push(describe(&question).gap(kind, &why));
        }
    }
    let total = conn.meter.read();
    case.cost = Cost { requests: total.requests.saturating_sub(spent.requests), bytes: total.bytes.saturating_sub(spent.bytes) };
    settle(&mut case);
    finish(&mut case);
    Ok(case)
}

type Answers = Vec<(Question, Result<super::siblings::Answered, Failure>)>;

/// A first round without a single answer is an error of the source.
fn useful(conn: &Connection, answers: Answers) -> Result<Answers, SourceError> {
    let answered = |a: &Result<super::siblings::Answered, Failure>| match a {
        Ok(_) => true,
        Err(failure) => failure.code.is_some_and(|c| c != 401),
    };
    if answers.is_empty() || answers.iter().any(|(_, a)| answered(a)) {
        return Ok(answers);
    }
    let mut why = String::new();
    for (_, answer) in answers {
        if let Err(failure) = answer {
            if let Some(fatal) = failure.fatal {
                return Err(fatal);
            }
            why = failure.why;
        }
    }
    Err(SourceError::Unreachable { server: conn.server.clone(), why })
}

fn take_known(case: &mut CaseFile, asked: &mut BTreeSet<Question>, known: Known) {
    let (namespace, name) = (case.target.namespace.clone(), case.target.name.clone());
    if let Some(pod) = known.pod {
        let question = Question::Pod { namespace: namespace.clone(), name: name.clone() };
        absorb(case, &question, Ok((vec![Found::Pod(pod)], Vec::new())));
        asked.insert(question);
    }
    if let Some(events) = known.events {
        let question = Question::Events { namespace, kind: None, name };
        let found = events.into_iter().filter_map(Event::from_object).map(Found::Event).collect();
        absorb(case, &question, Ok((found, Vec::new())));
        asked.insert(question);
    }
}
