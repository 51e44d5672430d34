//! The recorded cases and what a2 says of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::recording::parse;
use crate::server::a2;

/// One stage of a recorded case.
pub struct Stage {
    /// `<case>/<stage>`, for messages.
    pub name: String,
    /// The bundle.
    pub path: PathBuf,
    /// Where the target lives, or lived.
    pub namespace: String,
    /// The pod that the case is about; a scan case is about none.
    target: Option<String>,
    uid: Option<String>,
}

impl Stage {
    /// Makes an a2 command one that investigates this target, from where `source` says.
    pub fn investigate<'a>(&self, mut command: Command, source: impl IntoIterator<Item = &'a str>) -> Command {
        command.args(["investigate", self.target.as_deref().unwrap_or_default(), "-n", &self.namespace, "-o", "json"]).args(source);
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

    /// The pod that the case is about.
    pub fn pod(&self) -> &str {
        self.target.as_deref().unwrap_or_default()
    }

    /// `kubectl describe pod` of the same target.
    pub fn describe<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.args(["describe", "pod", self.target.as_deref().unwrap_or_default(), "-n", &self.namespace])
    }
}

/// The cases to hold a2 to: those of `A2_CASES`, or of the repository's own fixtures.
pub fn recorded_stages() -> Vec<Stage> {
    stages_in(&std::env::var_os("A2_CASES").map_or_else(fixtures, PathBuf::from))
}

/// Those of them that are about one pod.
pub fn stages() -> Vec<Stage> {
    recorded_stages().into_iter().filter(|stage| stage.target.is_some()).collect()
}

/// The repository's own cases.
pub fn recorded_fixtures() -> Vec<Stage> {
    stages_in(&fixtures())
}

/// Those of them that are about one pod.
pub fn fixture_stages() -> Vec<Stage> {
    recorded_fixtures().into_iter().filter(|stage| stage.target.is_some()).collect()
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

/// All stages of one case that have a bundle.
fn stages_of(case: &Path) -> Vec<Stage> {
    let label = parse(&case.join("case.json"));
    let mut stages: Vec<PathBuf> = fs::read_dir(case).expect("a readable case").filter_map(|e| e.ok().map(|e| e.path())).collect();
    stages.retain(|stage| stage.join("bundle.json").is_file());
    stages.sort();
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let stage = |path: PathBuf| Stage {
        name: format!("{}/{}", name(case), name(&path)),
        namespace: label["namespace"].as_str().unwrap_or_default().to_owned(),
        target: label["target"].as_str().map(str::to_owned),
        uid: label["truth"][name(&path)]["targetUid"].as_str().map(str::to_owned),
        path,
    };
    stages.into_iter().map(stage).collect()
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
