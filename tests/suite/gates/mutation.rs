//! A verdict rests on what it cites: without that, it moves or is less sure.

use std::collections::BTreeSet;

use a2::evidence::{CaseFile, Citation, Event, LogStatus, Node, Object, Pod, Source};
use a2::rules::Confidence;
use serde_json::Value;

use super::corpus::{over, stages};
use super::said::judge;

#[test]
fn without_its_evidence_a_verdict_moves_or_is_less_sure() {
    over("mutation", stages().iter().filter(|s| s.base.verdict.confidence > Confidence::None), |stage| {
        let report = &stage.base;
        let top = &report.causes[0];
        let cited: BTreeSet<_> = top.supporting.iter().flat_map(|s| s.cited.iter().copied()).collect();
        let mut case = stage.case.clone();
        let mut left = Vec::new();
        for citation in cited.iter().filter_map(|id| report.history.citations.get(*id)) {
            if !forget(&mut case, citation) {
                left.push(format!("{} {}", citation.object, citation.field));
            }
        }
        let after = judge(&case);
        let (was, is) = (&report.verdict, &after.verdict);
        if is.cause != was.cause || is.confidence < was.confidence || is.probability < was.probability - 0.005 {
            return Vec::new();
        }
        let rests: Vec<&str> = after.causes.iter().take(1).flat_map(|c| &c.supporting).map(|s| s.says.as_str()).collect();
        let (word, from, to) = (is.confidence.word(), was.probability, is.probability);
        vec![format!("{} stays {word} at {from:.3} → {to:.3}, resting on {rests:?}; not found again: {left:?}", was.cause)]
    });
}

/// Removes from the case what a citation points at; false when nothing was found.
pub fn forget(case: &mut CaseFile, citation: &Citation) -> bool {
    match citation.source {
        Source::Event => {
            let before = case.events.len() + case.node_events.len();
            case.events.retain(|e| !is_event(e, citation));
            case.node_events.retain(|e| !is_event(e, citation));
            before > case.events.len() + case.node_events.len()
        }
        Source::Log => forget_line(case, citation),
        Source::Pod => match case.pod.as_mut() {
            Some(pod) => without(&pod.object, &citation.field).map(|o| *pod = Pod::from_object(o)).is_some(),
            None => false,
        },
        Source::Node => match case.node.as_mut() {
            Some(node) => without(&node.object, &citation.field).map(|o| *node = Node::from_object(o)).is_some(),
            None => false,
        },
        Source::Owner | Source::Workflow => {
            let mut found = false;
            for object in case.owners.iter_mut().map(|o| &mut o.object).chain(&mut case.related).chain(case.objects.values_mut()) {
                if object.reference().path() == citation.object
                    && let Some(o) = without(object, &citation.field)
                {
                    *object = o;
                    found = true;
                }
            }
            found
        }
        Source::Sibling => {
            let before = case.siblings.len() + case.peers.len() + case.logs.len() + case.sibling_rows.len();
            let mine = |p: &Pod| p.path() == citation.object;
            let name = citation.object.rsplit('/').next().unwrap_or_default().to_owned();
            case.siblings.retain(|p| !mine(p));
            case.peers.retain(|p| !p.pod.as_ref().is_some_and(mine) && p.service.as_ref().is_none_or(|s| s.reference().path() != citation.object));
            case.logs.retain(|l| l.pod != name || l.pod == case.target.name);
            case.sibling_rows.retain(|r| r.name != name);
            before > case.siblings.len() + case.peers.len() + case.logs.len() + case.sibling_rows.len()
        }
    }
}

fn is_event(event: &Event, citation: &Citation) -> bool {
    let mut about = event.about.clone();
    if about.kind == "Node" {
        about.namespace.clear();
    }
    let reason = citation.field.split('{').next().unwrap_or_default();
    about.path() == citation.object && event.reason == reason && event.time() == citation.time && citation.text.starts_with(&event.message)
}

fn forget_line(case: &mut CaseFile, citation: &Citation) -> bool {
    let mut found = false;
    for log in &mut case.logs {
        if citation.object.rsplit('/').next() != Some(&log.pod) || log.label() != citation.field {
            continue;
        }
        let before = log.lines.len();
        log.lines.retain(|l| !(l.time == citation.time && l.text == citation.text));
        found |= log.lines.len() < before;
        // What no line says, the log as a whole shows.
        if log.lines.len() == before {
            log.status = LogStatus::Unseen;
            log.lines.clear();
            found = true;
        }
    }
    found
}

/// The object without a field in kubectl's spelling; `None` when it has none of that name.
pub fn without(object: &Object, field: &str) -> Option<Object> {
    let mut raw = object.raw().clone();
    // The termination message is cited as a field of the state it lies in.
    let steps = steps(field);
    let (last, front) = steps.split_last()?;
    let mut at = &mut raw;
    for step in front {
        at = match at {
            Value::Array(list) => list.get_mut(step.parse::<usize>().ok()?)?,
            Value::Object(map) => map.get_mut(step)?,
            _ => return None,
        };
    }
    match at {
        Value::Array(list) => {
            // Kept in its place, so that the other citations still hit.
            let index = last.parse::<usize>().ok()?;
            *list.get_mut(index)? = Value::Object(serde_json::Map::new());
        }
        Value::Object(map) => {
            map.remove(last)?;
        }
        _ => return None,
    }
    Some(Object::new(raw))
}

/// `status.nodes[x.y].message` as its steps; a dot inside brackets belongs to the name.
fn steps(field: &str) -> Vec<String> {
    let (mut all, mut one, mut inside) = (Vec::new(), String::new(), false);
    for c in field.chars() {
        match c {
            '[' if !inside => {
                all.push(std::mem::take(&mut one));
                inside = true;
            }
            ']' if inside => {
                all.push(std::mem::take(&mut one));
                inside = false;
            }
            '.' if !inside => all.push(std::mem::take(&mut one)),
            c => one.push(c),
        }
    }
    all.push(one);
    all.retain(|s| !s.is_empty());
    all
}
