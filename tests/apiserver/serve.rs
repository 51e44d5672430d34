//! The server with one case on it, for a person.

use std::path::Path;

use crate::server::{Server, target};

/// `A2_SERVE=fixtures/CASE/STAGE cargo test --features apiserver --test apiserver serve -- --ignored --nocapture`
#[test]
#[ignore = "serves the case in A2_SERVE until Enter is pressed"]
fn serve() {
    let mut server = Server::start();
    let stage = std::env::var("A2_SERVE").expect("A2_SERVE names a stage, for instance fixtures/CASE/live");
    server.load(Path::new(&stage));
    println!("export KUBECONFIG={}\n# contexts admin and a2; a2: {}\n# Enter ends it", server.kubeconfig.display(), target().join("debug/a2").display());
    let _line = std::io::stdin().read_line(&mut String::new());
}
