//! `a2 scan --watch`.

use std::io::{self, IsTerminal};
use std::ops::ControlFlow;

use super::args::{GlobalArgs, ScanArgs, ScanOutput};
use super::request::From;
use super::{Exit, Failure, terminal, waiting};
use crate::redact::Redactor;
use crate::report::{Cleaner, RenderOptions, json, scan as report};
use crate::rules::RuleSet;
use crate::scan::{Change, Flight, Scan, ScanOptions, watch};
use crate::source;

/// Cursor home, and everything below it gone.
const REDRAW: &str = "\x1b[H\x1b[2J\x1b[3J";

/// How changes are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Show {
    Table { wide: bool },
    Lines,
}

/// Watches until Ctrl-C.
pub fn run(args: &ScanArgs, global: &GlobalArgs, from: &From, rules: &RuleSet, options: &ScanOptions) -> Result<Exit, Failure> {
    let show = shown(args)?;
    let From::Cluster(cluster) = from else { return Err(Failure::usage("a bundle does not change: --watch needs a cluster")) };
    let mut flight = args.save.clone().map(Flight::new).transpose()?;
    let redactor = Redactor::new();
    let mut broken = None;
    let watched = waiting::run(async {
        let connection = source::connect(cluster).await?;
        let mut told = |scan: &Scan, changes: &[Change]| match tell(show, scan, changes, args, global, &Cleaner::new(&redactor)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                broken = Some(error);
                ControlFlow::Break(())
            }
        };
        let interrupted = tokio::select! {
            Ok(()) = tokio::signal::ctrl_c() => true,
            ended = watch(&connection, rules, options, flight.as_mut(), &mut told) => {
                ended?;
                false
            }
        };
        if let Some(flight) = &mut flight {
            flight.write(&connection)?;
        }
        Ok(interrupted)
    })?;
    match broken {
        Some(error) => Err(error.into()),
        None if watched => Ok(Exit::Interrupted),
        None => Ok(Exit::Ran),
    }
}

fn shown(args: &ScanArgs) -> Result<Show, Failure> {
    let terminal = io::stdout().is_terminal();
    match args.output.unwrap_or(if terminal { ScanOutput::Table } else { ScanOutput::Jsonl }) {
        ScanOutput::Jsonl => Ok(Show::Lines),
        output @ (ScanOutput::Table | ScanOutput::Wide) if terminal => Ok(Show::Table { wide: output == ScanOutput::Wide }),
        ScanOutput::Table | ScanOutput::Wide => Err(Failure::usage("a table can only be drawn anew on a terminal").hint("-o jsonl prints one line per change")),
        _ => Err(Failure::usage("--watch prints a table or one line per change").hint("-o jsonl prints one line per change")),
    }
}

fn tell(show: Show, scan: &Scan, changes: &[Change], args: &ScanArgs, global: &GlobalArgs, clean: &Cleaner<'_>) -> io::Result<()> {
    match show {
        Show::Lines => {
            let lines: String = changes.iter().map(|c| json::render_line(&json::change(c, clean))).collect();
            if lines.is_empty() { Ok(()) } else { terminal::print(io::stdout().lock(), &lines) }
        }
        Show::Table { wide } => {
            let options = RenderOptions { width: terminal::width(), color: true, wide, ..RenderOptions::default() };
            let table = report::table(&json::scan(scan, clean), &options, args.all, None);
            terminal::print(terminal::stdout(global.color), &format!("{REDRAW}{table}as of {}; Ctrl-C ends it", crate::report::words::moment(scan.observed_at)))
        }
    }
}
