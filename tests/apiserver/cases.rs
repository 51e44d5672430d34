//! The recorded cases and what a2 says of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::recording::parse;
use crate::server::a2;

/// One stage of a recorded case that names its target.
pub struct Stage {
    /// `<case>/<stage>`, for messages.
    pub name: String,
    /// The bundle.
    pub path: PathBuf,
    /// Where the target lives, or lived.
    pub namespace: String,
    target: String,
    uid: Option<String>,
}

impl Stage {
    /// Makes an a2 command one that investigates this target, from where `source` says.
    pub fn investigate<'a>(&self, mut command: Command, source: impl IntoIterator<Item = &'a str>) -> Command {
        command.args(["investigate", &self.target, "-n", &self.namespace, "-o", "json"]).args(source);
        if let Some(uid) = &self.uid {
            command.args(["--uid", uid]);
        }
        command
    }

    /// What a2 says of the recording itself.
    pub fn bundle_says(&self) -> Output {
        let path = self.path.to_str().expect("a path in UTF-8");
        self.investigate(a2(), ["--from", path]).output().expect("a2 runs")
    }

    /// `kubectl describe pod` of the same target.
    pub fn describe<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.args(["describe", "pod", &self.target, "-n", &self.namespace])
    }
}

/// The cases to hold a2 to: those of `A2_CASES`, or of the repository's own fixtures.
pub fn stages() -> Vec<Stage> {
    stages_in(&std::env::var_os("A2_CASES").map_or_else(fixtures, PathBuf::from))
}

/// The repository's own cases.
pub fn fixture_stages() -> Vec<Stage> {
    stages_in(&fixtures())
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn stages_in(place: &Path) -> Vec<Stage> {
    let mut cases: Vec<PathBuf> = fs::read_dir(place).map_or_else(|_| Vec::new(), |found| found.filter_map(|e| e.ok().map(|e| e.path())).collect());
    cases.retain(|case| case.join("case.json").is_file());
    cases.sort();
    let found: Vec<Stage> = cases.iter().flat_map(|case| stages_of(case)).collect();
    assert!(!found.is_empty(), "no recorded case in {}", place.display());
    found
}

/// All stages of one case that have a bundle. A scan case names no target and has none.
fn stages_of(case: &Path) -> Vec<Stage> {
    let label = parse(&case.join("case.json"));
    let (Some(target), Some(truth)) = (label["target"].as_str(), label["truth"].as_object()) else { return Vec::new() };
    let stage = |(stage, truth): (&String, &Value)| {
        let path = case.join(stage);
        path.join("bundle.json").is_file().then(|| Stage {
            name: format!("{}/{stage}", case.file_name().unwrap_or_default().to_string_lossy()),
            path,
            namespace: label["namespace"].as_str().unwrap_or_default().to_owned(),
            target: target.to_owned(),
            uid: truth["targetUid"].as_str().map(str::to_owned),
        })
    };
    truth.iter().filter_map(stage).collect()
}

/// The one JSON object that a2 printed.
pub fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| {
        panic!("not one JSON object: {e}\n{}\n{}\n{}", output.status, String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    })
}

/// What must be the same wherever the evidence came from.
pub fn verdict(report: &Value) -> [Value; 5] {
    ["cause", "mechanism", "container", "silent", "confidence"].map(|key| report["verdict"][key].clone())
}
