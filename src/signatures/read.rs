//! The log of one container instance.

use std::collections::BTreeMap;

use chrono::{TimeDelta, Timelike};

use crate::evidence::{LogLine, Time};

use super::blocks::{Block, find};
use super::catalog::Role;
use super::ending::ending;
use super::entity::{Entity, EntityKind, peers};
use super::explain::{explain, generic};
use super::finding::{Finding, ReadContext, Reading};
use super::live::live;
use super::repeats::repeats;
use super::rows::rows;
use super::scan::Hit;
use super::units::{Trouble, Unit, stopping, units};

/// Reads the log of one container instance.
pub fn read(lines: &[LogLine], ctx: &ReadContext) -> Reading {
    let rows = rows(lines);
    let found = find(&rows);
    let spans: Vec<(usize, usize)> = found.iter().map(|f| (f.first, f.last)).collect();
    let mut blocks: Vec<Block> = found.into_iter().map(|f| f.block).collect();
    let units = units(&rows, &spans, &blocks);
    mark_caught(&units, &mut blocks);

    let stop = ctx.stop.filter(|s| ctx.end.is_none_or(|e| *s <= e));
    let cut = stop.and_then(|s| cut(&units, s));
    let before = units.get(..cut.unwrap_or(units.len())).unwrap_or_default();
    let ran_on = ctx.alive || stop.is_some();
    let ended = !ran_on && ctx.exit_code != Some(0);
    let told = if ended { ending(before, &blocks, ctx) } else { None };
    let from = told.as_ref().map_or(before.len(), |t| t.1);
    Reading {
        earlier: earlier(&units, &blocks, from, if told.is_some() { before.len() } else { from }),
        ending: told.map(|t| t.0),
        live: if ran_on { live(before, &blocks) } else { Vec::new() },
        repeats: repeats(&rows),
        mentions_oom: lines.iter().any(|l| speaks_of_oom(&l.text)) || units.iter().any(|u| u.hits.iter().any(|(_, h)| h.signature.tags.contains(&"oom"))),
        language: language(&units, &blocks),
        last_line: lines.iter().rposition(|l| !l.text.trim().is_empty()),
        first_after_stop: cut.and_then(|c| units.get(c)).map(|u| u.lines.0),
        entities: entities(&units, &blocks),
        hits: all_hits(&units),
        blocks,
    }
}

/// The first unit after the stop. The platform writes whole seconds: within that second a line is before it until the
/// program says that it obeys.
fn cut(units: &[Unit], stop: Time) -> Option<usize> {
    let sure = if stop.nanosecond() == 0 { stop + TimeDelta::seconds(1) } else { stop };
    units.iter().position(|u| u.times.0.is_some_and(|t| t >= sure || (t >= stop && u.block.is_none() && stopping(&u.text))))
}

/// A block after which the program did its work for a while was caught.
fn mark_caught(units: &[Unit], blocks: &mut [Block]) {
    let mut later: Option<&Unit> = None;
    let mut calm = 0;
    for u in units.iter().rev() {
        match u.block.and_then(|b| blocks.get_mut(b)) {
            Some(block) => block.caught = block.caught || calm > 3 || later.is_some_and(|l| u.until(l).is_some_and(|s| s > 1.5)),
            None if !u.farewell && u.trouble == Trouble::None => {
                later = later.or(Some(u));
                calm += 1;
            }
            None => {}
        }
    }
}

/// What was seen outside the ending, each explanation once, its last sighting.
fn earlier(units: &[Unit], blocks: &[Block], from: usize, to: usize) -> Vec<Finding> {
    let mut list: Vec<Finding> = Vec::new();
    let mut add = |f: Finding| {
        list.retain(|o| (o.cause, o.signature) != (f.cause, f.signature));
        list.push(f);
    };
    for (i, u) in units.iter().enumerate() {
        if (i >= from && i < to) || (u.trouble == Trouble::None && !u.has(Role::Live)) {
            continue;
        }
        if let Some(f) = u.block.and_then(|b| blocks.get(b)).and_then(generic) {
            add(f);
        }
        for (_, hit) in u.hits.iter().filter(|(_, h)| !matches!(h.signature.role, Role::Marker | Role::Noise)) {
            if let Some(f) = explain(hit, units, i, blocks) {
                add(f);
            }
        }
    }
    list.sort_by_key(|f| f.line);
    list
}

fn speaks_of_oom(text: &str) -> bool {
    const WORDS: [&str; 8] =
        ["out of memory", "Out of memory", "OutOfMemory", "out-of-memory", "MemoryError", "Cannot allocate memory", "OOM", "memory allocation of "];
    WORDS.iter().any(|w| text.contains(w))
}

/// Of the last block that a runtime wrote, else what the matches are typical of.
fn language(units: &[Unit], blocks: &[Block]) -> Option<&'static str> {
    if let Some(b) = blocks.iter().rev().find(|b| !matches!(b.language, "shell" | "native")) {
        return Some(b.language);
    }
    let mut votes: Vec<(&'static str, usize)> = Vec::new();
    for (_, h) in units.iter().flat_map(|u| &u.hits) {
        if let [one] = h.signature.languages {
            match votes.iter_mut().find(|v| v.0 == *one) {
                Some(v) => v.1 += 1,
                None => votes.push((one, 1)),
            }
        }
    }
    votes.sort_by_key(|v| (std::cmp::Reverse(v.1), v.0));
    votes.first().map(|v| v.0).or_else(|| blocks.last().map(|b| b.language))
}

/// What lines that tell of trouble name, each once, its last line.
fn entities(units: &[Unit], blocks: &[Block]) -> Vec<Entity> {
    let mut last: BTreeMap<(EntityKind, String), usize> = BTreeMap::new();
    let mut add = |e: Entity| {
        last.insert((e.kind, e.value), e.line);
    };
    for u in units.iter().filter(|u| u.trouble >= Trouble::Warn).rev().take(200).collect::<Vec<_>>().into_iter().rev() {
        u.hits.iter().flat_map(|(_, h)| &h.entities).for_each(|e| add(e.clone()));
        match u.block.and_then(|b| blocks.get(b)) {
            Some(block) => {
                for error in &block.errors {
                    peers(&error.text).into_iter().for_each(|value| add(Entity { kind: EntityKind::Peer, value, line: error.line }));
                }
            }
            None => peers(&u.text).into_iter().for_each(|value| add(Entity { kind: EntityKind::Peer, value, line: u.lines.0 })),
        }
    }
    let mut list: Vec<Entity> = last.into_iter().map(|((kind, value), line)| Entity { kind, value, line }).collect();
    list.sort_by(|a, b| (a.line, a.kind, &a.value).cmp(&(b.line, b.kind, &b.value)));
    list
}

fn all_hits(units: &[Unit]) -> Vec<Hit> {
    let mut all: Vec<Hit> = units.iter().flat_map(|u| u.hits.iter().map(|(_, h)| h.clone())).collect();
    all.sort_by_key(|h| h.line);
    all
}
