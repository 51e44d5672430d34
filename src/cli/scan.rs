//! `a2 scan`.

use std::io::Write;
use std::time::{Duration, Instant};

use super::args::{GlobalArgs, ScanArgs, ScanOutput, SeverityArg};
use super::progress::Progress;
use super::readable::{readable, understood};
use super::request::{self, From};
use super::{Config, Exit, Failure, clocks, config, rule_files, terminal, waiting, watch};
use crate::evidence::{Budget, Options};
use crate::redact::Redactor;
use crate::report::{Cleaner, RenderOptions, json, scan as report, yaml};
use crate::rules::RuleSet;
use crate::scan::{Finding, Scan, ScanOptions, Severity, scan, scan_kept};
use crate::source::{self, kept};

/// Longer than the server keeps a watch open.
const WATCH_TIMEOUT: Duration = Duration::from_secs(330);

/// Scans namespaces and prints what was found.
pub fn run(args: &ScanArgs, global: &GlobalArgs) -> Result<Exit, Failure> {
    let config = Config::load().map_err(config::as_failure)?;
    let limits = config.clone().in_force().limits;
    let timeout = args.timeout.unwrap_or(Duration::from_secs(30));
    if timeout.is_zero() {
        return Err(Failure::usage("--timeout 0 leaves no time to ask anything").hint("30s is the default"));
    }
    // A watch is quiet for minutes on end; what is asked beside it has the time of the whole look.
    let request_timeout = if args.watch { Some(WATCH_TIMEOUT) } else { limits.request_timeout };
    let from = request::from(args.from.as_ref(), &args.cluster, request_timeout, timeout);
    let rules = rule_files::load(&args.rules)?;
    let mut options = options(args, &config, timeout);
    // What was kept is of many namespaces: only one that is named here is meant.
    if args.from.as_deref().is_some_and(kept::is_kept) {
        options.namespaces.clone_from(&args.namespaces);
    }
    if args.watch {
        return watch::run(args, global, &from, &rules, &options);
    }
    let started = Instant::now();
    let (scanned, note) = waiting::wait_for(ask(&from, &rules, options))?;
    if let Some(note) = note {
        writeln!(terminal::stderr(global.color), "note: {note}")?;
    }
    let failed = scanned.findings.iter().any(is_wrong);
    print(&scanned, args, global, started.elapsed())?;
    Ok(if args.exit_code && failed { Exit::Found } else { Exit::Ran })
}

/// What is worth an exit code: by cause as for one pod, and what a scan alone finds, a step beyond its limit and a deletion
/// that does not end, whose causes are those of a pod that is well or was taken away.
fn is_wrong(finding: &Finding) -> bool {
    let taken_away = finding.cause.starts_with("disruption.") && finding.cause != "disruption.deleted";
    finding.severity > Severity::Info && !taken_away
}

fn options(args: &ScanArgs, config: &Config, timeout: Duration) -> ScanOptions {
    let seconds = |d: Duration| i64::try_from(d.as_secs()).unwrap_or(i64::MAX);
    let mut namespaces = args.namespaces.clone();
    if namespaces.is_empty() && !args.all_namespaces {
        namespaces.extend(config.namespace.clone());
    }
    let window = config.limits.since.map_or(Options::default().since_seconds, seconds);
    ScanOptions {
        namespaces,
        all_namespaces: args.all_namespaces,
        selector: args.selector.clone(),
        field_selector: args.field_selector.clone(),
        exclude: args.exclude_label.clone(),
        since_seconds: seconds(args.since),
        grace_seconds: seconds(args.grace),
        max_age_seconds: args.max_age.or(config.scan.max_age).map(seconds),
        limits: config.scan.max_age_by_label.iter().map(|(label, limit)| (label.clone(), seconds(limit.0))).collect(),
        severity: match args.severity {
            SeverityArg::Info => Severity::Info,
            SeverityArg::Warning => Severity::Warning,
            SeverityArg::Error => Severity::Error,
            SeverityArg::Critical => Severity::Critical,
        },
        silent_only: args.silent_only,
        options: Options { sidecars: config.sidecars.clone(), logs: !args.no_logs, since_seconds: window, ..Options::default() },
        budget: Budget { milliseconds: request::milliseconds(timeout), ..ScanOptions::default().budget },
    }
}

/// The scan, and a note about clocks.
async fn ask(from: &From, rules: &RuleSet, options: ScanOptions) -> Result<(Scan, Option<String>), Failure> {
    let (connection, progress) = match from {
        From::Bundle(path) if kept::is_kept(path) => {
            let scanned = scan_kept(path, rules, &options).await;
            understood(&scanned, &options)?;
            return Ok((scanned, None));
        }
        From::Bundle(path) => (source::foreign::open(path)?, Progress::none()),
        From::Paste => return Err(Failure::usage("a scan reads no pasted text")),
        From::Cluster(cluster) => {
            let connection = source::connect(cluster).await?;
            let progress = Progress::start(&format!("scanning {}", connection.description));
            (connection, progress)
        }
    };
    let scanned = scan(&connection, rules, &options).await.map_err(|error| clocks::explain(error, &connection))?;
    drop(progress);
    readable(&scanned, &options, &connection)?;
    let note = clocks::note(&connection);
    Ok((scanned, note))
}

fn print(scanned: &Scan, args: &ScanArgs, global: &GlobalArgs, took: Duration) -> Result<(), Failure> {
    let redactor = Redactor::new();
    let document = json::scan(scanned, &Cleaner::new(&redactor));
    let output = args.output.unwrap_or_default();
    let options = RenderOptions { width: terminal::width(), color: true, wide: output == ScanOutput::Wide, ..RenderOptions::default() };
    let text = match output {
        ScanOutput::Table | ScanOutput::Wide => report::table(&document, &options, args.all, Some(took)),
        ScanOutput::Json => json::render(&document),
        ScanOutput::Jsonl => document.findings.iter().map(json::render_line).collect(),
        ScanOutput::Yaml => yaml::render(&document),
        ScanOutput::Name => report::names(&document),
        ScanOutput::Markdown => report::markdown(&document, args.all),
    };
    match output {
        ScanOutput::Table | ScanOutput::Wide => terminal::print(terminal::stdout(global.color), &text)?,
        _ => terminal::print(std::io::stdout().lock(), &text)?,
    }
    Ok(())
}
