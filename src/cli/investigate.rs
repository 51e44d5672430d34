//! `a2 investigate`.

use std::io::{IsTerminal, Write};

use super::args::{GlobalArgs, InvestigateArgs, Output};
use super::ask::{Asked, ask};
use super::request::Request;
use super::{Config, Exit, Failure, config, ending, rule_files, show, terminal, waiting};
use crate::diagnosis::{Investigation, diagnose};
use crate::redact;

/// Investigates one pod and prints what was found.
pub fn run(args: &InvestigateArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    if args.show.no_redact && !std::io::stdout().is_terminal() {
        return Err(Failure::usage("--no-redact shows secrets, and stdout is not a terminal").hint("leave it out when writing to files and pipes"));
    }
    let request = Request::new(args, &Config::load().map_err(config::as_failure)?)?;
    let rules = rule_files::load(&request.rules)?;
    let Asked { case, notes } = waiting::wait_for(ask(&request))?;
    let investigation = diagnose(case, &rules);
    print(&notes, &investigation, &request, args, global)?;
    Ok(ending::exit(&investigation, request.exit_code))
}

fn print(notes: &[String], investigation: &Investigation, request: &Request, args: &InvestigateArgs, global: &GlobalArgs) -> Result<(), Failure> {
    let mut err = terminal::stderr(global.color);
    for note in notes {
        writeln!(err, "note: {}", redact::show(note))?;
    }
    let text = show::investigation(investigation, request.output, &args.show, terminal::width());
    match request.output {
        Output::Table | Output::Wide => terminal::print(terminal::stdout(global.color), &text)?,
        _ => terminal::print(std::io::stdout().lock(), &text)?,
    }
    for hint in ending::hints(investigation) {
        writeln!(err, "hint: {}", redact::show(&hint))?;
    }
    Ok(())
}
