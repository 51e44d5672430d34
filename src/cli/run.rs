//! From arguments to an exit code.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::Path;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};

use super::args::{Cli, Command, ConfigAction, Output};
use super::prescan::{Prescan, prescan};
use super::{Config, Exit, Failure, complete, completions, config, evaluate, explain, help, investigate, logging, man, rules, scan, schema, terminal};
use crate::redact::show;

/// The name under which kubectl runs a2 as its plugin.
const PLUGIN: &str = "kubectl-a2";

/// The command line as data: for completions, manual pages and tests.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs a2. Prints whatever there is to print; the caller only returns the code.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Exit {
    let args: Vec<OsString> = args.into_iter().collect();
    if complete::answer(&args) {
        return Exit::Ran;
    }
    let seen = prescan(&args);
    match parse(&args) {
        Ok(cli) => {
            logging::start(cli.global.verbose);
            dispatch(&cli).unwrap_or_else(|failure| report(&failure, seen))
        }
        Err(error) => refuse(&error, seen),
    }
}

fn parse(args: &[OsString]) -> Result<Cli, clap::Error> {
    let mut command = command();
    if is_plugin(args.first().map(OsString::as_os_str)) {
        command = command.bin_name("kubectl a2");
    }
    let matches = command.try_get_matches_from_mut(args)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

fn is_plugin(program: Option<&OsStr>) -> bool {
    program.and_then(|program| Path::new(program).file_stem()).is_some_and(|stem| stem == PLUGIN || stem == "kubectl_a2")
}

fn dispatch(cli: &Cli) -> Result<Exit, Failure> {
    let color = cli.global.color;
    let out = || terminal::stdout(color);
    match &cli.command {
        Command::Investigate(args) => return investigate::run(args, &cli.global),
        Command::Completions(args) => out().write_all(&completions::script(args.shell)?)?,
        Command::Config(args) => match args.action {
            ConfigAction::Show => terminal::print(out(), &config::show()?)?,
        },
        Command::Scan(args) => return scan::run(args, &cli.global),
        Command::Explain(args) => return explain::run(args, &cli.global),
        Command::Rules(args) => return rules::run(args, &cli.global),
        Command::Evaluate(args) => return evaluate::run(args, &cli.global),
        Command::Schema(args) => terminal::print(out(), &schema::text(args.document))?,
        Command::Man(args) => out().write_all(&man::page(args.command.as_deref())?)?,
        Command::Help(args) => terminal::print(out(), &help::text(&args.subject)?)?,
    }
    Ok(Exit::Ran)
}

/// Prints why there is no answer: a line and its hints on stderr, and one object on stdout when JSON was asked for.
fn report(failure: &Failure, seen: Prescan) -> Exit {
    if failure.is_broken_pipe() {
        return Exit::Ran;
    }
    // Where stderr is closed, or stdout too, the exit code is all that is left to say.
    let _ = write_failure(failure, seen);
    failure.exit
}

fn write_failure(failure: &Failure, seen: Prescan) -> std::io::Result<()> {
    if wants_json(seen) {
        terminal::print(std::io::stdout().lock(), &failure.to_json())?;
    }
    let mut err = terminal::stderr(seen.color);
    let (bold, plain) = (anstyle::Style::new().bold(), anstyle::Reset);
    let red = anstyle::AnsiColor::Red.on_default().bold();
    writeln!(err, "{red}error:{plain} {}", show(&failure.to_string()))?;
    for hint in &failure.hints {
        writeln!(err, "{bold}hint:{plain} {}", show(hint))?;
    }
    err.flush()
}

/// What clap has to say: help and version are answers, the rest are usage errors.
fn refuse(error: &clap::Error, seen: Prescan) -> Exit {
    let rendered = error.render().ansi().to_string();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match terminal::print(terminal::stdout(seen.color), &rendered) {
            Ok(()) => Exit::Ran,
            Err(error) => report(&error.into(), seen),
        },
        _ => {
            if wants_json(seen) {
                let plain = error.render().to_string();
                let failure = usage_in_one_line(&plain);
                let _ = terminal::print(std::io::stdout().lock(), &failure.to_json());
            }
            let _ = terminal::print(terminal::stderr(seen.color), &rendered);
            Exit::Usage
        }
    }
}

/// clap's message as one line, its tip as the hint.
fn usage_in_one_line(rendered: &str) -> Failure {
    let mut lines = rendered.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or("invalid usage");
    let message = first.strip_prefix("error: ").unwrap_or(first);
    // Missing arguments are listed below the first line.
    let listed: Vec<&str> = rendered.lines().skip(1).take_while(|line| line.starts_with("  ") && !line.trim().is_empty()).map(str::trim).collect();
    let failure = Failure::usage([&[message], listed.as_slice()].concat().join(" "));
    match rendered.lines().map(str::trim).find_map(|line| line.strip_prefix("tip: ")) {
        Some(tip) => failure.hint(tip),
        None => failure.hint("a2 --help shows what can be typed"),
    }
}

/// Asked for by the arguments, or else by the configuration.
fn wants_json(seen: Prescan) -> bool {
    seen.json.unwrap_or_else(|| Config::load().is_ok_and(|config| config.output == Some(Output::Json)))
}
