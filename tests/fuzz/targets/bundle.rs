//! Archives as they arrive by mail: opened, asked for everything.
#![no_main]

use std::io::Write;

use a2::source::bundle::Bundle;
use http::Method;
use libfuzzer_sys::fuzz_target;

const ASKED: [&str; 6] = [
    "/api/v1/namespaces/shop/pods",
    "/api/v1/namespaces/shop/pods/web",
    "/api/v1/namespaces/shop/pods/web/log",
    "/api/v1/namespaces/shop/events",
    "/apis/apps/v1/namespaces/shop/replicasets/web",
    "/api/v1/pods",
];

fuzz_target!(|data: &[u8]| {
    let Some((how, body)) = data.split_first() else { return };
    let path = std::env::temp_dir().join(format!("a2-fuzz-{}.tar.gz", std::process::id()));
    // Half of them are well compressed, so that what is inside is reached.
    if how % 4 == 0 {
        std::fs::write(&path, body).unwrap();
    } else {
        let mut gz = flate2::write::GzEncoder::new(std::fs::File::create(&path).unwrap(), flate2::Compression::none());
        if how % 4 == 1 {
            gz.write_all(body).unwrap();
        } else {
            // A file of each kind with the fuzzer's text in it.
            for (name, text) in [("bundle.json", &b"{\"capturedAt\":\"2030-01-02T03:04:05Z\",\"covered\":[\"/api/v1/namespaces/shop/pods\",\"/api/v1/namespaces/shop/events\"],\"namespaces\":[\"shop\"],\"logs\":\"all\"}"[..]), ("api/v1/namespaces/shop/pods.json", body), ("api/v1/namespaces/shop/events.json", body), ("api/v1/namespaces/shop/pods/web/log/main.log", body), ("api/v1/namespaces/shop/pods.table.json", body)] {
                let text = if how % 4 == 3 && name == "bundle.json" { body } else { text };
                gz.write_all(&header(name, text.len())).unwrap();
                gz.write_all(text).unwrap();
                gz.write_all(&vec![0; (512 - text.len() % 512) % 512]).unwrap();
            }
            gz.write_all(&[0; 1024]).unwrap();
        }
        gz.finish().unwrap();
    }
    if let Ok(bundle) = Bundle::open(&path) {
        for path in ASKED {
            for (query, accept) in [("", "application/json"), ("limit=2&fieldSelector=metadata.name%3Dweb&container=main&tailLines=3", "application/json;as=Table;v=v1;g=meta.k8s.io")] {
                bundle.answer(&Method::GET, path, query, accept);
            }
        }
    }
});

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
