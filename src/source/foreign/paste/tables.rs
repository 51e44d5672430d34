//! The table that `kubectl get events` and `kubectl events` print.

use super::event_text::{Row, fields};

/// Whether a line is the head of such a table.
pub(super) fn is_head(line: &str) -> bool {
    let line = line.trim_start();
    let line = line.strip_prefix("NAMESPACE").map_or(line, str::trim_start);
    line.starts_with("LAST SEEN") && line.contains("REASON") && line.contains("OBJECT") && line.contains("MESSAGE")
}

/// Reads the table: head first. Rows that do not fit continue the message above.
pub(super) fn read(lines: &[&str]) -> Vec<Row> {
    let Some(head) = lines.first() else { return Vec::new() };
    let names: Vec<&str> = fields(head.trim(), head.trim().split("  ").filter(|p| !p.trim().is_empty()).count()).unwrap_or_default();
    let mut rows: Vec<Row> = Vec::new();
    for line in lines.iter().skip(1) {
        let Some(row) = row(&names, line) else {
            if let Some(last) = rows.last_mut().filter(|_| !line.trim().is_empty()) {
                last.message.push('\n');
                last.message.push_str(line.trim_end());
            }
            continue;
        };
        rows.push(row);
    }
    rows
}

fn row(names: &[&str], line: &str) -> Option<Row> {
    // Empty columns (a wide table has them) leave a gap that only the place tells; messages may hold gaps of their own.
    let cells = fields(line.trim(), names.len())?;
    let cell = |name: &str| names.iter().position(|n| *n == name).and_then(|at| cells.get(at)).copied().unwrap_or_default();
    let kind = cell("TYPE");
    if !matches!(kind, "Normal" | "Warning") {
        return None;
    }
    let mut row = Row { kind: kind.to_owned(), reason: cell("REASON").to_owned(), count: cell("COUNT").parse().unwrap_or(1), ..Row::default() };
    row.seen(cell("LAST SEEN"));
    if let Some(first) = super::ages::age(cell("FIRST SEEN")) {
        row.first = Some(first);
    }
    row.namespace = Some(cell("NAMESPACE")).filter(|n| !n.is_empty()).map(str::to_owned);
    row.component = cell("SOURCE").split(',').next().unwrap_or_default().to_owned();
    row.say(cell("MESSAGE"));
    let (kind, name) = cell("OBJECT").split_once('/')?;
    row.object = Some((kind_of(kind), name.to_owned()));
    row.guess_component();
    Some(row)
}

/// The kind behind the lower-case form of the OBJECT column.
fn kind_of(lower: &str) -> String {
    const KINDS: [&str; 16] = [
        "Pod",
        "Node",
        "ReplicaSet",
        "Deployment",
        "StatefulSet",
        "DaemonSet",
        "Job",
        "CronJob",
        "Workflow",
        "TaskRun",
        "PipelineRun",
        "PersistentVolumeClaim",
        "Service",
        "Endpoints",
        "HorizontalPodAutoscaler",
        "PodDisruptionBudget",
    ];
    let short = lower.split('.').next().unwrap_or(lower);
    KINDS.iter().find(|k| k.eq_ignore_ascii_case(short)).map_or_else(|| short.to_owned(), |k| (*k).to_owned())
}
