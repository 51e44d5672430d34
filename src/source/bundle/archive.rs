//! The files of a bundle: a directory, or an archive read with suspicion.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Component, Path, PathBuf};

use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;

use crate::source::SourceError;

/// More entries than any recording of a few namespaces has.
pub(in crate::source) const MAX_ENTRIES: usize = 50_000;
/// Unpacked bytes of an archive, and of one file of a directory.
pub(in crate::source) const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// The files of a bundle.
pub(super) enum Store {
    /// Files are read when asked for.
    Directory(PathBuf),
    /// An unpacked archive; names are relative to the directory that holds `bundle.json`.
    Archive(BTreeMap<String, Bytes>),
}

impl Store {
    /// Opens a directory, a `.tar.gz` or a `.tar`.
    pub(super) fn open(path: &Path) -> Result<Self, SourceError> {
        let unreadable = |e: io::Error| SourceError::Unreadable { path: path.to_owned(), why: e.to_string().to_lowercase() };
        let meta = std::fs::metadata(path).map_err(unreadable)?;
        if meta.is_dir() {
            if path.join("bundle.json").is_file() {
                return Ok(Self::Directory(path.to_owned()));
            }
            let mut inside: Vec<String> = std::fs::read_dir(path)
                .map_err(unreadable)?
                .filter_map(Result::ok)
                .filter(|e| e.path().join("bundle.json").is_file())
                .map(|e| e.path().display().to_string())
                .collect();
            inside.sort();
            return Err(SourceError::NotABundle { path: path.to_owned(), inside });
        }
        let files = unpack(path, &[".json", ".log"])?;
        // An archive of a directory carries its name in front of everything.
        let root = files
            .keys()
            .filter_map(|name| name.strip_suffix("bundle.json"))
            .filter(|prefix| prefix.is_empty() || prefix.ends_with('/'))
            .min_by_key(|prefix| (prefix.matches('/').count(), prefix.len()))
            .map(str::to_owned);
        let Some(root) = root else { return Err(SourceError::NotABundle { path: path.to_owned(), inside: Vec::new() }) };
        Ok(Self::Archive(files.into_iter().filter_map(|(name, body)| Some((name.strip_prefix(&root)?.to_owned(), body))).collect()))
    }

    /// Reads a file; `Ok(None)` when there is none.
    pub(super) fn read(&self, relative: &str) -> Result<Option<Bytes>, String> {
        match self {
            Self::Archive(files) => Ok(files.get(relative).cloned()),
            Self::Directory(root) => {
                let path = root.join(relative);
                // A link could lead out of the bundle.
                match std::fs::symlink_metadata(&path) {
                    Ok(meta) if !meta.is_file() => Err("not a regular file".to_owned()),
                    Ok(meta) if meta.len() > MAX_BYTES => Err("larger than 256 MiB".to_owned()),
                    Ok(_) => std::fs::read(&path).map(|b| Some(Bytes::from(b))).map_err(|e| e.to_string().to_lowercase()),
                    Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
                    Err(e) => Err(e.to_string().to_lowercase()),
                }
            }
        }
    }
}

/// Fails once more than the bound was read, whatever the entry headers claim.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| io::Error::new(io::ErrorKind::FileTooLarge, "too large"))?;
        Ok(count)
    }
}

/// The files of a `.tar.gz` or a `.tar` whose names end in one of these ways.
pub(in crate::source) fn unpack(path: &Path, endings: &[&str]) -> Result<BTreeMap<String, Bytes>, SourceError> {
    let unreadable = |e: io::Error| SourceError::Unreadable { path: path.to_owned(), why: e.to_string().to_lowercase() };
    let mut file = File::open(path).map_err(unreadable)?;
    let mut magic = [0u8; 2];
    let read = file.read(&mut magic).map_err(unreadable)?;
    let file = BufReader::new(File::open(path).map_err(unreadable)?);
    if read == 0 {
        return Err(SourceError::Corrupt { path: path.to_owned(), why: "it is empty".to_owned() });
    }
    if magic == [0x1f, 0x8b] { entries(path, MultiGzDecoder::new(file), endings) } else { entries(path, file, endings) }
}

fn entries(path: &Path, reader: impl Read, endings: &[&str]) -> Result<BTreeMap<String, Bytes>, SourceError> {
    let failed = |e: io::Error| match e.kind() {
        io::ErrorKind::FileTooLarge => SourceError::TooLarge { path: path.to_owned(), limit: format!("{} MiB unpacked", MAX_BYTES >> 20) },
        io::ErrorKind::UnexpectedEof => SourceError::Corrupt { path: path.to_owned(), why: "it ends too early".to_owned() },
        _ => SourceError::Corrupt { path: path.to_owned(), why: e.to_string().to_lowercase() },
    };
    let mut archive = tar::Archive::new(Bounded { inner: reader, left: MAX_BYTES });
    let mut files = BTreeMap::new();
    for (count, entry) in archive.entries().map_err(failed)?.enumerate() {
        let mut entry = entry.map_err(failed)?;
        if count >= MAX_ENTRIES {
            return Err(SourceError::TooLarge { path: path.to_owned(), limit: format!("{MAX_ENTRIES} entries") });
        }
        let shown = String::from_utf8_lossy(&entry.path_bytes()).chars().filter(|c| !c.is_control()).take(200).collect::<String>();
        let unsafe_entry = |why| SourceError::UnsafeEntry { path: path.to_owned(), entry: shown.clone(), why };
        let name = {
            let entry_path = entry.path().map_err(failed)?;
            clean(&entry_path).map_err(unsafe_entry)?
        };
        match entry.header().entry_type() {
            kind if kind.is_dir() || kind.is_pax_global_extensions() => continue,
            kind if kind.is_file() || kind.is_contiguous() => {}
            kind if kind.is_symlink() || kind.is_hard_link() => return Err(unsafe_entry("is a link")),
            kind if kind.is_block_special() || kind.is_character_special() || kind.is_fifo() => return Err(unsafe_entry("is a device or a pipe")),
            _ => return Err(unsafe_entry("is of an unknown kind")),
        }
        let Some(name) = name else { continue };
        if !endings.iter().any(|e| name.ends_with(e)) {
            continue;
        }
        let size = entry.header().size().map_err(failed)?;
        let mut body = Vec::with_capacity(usize::try_from(size.min(1 << 20)).unwrap_or(0));
        entry.read_to_end(&mut body).map_err(failed)?;
        if (body.len() as u64) < size {
            return Err(SourceError::Corrupt { path: path.to_owned(), why: "it ends too early".to_owned() });
        }
        files.insert(name, Bytes::from(body));
    }
    // The checksum of the compressed stream stands behind the end of the archive.
    io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(failed)?;
    Ok(files)
}

/// The relative name of an entry; `None` for the root itself.
fn clean(path: &Path) -> Result<Option<String>, &'static str> {
    let mut parts = Vec::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::Normal(name) => parts.push(name.to_str().ok_or("has a name that is not UTF-8")?),
            Component::ParentDir => return Err("leads out of the archive"),
            Component::RootDir | Component::Prefix(_) => return Err("is absolute"),
        }
    }
    Ok((!parts.is_empty()).then(|| parts.join("/")))
}
