//! The files of a dump: those of a directory or an archive that can hold objects or logs.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use bytes::Bytes;

use crate::source::SourceError;
use crate::source::bundle::{MAX_BYTES, MAX_ENTRIES, unpack};

const ENDINGS: [&str; 5] = [".json", ".yaml", ".yml", ".log", ".txt"];
/// Deeper directories are not looked into.
const MAX_DEPTH: usize = 16;

/// Reads them all, by relative path. Links are not followed.
pub(super) fn read(path: &Path) -> Result<BTreeMap<String, Bytes>, SourceError> {
    let unreadable = |e: io::Error| SourceError::Unreadable { path: path.to_owned(), why: e.to_string().to_lowercase() };
    let meta = std::fs::metadata(path).map_err(unreadable)?;
    if !meta.is_dir() {
        return unpack(path, &ENDINGS);
    }
    let mut found = BTreeMap::new();
    let mut budget = MAX_BYTES;
    walk(path, path, 0, &mut found, &mut budget)?;
    Ok(found)
}

fn walk(root: &Path, at: &Path, depth: usize, found: &mut BTreeMap<String, Bytes>, budget: &mut u64) -> Result<(), SourceError> {
    let too_large = |limit: String| SourceError::TooLarge { path: root.to_owned(), limit };
    let unreadable = |e: io::Error| SourceError::Unreadable { path: at.to_owned(), why: e.to_string().to_lowercase() };
    let mut entries: Vec<_> = std::fs::read_dir(at).map_err(unreadable)?.filter_map(Result::ok).collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let Ok(kind) = entry.file_type() else { continue };
        let path = entry.path();
        if kind.is_dir() && depth < MAX_DEPTH {
            walk(root, &path, depth + 1, found, budget)?;
        }
        let Some(name) = path.strip_prefix(root).ok().and_then(Path::to_str) else { continue };
        if !kind.is_file() || !ENDINGS.iter().any(|e| name.ends_with(e)) {
            continue;
        }
        if found.len() >= MAX_ENTRIES {
            return Err(too_large(format!("{MAX_ENTRIES} files")));
        }
        let size = entry.metadata().map_or(0, |m| m.len());
        *budget = budget.checked_sub(size).ok_or_else(|| too_large(format!("{} MiB", MAX_BYTES >> 20)))?;
        if let Ok(body) = std::fs::read(&path) {
            found.insert(name.replace('\\', "/"), Bytes::from(body));
        }
    }
    Ok(())
}
