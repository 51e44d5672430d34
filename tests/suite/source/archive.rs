//! Archives are read with suspicion, and errors carry a hint.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use a2::source::SourceError;
use a2::source::bundle::Bundle as Source;
use flate2::Compression;
use flate2::write::GzEncoder;
use tar::EntryType;

use crate::bundles::{Bundle, pack};

fn opened(path: &Path) -> Result<(), SourceError> {
    Source::open(path).map(|_| ())
}

fn archive(dir: &Path, name: &str, fill: impl FnOnce(&mut tar::Builder<GzEncoder<fs::File>>)) -> PathBuf {
    let path = dir.join(name);
    let mut builder = tar::Builder::new(GzEncoder::new(fs::File::create(&path).expect("a file"), Compression::fast()));
    fill(&mut builder);
    builder.into_inner().expect("a stream").finish().expect("written");
    path
}

/// An entry whose name is written as it is: the library refuses to make bad ones.
fn entry(builder: &mut tar::Builder<GzEncoder<fs::File>>, name: &str, kind: EntryType, body: &[u8]) {
    let mut header = tar::Header::new_gnu();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(body.len() as u64);
    header.set_mode(0o644);
    header.set_cksum();
    builder.append(&header, body).expect("appended");
}

#[test]
fn directory_and_archive_hold_the_same() {
    let bundle = Bundle::new().list("/api/v1/nodes", vec![serde_json::json!({ "metadata": { "name": "n1" } })]).done();
    let packed = bundle.path().with_extension("tar.gz");
    pack(bundle.path(), &packed);
    for path in [bundle.path(), packed.as_path()] {
        let source = Source::open(path).expect("a bundle");
        assert_eq!(source.answer(&http::Method::GET, "/api/v1/nodes/n1", "", "").status(), 200, "{}", path.display());
        assert_eq!(source.manifest().namespaces, ["shop"]);
    }
    fs::remove_file(packed).expect("removed");
}

#[test]
fn dangerous_entries_are_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let cases = [
        ("/etc/passwd.json", EntryType::Regular, "is absolute"),
        ("../up.json", EntryType::Regular, "leads out of the archive"),
        ("a/../../up.json", EntryType::Regular, "leads out of the archive"),
        ("link.json", EntryType::Symlink, "is a link"),
        ("hard.json", EntryType::Link, "is a link"),
        ("dev", EntryType::Char, "is a device or a pipe"),
        ("blk", EntryType::Block, "is a device or a pipe"),
        ("pipe", EntryType::Fifo, "is a device or a pipe"),
    ];
    for (index, (name, kind, expected)) in cases.into_iter().enumerate() {
        let path = archive(dir.path(), &format!("{index}.tar.gz"), |b| {
            entry(b, "bundle.json", EntryType::Regular, b"{}");
            entry(b, name, kind, b"");
        });
        let error = opened(&path).expect_err(name);
        assert!(matches!(&error, SourceError::UnsafeEntry { why, .. } if *why == expected), "{name}: {error}");
        assert!(error.hint().is_some() && !error.to_string().contains('\n'));
    }
}

#[test]
fn bombs_are_bounded() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("bomb.tar.gz");
    let mut gz = GzEncoder::new(fs::File::create(&path).expect("a file"), Compression::fast());
    let mut header = tar::Header::new_gnu();
    header.set_path("api/v1/pods.json").expect("a name");
    header.set_size(300 << 20);
    header.set_mode(0o644);
    header.set_cksum();
    gz.write_all(header.as_bytes()).expect("written");
    let zeros = vec![0u8; 1 << 20];
    for _ in 0..300 {
        gz.write_all(&zeros).expect("written");
    }
    gz.finish().expect("finished");
    assert!(fs::metadata(&path).expect("a file").len() < 4 << 20);
    let error = opened(&path).expect_err("a bomb");
    assert!(matches!(error, SourceError::TooLarge { .. }), "{error}");

    let many = archive(dir.path(), "many.tar.gz", |b| {
        for index in 0..50_010 {
            entry(b, &format!("f{index}"), EntryType::Regular, b"");
        }
    });
    assert!(matches!(opened(&many).expect_err("too many"), SourceError::TooLarge { .. }));
}

#[test]
fn damaged_and_foreign_files_are_typed_errors() {
    let dir = tempfile::tempdir().expect("a directory");
    let bundle = Bundle::new().list("/api/v1/nodes", vec![serde_json::json!({ "metadata": { "name": "n1" } })]).done();
    let whole = dir.path().join("whole.tar.gz");
    pack(bundle.path(), &whole);
    let bytes = fs::read(&whole).expect("bytes");
    let put = |name: &str, body: &[u8]| {
        let path = dir.path().join(name);
        fs::write(&path, body).expect("written");
        path
    };
    for cut in [1, 12, bytes.len() / 2, bytes.len() - 20] {
        let error = opened(&put("cut.tar.gz", &bytes[..cut])).expect_err("truncated");
        assert!(matches!(error, SourceError::Corrupt { .. }), "{cut}: {error}");
    }
    let mut flipped = bytes.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0xff;
    assert!(opened(&put("flipped.tar.gz", &flipped)).is_err());
    assert!(matches!(opened(&put("empty.tar.gz", b"")).expect_err("empty"), SourceError::Corrupt { .. }));
    assert!(matches!(opened(&put("text.txt", b"hello, this is no archive at all")).expect_err("text"), SourceError::Corrupt { .. }));
    assert!(matches!(opened(&dir.path().join("missing")).expect_err("missing"), SourceError::Unreadable { .. }));
    assert!(matches!(
        opened(&archive(dir.path(), "nomanifest.tar.gz", |b| entry(b, "x.json", EntryType::Regular, b"{}"))).expect_err("no"),
        SourceError::NotABundle { .. }
    ));

    let bad = tempfile::tempdir().expect("a directory");
    for body in ["{ nope", "[]", ""] {
        fs::write(bad.path().join("bundle.json"), body).expect("written");
        assert!(matches!(opened(bad.path()).expect_err(body), SourceError::BadManifest { .. }), "{body}");
    }
    let outer = tempfile::tempdir().expect("a directory");
    fs::create_dir(outer.path().join("live")).expect("a directory");
    fs::write(outer.path().join("live/bundle.json"), "{}").expect("written");
    let error = opened(outer.path()).expect_err("not itself a bundle");
    assert!(error.hint().expect("a hint").contains("live"), "{error}");
}

#[cfg(unix)]
#[test]
fn links_in_a_directory_are_not_followed() {
    let bundle = Bundle::new().empty(&["/api/v1/nodes"]).done();
    let other = tempfile::tempdir().expect("a directory");
    fs::write(other.path().join("nodes.json"), r#"{"items":[{"metadata":{"name":"n1"}}]}"#).expect("written");
    fs::create_dir_all(bundle.path().join("api/v1")).expect("a directory");
    std::os::unix::fs::symlink(other.path().join("nodes.json"), bundle.path().join("api/v1/nodes.json")).expect("a link");
    let source = Source::open(bundle.path()).expect("a bundle");
    assert_eq!(source.answer(&http::Method::GET, "/api/v1/nodes", "", "").status(), 500);
}
