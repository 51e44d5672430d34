//! Labelled cases: folders with a `case.json` beside one bundle per stage.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// What is true of a case at one stage; what nobody can know is `None`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Truth {
    /// The cause id, or `unknown` where the evidence left cannot tell.
    pub cause: String,
    /// Other causes that are right as well.
    #[serde(default)]
    pub acceptable: Vec<String>,
    /// The mechanism.
    #[serde(default)]
    pub mechanism: Option<String>,
    /// The container.
    #[serde(default)]
    pub container: Option<String>,
    /// Whether it looks alive and is dead.
    #[serde(default)]
    pub silent: Option<bool>,
    /// Who took it away.
    #[serde(default)]
    pub removal: Option<String>,
    /// The incarnation that is meant, when a name was used more than once.
    #[serde(default)]
    pub target_uid: Option<String>,
}

impl Truth {
    /// Whether a cause is a right answer.
    pub fn accepts(&self, cause: &str) -> bool {
        self.cause == cause || self.acceptable.iter().any(|a| a == cause)
    }

    /// `oom` of `oom.container-limit`.
    pub fn family(&self) -> &str {
        family(&self.cause)
    }
}

/// The part of a cause id before the dot.
pub(super) fn family(cause: &str) -> &str {
    cause.split('.').next().unwrap_or(cause)
}

/// One stage of one case, labelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Id of the case.
    pub case: String,
    /// `live`, `deleted`, `expired`, or whatever the recorder called it.
    pub stage: String,
    /// The bundle.
    pub bundle: PathBuf,
    /// The namespace.
    pub namespace: String,
    /// The pod.
    pub target: String,
    /// What is true.
    pub truth: Truth,
}

/// Why labelled cases could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LabelError {
    /// The folder or a file in it cannot be read.
    #[error("cannot read {}", .0.display())]
    Unreadable(PathBuf, #[source] std::io::Error),
    /// A `case.json` that is none.
    #[error("{} is not a label", .0.display())]
    Malformed(PathBuf, #[source] serde_json::Error),
    /// No case in there.
    #[error("no labelled case in {}", .0.display())]
    Empty(PathBuf),
}

#[derive(Deserialize)]
struct CaseFile {
    id: String,
    namespace: String,
    #[serde(default)]
    target: Option<String>,
    #[serde(default)]
    truth: BTreeMap<String, Truth>,
}

/// The labels below a folder (or of the one case that the folder is), by case and stage.
///
/// # Errors
/// When the folder or a `case.json` cannot be read, or there is no case.
pub fn labels(folder: &Path) -> Result<Vec<Label>, LabelError> {
    let mut folders = vec![folder.to_owned()];
    let unreadable = |error| LabelError::Unreadable(folder.to_owned(), error);
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        folders.push(entry.map_err(unreadable)?.path());
    }
    folders.sort();
    let mut found = Vec::new();
    for case in folders {
        let path = case.join("case.json");
        if !path.is_file() {
            continue;
        }
        let text = std::fs::read_to_string(&path).map_err(|error| LabelError::Unreadable(path.clone(), error))?;
        let file: CaseFile = serde_json::from_str(&text).map_err(|error| LabelError::Malformed(path.clone(), error))?;
        let Some(target) = file.target else { continue };
        for (stage, truth) in file.truth {
            let bundle = case.join(&stage);
            if bundle.is_dir() {
                found.push(Label { case: file.id.clone(), stage, bundle, namespace: file.namespace.clone(), target: target.clone(), truth });
            }
        }
    }
    if found.is_empty() { Err(LabelError::Empty(folder.to_owned())) } else { Ok(found) }
}
