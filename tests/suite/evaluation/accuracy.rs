//! docs/accuracy.md is written from an evaluation of the recorded cases.

use a2::report::{accuracy, json};

use super::corpus::evaluated;
use crate::support::{fresh, root};

const HEAD: &str = "\
# How often a2 is right

What stands here is measured, by `a2 evaluate`, and written by it. Every case is a pod that was made to fail (or to stay well) on
purpose, labelled with what was done to it; a2 sees the API's answers and the logs, never the label. Each case is judged at up to
three moments: `live`, while the pod is there; `deleted`, soon after it went, with its events still on record; `expired`, when the
events are gone too. Where nobody could know any more, the label is `unknown`, and anything else is a mistake.

";

const TAIL: &str = "
## Where the cases come from, and what they do not cover

The cases were recorded on a real Kubernetes 1.36 cluster, from its API server, kubelet and container runtime; none of the events or
states is made up. Seven Argo Workflow objects were written by hand beside pods that really ran, after what the
workflow controller writes.

They are the cases that a2 was built with. Figures on failures that somebody else records will be lower, first where a program
words its failure in a way that no signature knows: then a2 says `error.unhandled` or `unknown` instead of the cause behind it.
What the tables under \"Without its rules\" say is the nearest thing to that: a family that a2 knows nothing about.

Not covered:

- one cluster, one version, one runtime (containerd), Linux nodes; no managed clouds with their own node and registry errors, no Windows
- service meshes, GPUs and device plugins, CSI drivers beyond the built-in ones, admission webhooks of third parties
- weeks of history: the recordings are minutes to hours long, so slow leaks and slow stalls are short imitations
- large owners: at most a few dozen siblings
- the share of causes is not that of any real cluster: rare ones are as frequent as common ones, and the probabilities are measured on that mix
- languages: Rust, Go, Python, Java, Node.js and shell; other runtimes are known from their documentation alone

Measure on your own: record cases with `--save`, label them as `fixtures/` shows, and run `a2 evaluate DIR`.
";

#[test]
fn the_page_of_figures_is_fresh() {
    let Some(evaluation) = evaluated() else { return };
    let mut evaluation = evaluation.clone();
    // The page shows families; the test beside this one holds single causes to the same.
    evaluation.left_out.retain(|l| !l.left_out.contains('.'));
    let document = json::evaluation(&evaluation);
    let path = root().join("docs/accuracy.md");
    let recorded = document.recorded_from.zip(document.recorded_to).map(|(a, b)| (day(a.0), day(b.0))).unwrap();
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    // The day of the figures changes with them, not with the day on which they are checked.
    let kept_day = kept.lines().find_map(|l| l.strip_prefix("Measured on ")).and_then(|rest| rest.get(..10)).map(str::to_owned);
    let tables: Vec<String> = accuracy::tables(&document, false).iter().map(a2::report::grid::Grid::markdown).collect();
    let write = |day: &str| {
        format!(
            "{HEAD}Measured on {day}: {} cases, {} labelled stages, recorded from {} to {} on {}.\n\n{}{TAIL}",
            document.cases,
            document.figures.count,
            recorded.0,
            recorded.1,
            document.servers.join(", "),
            tables.join("\n")
        )
    };
    let unchanged = kept_day.as_deref().is_some_and(|day| write(day) == kept);
    let day = if unchanged { kept_day.unwrap_or_default() } else { day(chrono::Utc::now()) };
    fresh(&path, &write(&day));
}

fn day(time: a2::evidence::Time) -> String {
    time.format("%Y-%m-%d").to_string()
}
