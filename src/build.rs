//! Prepares data at build time, so that start-up does not pay for reading YAML. One module per room that has data.

#[path = "build/rules.rs"]
mod rules;
#[path = "build/signatures.rs"]
mod signatures;

use std::path::{Path, PathBuf};

fn main() -> Result<(), String> {
    println!("cargo::rerun-if-changed=src/build.rs");
    println!("cargo::rerun-if-changed=src/build");
    let out = PathBuf::from(std::env::var("OUT_DIR").map_err(|e| e.to_string())?);
    signatures::generate(Path::new("src/signatures/data"), &out)?;
    rules::generate(&out).map_err(|e| e.to_string())
}
