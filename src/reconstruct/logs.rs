//! The log of the subject's instance, read by the signatures and laid down as facts.

use chrono::TimeDelta;

use super::CitationId;
use super::history::{Death, LastSign, LogExcerpt, RetryLoop, Subject, SubjectKind};
use super::scene::Scene;
use crate::evidence::{Authority, Citation, Gap, GapKind, LogLine, LogStatus, LogTail, Source, Time};
use crate::signatures::{self, BlockKind, EntityKind, Finding, ReadContext, Reading};

/// The log of one instance with what was read in it.
pub(super) struct InstanceLog {
    pub label: String,
    pub container: String,
    pub previous: bool,
    pub lines: Vec<LogLine>,
    pub reading: Reading,
}

/// The tail that belongs to a death: the kubelet serves the last ended instance as "previous" once the next one runs, and
/// as the present one while it waits (kubelet_pods.go `validateContainerLogStatus`).
pub(super) fn tail_of<'c>(scene: &Scene<'c>, death: &Death) -> Option<&'c LogTail> {
    let case = scene.case;
    let get = |previous| case.log(&case.target.name, &death.container, previous).filter(|l| l.status == LogStatus::Read);
    let fits = |tail: &&LogTail| match (tail.last_time(), death.started, death.finished) {
        // A line of a later instance gives the tail away.
        (Some(last), _, Some(finished)) if last > finished + TimeDelta::seconds(10) => false,
        (Some(last), Some(started), _) => last + TimeDelta::seconds(2) >= started,
        _ => true,
    };
    match death.log_previous {
        Some(true) => get(true).filter(fits).or_else(|| get(false).filter(fits)),
        Some(false) => get(false),
        None => get(true).filter(fits),
    }
}

/// Reads the log of the subject. The stop, where there was one, cuts off shutdown noise.
pub(super) fn read_subject(scene: &Scene<'_>, subject: &Subject, deaths: &[Death]) -> Option<InstanceLog> {
    let case = scene.case;
    let container = subject.container.as_deref()?;
    let deletion = scene.live.and_then(|p| p.deletion.as_ref()).map(|d| d.requested);
    let death = subject.death.and_then(|i| deaths.get(i));
    let (tail, context) = match death {
        Some(death) => {
            let kill = death.killed.as_ref().and_then(|k| k.time);
            let killed_by_probe = death.killed.as_ref().is_some_and(|k| k.why.ends_with("-probe"));
            let stop = kill.or(deletion.filter(|d| death.finished.is_none_or(|f| *d <= f)));
            // A program that a probe killed was alive until then: what it went through is in the lines before the kill.
            let context = ReadContext { end: death.finished, stop, alive: killed_by_probe, exit_code: death.exit_code };
            match tail_of(scene, death) {
                Some(tail) => (tail, context),
                None => return read_next_instance(scene, container, death),
            }
        }
        None => {
            let tail = case.log(&case.target.name, container, false).filter(|l| l.status == LogStatus::Read)?;
            let kill = scene.events_of("Killing").iter().filter(|e| e.container.as_deref() == Some(container)).filter_map(|e| e.time()).max();
            // Of a log that was handed over alone nobody says whether its program still runs; it was not handed over for that.
            let alive = subject.kind != SubjectKind::Gone;
            (tail, ReadContext { end: None, stop: kill.filter(|_| deletion.is_some()).or(deletion), alive, exit_code: None })
        }
    };
    let end = death.and_then(|d| d.finished);
    // Lines of a later instance do not belong to this one.
    let lines: Vec<LogLine> = tail.lines.iter().filter(|l| end.zip(l.time).is_none_or(|(e, t)| t <= e + TimeDelta::seconds(10))).cloned().collect();
    let reading = signatures::read(&lines, &context);
    Some(InstanceLog { label: tail.label(), container: container.to_owned(), previous: tail.previous, lines, reading })
}

/// The log of that instance is gone, and the next one has come to the same end or is about to: its last words are the
/// program's own about the same failure. Only a stack trace counts, never a stray error line.
fn read_next_instance(scene: &Scene<'_>, container: &str, death: &Death) -> Option<InstanceLog> {
    if death.killed.is_some() || death.exit_code == Some(0) {
        return None;
    }
    let tail = scene.case.log(&scene.case.target.name, container, false).filter(|l| l.status == LogStatus::Read)?;
    let context = ReadContext { end: tail.last_time(), stop: None, alive: false, exit_code: death.exit_code };
    let reading = signatures::read(&tail.lines, &context);
    reading.ending.as_ref().and_then(|e| e.block)?;
    Some(InstanceLog { label: tail.label(), container: container.to_owned(), previous: false, lines: tail.lines.clone(), reading })
}

/// Cites a line of a log.
pub(super) fn cite_line(scene: &mut Scene<'_>, pod: &str, label: &str, line: &LogLine) -> CitationId {
    let object = format!("Pod/{}/{pod}", scene.case.target.namespace);
    scene.cites.cite(Citation {
        source: Source::Log,
        object,
        field: label.to_owned(),
        time: line.time,
        text: line.text.clone(),
        authority: Authority::Workload,
    })
}

fn cite_finding(scene: &mut Scene<'_>, log: &InstanceLog, finding: &Finding) -> Vec<CitationId> {
    let pod = scene.case.target.name.clone();
    log.lines.get(finding.line).map(|l| cite_line(scene, &pod, &log.label, l)).into_iter().collect()
}

/// Lays the reading down as facts.
pub(super) fn facts(scene: &mut Scene<'_>, subject: &Subject, deaths: &[Death], log: Option<&InstanceLog>) {
    let death = subject.death.and_then(|i| deaths.get(i)).cloned();
    if let Some(message) = death.as_ref().and_then(|d| d.message.clone()) {
        let cited = death.as_ref().map(|d| d.cited.clone()).unwrap_or_default();
        // A start error is the runtime's word, not the program's.
        if death.as_ref().is_some_and(|d| d.mechanism != super::Mechanism::NotStarted) {
            let cited: Vec<_> = cited.first().map(|id| as_workload(scene, *id, &message)).into_iter().collect();
            for finding in signatures::classify(&message).into_iter().filter(|f| !f.generic) {
                scene.facts.hold("message.cause", finding.cause, cited.clone());
            }
        }
    }
    let Some(log) = log else {
        let status = log_gap(scene, subject, death.as_ref());
        scene.facts.hold("log.status", status, []);
        return;
    };
    let empty = log.lines.iter().all(|l| l.text.trim().is_empty());
    scene.facts.hold("log.status", if empty { "empty" } else { "read" }, []);
    let reading = &log.reading;
    let pod = scene.case.target.name.clone();
    let probe_killed = death.as_ref().and_then(|d| d.killed.as_ref()).is_some_and(|k| k.why.ends_with("-probe"));
    let mut endings: Vec<Finding> = reading.ending.iter().flat_map(|e| e.findings.iter().cloned()).collect();
    if probe_killed && endings.is_empty() {
        endings = reading.live.iter().filter(|f| !f.cause.starts_with("process.")).cloned().collect();
    }
    for (i, finding) in endings.iter().enumerate() {
        let cited = cite_finding(scene, log, finding);
        if i == 0 {
            scene.facts.hold("log.root_cause", finding.cause, cited.clone());
        }
        scene.facts.hold("log.cause", finding.cause, cited.clone());
        scene.facts.hold("log.signature", finding.signature, cited.clone());
        for entity in &finding.entities {
            let name = match entity.kind {
                EntityKind::Peer => "log.peer",
                EntityKind::Variable => "log.variable",
                EntityKind::Path => "log.path",
                _ => continue,
            };
            scene.facts.hold(name, entity.value.clone(), cited.clone());
        }
    }
    if let Some(ending) = &reading.ending {
        let cited: Vec<_> = ending.decisive.iter().take(6).filter_map(|i| log.lines.get(*i)).map(|l| cite_line(scene, &pod, &log.label, l)).collect();
        scene.facts.hold("log.ends_the_instance", true, cited.clone());
        match ending.block.and_then(|i| reading.blocks.get(i)) {
            Some(block) => scene.facts.hold("log.ending_kind", ending_word(block.kind), cited),
            None => scene.facts.hold("log.ending_kind", "error-line", cited),
        }
    }
    for finding in &reading.earlier {
        let cited = cite_finding(scene, log, finding);
        scene.facts.hold("log.earlier_cause", finding.cause, cited);
    }
    if !reading.earlier.is_empty() && !reading.blocks.is_empty() {
        scene.facts.hold("log.handled_error", true, []);
    }
    for finding in &reading.live {
        let cited = cite_finding(scene, log, finding);
        scene.facts.hold("log.live_cause", finding.cause, cited.clone());
        scene.facts.hold("log.live_signature", finding.signature, cited.clone());
        for entity in finding.entities.iter().filter(|e| e.kind == EntityKind::Peer) {
            scene.facts.hold("log.peer", entity.value.clone(), cited.clone());
        }
    }
    repeated(scene, log);
    if reading.mentions_oom {
        scene.facts.hold("log.mentions_oom", true, []);
    }
    if let Some(language) = reading.language {
        scene.facts.hold("log.language", language, []);
    }
    if let (Some(end), Some(last)) = (death.as_ref().and_then(|d| d.finished), last_time(log)) {
        scene.facts.hold("log.silent_seconds", (end - last).num_seconds().max(0), []);
    }
    if subject.kind == SubjectKind::Running || subject.recovered_since.is_some() {
        cadence(scene, log);
    }
}

/// The word of `log.ending_kind`.
fn ending_word(kind: BlockKind) -> &'static str {
    match kind {
        BlockKind::Panic => "panic",
        BlockKind::Native => "abort",
        BlockKind::MainError => "fatal",
        BlockKind::Startup => "usage",
        BlockKind::Uncaught | BlockKind::Logged | BlockKind::Background | BlockKind::Logging | BlockKind::Dump => "exception",
    }
}

/// The termination message inside a status is the program's own text.
fn as_workload(scene: &mut Scene<'_>, id: CitationId, message: &str) -> CitationId {
    let Some(citation) = scene.cites.get(id).cloned() else { return id };
    scene.cites.cite(Citation { field: format!("{}.message", citation.field), text: message.to_owned(), authority: Authority::Workload, ..citation })
}

fn last_time(log: &InstanceLog) -> Option<Time> {
    log.lines.iter().rev().find_map(|l| l.time)
}

fn repeated(scene: &mut Scene<'_>, log: &InstanceLog) {
    let reading = &log.reading;
    for repeat in reading.repeats.iter().filter(|r| r.trouble && r.count >= 3) {
        let causes: Vec<&'static str> = reading
            .earlier
            .iter()
            .chain(&reading.live)
            .chain(reading.ending.iter().flat_map(|e| &e.findings))
            .filter(|f| f.line == repeat.line)
            .map(|f| f.cause)
            .collect();
        let pod = scene.case.target.name.clone();
        let cited: Vec<_> = log.lines.get(repeat.line).map(|l| cite_line(scene, &pod, &log.label, l)).into_iter().collect();
        for cause in causes {
            scene.facts.hold("log.repeated_cause", cause, cited.clone());
        }
    }
}

/// A line that used to come regularly and has not come for many times its gap. Deliberately demanding: quiet programs are common.
fn cadence(scene: &mut Scene<'_>, log: &InstanceLog) {
    let times: Vec<Time> = log.lines.iter().filter_map(|l| l.time).collect();
    let Some(last) = times.last().copied() else { return };
    let quiet = (scene.now() - last).num_milliseconds().max(0);
    scene.facts.hold("run.quiet_seconds", quiet / 1000, []);
    if times.len() < 10 {
        return;
    }
    let mut gaps: Vec<i64> = times.windows(2).map(|w| (w[1] - w[0]).num_milliseconds()).filter(|g| *g > 20).collect();
    if gaps.len() < 6 {
        return;
    }
    gaps.sort_unstable();
    let median = gaps[gaps.len() / 2];
    let high = gaps[gaps.len() * 9 / 10];
    scene.facts.hold("run.cadence_seconds", (median / 1000).max(1), []);
    let regular = high <= median.saturating_mul(3).max(median + 500);
    if regular && quiet > median.saturating_mul(20).max(30_000) && quiet > high.saturating_mul(10) {
        // No single line shows a silence: the log as a whole does.
        let pod = scene.case.target.name.clone();
        let text = format!("{} lines, one about every {:.1} s, and none for {} s", log.lines.len(), median as f64 / 1000.0, quiet / 1000);
        let cited = cite_line(scene, &pod, &log.label, &LogLine { time: Some(last), text });
        scene.facts.hold("run.stalled", true, [cited]);
    }
}

/// Why there is no log, as the word of `log.status`; gaps are laid on the facts that it would have given.
fn log_gap(scene: &mut Scene<'_>, subject: &Subject, death: Option<&Death>) -> &'static str {
    const FROM_LOG: &[&str] =
        &["log.cause", "log.root_cause", "log.signature", "log.ends_the_instance", "log.live_cause", "log.repeated_cause", "log.mentions_oom", "log.peer"];
    let Some(container) = subject.container.clone() else { return "absent" };
    let never_ran = death.map_or(subject.kind == SubjectKind::Waiting, |d| d.mechanism == super::Mechanism::NotStarted);
    if never_ran {
        return "absent"; // What never ran has no log: that is complete knowledge, not a gap.
    }
    let previous = death.is_some_and(|d| d.log_previous == Some(true));
    let known = scene.case.gaps.iter().find(|g| g.resource == "pods/log" && g.what.contains(&container)).cloned();
    let gap = known.unwrap_or_else(|| {
        let (kind, why) = match scene.case.unseen() {
            Some(gap) => (gap.kind, "the pod could not be seen, so its logs were not asked for"),
            None if scene.live.is_none() => (GapKind::NotFound, "the pod is gone, and its logs with it"),
            None => (GapKind::Expired, "the runtime no longer has the log of that instance"),
        };
        let what = format!("log of container {container}{}", if previous { " (previous)" } else { "" });
        Gap::new(kind, "get", "pods/log", what, why)
    });
    for name in FROM_LOG {
        scene.facts.unseen(name, gap.clone());
    }
    if matches!(gap.kind, GapKind::Forbidden | GapKind::TimedOut | GapKind::NotAsked | GapKind::Malformed) {
        scene.facts.hold("log.withheld", true, []);
    }
    if !scene.case.gaps.contains(&gap) && !scene.gaps.contains(&gap) {
        scene.gaps.push(gap);
    }
    "unseen"
}

/// The decisive part of the log, with a little before it.
pub(super) fn excerpt(log: &InstanceLog) -> Option<LogExcerpt> {
    const CONTEXT: usize = 3;
    const MOST: usize = 24;
    if log.lines.is_empty() {
        return None;
    }
    let live: Vec<usize> = log.reading.live.iter().map(|f| f.line).collect();
    let mut decisive: Vec<usize> = log.reading.ending.as_ref().map(|e| e.decisive.clone()).filter(|d| !d.is_empty()).unwrap_or(live);
    decisive.sort_unstable();
    decisive.dedup();
    decisive.retain(|i| *i < log.lines.len());
    let (start, end) = match (decisive.first(), decisive.last()) {
        (Some(first), Some(last)) => (first.saturating_sub(CONTEXT), (last + 2).min(log.lines.len())),
        _ => (log.lines.len().saturating_sub(8), log.lines.len()),
    };
    let start = if end - start > MOST { decisive.first().map_or(end - MOST, |f| f.saturating_sub(1).max(end.saturating_sub(MOST))) } else { start };
    let lines: Vec<String> = log.lines[start..end].iter().map(|l| l.text.clone()).collect();
    let decisive = decisive.into_iter().filter(|i| (start..end).contains(i)).map(|i| i - start).collect();
    Some(LogExcerpt { pod: None, container: log.container.clone(), previous: log.previous, lines, decisive })
}

/// Lines that repeat at a regular interval and tell of trouble.
pub(super) fn loops(scene: &mut Scene<'_>, log: &InstanceLog) -> Vec<RetryLoop> {
    let pod = scene.case.target.name.clone();
    let found: Vec<_> = log.reading.repeats.iter().filter(|r| r.trouble && r.count >= 3).cloned().collect();
    found
        .into_iter()
        .filter_map(|r| {
            let line = log.lines.get(r.line)?;
            let cited = cite_line(scene, &pod, &log.label, line);
            Some(RetryLoop { what: r.text, period_seconds: r.period_seconds.round() as i64, count: r.count, first: r.first, last: r.last, cited })
        })
        .collect()
}

/// The last sign of life of each death whose log was read.
pub(super) fn last_signs(scene: &Scene<'_>, deaths: &[Death]) -> Vec<LastSign> {
    deaths
        .iter()
        .filter_map(|death| {
            let tail = tail_of(scene, death)?;
            let within = |l: &&LogLine| death.finished.zip(l.time).is_none_or(|(f, t)| t <= f + TimeDelta::seconds(10));
            let at = tail.lines.iter().rev().filter(within).find_map(|l| l.time);
            let empty = tail.lines.iter().all(|l| l.text.trim().is_empty());
            Some(LastSign {
                container: death.container.clone(),
                at,
                seconds_before_death: at.zip(death.finished).map(|(a, f)| (f - a).num_seconds().max(0)),
                empty,
            })
        })
        .collect()
}
