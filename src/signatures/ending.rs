//! Which part of a log ended the instance.

use super::blocks::{Block, BlockKind};
use super::catalog::Role;
use super::explain::{explain, generic, own_mistake};
use super::finding::{Ending, Finding, ReadContext};
use super::units::{Trouble, Unit};

/// Lines of the other pipe, and farewells, may follow what ended the instance by so many seconds.
const AFTER: f64 = 1.5;
/// An error so many seconds before the end did not end it, unless a runtime died of it.
const STALE: f64 = 300.0;
/// After something fatal, other threads may go on for so many seconds while the process ends.
const LATE: f64 = 30.0;
/// One failure leads to the next within so many seconds.
const CHAINED: f64 = 2.0;
/// An episode of failures that ends an instance is looked for so far back.
const EPISODE: f64 = 180.0;

/// What ended the instance, and the units that tell it (a range).
pub(super) fn ending(units: &[Unit], blocks: &[Block], ctx: &ReadContext) -> Option<(Ending, usize)> {
    let anchor = anchor(units, blocks, ctx)?;
    let first = cluster(units, anchor);
    let main = main_block(units, blocks, first, anchor);
    let mut findings = Vec::new();
    // What was said in leaving belongs to it: "startup failed, exiting".
    let tail = units.iter().rposition(|u| u.trouble != Trouble::None).map_or(anchor, |t| t.max(anchor));
    collect(units, blocks, (first, tail), main, &mut findings);
    let mut reached = first;
    if !findings.iter().any(|f| f.0.role == 0) && episode_may_explain(units, blocks, (first, anchor), main) {
        reached = episode(units, blocks, first, &mut findings).unwrap_or(first);
    }
    let list = ordered(findings, units, blocks, anchor, main);
    if list.is_empty() {
        return None;
    }
    let block = main.and_then(|m| units.get(m)).and_then(|u| u.block);
    Some((Ending { decisive: decisive(units, blocks, (first, anchor), main, &list), block, findings: list }, reached))
}

/// The last unit that tells of a failure after which nothing but farewells came.
fn anchor(units: &[Unit], blocks: &[Block], ctx: &ReadContext) -> Option<usize> {
    let mut work: Vec<usize> = Vec::new();
    let last = units.iter().rposition(|u| !u.farewell || u.trouble != Trouble::None);
    let mut found = None;
    for (i, u) in units.iter().enumerate().rev().take(200) {
        let bad = u.trouble == Trouble::Error || (u.trouble == Trouble::Warn && u.causal());
        // The last word may be said calmly: "ended with status 124".
        let said = Some(i) == last && calm_word(u);
        if (bad && !bare_leave(u, units, i)) || said {
            found = Some(i);
            break;
        }
        if !u.farewell && !bad {
            work.push(i);
        }
    }
    let at = found?;
    let unit = units.get(at)?;
    let went_on = match (unit.times.1, work.first().and_then(|&w| units.get(w)).and_then(|u| u.times.0)) {
        (Some(a), Some(b)) => super::units::seconds(a, b) > AFTER,
        _ => work.len() > 3,
    };
    let block = unit.block.and_then(|b| blocks.get(b));
    let runtime = block.is_some_and(|b| b.main && matches!(b.kind, BlockKind::Panic | BlockKind::Uncaught | BlockKind::Native));
    // Long before the end: something else ended it, and the log does not tell what.
    let stale = !runtime && unit.times.1.zip(ctx.end).is_some_and(|(a, b)| super::units::seconds(a, b) > STALE);
    if !went_on {
        return (!stale).then_some(at);
    }
    // It did fail by its own hand: what calls itself fatal may be followed by other threads' lines for a while.
    let own_hand = ctx.exit_code.is_some_and(|c| c != 0 && c != 137 && c != 143);
    let late = work.first().and_then(|&w| units.get(w)).and_then(|w| unit.until(w)).is_none_or(|s| s > LATE);
    (own_hand && (runtime || unit.fatal) && !late).then_some(at)
}

/// "Terminated" by a shell, "exited" by a supervisor: true, and no explanation, when something before explains it.
fn bare_leave(unit: &Unit, units: &[Unit], at: usize) -> bool {
    unit.farewell
        && unit.block.is_none()
        && !unit.causal()
        && !unit.has(Role::Wrapper)
        && at.checked_sub(1).and_then(|i| units.get(i)).is_some_and(|b| b.trouble == Trouble::Error && b.until(unit).is_none_or(|s| s < AFTER))
}

/// Whether a calm last line tells an end of the program's own: "ended with status 124", "could not connect, leaving". What
/// it quotes of others (inside quotation marks, behind "said") does not count.
fn calm_word(unit: &Unit) -> bool {
    unit.hits.iter().filter(|(_, h)| matches!(h.signature.role, Role::Cause | Role::Live)).any(|(_, h)| {
        let before = h.text.get(..h.span.0).unwrap_or_default().to_ascii_lowercase();
        let quoted = before.matches('"').count() % 2 == 1 || [" said", " wrote", "user", "comment", "message"].iter().any(|w| before.contains(w));
        let own = h.signature.cause.is_some_and(|c| c.starts_with("timeout.") || c.starts_with("oom.") || c.starts_with("process."));
        let failed = ["failed", "could not", "cannot", "unable", "error", "giving up"].iter().any(|w| h.text.to_ascii_lowercase().contains(w));
        !quoted && (own || failed)
    })
}

/// The first unit of the failures that lead to the anchor without a pause.
fn cluster(units: &[Unit], anchor: usize) -> usize {
    let mut first = anchor;
    let mut calm = 0;
    for i in (anchor.saturating_sub(40)..anchor).rev() {
        let (Some(u), Some(reached), Some(end)) = (units.get(i), units.get(first), units.get(anchor)) else { break };
        // "Exiting" is said when the work of ending is done: what it ends may be a while ago.
        let bare = reached.block.is_none() && !reached.causal();
        let gap = if bare { 5.0 * CHAINED } else { CHAINED };
        let near = u.until(reached).is_none_or(|s| s <= gap) && u.until(end).is_none_or(|s| s <= 10.0 * CHAINED);
        if !near || calm > 3 {
            break;
        }
        if u.trouble == Trouble::Error || u.has(Role::Live) {
            first = i;
            calm = 0;
        } else if !u.farewell {
            calm += 1;
        }
    }
    first
}

/// The block of a cluster that ended it: what the runtime printed before what the program did, the main thread's before
/// others', the last of equals.
fn main_block(units: &[Unit], blocks: &[Block], first: usize, anchor: usize) -> Option<usize> {
    (first..=anchor)
        .filter_map(|i| units.get(i).and_then(|u| u.block).and_then(|b| blocks.get(b)).map(|b| (i, b)))
        .filter(|(_, b)| b.language != "shell" && b.kind != BlockKind::Dump)
        .max_by_key(|(i, b)| {
            let kind = match b.kind {
                BlockKind::Panic | BlockKind::Uncaught | BlockKind::Native | BlockKind::MainError => 4,
                BlockKind::Startup => 3,
                BlockKind::Logged => 2,
                BlockKind::Background => 1,
                BlockKind::Logging | BlockKind::Dump => 0,
            };
            (kind, b.main, *i)
        })
        .map(|(i, _)| i)
}

/// What orders explanations; smaller is deeper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    /// Causes proper, then what only says that something failed.
    role: u8,
    /// The ending block, what stands with it, the episode before.
    source: u8,
    /// Innermost error first; among lines the first of a chain.
    place: usize,
    /// Higher rank first.
    rank: u8,
    span: usize,
}

fn collect(units: &[Unit], blocks: &[Block], range: (usize, usize), main: Option<usize>, into: &mut Vec<(Key, Finding)>) {
    for i in range.0..=range.1 {
        let Some(u) = units.get(i) else { continue };
        let logging = u.block.and_then(|b| blocks.get(b)).is_some_and(|b| b.kind == BlockKind::Logging);
        if u.trouble == Trouble::None && !u.has(Role::Live) && !calm_word(u) {
            continue;
        }
        for (part, hit) in &u.hits {
            let role = match hit.signature.role {
                Role::Cause => 0,
                Role::Live => 1,
                Role::Generic | Role::Wrapper => 2,
                Role::Marker | Role::Noise => continue,
            };
            let Some(f) = explain(hit, units, i, blocks) else { continue };
            let role = match (role, f.cause) {
                (2, "error.unhandled" | "crash.panic" | "crash.native") => 3,
                // A setting or data: too little to name the configuration.
                (2, cause) if cause.starts_with("config.") && hit.signature.role == Role::Generic && f.entities.is_empty() => 4,
                // The instance did end: that one of its tasks died is at best how.
                (1, "process.background-task" | "process.logging" | "process.stalled") => 4,
                _ => role,
            };
            let ending = Some(i) == main && !logging;
            let source = if ending { 0 } else { 1 + u8::from(logging) };
            let place = if ending { *part } else { (i - range.0) * 16 + part };
            into.push((Key { role, source, place, rank: 255 - hit.signature.rank, span: hit.span.0 }, f));
        }
    }
}

/// Whether failures further back may be the reason of a bare "giving up".
fn episode_may_explain(units: &[Unit], blocks: &[Block], range: (usize, usize), main: Option<usize>) -> bool {
    let Some(block) = main.and_then(|m| units.get(m)).and_then(|u| u.block).and_then(|b| blocks.get(b)) else {
        return (range.0..=range.1).all(|i| units.get(i).is_none_or(|u| !own_mistake(&u.text)));
    };
    !block.errors.iter().any(|e| own_mistake(&e.text))
}

/// Failures that were repeated before the end: their first unit, and what they say.
fn episode(units: &[Unit], blocks: &[Block], first: usize, into: &mut Vec<(Key, Finding)>) -> Option<usize> {
    let end = units.get(first)?;
    let mut calm = 0;
    let mut found: Vec<(usize, usize, Finding, u8)> = Vec::new();
    for i in (first.saturating_sub(80)..first).rev() {
        let u = units.get(i)?;
        if calm > 3 || u.until(end).is_some_and(|s| s > EPISODE) {
            break;
        }
        let before = found.len();
        if u.trouble >= Trouble::Warn {
            for (part, hit) in u.hits.iter().filter(|(_, h)| h.signature.role == Role::Cause) {
                if let Some(f) = explain(hit, units, i, blocks) {
                    found.push((i, *part, f, hit.signature.rank));
                }
            }
        }
        calm = if found.len() > before { 0 } else { calm + usize::from(!u.farewell) };
    }
    let (last, _, newest, _) = found.first()?;
    let alone = found.iter().filter(|f| f.2.cause == newest.cause).map(|f| f.0).collect::<std::collections::BTreeSet<_>>().len() < 2;
    // A single warning explains only what follows it at once.
    if alone && (first - last > 2 || units.get(*last).and_then(|u| u.until(end)).is_some_and(|s| s > CHAINED)) {
        return None;
    }
    let reached = found.iter().map(|f| f.0).min()?;
    for (i, part, f, rank) in found {
        into.push((Key { role: 0, source: 3, place: (first - i) * 16 + part, rank: 255 - rank, span: 0 }, f));
    }
    Some(reached)
}

/// Each cause once by its deepest place, then what the block or line says by its kind.
fn ordered(mut findings: Vec<(Key, Finding)>, units: &[Unit], blocks: &[Block], anchor: usize, main: Option<usize>) -> Vec<Finding> {
    findings.sort_by_key(|f| f.0);
    let mut list: Vec<Finding> = Vec::new();
    for (_, f) in findings {
        match list.iter_mut().find(|o| o.cause == f.cause) {
            None => list.push(f),
            Some(o) => {
                for e in f.entities {
                    if !o.entities.iter().any(|x| x.kind == e.kind && x.value == e.value) {
                        o.entities.push(e);
                    }
                }
            }
        }
    }
    let end = units.get(anchor);
    let shown = main.and_then(|m| units.get(m)).or(end).and_then(|u| u.block).and_then(|b| blocks.get(b));
    let by_kind = match (shown, end) {
        (Some(block), _) => generic(block),
        (None, Some(u)) if u.trouble == Trouble::Error => {
            Some(Finding { cause: "error.unhandled", signature: "line.error", line: u.lines.0, text: u.text.clone(), generic: true, entities: Vec::new() })
        }
        _ => None,
    };
    if let Some(f) = by_kind
        && !list.iter().any(|o| o.cause == f.cause || (o.generic && f.cause == "error.unhandled"))
    {
        list.push(f);
    }
    list
}

/// The lines to show: the errors of the block, the lines with findings, the last error.
fn decisive(units: &[Unit], blocks: &[Block], range: (usize, usize), main: Option<usize>, list: &[Finding]) -> Vec<usize> {
    let mut lines: Vec<usize> = list.iter().take(3).map(|f| f.line).collect();
    if let Some(block) = main.and_then(|m| units.get(m)).and_then(|u| u.block).and_then(|b| blocks.get(b)) {
        lines.push(block.first);
        lines.extend(block.errors.iter().map(|e| e.line));
    } else if let Some(u) = units.get(range.1) {
        lines.push(u.lines.0);
    }
    lines.sort_unstable();
    lines.dedup();
    lines
}
