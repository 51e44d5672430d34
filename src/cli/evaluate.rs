//! `a2 evaluate DIR`.

use super::args::{EvaluateArgs, EvaluateOutput, GlobalArgs};
use super::suggest::nearest;
use super::{Exit, Failure, rule_files, terminal, waiting};
use crate::evaluation::evaluate;
use crate::report::json::v1::{Evaluation, Share};
use crate::report::{accuracy, json};
use crate::rules::RuleSet;

/// Scores the rules in force on labelled cases.
pub fn run(args: &EvaluateArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let rules = rule_files::load(&args.rules)?;
    let leave_out = families(args, &rules)?;
    let folder = args.cases.clone();
    let found = waiting::wait_for(async {
        evaluate(&folder, &rules, &leave_out)
            .await
            .map_err(|error| Failure::unreadable(error).hint("docs/bundle-format.md tells how a labelled case is laid out"))
    })?;
    let document = json::evaluation(&found);
    let tables = accuracy::tables(&document, true);
    match args.output {
        EvaluateOutput::Table => {
            let text: Vec<String> = tables.iter().map(crate::report::grid::Grid::plain).collect();
            terminal::print(terminal::stdout(global.color), &text.join("\n"))?;
        }
        EvaluateOutput::Json => terminal::print(std::io::stdout().lock(), &json::render(&document))?,
        EvaluateOutput::Markdown => {
            let text: Vec<String> = tables.iter().map(crate::report::grid::Grid::markdown).collect();
            terminal::print(std::io::stdout().lock(), &text.join("\n"))?;
        }
    }
    let short = shortfalls(args, &document);
    for line in &short {
        terminal::print(terminal::stderr(global.color), &format!("falls short: {line}"))?;
    }
    Ok(if short.is_empty() { Exit::Ran } else { Exit::Found })
}

/// The families to leave out; `all` is each of them in turn.
fn families(args: &EvaluateArgs, rules: &RuleSet) -> Result<Vec<String>, Failure> {
    let mut known: Vec<String> = rules.iter().filter_map(|r| r.cause.split_once('.')).map(|(family, _)| family.to_owned()).collect();
    known.dedup();
    if args.leave_out.iter().any(|name| name == "all") {
        return Ok(known);
    }
    for name in &args.leave_out {
        if !known.contains(name) && rules.get(name).is_none() {
            let failure = Failure::usage(format!("no family or cause {name:?}"));
            return Err(match nearest(name, known.iter().map(String::as_str).chain(rules.iter().map(|r| r.cause.as_str()))) {
                Some(near) => failure.hint(format!("did you mean {near}?")),
                None => failure.hint(format!("there are all, {}", known.join(", "))),
            });
        }
    }
    Ok(args.leave_out.clone())
}

/// The bounds that were missed.
fn shortfalls(args: &EvaluateArgs, found: &Evaluation) -> Vec<String> {
    let word = |name: &str| found.words.iter().find(|w| w.word == name).map(|w| w.right);
    let f = &found.figures;
    let none = Share { right: 0, of: 0, share: None };
    let least = [
        ("top1", args.min_top1, f.top1),
        ("top3", args.min_top3, f.top3),
        ("answered", args.min_answered, f.answered),
        ("abstained", args.min_abstained, f.abstained),
        ("decided", args.min_decided, f.decided),
        ("mechanism", args.min_mechanism, f.mechanism),
        ("confirmed", args.min_confirmed, word("confirmed").unwrap_or(none)),
        ("probable", args.min_probable, word("probable").unwrap_or(none)),
    ];
    let mut short: Vec<String> = least
        .into_iter()
        .filter_map(|(name, bound, share)| {
            let (bound, share) = (bound?, share.share?);
            (share < bound).then(|| format!("{name} {share:.4} is below {bound}"))
        })
        .collect();
    if let Some(bound) = args.max_brier.filter(|bound| f.brier > *bound) {
        short.push(format!("brier {:.4} is above {bound}", f.brier));
    }
    let claimed = f.overclaimed + found.left_out.iter().map(|l| l.overclaimed).sum::<usize>();
    if let Some(bound) = args.max_overclaimed.filter(|bound| claimed > *bound) {
        short.push(format!("overclaimed {claimed} is above {bound}"));
    }
    short
}
