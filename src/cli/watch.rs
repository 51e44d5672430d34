//! `a2 scan --watch`.

use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use super::args::{GlobalArgs, ScanArgs, ScanOutput};
use super::readable::readable;
use super::request::From;
use super::screen::Screen;
use super::{Exit, Failure, terminal, waiting};
use crate::redact::{self, Redactor};
use crate::report::json::v1;
use crate::report::{Cleaner, RenderOptions, json, scan as report};
use crate::rules::RuleSet;
use crate::scan::{Flight, FlightLimits, ScanOptions, Trouble, TroubleKind, View, watch};
use crate::source::{self, Connection};

/// The clock of the table goes on, and a window of another size is noticed.
const TICK: Duration = Duration::from_millis(500);
/// Changes that are shown below the table.
const RECENT: usize = 3;

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
    let flight = args.save.clone().map(|directory| Flight::open(directory, FlightLimits::default())).transpose()?;
    let teller = RefCell::new(Teller::new(show, args, global, options)?);
    let interrupted = waiting::run(async {
        let watching = async {
            let connection = source::connect(cluster).await?;
            teller.borrow_mut().connected(&connection)?;
            let mut failure = None;
            let mut told = |view: &View<'_>| match teller.borrow_mut().tell(view, &connection) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failure = Some(error);
                    ControlFlow::Break(())
                }
            };
            watch(&connection, rules, options, flight.as_ref(), &mut told).await?;
            failure.map_or(Ok(()), Err)
        };
        let drawing = async {
            loop {
                tokio::time::sleep(TICK).await;
                if let Err(error) = teller.borrow().draw() {
                    return Failure::from(error);
                }
            }
        };
        tokio::select! {
            () = waiting::ended_by_signal() => Ok(true),
            () = terminal::reader_left() => Ok(false),
            ended = watching => ended.map(|()| false),
            failure = drawing => Err(failure),
        }
    });
    // The screen of before comes back before anything is said about how it ended.
    let said = teller.into_inner().close();
    let interrupted = interrupted?;
    if let Some(said) = said {
        terminal::print(terminal::stdout(global.color), &said)?;
    }
    Ok(if interrupted { Exit::Interrupted } else { Exit::Ran })
}

fn shown(args: &ScanArgs) -> Result<Show, Failure> {
    let terminal = io::stdout().is_terminal() && terminal::can_move();
    match args.output.unwrap_or(if terminal { ScanOutput::Table } else { ScanOutput::Jsonl }) {
        ScanOutput::Jsonl => Ok(Show::Lines),
        output @ (ScanOutput::Table | ScanOutput::Wide) if terminal => Ok(Show::Table { wide: output == ScanOutput::Wide }),
        ScanOutput::Table | ScanOutput::Wide => Err(Failure::usage("a table can only be drawn anew on a terminal").hint("-o jsonl prints one line per change")),
        _ => Err(Failure::usage("--watch prints a table or one line per change").hint("-o jsonl prints one line per change")),
    }
}

/// Tells what the watch says: as a table that is drawn anew, or as lines.
struct Teller<'a> {
    screen: Option<Screen>,
    wide: bool,
    all: bool,
    global: &'a GlobalArgs,
    redactor: Redactor,
    title: String,
    /// The table's document, and when it came.
    document: Option<(v1::Scan, Instant)>,
    recent: Vec<v1::Change>,
    troubles: Vec<Trouble>,
    options: &'a ScanOptions,
    first: bool,
}

impl<'a> Teller<'a> {
    fn new(show: Show, args: &ScanArgs, global: &'a GlobalArgs, options: &'a ScanOptions) -> io::Result<Self> {
        let (screen, wide) = match show {
            Show::Table { wide } => (Some(Screen::enter()?), wide),
            Show::Lines => (None, false),
        };
        let title = "a2 scan --watch".to_owned();
        let teller = Self {
            screen,
            wide,
            all: args.all,
            global,
            redactor: Redactor::new(),
            title,
            document: None,
            recent: Vec::new(),
            troubles: Vec::new(),
            options,
            first: true,
        };
        teller.draw()?;
        Ok(teller)
    }

    fn connected(&mut self, connection: &Connection) -> io::Result<()> {
        self.title = format!("a2 scan --watch  {}", redact::show(&connection.description));
        self.draw()
    }

    fn tell(&mut self, view: &View<'_>, connection: &Connection) -> Result<(), Failure> {
        if std::mem::take(&mut self.first) {
            readable(view.scan, self.options, connection)?;
        }
        let news = troubles_told(&self.troubles, view.troubles);
        self.troubles = view.troubles.to_vec();
        let clean = Cleaner::new(&self.redactor);
        if self.screen.is_none() {
            for line in news {
                // Where nobody reads stderr the lines on stdout go on.
                let _ = writeln!(terminal::stderr(self.global.color), "{}", redact::show(&line));
            }
            let lines: String = view.changes.iter().map(|c| json::render_line(&json::change(c, &clean))).collect();
            return if lines.is_empty() { Ok(()) } else { Ok(terminal::print(io::stdout().lock(), &lines)?) };
        }
        // The first view shows what there is; what changes after it is news.
        if self.document.is_some() {
            self.recent.extend(view.changes.iter().map(|c| json::change(c, &clean)));
            self.recent.drain(..self.recent.len().saturating_sub(RECENT));
        }
        self.document = Some((json::scan(view.scan, &clean), Instant::now()));
        Ok(self.draw()?)
    }

    fn draw(&self) -> io::Result<()> {
        let Some(screen) = &self.screen else { return Ok(()) };
        let (width, height) = terminal::size();
        let color = terminal::stdout(self.global.color).current_choice() != anstream::ColorChoice::Never;
        let options = RenderOptions { width, color, wide: self.wide, ..RenderOptions::default() };
        let state: Vec<String> = self.troubles.iter().map(|t| redact::show(&words(t)).into_owned()).collect();
        let live = report::Live {
            title: &self.title,
            scan: self.document.as_ref().map(|(document, came)| (document, came.elapsed())),
            recent: &self.recent,
            troubles: &state,
            all: self.all,
            height,
        };
        screen.draw(&report::live(&live, &options), width, height)
    }

    /// Gives the screen back; what there is to say about what was seen.
    fn close(self) -> Option<String> {
        let seen = self.screen.is_some();
        drop(self.screen);
        let (document, _) = self.document.filter(|_| seen)?;
        let c = &document.counts;
        Some(format!("{} pods, {} findings, {} silent when it ended", c.pods, c.findings, c.silent))
    }
}

/// What came and what went, as lines; of many that are alike the first tells.
fn troubles_told(before: &[Trouble], now: &[Trouble]) -> Vec<String> {
    let is_in = |all: &[Trouble], t: &Trouble| all.iter().any(|o| (o.kind, &o.namespace) == (t.kind, &t.namespace));
    let lost = |all: &[Trouble]| all.iter().any(|t| t.kind == TroubleKind::Lost);
    let mut lines: Vec<String> = Vec::new();
    if let Some(first) = now.iter().find(|t| t.kind == TroubleKind::Lost).filter(|_| !lost(before)) {
        lines.push(format!("warning: {}", words(first)));
    }
    lines.extend(now.iter().filter(|t| t.kind != TroubleKind::Lost && !is_in(before, t)).map(|t| format!("warning: {}", words(t))));
    if lost(before) && !lost(now) {
        lines.push("note: the watch goes on".to_owned());
    }
    let back = before.iter().filter(|t| t.kind != TroubleKind::Lost && !is_in(now, t));
    lines.extend(back.map(|t| match t.kind {
        TroubleKind::Unwritten => "note: pods are kept again".to_owned(),
        _ => format!("note: {} may be watched now", place(t)),
    }));
    lines
}

fn place(trouble: &Trouble) -> String {
    trouble.namespace.as_ref().map_or_else(|| "all namespaces".to_owned(), |n| format!("namespace {n}"))
}

fn words(trouble: &Trouble) -> String {
    let (place, why) = (place(trouble), &trouble.why);
    match trouble.kind {
        TroubleKind::Lost => format!("the watch of {place} is interrupted and tried again: {why}"),
        TroubleKind::Refused => {
            let scope = trouble.namespace.as_ref().map_or_else(|| "-A".to_owned(), |n| format!("-n {n}"));
            format!("{place} may not be watched, it is looked at every 30 s (kubectl auth can-i watch pods {scope}): {why}")
        }
        TroubleKind::Unwritten => format!("a pod could not be kept: {why}"),
    }
}
