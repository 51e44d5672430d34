//! What is wrong inside a program that runs on.

use std::collections::BTreeMap;

use super::blocks::{Block, BlockKind};
use super::catalog::Role;
use super::entity::EntityKind;
use super::explain::{explain, generic_live};
use super::finding::Finding;
use super::units::{Trouble, Unit};

/// So many of the last units are "now".
const RECENT: usize = 40;
/// So many of the last blocks may be of a scheduled task that was never run again.
const LAST_BLOCKS: usize = 8;
/// A worker that was told to die and then died, is one story.
const SAME_PID: f64 = 120.0;

/// Findings about a program that runs (or ran until it was told to stop), the gravest first.
pub(super) fn live(units: &[Unit], blocks: &[Block]) -> Vec<Finding> {
    let mut list: Vec<Finding> = Vec::new();
    let mut add = |f: Finding| match list.iter_mut().find(|o| o.cause == f.cause) {
        None => list.push(f),
        // The latest sighting is shown.
        Some(o) if f.line > o.line && f.generic == o.generic => *o = f,
        Some(_) => {}
    };
    for f in dead_parts(units, blocks) {
        add(f);
    }
    for f in workers(units, blocks) {
        add(f);
    }
    if let Some(f) = queue_grows(units) {
        add(f);
    }
    for f in going_on(units, blocks) {
        add(f);
    }
    list
}

/// Threads and tasks that died, the logging that fails, deadlocks.
fn dead_parts(units: &[Unit], blocks: &[Block]) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut causes = Vec::new();
    for (i, u) in units.iter().enumerate() {
        let Some(block) = u.block.and_then(|b| blocks.get(b)) else { continue };
        let dead = match block.kind {
            BlockKind::Background | BlockKind::Logging => true,
            BlockKind::Dump => block.errors.first().is_some_and(|e| e.text.contains("deadlock")),
            BlockKind::Logged => periodic_task_ended(units, i, block, blocks.len().saturating_sub(u.block.unwrap_or(0))),
            _ => false,
        };
        if dead {
            found.extend(generic_live(block));
            for (_, hit) in u.hits.iter().filter(|(_, h)| matches!(h.signature.role, Role::Cause)) {
                causes.extend(explain(hit, units, i, blocks));
            }
        }
    }
    found.extend(causes);
    found
}

/// A thread of a pool logged an exception and was never heard of again, although it had spoken before: a scheduled task
/// that throws is not run any more.
fn periodic_task_ended(units: &[Unit], at: usize, block: &Block, later: usize) -> bool {
    if later > LAST_BLOCKS {
        return false;
    }
    let Some(name) = block.thread.as_ref().filter(|n| !block.main && !n.is_empty()) else { return false };
    let tag = format!("[{name}]");
    let said = |range: &[Unit]| range.iter().filter(|u| u.block.is_none() && u.text.contains(&tag) && u.trouble == Trouble::None).count();
    let (before, after) = (units.get(..at).unwrap_or_default(), units.get(at + 1..).unwrap_or_default());
    said(before) >= 2 && said(after) == 0
}

/// What supervisors tell about their workers. Told to die before it died: the order is the reason.
fn workers(units: &[Unit], blocks: &[Block]) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    let mut first: BTreeMap<String, (usize, &'static str)> = BTreeMap::new();
    let mut explained: Vec<&'static str> = Vec::new();
    for (i, u) in units.iter().enumerate() {
        for (_, hit) in &u.hits {
            let pid = hit.entities.iter().find(|e| e.kind == EntityKind::Pid).map(|e| e.value.clone());
            let is_live = hit.signature.role == Role::Live;
            let Some(f) = explain(hit, units, i, blocks) else { continue };
            if let Some(pid) = pid {
                if let Some(&(at, cause)) = first.get(&pid)
                    && cause != f.cause
                    && units.get(at).is_some_and(|a| a.until(u).is_none_or(|s| s <= SAME_PID))
                {
                    explained.push(f.cause);
                    if let Some(at_unit) = units.get(at)
                        && let Some(root) = at_unit.hits.iter().find_map(|(_, h)| explain(h, units, at, blocks).filter(|r| r.cause == cause))
                    {
                        found.push(root);
                    }
                    continue;
                }
                first.insert(pid, (i, f.cause));
            }
            if is_live && !found.iter().any(|o| o.cause == f.cause && o.line == f.line) {
                found.push(f);
            }
        }
    }
    // Every death of that kind was ordered: nothing is left of the other reading.
    let roots: Vec<&str> = first.values().map(|v| v.1).collect();
    found.retain(|f| !explained.contains(&f.cause) || roots.contains(&f.cause));
    found.sort_by_key(|f| explained.contains(&f.cause));
    found
}

/// A heart beats while the work piles up.
fn queue_grows(units: &[Unit]) -> Option<Finding> {
    let mut values: Vec<u64> = Vec::new();
    let mut line = None;
    for u in units.iter().rev().take(8) {
        if u.block.is_some() {
            break;
        }
        let lower = u.text.to_ascii_lowercase();
        let beat = ["heartbeat", "alive", "tick", "status", "stats"].iter().any(|w| lower.contains(w));
        let Some(depth) = beat.then(|| depth(&lower)).flatten() else { break };
        line.get_or_insert((u.lines.0, u.text.clone()));
        values.push(depth);
    }
    let grows = values.len() >= 2 && values.windows(2).all(|w| w.first() > w.last());
    let (line, text) = line.filter(|_| grows)?;
    Some(Finding { cause: "process.stalled", signature: "line.queue-grows", line, text, generic: true, entities: Vec::new() })
}

/// The number behind `queue_depth=`, `backlog:`, `lag `, …
fn depth(lower: &str) -> Option<u64> {
    ["queue", "backlog", "lag", "pending", "depth", "outstanding"].iter().find_map(|w| {
        let (_, rest) = lower.split_once(w)?;
        let rest = rest.trim_start_matches(|c: char| c.is_ascii_alphabetic() || "_-=:\" .".contains(c));
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest.get(..end)?.parse().ok()
    })
}

/// A cause in the recent log.
struct Sighting {
    finding: Finding,
    rank: u8,
    /// Where among the recent units.
    at: Vec<usize>,
}

/// Failures that make up much of the log since they began and reach its end; not retries that succeeded.
fn going_on(units: &[Unit], blocks: &[Block]) -> Vec<Finding> {
    // An error line that only announces the block below it is part of that block.
    let heads = |i: usize| {
        units.get(i).is_some_and(|u| u.hits.is_empty() && u.trouble == Trouble::Error && u.block.is_none())
            && units.get(i + 1).is_some_and(|n| n.block.is_some() && units.get(i).and_then(|u| u.until(n)).is_none_or(|s| s < 0.1))
    };
    let speaking: Vec<usize> = (0..units.len()).filter(|&i| units.get(i).is_some_and(|u| !u.farewell) && !heads(i)).collect();
    let recent = speaking.get(speaking.len().saturating_sub(RECENT)..).unwrap_or_default();
    let mut seen: Vec<Sighting> = Vec::new();
    for (position, &i) in recent.iter().enumerate() {
        let Some(u) = units.get(i).filter(|u| u.trouble >= Trouble::Warn) else { continue };
        let mut here: Vec<&'static str> = Vec::new();
        let mut of: Vec<_> = u.hits.iter().filter(|(_, h)| h.signature.role == Role::Cause).collect();
        of.sort_by_key(|(part, h)| (*part, 255 - h.signature.rank));
        for (_, hit) in of {
            let Some(finding) = explain(hit, units, i, blocks) else { continue };
            if here.contains(&finding.cause) {
                continue;
            }
            here.push(finding.cause);
            let rank = hit.signature.rank;
            match seen.iter_mut().find(|s| s.finding.cause == finding.cause) {
                Some(s) => {
                    s.at.push(position);
                    (s.finding, s.rank) = (finding, rank);
                }
                None => seen.push(Sighting { finding, rank, at: vec![position] }),
            }
        }
    }
    let total = recent.len();
    seen.retain(|s| {
        let (Some(first), Some(last)) = (s.at.first(), s.at.last()) else { return false };
        let since = total - first;
        s.at.len() >= 2 && last + 3 >= total && s.at.len() * 10 >= since * 3 && !overcome(units, recent, &s.at)
    });
    seen.sort_by_key(|s| (std::cmp::Reverse(s.at.len()), 255 - s.rank, s.finding.line));
    seen.into_iter().map(|s| s.finding).collect()
}

/// Whether most of the sightings were followed by word of success before the next.
fn overcome(units: &[Unit], recent: &[usize], at: &[usize]) -> bool {
    const WORDS: [&str; 9] = ["succe", "recovered", "reconnected", " connected", "on attempt", "after retry", "restored", "resumed", "established"];
    let won = |from: usize, to: usize| {
        recent.get(from..to).into_iter().flatten().filter_map(|&i| units.get(i)).any(|u| {
            let lower = u.text.to_ascii_lowercase();
            u.trouble == Trouble::None && WORDS.iter().any(|w| lower.contains(w))
        })
    };
    let ends = at.iter().skip(1).copied().chain([recent.len()]);
    at.iter().zip(ends).filter(|(from, to)| won(**from + 1, *to)).count() * 2 >= at.len()
}
