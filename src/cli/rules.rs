//! `a2 rules list|show|check|test`.

use std::path::PathBuf;

use super::args::{GlobalArgs, RulesAction, RulesArgs, TextOutput};
use super::{Exit, Failure, explain, rule_files, terminal};
use crate::report::{json, knowledge};
use crate::rules::{RuleError, RuleSet, is_signature_file, parse, signature_file, try_examples};

/// Lists, shows, checks or tries rules.
pub fn run(args: &RulesArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    match &args.action {
        RulesAction::List { rules, output } => {
            let document = json::rules(&*rule_files::load(rules)?);
            print(*output, global, &json::render(&document), || knowledge::rules(&document))?;
            Ok(Exit::Ran)
        }
        RulesAction::Show { cause, rules, output } => explain::show_rule(cause, &*rule_files::load(rules)?, *output, global),
        RulesAction::Check { files, output } => check(files, false, *output, global),
        RulesAction::Test { folder, output } => check(std::slice::from_ref(folder), true, *output, global),
    }
}

pub(super) fn print(output: TextOutput, global: &GlobalArgs, json: &str, text: impl FnOnce() -> String) -> Result<(), Failure> {
    match output {
        TextOutput::Table => terminal::print(terminal::stdout(global.color), &text())?,
        TextOutput::Json => terminal::print(std::io::stdout().lock(), json)?,
    }
    Ok(())
}

/// Reads files of rules and signatures beside the built-in ones and says what is wrong with each; `examples` tries theirs too.
fn check(paths: &[PathBuf], examples: bool, output: TextOutput, global: &GlobalArgs) -> Result<Exit, Failure> {
    let files = rule_files::read_all(paths)?;
    if files.is_empty() {
        return Err(Failure::usage("no rule file there").hint("rule files are called *.yaml or *.yml"));
    }
    // Each by itself first: one broken file must not hide what is wrong with the next.
    let mut problems: Vec<RuleError> = files.iter().filter_map(|(name, text)| read_alone(name, text).err()).collect();
    let (mut notes, mut tried) = (Vec::new(), Vec::new());
    if problems.is_empty() {
        match RuleSet::builtin().with_user_files(files.iter().map(|(name, text)| (name.as_str(), text.as_str()))) {
            Ok(set) => {
                notes.extend(set.notes().iter().chain(set.warnings().iter().filter(|w| !set.notes().contains(w))).cloned());
                if examples {
                    let causes: Vec<&str> = set.iter().map(|r| r.cause.as_str()).filter(|cause| !set.files_of(cause).is_empty()).collect();
                    let signatures: Vec<_> = files.iter().filter(|(_, t)| is_signature_file(t)).filter_map(|(n, t)| signature_file::parse(n, t).ok()).collect();
                    tried = try_examples(&set, &causes, &signatures);
                }
            }
            Err(error) => problems.push(error),
        }
    }
    let names: Vec<String> = files.iter().map(|(name, _)| name.clone()).collect();
    let document = json::rule_check(&names, &problems, &notes, &tried);
    print(output, global, &json::render(&document), || knowledge::rule_check(&document))?;
    Ok(if document.ok { Exit::Ran } else { Exit::Usage })
}

fn read_alone(name: &str, text: &str) -> Result<(), RuleError> {
    if is_signature_file(text) { signature_file::parse(name, text).map(drop) } else { parse::parse(name, text).map(drop) }
}
