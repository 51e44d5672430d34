//! Archives as they arrive by mail: bundles and other tools' dumps, opened, and asked for everything.

use std::io::Write;
use std::path::PathBuf;
use std::sync::LazyLock;

use a2::source::bundle::Bundle;
use a2::source::foreign;
use http::Method;
use tokio::runtime::Runtime;

const ASKED: [&str; 7] = [
    "/api/v1/namespaces/shop/pods",
    "/api/v1/namespaces/shop/pods/web",
    "/api/v1/namespaces/shop/pods/web/log",
    "/api/v1/namespaces/shop/events",
    "/apis/apps/v1/namespaces/shop/replicasets/web",
    "/api/v1/pods",
    "/version",
];
const MANIFEST: &[u8] =
    br#"{"capturedAt":"2030-01-02T03:04:05Z","covered":["/api/v1/namespaces/shop/pods","/api/v1/namespaces/shop/events"],"namespaces":["shop"],"logs":"all"}"#;
/// One pod with one container, so that its log is asked for.
const POD: &[u8] = br#"{"items":[{"metadata":{"name":"web","namespace":"shop"},"spec":{"containers":[{"name":"main"}]}}]}"#;

/// A file in memory where there is a file system for it (`TMPDIR`, set by `run`).
static PLACE: LazyLock<[PathBuf; 2]> =
    LazyLock::new(|| [".tar.gz", ".txt"].map(|ending| std::env::temp_dir().join(format!("a2-fuzz-{}{ending}", std::process::id()))));

thread_local! {
    static RUNTIME: Runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
}

/// Feeds one input.
pub fn bundle(data: &[u8]) {
    let Some((how, body)) = data.split_first() else { return };
    let [archive, text] = &*PLACE;
    match how % 8 {
        // As it is.
        0 => std::fs::write(archive, body).unwrap(),
        // Well compressed, so that the reader of tar is reached.
        1 => std::fs::write(archive, zipped(body)).unwrap(),
        // A file of each kind with the fuzzer's text in it.
        2 => std::fs::write(
            archive,
            tar(&[
                ("bundle.json", MANIFEST),
                ("api/v1/namespaces/shop/pods.json", body),
                ("api/v1/namespaces/shop/events.json", body),
                ("api/v1/namespaces/shop/pods.table.json", body),
            ]),
        )
        .unwrap(),
        3 => std::fs::write(archive, tar(&[("bundle.json", body), ("api/v1/namespaces/shop/pods.json", POD), ("version.json", body)])).unwrap(),
        4 => std::fs::write(
            archive,
            zipped(&tar(&[("x/bundle.json", MANIFEST), ("x/api/v1/namespaces/shop/pods.json", POD), ("x/api/v1/namespaces/shop/pods/web/log/main.log", body)])),
        )
        .unwrap(),
        // Dumps of other tools: as files, and as one text.
        5 => return dump(archive, &tar(&[("shop/pods.json", POD), ("shop/events.json", body), ("shop/web/logs.txt", body)])),
        6 => {
            return dump(
                archive,
                &tar(&[
                    ("cluster-resources/pods/shop.json", body),
                    ("cluster-resources/nodes.yaml", body),
                    ("namespaces/shop/pods/web/main/logs/current.log", body),
                ]),
            );
        }
        _ => return dump(text, body),
    }
    if let Ok(bundle) = Bundle::open(archive) {
        for path in ASKED {
            for (query, accept) in [
                ("", "application/json"),
                ("limit=2&fieldSelector=metadata.name%3Dweb&container=main&tailLines=3", "application/json;as=Table;v=v1;g=meta.k8s.io"),
            ] {
                bundle.answer(&Method::GET, path, query, accept);
            }
        }
        let text = String::from_utf8_lossy(body);
        let (path, query) = text.split_once('?').unwrap_or((ASKED[0], &text));
        bundle.answer(&Method::GET, path, query, "application/json");
    }
}

fn dump(path: &PathBuf, body: &[u8]) {
    std::fs::write(path, body).unwrap();
    RUNTIME.with(|runtime| {
        runtime.block_on(async {
            drop(foreign::open(path));
            // Workers of the connection end once it is gone.
            tokio::task::yield_now().await;
        });
    });
}

fn zipped(body: &[u8]) -> Vec<u8> {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    gz.write_all(body).unwrap();
    gz.finish().unwrap()
}

fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut all = Vec::new();
    for (name, text) in files {
        all.extend_from_slice(&header(name, text.len()));
        all.extend_from_slice(text);
        all.resize(all.len().next_multiple_of(512), 0);
    }
    all.resize(all.len() + 1024, 0);
    all
}

/// A ustar header.
fn header(name: &str, size: usize) -> [u8; 512] {
    let mut block = [0; 512];
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[100..107].copy_from_slice(b"0000644");
    block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
    block[136..147].copy_from_slice(b"00000000000");
    block[156] = b'0';
    block[257..263].copy_from_slice(b"ustar\0");
    block[263..265].copy_from_slice(b"00");
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    block
}
