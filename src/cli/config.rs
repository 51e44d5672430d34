//! The configuration file: `$XDG_CONFIG_HOME/a2/config.yaml`. What stands on the command line wins over it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::args::Output;
use super::duration::parse_duration;
use super::suggest::nearest;
use crate::evidence::{Budget, Options};

/// Time for a single request. The client's own default is to wait for ever.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// What a user may settle once for all runs. Unknown keys are refused: a misspelt one would be silently without effect.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub struct Config {
    /// The namespace when neither `-n` nor the name says one; before the context's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The output format when `-o` is not given.
    pub output: Option<Output>,
    /// Names of containers that are sidecars, beside those a2 knows.
    pub sidecars: Vec<String>,
    /// Limits on time.
    pub limits: Limits,
    /// What `a2 scan` takes for too long.
    pub scan: ScanLimits,
    /// Labels and annotations that name the work, before those a2 knows.
    #[serde(skip_serializing_if = "WorkLabels::is_empty")]
    pub labels: WorkLabels,
    /// How the project checks itself; stands in the definition of done.
    #[serde(skip_serializing_if = "Project::is_empty")]
    pub project: Project,
}

/// What `a2 scan` takes for too long; without these a pod may run for ever.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub struct ScanLimits {
    /// Steps older than this are findings.
    #[serde(deserialize_with = "read_duration", serialize_with = "write_duration", skip_serializing_if = "Option::is_none")]
    pub max_age: Option<Duration>,
    /// The same for the pods of a label selector.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub max_age_by_label: BTreeMap<String, Span>,
}

/// A duration as people write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span(pub Duration);

impl TryFrom<String> for Span {
    type Error = super::duration::DurationError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        parse_duration(&text).map(Self)
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        format!("{}s", span.0.as_secs())
    }
}

/// Labels and annotations that name the work.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct WorkLabels {
    /// The task.
    pub task: Vec<String>,
    /// Who works on it. Pods of the same agent do the same kind of work: they count as siblings where no owner is shared.
    pub agent: Vec<String>,
    /// The service it belongs to. Pods of the same service count as siblings as well.
    pub service: Vec<String>,
}

impl WorkLabels {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The labels that name a kind of work, most telling first: the user's own before those a2 knows.
    pub fn of_kind(&self) -> Vec<String> {
        self.service.iter().chain(&self.agent).cloned().chain(Options::default().task_labels).collect()
    }

    /// By the name of what they name.
    pub fn by_name(&self) -> BTreeMap<String, Vec<String>> {
        let all = [("task", &self.task), ("agent", &self.agent), ("service", &self.service)];
        all.into_iter().filter(|(_, names)| !names.is_empty()).map(|(name, names)| (name.to_owned(), names.clone())).collect()
    }
}

/// Commands of the project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Project {
    /// Checks the format.
    pub format: Option<String>,
    /// Lints.
    pub lint: Option<String>,
    /// Tests.
    pub test: Option<String>,
}

impl Project {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Limits on time; absent ones keep their defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub struct Limits {
    /// For all questions together.
    #[serde(deserialize_with = "read_duration", serialize_with = "write_duration")]
    pub timeout: Option<Duration>,
    /// For a single request.
    #[serde(deserialize_with = "read_duration", serialize_with = "write_duration")]
    pub request_timeout: Option<Duration>,
    /// Deaths older than this are history.
    #[serde(deserialize_with = "read_duration", serialize_with = "write_duration")]
    pub since: Option<Duration>,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is there and cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file does not say what it should.
    #[error("{}{}: {message}", path.display(), place.map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Line and column, from one.
        place: Option<(usize, usize)>,
        /// What is wrong, with the nearest known key where one is misspelt.
        message: String,
    },
}

impl Config {
    /// The settings that a run without flags uses: what the file says, and the defaults for the rest.
    pub fn in_force(self) -> Self {
        let limits = Limits {
            timeout: Some(self.limits.timeout.unwrap_or(Duration::from_millis(Budget::default().milliseconds))),
            request_timeout: Some(self.limits.request_timeout.unwrap_or(REQUEST_TIMEOUT)),
            since: Some(self.limits.since.unwrap_or(Duration::from_secs(Options::default().since_seconds.unsigned_abs()))),
        };
        Self { output: Some(self.output.unwrap_or_default()), limits, ..self }
    }

    /// Where the file belongs, after the XDG base directory specification; `None` without a home.
    pub fn path() -> Option<PathBuf> {
        let set = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let base = set("XDG_CONFIG_HOME").or_else(|| Some(set("HOME")?.join(".config")))?;
        Some(base.join("a2").join("config.yaml"))
    }

    /// Reads the file where there is one; the default otherwise.
    pub fn load() -> Result<Self, ConfigError> {
        let Some(path) = Self::path() else { return Ok(Self::default()) };
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text, &path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(ConfigError::Unreadable { path, source }),
        }
    }

    /// Reads the text of a file; `path` is for messages. An empty file, or one of comments, says nothing.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let read: Result<Option<Self>, serde_yaml::Error> = serde_yaml::from_str(text);
        read.map(Option::unwrap_or_default).map_err(|error| ConfigError::Invalid {
            path: path.to_owned(),
            place: error.location().map(|at| (at.line(), at.column())),
            message: in_words(&error.to_string()),
        })
    }
}

/// serde's sentence with the place taken off (it stands before the message) and the nearest known word added.
fn in_words(message: &str) -> String {
    let message = message.rsplit_once(" at line ").map_or(message, |(before, _)| before);
    let mut quoted = message.split('`').skip(1).step_by(2);
    let unknown = message.contains("unknown field") || message.contains("unknown variant");
    match (unknown, quoted.next()) {
        (true, Some(typed)) => {
            let known: Vec<&str> = quoted.collect();
            let what = if message.contains("unknown field") { "key" } else { "value" };
            match nearest(typed, known.iter().copied()) {
                Some(near) => format!("unknown {what} `{typed}`, did you mean `{near}`?"),
                None => format!("unknown {what} `{typed}`, expected one of {}", known.join(", ")),
            }
        }
        _ => message.to_owned(),
    }
}

fn read_duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text: Option<String> = Option::deserialize(deserializer)?;
    text.map(|text| parse_duration(&text).map_err(serde::de::Error::custom)).transpose()
}

fn write_duration<S: Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    match duration {
        None => serializer.serialize_none(),
        Some(duration) if duration.subsec_millis() == 0 => serializer.serialize_str(&format!("{}s", duration.as_secs())),
        Some(duration) => serializer.serialize_str(&format!("{}ms", duration.as_millis())),
    }
}

/// `a2 config show`: the file, whether it is there, and every setting it leads to.
pub fn show() -> Result<String, super::Failure> {
    let config = Config::load().map_err(as_failure)?.in_force();
    let header = match Config::path() {
        Some(path) if path.exists() => format!("# from {}\n", path.display()),
        Some(path) => format!("# {} does not exist; these are the defaults\n", path.display()),
        None => "# neither XDG_CONFIG_HOME nor HOME is set; these are the defaults\n".to_owned(),
    };
    let body = serde_yaml::to_string(&config).map_err(super::Failure::unreadable)?;
    Ok(header + &body)
}

/// A wrong configuration is a usage error: the user wrote it.
pub fn as_failure(error: ConfigError) -> super::Failure {
    super::Failure::new(super::Exit::Usage, error).hint("a2 help config lists the keys")
}
