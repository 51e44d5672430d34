//! What is wrong inside a program that runs on.

use std::collections::BTreeMap;

use super::blocks::{Block, BlockKind};
use super::catalog::Role;
use super::entity::EntityKind;
use super::explain::{explain, generic_live};
use super::finding::Finding;
use super::units::{Trouble, Unit};

/// So many of the last units are "now".
const RECENT: usize = 20;
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
            BlockKind::Logged => periodic_task_ended(units, i, block),
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
fn periodic_task_ended(units: &[Unit], at: usize, block: &Block) -> bool {
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

/// Failures that make up much of the recent log and reach its end; not retries that succeeded since.
fn going_on(units: &[Unit], blocks: &[Block]) -> Vec<Finding> {
    let speaking: Vec<usize> = (0..units.len()).filter(|&i| units.get(i).is_some_and(|u| !u.farewell)).collect();
    let recent = speaking.get(speaking.len().saturating_sub(RECENT)..).unwrap_or_default();
    let mut seen: Vec<(Finding, usize, usize, u8)> = Vec::new();
    for (position, &i) in recent.iter().enumerate() {
        let Some(u) = units.get(i).filter(|u| u.trouble >= Trouble::Warn) else { continue };
        let mut here: Vec<&'static str> = Vec::new();
        let mut of: Vec<_> = u.hits.iter().filter(|(_, h)| h.signature.role == Role::Cause).collect();
        of.sort_by_key(|(part, h)| (*part, 255 - h.signature.rank));
        for (_, hit) in of {
            let Some(f) = explain(hit, units, i, blocks) else { continue };
            if here.contains(&f.cause) {
                continue;
            }
            here.push(f.cause);
            match seen.iter_mut().find(|s| s.0.cause == f.cause) {
                Some(s) => *s = (f, s.1 + 1, position, hit.signature.rank),
                None => seen.push((f, 1, position, hit.signature.rank)),
            }
        }
    }
    let total = recent.len();
    seen.retain(|(_, count, last, _)| *count >= 2 && last + 3 >= total && count * 10 >= total * 3);
    seen.sort_by_key(|(f, count, _, rank)| (std::cmp::Reverse(*count), 255 - rank, f.line));
    seen.into_iter().map(|s| s.0).collect()
}
