//! A pod that is gone, described: nothing that is said of it is wrong, and what its owner and its events know is said.

use std::collections::{BTreeMap, BTreeSet};

use a2::report::describe;
use a2::report::json::v1::Investigation;

use super::{document, investigate};
use crate::bundles::cases;

/// Lists that kubectl prints with the key before the first value only.
const LISTS: [&str; 4] = ["Labels:", "Annotations:", "Tolerations:", "Node-Selectors:"];

/// What stands where nothing is known, or where only the template is.
fn is_open(line: &str) -> bool {
    ["<unknown>", "<gone>", "<none in the template>"].iter().any(|mark| line.ends_with(mark))
}

/// Facts by block: the pod's own lines, and each container's, without those that only a2 prints, events and their ages.
fn blocks(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut blocks: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let (mut block, mut in_containers) = (String::new(), false);
    for line in text.lines().take_while(|l| !l.starts_with("Events:")) {
        if line.trim_start().starts_with("+ ") || line.trim().is_empty() {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        if indent == 0 {
            in_containers = matches!(line.trim_end(), "Containers:" | "Init Containers:" | "Ephemeral Containers:");
            block.clear();
        } else if in_containers && indent == 2 {
            block = line.trim().trim_end_matches(':').to_owned();
        }
        let mut fact = line.split_whitespace().collect::<Vec<_>>().join(" ");
        for key in LISTS {
            if let Some(rest) = fact.strip_prefix(key) {
                fact = rest.trim().to_owned();
            }
        }
        blocks.entry(block.clone()).or_default().insert(fact);
    }
    blocks
}

fn says(block: &BTreeSet<String>, fact: &str) -> bool {
    // Of a node the address is gone with the pod.
    block.contains(fact) || (fact.starts_with("Node: ") && block.iter().any(|f| f.strip_prefix(fact).is_some_and(|rest| rest.starts_with('/'))))
}

/// Facts of a container that its owner's template holds: they must be there.
fn of_template(fact: &str) -> bool {
    ["Image: ", "Liveness: ", "Readiness: ", "Startup: ", "cpu: ", "memory: ", "ephemeral-storage: "].iter().any(|k| fact.starts_with(k))
}

/// Start times of the live stage lie within those that events remember.
fn starts(dead: &Investigation, live: &Investigation, wrong: &mut Vec<String>, at: &str) -> usize {
    let mut checked = 0;
    for container in &live.containers {
        let state =
            [&container.state, &container.last_state].map(|s| s.running.as_ref().map_or(s.terminated.as_ref().and_then(|t| t.started_at), |r| r.started_at));
        let rung = dead.pod.iter().flat_map(|p| &p.ladder).find(|r| r.rung == "started" && r.container.as_deref() == Some(&container.name));
        let (Some(started), Some(rung)) = (state[0].filter(|t| t.0.timestamp() > 0), rung) else { continue };
        let (Some(first), Some(last)) = (rung.first, rung.last) else { continue };
        checked += 1;
        if (first.0 - started.0).num_seconds() > 2 || (started.0 - last.0).num_seconds() > 2 {
            wrong.push(format!("{at}: {} started {:?}, by events {first:?} to {last:?}", container.name, started));
        }
    }
    checked
}

#[tokio::test]
async fn nothing_said_of_a_ghost_is_wrong() {
    let Some(root) = cases() else { return };
    let (mut wrong, mut missing) = (Vec::new(), Vec::new());
    let (mut pods, mut facts, mut nodes, mut times, mut kills) = (0, 0, 0, 0, 0);
    for case in crate::support::cases(&root) {
        let (live, deleted) = (case.path.join("live"), case.path.join("deleted"));
        let (Some(target), true) = (case.target(), deleted.is_dir()) else { continue };
        let Ok(described) = std::fs::read_to_string(live.join("describe.txt")) else { continue };
        let dead = document(&investigate(&deleted, case.namespace(), target, None).await);
        let Some(pod) = dead.pod.as_ref().filter(|p| p.from == "owner-template") else { continue };
        let alive = document(&investigate(&live, case.namespace(), target, None).await);
        let (truth, said) = (blocks(&described), blocks(&describe::render(&dead)));
        pods += 1;
        for (block, lines) in &said {
            let Some(true_lines) = truth.get(block) else {
                wrong.push(format!("{}: a container {block} that was not there", case.id()));
                continue;
            };
            for fact in lines.iter().filter(|f| !is_open(f)) {
                facts += 1;
                if !says(true_lines, fact) {
                    wrong.push(format!("{} [{block}] {fact}", case.id()));
                }
            }
            if !block.is_empty() {
                missing.extend(true_lines.iter().filter(|f| of_template(f) && !lines.contains(*f)).map(|f| format!("{} [{block}] {f}", case.id())));
            }
        }
        nodes += usize::from(pod.node.is_some() && pod.node == alive.pod.as_ref().and_then(|p| p.node.clone()));
        times += starts(&dead, &alive, &mut wrong, case.id());
        kills += pod.ladder.iter().filter(|r| r.rung == "killed" && r.last.is_some()).count();
        assert!(!pod.provenance.is_empty() && !pod.unknowable.is_empty(), "{}", case.id());
        assert!(pod.unknowable.iter().all(|u| !u.why.is_empty()), "{}", case.id());
    }
    println!("{pods} ghosts, {facts} facts, {} wrong, {} missing; {nodes} nodes, {times} starts, {kills} kills", wrong.len(), missing.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    assert!(pods >= 15 && nodes >= pods * 9 / 10 && times >= pods * 3 / 4 && kills >= 5, "{pods} ghosts, {nodes} nodes, {times} starts, {kills} kills");
}
