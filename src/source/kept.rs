//! A directory of kept pods: one bundle each, as it was at the moment at which it was kept.
//!
//! ```text
//! flight/flight.json                     what makes the directory one
//! flight/<namespace>/<pod>/<uid>.tar.gz  a bundle
//! ```
//!
//! One bundle each, because a pod must be judged by what was true when it died: its node and its neighbours have another
//! state by the time at which the next one is kept.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use super::bundle::unpack;
use super::error::SourceError;

const MARK: &str = "flight.json";
const MARKED: &str = "{\n  \"apiVersion\": \"a2/v1\",\n  \"kind\": \"Flight\"\n}\n";
const ENDING: &str = ".tar.gz";
/// What a writer that was killed left behind is taken away after this; a younger one may be another writer's.
const STALE: Duration = Duration::from_secs(60);

/// One kept pod.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeptPod {
    /// When it was kept last.
    pub kept: SystemTime,
    /// The namespace.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// The incarnation.
    pub uid: String,
    /// The bundle.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
}

/// Whether pods are kept here.
pub fn is_kept(directory: &Path) -> bool {
    directory.join(MARK).is_file()
}

/// When a run last took the directory up; `None` where it is none of kept pods.
pub fn begun(directory: &Path) -> Option<SystemTime> {
    std::fs::metadata(directory.join(MARK)).ok()?.modified().ok()
}

/// Makes a directory one of kept pods, or takes up one that is.
///
/// # Errors
/// It cannot be made, or holds something else.
pub fn prepare(directory: &Path) -> Result<(), SourceError> {
    let unwritable = |why: String| SourceError::Unwritable { path: directory.to_owned(), why };
    let failed = |e: io::Error| unwritable(e.to_string().to_lowercase());
    std::fs::create_dir_all(directory).map_err(failed)?;
    if !is_kept(directory) && std::fs::read_dir(directory).map_err(failed)?.next().is_some() {
        return Err(unwritable("it holds something else than pods that were kept before".to_owned()));
    }
    // Written anew each time: this is how a place that cannot be written is noticed before anything happens.
    let partial = directory.join("flight.json.partial");
    std::fs::write(&partial, MARKED).and_then(|()| std::fs::rename(&partial, directory.join(MARK))).map_err(failed)?;
    for left in files(directory).filter(|(path, _)| path.extension().is_some_and(|e| e == "partial")) {
        if SystemTime::now().duration_since(left.1).is_ok_and(|age| age > STALE) {
            let _ = std::fs::remove_file(left.0);
        }
    }
    Ok(())
}

/// Where a pod is kept; `None` for names that are none, and could lead elsewhere.
pub fn place(directory: &Path, namespace: &str, name: &str, uid: &str) -> Option<PathBuf> {
    let plain =
        |text: &str| (1..=253).contains(&text.len()) && !text.starts_with('.') && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'));
    [namespace, name, uid].iter().all(|t| plain(t)).then(|| directory.join(namespace).join(name).join(format!("{uid}{ENDING}")))
}

/// What is kept, the oldest first.
pub fn kept(directory: &Path) -> Vec<KeptPod> {
    let mut found: Vec<KeptPod> = files(directory)
        .filter_map(|(path, kept)| {
            let text = |part: Option<&std::ffi::OsStr>| part.and_then(|p| p.to_str()).map(str::to_owned);
            let uid = text(path.file_name())?.strip_suffix(ENDING)?.to_owned();
            let (name, namespace) = (text(path.parent()?.file_name())?, text(path.parent()?.parent()?.file_name())?);
            let bytes = std::fs::metadata(&path).ok()?.len();
            Some(KeptPod { kept, namespace, name, uid, path, bytes })
        })
        .collect();
    found.sort();
    found
}

/// Lets the oldest go until no more than so many pods and bytes are left; the newest stays whatever its size.
pub fn prune(directory: &Path, pods: usize, bytes: u64) -> io::Result<()> {
    let all = kept(directory);
    let (mut count, mut size) = (all.len(), all.iter().map(|k| k.bytes).sum::<u64>());
    for old in &all {
        if count <= 1 || (count <= pods && size <= bytes) {
            break;
        }
        match std::fs::remove_file(&old.path) {
            // Another writer was faster.
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        (count, size) = (count - 1, size - old.bytes);
        // Directories that are not empty stay.
        let above = old.path.ancestors().skip(1).take(2);
        above.for_each(|d| drop(std::fs::remove_dir(d)));
    }
    Ok(())
}

/// The files two directories down, with their times.
fn files(directory: &Path) -> impl Iterator<Item = (PathBuf, SystemTime)> {
    let below = |d: PathBuf| std::fs::read_dir(d).into_iter().flatten().filter_map(|e| e.ok().map(|e| e.path()));
    below(directory.to_owned()).flat_map(below).flat_map(below).filter_map(|path| {
        let kept = std::fs::metadata(&path).ok().filter(std::fs::Metadata::is_file)?.modified().ok()?;
        Some((path, kept))
    })
}

/// The logs of a kept pod: file names below its `log/`, and what they hold.
///
/// # Errors
/// The bundle cannot be read.
pub fn logs_of(kept: &Path) -> Result<Vec<(String, Bytes)>, SourceError> {
    let files = unpack(kept, &[".log"])?;
    Ok(files.into_iter().filter_map(|(name, body)| Some((name.rsplit_once("/log/")?.1.to_owned(), body))).collect())
}

/// The events of a kept pod.
///
/// # Errors
/// The bundle cannot be read.
pub fn events_of(kept: &Path) -> Result<Vec<serde_json::Value>, SourceError> {
    let files = unpack(kept, &["/events.json"])?;
    let lists = files.into_values().filter_map(|body| serde_json::from_slice::<serde_json::Value>(&body).ok());
    Ok(lists.filter_map(|mut list| list.get_mut("items")?.as_array_mut().map(std::mem::take)).flatten().collect())
}
