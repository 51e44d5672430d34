//! What README and docs show with kubectl, or as a watch, against a real server with the pods that the pages speak of.

use std::process::Command;

use crate::rbac::Manifest;
use crate::server::{Server, target};
use crate::shown::{Desk, blocks, world, wrong};

#[test]
fn shown_scripts_run() {
    if Command::new("kubectl").args(["version", "--client"]).output().is_err() {
        println!("not run: no kubectl");
        return;
    }
    let mut server = Server::shared();
    let recorded = world().done();
    server.load(recorded.path());
    server.grant(&Manifest::documented("shop"));
    // The user's own settings: the same server, in the namespace that the pages are about.
    let config = target().join(format!("apiserver/documents-{}", std::process::id()));
    std::fs::copy(&server.kubeconfig, &config).expect("a kubeconfig");
    let set = Command::new("kubectl").args(["config", "set-context", "--current", "--namespace=shop", "--kubeconfig"]).arg(&config).output().expect("kubectl");
    assert!(set.status.success(), "{set:?}");
    let (mut problems, mut ran) = (Vec::new(), 0);
    for block in blocks().into_iter().filter(|block| !block.measures() && block.file != "docs/writing-rules.md") {
        let start = std::time::Instant::now();
        let (called, output) = Desk::new(env!("CARGO_BIN_EXE_a2")).run(&block, &config);
        println!("{} {:?}", block.name(), start.elapsed());
        problems.extend(wrong(&block, &called, &output));
        ran += 1;
    }
    std::fs::remove_file(&config).expect("the copy can go");
    println!("{ran} blocks run with the real kubectl");
    assert!(ran >= 12 && problems.is_empty(), "{ran} blocks\n{}", problems.join("\n"));
}
