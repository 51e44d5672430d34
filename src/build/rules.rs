//! `src/rules/builtin/*.yaml`, read once at build time.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

/// `src/rules/builtin/*.yaml` → `rules.json` (a list of rules) and `rules_prose.json` (what only people and tests read, by cause).
pub fn generate(out: &Path) -> Result<(), Box<dyn Error>> {
    let (mut logic, mut prose) = (Vec::new(), Map::new());
    for (path, mut rule) in yaml_files(Path::new("src/rules/builtin"))? {
        let fields = rule.as_object_mut().ok_or_else(|| format!("{}: not a map", path.display()))?;
        let cause = fields.get("cause").and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut read = Map::new();
        for key in ["why", "references", "examples"] {
            if let Some(value) = fields.shift_remove(key) {
                read.insert(key.to_owned(), value);
            }
        }
        prose.insert(cause, Value::Object(read));
        logic.push(rule);
    }
    fs::write(out.join("rules.json"), serde_json::to_string(&logic)?)?;
    fs::write(out.join("rules_prose.json"), serde_json::to_string(&prose)?)?;
    Ok(())
}

/// All YAML files of a directory, by name.
fn yaml_files(dir: &Path) -> Result<Vec<(PathBuf, Value)>, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", dir.display());
    let mut paths: Vec<PathBuf> = fs::read_dir(dir)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    paths.retain(|p| p.extension().is_some_and(|e| e == "yaml"));
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let value = serde_yaml::from_str(&fs::read_to_string(&path)?).map_err(|e| format!("{}: {e}", path.display()))?;
        files.push((path, value));
    }
    Ok(files)
}
