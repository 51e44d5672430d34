//! The literals of which one must be in a text before a pattern can match it, lower-cased. Found in the pattern's own
//! syntax tree, so that nobody has to keep a second list in step.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

/// More alternatives than this are not multiplied out.
const MAX: usize = 48;

/// What a part of a pattern says about the text it matches.
struct Part {
    /// The part matches exactly one of these.
    exact: Option<Vec<Vec<u8>>>,
    /// A match contains one of these.
    contains: Option<Vec<Vec<u8>>>,
}

/// The required literals of a pattern; an error when a pattern has none that is worth searching for.
pub fn required(pattern: &str) -> Result<Vec<String>, String> {
    let hir = ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern).map_err(|e| e.to_string())?;
    let part = walk(&hir);
    let best = better(part.contains, part.exact).ok_or("the pattern requires no literal")?;
    let mut found = Vec::new();
    for bytes in best {
        if bytes.len() < 3 {
            return Err(format!("the required literal {:?} is too short", String::from_utf8_lossy(&bytes)));
        }
        found.push(String::from_utf8(bytes).map_err(|e| e.to_string())?);
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn walk(hir: &Hir) -> Part {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Part { exact: Some(vec![Vec::new()]), contains: None },
        HirKind::Literal(l) => Part { exact: Some(vec![l.0.to_ascii_lowercase()]), contains: None },
        HirKind::Class(Class::Bytes(c)) => {
            let mut bytes: Vec<u8> = Vec::new();
            for r in c.ranges() {
                for b in r.start()..=r.end() {
                    bytes.push(b.to_ascii_lowercase());
                }
            }
            bytes.sort_unstable();
            bytes.dedup();
            let exact = (bytes.len() <= 4).then(|| bytes.into_iter().map(|b| vec![b]).collect());
            Part { exact, contains: None }
        }
        HirKind::Class(Class::Unicode(_)) => Part { exact: None, contains: None },
        HirKind::Repetition(r) => {
            let inner = walk(&r.sub);
            if r.min == 0 && r.max == Some(1) {
                let exact = inner.exact.map(|mut e| {
                    e.push(Vec::new());
                    e
                });
                Part { exact, contains: None }
            } else if r.min >= 1 {
                Part { exact: None, contains: better(inner.contains, inner.exact) }
            } else {
                Part { exact: None, contains: None }
            }
        }
        HirKind::Capture(c) => walk(&c.sub),
        HirKind::Alternation(alternatives) => {
            let parts: Vec<Part> = alternatives.iter().map(walk).collect();
            let exact = union(parts.iter().map(|p| p.exact.clone()));
            let contains = if exact.is_some() { None } else { union(parts.into_iter().map(|p| better(p.contains, p.exact))) };
            Part { exact, contains }
        }
        HirKind::Concat(parts) => concat(parts),
    }
}

fn concat(parts: &[Hir]) -> Part {
    let mut whole = true;
    let mut run = vec![Vec::new()];
    let mut best = None;
    for part in parts {
        let p = walk(part);
        match p.exact {
            Some(e) if e.len() * run.len() <= MAX => {
                run = run.iter().flat_map(|a: &Vec<u8>| e.iter().map(move |b| [a.as_slice(), b.as_slice()].concat())).collect();
            }
            other => {
                whole = false;
                best = better(best, Some(std::mem::replace(&mut run, vec![Vec::new()])));
                best = better(best, p.contains);
                if let Some(e) = other {
                    run = e;
                }
            }
        }
    }
    if whole { Part { exact: Some(run), contains: None } } else { Part { exact: None, contains: better(best, Some(run)) } }
}

fn union(sets: impl Iterator<Item = Option<Vec<Vec<u8>>>>) -> Option<Vec<Vec<u8>>> {
    let mut all = Vec::new();
    for set in sets {
        all.extend(set?);
    }
    (all.len() <= MAX).then_some(all)
}

/// The set whose shortest literal is longer; a dozen bytes are as good as more, then the smaller set wins.
fn better(a: Option<Vec<Vec<u8>>>, b: Option<Vec<Vec<u8>>>) -> Option<Vec<Vec<u8>>> {
    let worth = |s: &Option<Vec<Vec<u8>>>| s.as_ref().map_or(0, |s| s.iter().map(Vec::len).min().unwrap_or(0).min(12));
    let size = |s: &Option<Vec<Vec<u8>>>| s.as_ref().map_or(usize::MAX, Vec::len);
    match worth(&a).cmp(&worth(&b)).then(size(&b).cmp(&size(&a))) {
        std::cmp::Ordering::Less => b.filter(|s| s.iter().all(|l| !l.is_empty())),
        _ => a.filter(|s| s.iter().all(|l| !l.is_empty())),
    }
}
