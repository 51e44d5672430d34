//! From the domain to the first version of the JSON documents. Every text is cleaned here, and only here.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::v1::{self, Stamp};
use crate::diagnosis::Investigation;
use crate::evidence::{Citation, Gap, Pod, SourceStatus};
use crate::reconstruct::{CitationId, Death, Horizon, LogExcerpt, SiblingRow};
use crate::report::clean::Cleaner;
use crate::report::describe;
use crate::rules::{RankedCause, Sign};

/// Builds the document of an investigation.
pub fn investigation(investigation: &Investigation, clean: &Cleaner<'_>) -> v1::Investigation {
    let mut at = At { clean, referenced: BTreeSet::new() };
    let case = &investigation.case;
    let history = &investigation.history;
    let causes = investigation.causes.iter().map(|c| at.cause(c)).collect();
    let suspects = investigation
        .suspects
        .iter()
        .map(|s| v1::Suspect { family: s.family.to_owned(), standing: s.standing.to_owned(), evidence: at.ids(&s.cited), note: clean.line(&s.note) })
        .collect();
    let timeline = history
        .timeline
        .iter()
        .map(|t| v1::TimelineRow { time: Stamp(t.time), actor: t.actor.to_owned(), what: clean.line(&t.what), evidence: at.id(t.cited) })
        .collect();
    let definition_of_done = investigation
        .definition_of_done
        .iter()
        .map(|b| v1::DoneBox { group: b.group.to_owned(), item: clean.line(&b.item), state: b.state.to_owned(), evidence: at.ids(&b.cited) })
        .collect();
    let deaths = history.deaths.iter().enumerate().map(|(i, d)| at.death(d, history.subject.death == Some(i))).collect();
    let silence = at.silence(investigation);
    let removal = history.removal.as_ref().map(|r| v1::Removal { kind: r.kind.to_owned(), note: clean.line(&r.note), evidence: at.ids(&r.cited) });
    let links = history
        .links
        .iter()
        .map(|l| v1::Link { object: clean.line(&l.object), what: clean.line(&l.what), cause: clean.some(l.cause.as_deref()), evidence: at.ids(&l.cited) })
        .collect();
    let retry_loops = history
        .loops
        .iter()
        .map(|l| v1::RetryLoop {
            what: clean.line(&l.what),
            period_seconds: l.period_seconds,
            count: l.count,
            first: Stamp(l.first),
            last: Stamp(l.last),
            evidence: at.id(l.cited),
        })
        .collect();
    let evidence = at.evidence(investigation);
    v1::Investigation {
        api_version: v1::API_VERSION,
        kind: "Investigation",
        target: target(investigation, clean),
        verdict: verdict(investigation, clean),
        causes,
        suspects,
        evidence,
        pod: history.pod.as_ref().map(|p| describe::pod(p, history, clean)),
        containers: history.pod.as_ref().map(|p| describe::containers(p, history, clean)).unwrap_or_default(),
        events: describe::events(case, clean),
        timeline,
        log_excerpt: history.excerpts.iter().map(|e| excerpt(e, clean)).collect(),
        siblings: v1::Siblings {
            total: history.siblings.rows.len(),
            failed_alike: history.siblings.failed_alike,
            pattern: if history.siblings.pattern.is_empty() { "unknown" } else { history.siblings.pattern }.to_owned(),
            pods: history.siblings.rows.iter().map(|s| sibling(s, clean)).collect(),
            changes: history.siblings.changes.iter().map(|c| clean.line(c)).collect(),
        },
        context: context(investigation, clean),
        impact: history.impact.iter().map(|i| v1::Impact { what: clean.line(&i.what), object: clean.line(&i.object) }).collect(),
        sources: investigation.sources.iter().map(|s| source_row(s, clean)).collect(),
        gaps: investigation.gaps.iter().map(|g| gap_row(g, clean)).collect(),
        next_steps: investigation
            .next_steps
            .iter()
            .map(|n| v1::NextStep { r#do: clean.line(&n.action), command: clean.some(n.command.as_deref()), priority: n.priority.word().to_owned() })
            .collect(),
        definition_of_done,
        cost: v1::Cost { requests: case.cost.requests, bytes: case.cost.bytes },
        fingerprint: clean.line(&investigation.fingerprint),
        observed_at: Stamp(case.observed_at),
        server_version: clean.some(case.server_version.as_deref()),
        primary: history.primary.as_ref().map(|p| v1::Primary { container: clean.line(&p.container), why: clean.line(&p.why) }),
        deaths,
        silence,
        removal,
        links,
        retry_loops,
        hints: investigation.hints.iter().map(|h| clean.line(h)).collect(),
        horizon: history.horizon.iter().map(|h| horizon(h, investigation, clean)).collect(),
        explanation: investigation.explanation.iter().map(|e| clean.line(e)).collect(),
    }
}

/// A gap, cleaned.
pub(crate) fn gap_row(gap: &Gap, clean: &Cleaner<'_>) -> v1::GapRow {
    v1::GapRow {
        kind: gap.kind.word().to_owned(),
        verb: gap.verb.clone(),
        resource: clean.line(&gap.resource),
        what: clean.line(&gap.what),
        why: clean.line(&gap.why),
        capture: clean.some(gap.capture.as_deref()),
    }
}

/// One command keeps what there still is: the recording of this very investigation.
fn horizon(row: &Horizon, investigation: &Investigation, clean: &Cleaner<'_>) -> v1::HorizonRow {
    let target = &investigation.case.target;
    let keep = || format!("a2 investigate {}/{} --save {}.tar.gz", target.namespace, target.name, target.name);
    let capture = row.capture.clone().or_else(|| (!row.lost).then(keep));
    v1::HorizonRow { what: clean.line(&row.what), lost: row.lost, at: row.at.map(Stamp), why: clean.line(&row.why), capture: clean.some(capture.as_deref()) }
}

/// How one source answered, cleaned.
pub(crate) fn source_row(source: &SourceStatus, clean: &Cleaner<'_>) -> v1::SourceRow {
    v1::SourceRow { name: clean.line(&source.name), status: source.word().to_owned(), detail: clean.line(&source.detail) }
}

/// Where the conversion stands: which citations the document has named so far.
struct At<'a> {
    clean: &'a Cleaner<'a>,
    referenced: BTreeSet<CitationId>,
}

impl At<'_> {
    fn id(&mut self, id: CitationId) -> String {
        self.referenced.insert(id);
        id.label()
    }

    fn ids(&mut self, ids: &[CitationId]) -> Vec<String> {
        let mut labels: Vec<String> = Vec::new();
        for id in ids {
            let label = self.id(*id);
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
        labels
    }

    fn cause(&mut self, cause: &RankedCause) -> v1::Cause {
        let clean = self.clean;
        let mut of = |signs: &[Sign]| -> (Vec<String>, Vec<v1::Sign>) {
            let all: Vec<CitationId> = signs.iter().flat_map(|s| s.cited.iter().copied()).collect();
            let rows = signs.iter().map(|s| v1::Sign { says: clean.line(&s.says), weight: round(s.weight), evidence: self.ids(&s.cited) }).collect();
            (self.ids(&all), rows)
        };
        let (r#for, signs) = of(&cause.supporting);
        let (against, signs_against) = of(&cause.against);
        v1::Cause {
            cause: clean.line(&cause.cause),
            probability: probability(cause.probability),
            confidence: cause.confidence.word().to_owned(),
            r#for,
            against,
            would_confirm: cause.would_confirm.iter().map(|c| clean.line(c)).collect(),
            remedy: cause
                .remedy
                .iter()
                .map(|r| v1::Remedy {
                    r#do: clean.line(&r.action),
                    priority: r.priority.word().to_owned(),
                    risk: r.risk.to_owned(),
                    patch: r.patch.as_ref().map_or_else(|| Value::Object(Map::new()), |p| cleaned(p, clean)),
                })
                .collect(),
            title: clean.line(&cause.title),
            signs,
            signs_against,
            unseen: cause.unseen.iter().map(|g| gap_row(g, clean)).collect(),
            on_path: cause.on_path,
            from_siblings: cause.from_siblings,
        }
    }

    fn death(&mut self, death: &Death, subject: bool) -> v1::Death {
        let clean = self.clean;
        v1::Death {
            container: clean.line(&death.container),
            kind: death.kind.word().to_owned(),
            started_at: death.started.map(Stamp),
            finished_at: death.finished.map(Stamp),
            exit_code: death.exit_code,
            reason: clean.some(death.reason.as_deref()),
            message: clean.some(death.message.as_deref()),
            mechanism: death.mechanism.word().to_owned(),
            from: death.from.word().to_owned(),
            evidence: self.ids(&death.cited),
            subject,
        }
    }

    fn silence(&mut self, investigation: &Investigation) -> v1::Silence {
        let silence = &investigation.history.silence;
        let now = investigation.case.observed_at;
        v1::Silence {
            dead_since: silence.dead_since.map(Stamp),
            dead_for_seconds: silence.dead_since.map(|t| (now - t).num_seconds().max(0)),
            ended_by: silence.ends.as_ref().map(|(what, _)| self.clean.line(what)),
            ends_at: silence.ends.as_ref().map(|(_, at)| Stamp(*at)),
            recovered_since: investigation.history.subject.recovered_since.map(Stamp),
            evidence: self.ids(&silence.cited),
        }
    }

    /// Everything that was named, in order of id.
    fn evidence(&self, investigation: &Investigation) -> Vec<v1::Evidence> {
        let citations = &investigation.history.citations;
        self.referenced.iter().filter_map(|id| citations.get(*id).map(|c| evidence(&id.label(), c, self.clean))).collect()
    }
}

fn evidence(id: &str, citation: &Citation, clean: &Cleaner<'_>) -> v1::Evidence {
    use crate::evidence::Authority;
    let authority = match citation.authority {
        Authority::Kubelet => "kubelet",
        Authority::Controller => "controller",
        Authority::Kernel => "kernel",
        Authority::Runtime => "runtime",
        Authority::Workload => "workload",
    };
    v1::Evidence {
        id: id.to_owned(),
        source: citation.source.word().to_owned(),
        object: clean.line(&citation.object),
        field: clean.line(&citation.field),
        time: citation.time.map(Stamp),
        text: clean.line(&citation.text),
        authority: authority.to_owned(),
    }
}

fn target(investigation: &Investigation, clean: &Cleaner<'_>) -> v1::Target {
    let history = &investigation.history;
    let target = &investigation.case.target;
    // A log that was handed over alone says nothing of the pod itself.
    let only_heard_of = history.exists && history.pod.as_ref().is_some_and(Pod::knows_no_status);
    let seen = investigation.case.unseen().is_none() && !only_heard_of;
    v1::Target {
        namespace: clean.line(&target.namespace),
        name: clean.line(&target.name),
        uid: clean.some(history.uid.as_deref()),
        exists: seen.then_some(history.exists),
        phase: history.pod.as_ref().filter(|_| history.pod_from == "api").and_then(|p| clean.some(Some(&p.phase))),
        effective_status: seen.then(|| history.effective_status.to_owned()),
        traced: history.traced,
        incarnations: history
            .incarnations
            .iter()
            // Events that were handed over as text name no UID: they are of this pod or of another, nobody can tell.
            .filter(|i| !i.uid.is_empty())
            .map(|i| v1::Incarnation { uid: clean.line(&i.uid), first_seen: i.first_seen.map(Stamp), last_seen: i.last_seen.map(Stamp) })
            .collect(),
    }
}

fn verdict(investigation: &Investigation, clean: &Cleaner<'_>) -> v1::Verdict {
    let verdict = &investigation.verdict;
    let history = &investigation.history;
    let title = investigation.causes.iter().find(|c| c.cause == verdict.cause).map(|c| clean.line(&c.title));
    v1::Verdict {
        cause: clean.line(&verdict.cause),
        confidence: verdict.confidence.word().to_owned(),
        probability: probability(verdict.probability),
        mechanism: history.subject.mechanism.word().to_owned(),
        container: clean.some(verdict.container.as_deref()),
        exit_code: verdict.exit_code,
        signal: clean.some(verdict.signal.as_deref()),
        reason: clean.some(verdict.reason.as_deref()),
        died_at: history.subject.death.and_then(|i| history.deaths.get(i)).and_then(|d| d.finished).map(Stamp),
        silent: history.silence.silent,
        held_up_by: history.silence.held_up_by.iter().map(|c| clean.line(c)).collect(),
        removal: history.removal.as_ref().map(|r| r.kind.to_owned()),
        headline: clean.line(&verdict.headline),
        title,
    }
}

fn excerpt(excerpt: &LogExcerpt, clean: &Cleaner<'_>) -> v1::Excerpt {
    v1::Excerpt {
        pod: clean.some(excerpt.pod.as_deref()),
        container: clean.line(&excerpt.container),
        previous: excerpt.previous,
        lines: clean.lines(&excerpt.lines),
        decisive: excerpt.decisive.iter().copied().filter(|i| *i < excerpt.lines.len()).collect(),
    }
}

fn sibling(row: &SiblingRow, clean: &Cleaner<'_>) -> v1::Sibling {
    v1::Sibling {
        name: clean.line(&row.name),
        source: row.source.to_owned(),
        phase: clean.some(row.phase.as_deref()),
        exit_code: row.exit_code,
        reason: clean.some(row.reason.as_deref()),
        started_at: row.started.map(Stamp),
        ended_at: row.ended.map(Stamp),
        node: clean.some(row.node.as_deref()),
        image: clean.some(row.image.as_deref()),
        restarts: row.restarts,
        failed: row.failed,
        alike: row.alike,
        same_owner: row.same_owner,
    }
}

fn context(investigation: &Investigation, clean: &Cleaner<'_>) -> v1::Context {
    let mut context = v1::Context::default();
    for (key, value) in &investigation.history.context {
        let value = clean.line(value);
        match *key {
            "workflow" => context.workflow = Some(value),
            // The document's own key, the short one, and the spelling of the words in a report.
            "workflowNode" | "workflow-node" | "workflow_node" | "node" => context.workflow_node = Some(value),
            "template" => context.template = Some(value),
            "task" => context.task = Some(value),
            "agent" => context.agent = Some(value),
            "service" => context.service = Some(value),
            other => {
                context.other.insert(other.to_owned(), value);
            }
        }
    }
    context
}

/// A patch previews the user's own spec: names in it come from the cluster.
fn cleaned(value: &Value, clean: &Cleaner<'_>) -> Value {
    match value {
        Value::String(text) => Value::String(clean.line(text)),
        Value::Array(items) => Value::Array(items.iter().map(|v| cleaned(v, clean)).collect()),
        Value::Object(map) => Value::Object(map.iter().map(|(k, v)| (clean.line(k), cleaned(v, clean))).collect()),
        other => other.clone(),
    }
}

/// Four digits are more than a probability of this kind can mean; what is no number reads as 0.
fn probability(value: f64) -> f64 {
    if value.is_finite() { round(value).clamp(0.0, 1.0) } else { 0.0 }
}

fn round(value: f64) -> f64 {
    if value.is_finite() { (value * 10_000.0).round() / 10_000.0 } else { 0.0 }
}
