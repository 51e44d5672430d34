//! a2 against a real kube-apiserver: `cargo test --features apiserver --test apiserver` (needs Go; README.md beside this file).
//!
//! A recorded case is written into the server's etcd as it was, only its times are moved so that the case happens now; a stand-in kubelet
//! answers for its logs. Then a2 is run as a user would run it, with a kubeconfig, and must say what it says of the recording.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on must say where")]

mod agree;
mod audit;
#[path = "../suite/bundles.rs"]
#[expect(dead_code, clippy::print_stdout, reason = "shared with the suite, which uses all of it")]
mod bundles;
mod cases;
mod documents;
mod failures;
mod faithful;
#[path = "../faults/mod.rs"]
mod faults;
mod flight;
mod kubelet;
mod matrix;
mod proxy;
mod rbac;
mod recording;
mod scan;
mod serve;
mod server;
mod services;
#[path = "../suite/shown.rs"]
#[expect(dead_code, reason = "shared with the suite, which uses all of it")]
mod shown;
mod skew;
mod terminal;
mod watch;
mod watch_faults;
