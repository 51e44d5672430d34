//! Rules and signatures of one's own: `$XDG_CONFIG_HOME/a2/rules/*.yaml`, and what `--rules` names.

use std::borrow::Cow;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Config, Exit, Failure};
use crate::redact;
use crate::rules::RuleSet;

/// The built-in rules with those of the user. A file that cannot be used is a usage error: silently judging without it would
/// be a wrong answer.
pub fn load(named: &[PathBuf]) -> Result<Cow<'static, RuleSet>, Failure> {
    let own = Config::path().and_then(|path| Some(path.parent()?.join("rules"))).filter(|folder| folder.is_dir());
    let files = read_all(own.iter().chain(named))?;
    if files.is_empty() {
        return Ok(Cow::Borrowed(RuleSet::builtin()));
    }
    let set = RuleSet::builtin()
        .with_user_files(files.iter().map(|(name, text)| (name.as_str(), text.as_str())))
        .map_err(|error| Failure::new(Exit::Usage, error).hint("a2 rules check FILE shows all that is wrong; docs/writing-rules.md what a rule may say"))?;
    // What makes a2 see less than its user believes is said on every run. Where stderr is closed, nobody reads it.
    let mut err = std::io::stderr().lock();
    for warning in set.warnings() {
        let _ = writeln!(err, "note: {}", redact::show(warning));
    }
    Ok(Cow::Owned(set))
}

/// The texts of these files and of all rule files directly in these folders, by name.
pub fn read_all<'a>(paths: impl IntoIterator<Item = &'a PathBuf>) -> Result<Vec<(String, String)>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            for file in yaml_files(path)? {
                files.push(read(&file)?);
            }
        } else {
            files.push(read(path)?);
        }
    }
    Ok(files)
}

/// `*.yaml` and `*.yml` directly in a folder, by name, so that the order never depends on the file system.
fn yaml_files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
        let path = entry.map_err(|error| unreadable(folder, &error))?.path();
        if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn read(path: &Path) -> Result<(String, String), Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    Ok((path.display().to_string(), text))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("cannot read rules at {}: {error}", path.display())).hint("--rules takes a YAML file or a directory of them")
}
