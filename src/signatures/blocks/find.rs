//! All blocks of a log, in one walk.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::evidence::LogLine;

use super::super::rows::{Level, Row, rows};
use super::block::{Block, BlockKind};
use super::cursor::{Rows, indented};
use super::{beam, dotnet, go, jvm, native, node, python, rust, scripts};

/// Reads a block that starts at that row: first row, last row, block.
type Parser = fn(Rows<'_, '_>, usize) -> Option<Found>;

/// A block and the rows it takes.
pub struct Found {
    pub first: usize,
    pub last: usize,
    pub block: Block,
}

/// Words that can only stand where a block starts, and who reads it.
const STARTS: [(&str, Parser); 58] = [
    ("Traceback (most recent call last)", python::traceback),
    ("Exception Group Traceback", python::group),
    ("--- Logging error ---", python::logging),
    ("Fatal Python error: ", python::fatal),
    ("SyntaxError: ", python::syntax),
    ("IndentationError: ", python::syntax),
    ("Exception in thread ", jvm::thread),
    ("Task exception was never retrieved", python::task),
    ("Exception in callback ", python::task),
    ("Future exception was never retrieved", python::task),
    ("panicked at ", rust::panic),
    ("has overflowed its stack", rust::abort),
    ("memory allocation of ", rust::abort),
    ("fatal runtime error: ", rust::abort),
    ("thread panicked while processing panic", rust::abort),
    ("thread caused non-unwinding panic", rust::abort),
    ("Error: ", rust::main),
    ("Error:", rust::main),
    ("panic: ", go::panic),
    ("fatal error: ", go::panic),
    ("SIGQUIT: quit", go::dump),
    ("SIGSEGV: segmentation violation", go::signal),
    ("http: panic serving ", go::served),
    ("A fatal error has been detected by the Java Runtime", jvm::crash),
    ("There is insufficient memory for the Java Runtime", jvm::crash),
    ("APPLICATION FAILED TO START", jvm::spring),
    ("Java-level deadlock", jvm::dump),
    ("Full thread dump", jvm::dump),
    ("<--- Last few GCs --->", node::fatal),
    ("FATAL ERROR: ", node::fatal),
    ("UnhandledPromiseRejection", node::rejection),
    ("Unhandled exception. ", dotnet::unhandled),
    ("Process terminated. ", dotnet::terminated),
    ("Stack overflow.", dotnet::terminated),
    ("Fatal error. ", dotnet::terminated),
    (":in `", scripts::ruby),
    (":in '", scripts::ruby),
    ("[BUG] ", scripts::ruby_bug),
    ("Fatal error: ", scripts::php),
    ("PHP Fatal error", scripts::php),
    ("** (", beam::raised),
    ("CRASH REPORT", beam::report),
    ("Kernel pid terminated", beam::kernel),
    ("Runtime terminating during boot", beam::kernel),
    ("terminate called ", native::terminate),
    ("Assertion ", native::single),
    ("free(): ", native::single),
    ("double free or corruption", native::single),
    ("malloc(): ", native::single),
    ("malloc_consolidate(): ", native::single),
    ("munmap_chunk(): ", native::single),
    ("corrupted size vs. prev_size", native::single),
    ("*** stack smashing detected ***", native::single),
    ("*** buffer overflow detected ***", native::single),
    ("Sanitizer: ", native::sanitizer),
    ("not found", native::shell),
    ("Segmentation fault", native::died),
    ("core dumped", native::died),
];

/// Rows that are one of these words alone are a shell telling how its child died.
const DIED: [&str; 8] =
    ["Killed", "Aborted", "Terminated", "Bus error", "Illegal instruction", "Floating point exception", "Trace/breakpoint trap", "Segmentation fault"];

static MARKERS: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(STARTS.iter().map(|s| s.0)).ok());

/// The blocks of a log, by first line.
pub fn blocks(lines: &[LogLine]) -> Vec<Block> {
    find(&rows(lines)).into_iter().map(|f| f.block).collect()
}

/// The blocks of rows, in order, not overlapping.
pub(in super::super) fn find(rows: Rows<'_, '_>) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut at = 0;
    while let Some(row) = rows.get(at) {
        let block = start(rows, at, row);
        at += 1;
        if let Some(mut f) = block {
            // What stands before the words that gave it away may already belong to the block before.
            if let Some(before) = found.last()
                && f.first <= before.last
            {
                f.first = before.last + 1;
                if f.first > f.last {
                    continue;
                }
                f.block.first = rows.get(f.first).map_or(f.block.first, |r| r.line);
            }
            at = at.max(f.last + 1);
            found.push(f);
        }
    }
    found
}

fn start(rows: Rows<'_, '_>, at: usize, row: &Row<'_>) -> Option<Found> {
    // What a line of plain information quotes is no block.
    if matches!(row.level, Level::Info | Level::Debug) {
        return None;
    }
    let text: &str = &row.text;
    if indented(row) && text.trim_start().starts_with("at ") {
        return frames(rows, at);
    }
    if DIED.contains(&text.trim()) {
        return native::died(rows, at);
    }
    let markers = MARKERS.as_ref()?;
    let mut tried: [Option<usize>; 4] = [None; 4];
    for (n, m) in markers.find_overlapping_iter(text.as_bytes()).take(8).enumerate() {
        let index = m.pattern().as_usize();
        if tried.contains(&Some(index)) {
            continue;
        }
        if let Some(slot) = tried.get_mut(n % 4) {
            *slot = Some(index);
        }
        if let Some((_, parse)) = STARTS.get(index)
            && let Some(found) = parse(rows, at)
        {
            return Some(found);
        }
    }
    None
}

/// A frame that no header announced: which runtime writes frames like it?
fn frames(rows: Rows<'_, '_>, at: usize) -> Option<Found> {
    let text = rows.get(at).map(|r| r.text.trim())?;
    let position = text.rsplit(['(', ' ']).next().unwrap_or_default().trim_end_matches(['{', ' ', ')']);
    let numbers = position.rsplit(':').take_while(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit())).count();
    if text.contains(":line ") || text.contains(") in /") || (text.ends_with(')') && text.contains('(') && numbers == 0 && spaced(text)) {
        return dotnet::frames(rows, at);
    }
    if numbers >= 2 || text.contains("(node:") || text.contains("<anonymous>") || text.contains("(native)") {
        return node::frames(rows, at);
    }
    if text.ends_with(')') || text.contains(".java:") || text.contains(".kt:") || text.contains(".scala:") {
        return jvm::frames(rows, at);
    }
    None
}

/// `at Name.Space.Method(Type name)`: .NET writes parameters, the JVM files.
fn spaced(frame: &str) -> bool {
    let Some((_, inside)) = frame.split_once('(') else { return false };
    let inside = inside.trim_end_matches(')');
    inside.is_empty() || (inside.contains(' ') && !inside.contains("Native Method") && !inside.contains("Unknown Source"))
}

/// A block with defaults.
pub fn make(rows: Rows<'_, '_>, span: (usize, usize), language: &'static str, kind: BlockKind, errors: Vec<super::block::ErrorPart>) -> Option<Found> {
    if errors.is_empty() {
        return None;
    }
    let line = |i: usize| rows.get(i).map_or(0, |r| r.line);
    let block = Block { language, kind, first: line(span.0), last: line(span.1), thread: None, main: true, caught: false, errors };
    Some(Found { first: span.0, last: span.1, block })
}
