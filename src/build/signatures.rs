//! Turns `src/signatures/data/*.yaml` into Rust tables: the signatures, the literals that must be in a text before a
//! pattern is worth trying, exit codes and reasons.

#[path = "grams.rs"]
mod grams;
#[path = "needles.rs"]
mod needles;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    scope: String,
    #[serde(default)]
    languages: Vec<String>,
    #[serde(default)]
    library: Option<String>,
    signatures: Vec<Signature>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Signature {
    id: String,
    pattern: String,
    #[serde(default)]
    cause: Option<String>,
    #[serde(default)]
    peer_cause: Option<String>,
    #[serde(default)]
    role: Option<String>,
    #[serde(default)]
    languages: Option<Vec<String>>,
    #[serde(default)]
    library: Option<String>,
    #[serde(default)]
    rank: Option<u8>,
    #[serde(default)]
    tags: Vec<String>,
    why: String,
    /// Read by the tests only.
    #[serde(default, rename = "examples")]
    _examples: Option<Examples>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Examples {
    #[serde(rename = "yes")]
    _yes: Vec<String>,
    #[serde(default, rename = "no")]
    _no: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExitCodes {
    codes: Vec<ExitCode>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExitCode {
    code: i64,
    #[serde(default)]
    signal: Option<String>,
    meaning: String,
    specificity: String,
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reasons {
    reasons: Vec<Reason>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    reason: String,
    of: String,
    meaning: String,
    #[serde(default)]
    causes: Vec<String>,
}

/// Writes `signatures.rs` into `out`.
pub fn generate(data: &Path, out: &Path) -> Result<(), String> {
    println!("cargo:rerun-if-changed={}", data.display());
    let mut paths: Vec<_> = std::fs::read_dir(data).map_err(|e| e.to_string())?.filter_map(|e| e.ok().map(|e| e.path())).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "yaml"));
    paths.sort();
    let mut table = String::from("pub(crate) static SIGNATURES: &[Signature] = &[\n");
    let mut needles: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    let mut ids = BTreeMap::new();
    let mut words = Vec::new();
    let mut count = 0;
    for path in paths {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let text = std::fs::read_to_string(&path).map_err(|e| format!("{name}: {e}"))?;
        match name.as_str() {
            "exit-codes.yaml" => {
                let file: ExitCodes = serde_yaml::from_str(&text).map_err(|e| format!("{name}: {e}"))?;
                std::fs::write(out.join("exit_codes.rs"), exit_codes(file)).map_err(|e| e.to_string())?;
            }
            "reasons.yaml" => {
                let file: Reasons = serde_yaml::from_str(&text).map_err(|e| format!("{name}: {e}"))?;
                std::fs::write(out.join("reasons.rs"), reasons(file)).map_err(|e| e.to_string())?;
            }
            _ => {
                let file: File = serde_yaml::from_str(&text).map_err(|e| format!("{name}: {e}"))?;
                for s in &file.signatures {
                    if let Some(other) = ids.insert(s.id.clone(), name.clone()) {
                        return Err(format!("{name}: signature {} is already in {other}", s.id));
                    }
                    let found = needles::required(&s.pattern).map_err(|e| format!("{name}: {}: {e}", s.id))?;
                    words.push(s.why.clone());
                    words.extend(found.iter().cloned());
                    for needle in found {
                        needles.entry((scope(&file.scope)?.to_owned(), needle)).or_default().push(count);
                    }
                    signature(&mut table, &file, s)?;
                    count += 1;
                }
            }
        }
    }
    table.push_str("];\n\npub(crate) static NEEDLES: &[(Scope, &str, &[u16])] = &[\n");
    for ((scope, needle), of) in &needles {
        let _ = writeln!(table, "    (Scope::{scope}, {needle:?}, &{of:?}),");
    }
    table.push_str("];\n");
    let common = grams::count(words.into_iter());
    for (word, name) in [("Log", "LOG"), ("Platform", "PLATFORM"), ("Kernel", "KERNEL")] {
        let mine: Vec<(usize, &str)> =
            needles.keys().enumerate().filter(|(_, (scope, _))| scope == word).map(|(i, (_, needle))| (i, needle.as_str())).collect();
        table.push_str(&grams::table(name, &mine, &common));
    }
    std::fs::write(out.join("signatures.rs"), table).map_err(|e| e.to_string())
}

fn scope(word: &str) -> Result<&'static str, String> {
    match word {
        "log" => Ok("Log"),
        "platform" => Ok("Platform"),
        "kernel" => Ok("Kernel"),
        _ => Err(format!("unknown scope {word}")),
    }
}

fn signature(table: &mut String, file: &File, s: &Signature) -> Result<(), String> {
    let role = match s.role.as_deref() {
        None | Some("cause") => "Cause",
        Some("generic") => "Generic",
        Some("wrapper") => "Wrapper",
        Some("marker") => "Marker",
        Some("live") => "Live",
        Some("noise") => "Noise",
        Some(other) => return Err(format!("{}: unknown role {other}", s.id)),
    };
    let languages = s.languages.as_ref().unwrap_or(&file.languages);
    let library = s.library.as_ref().or(file.library.as_ref());
    let _ = writeln!(
        table,
        "    Signature {{ id: {:?}, scope: Scope::{}, pattern: {:?}, cause: {:?}, peer_cause: {:?}, role: Role::{role}, languages: &{languages:?}, library: {library:?}, rank: {}, tags: &{:?}, why: {:?} }},",
        s.id,
        scope(&file.scope)?,
        s.pattern,
        s.cause,
        s.peer_cause,
        s.rank.unwrap_or(50),
        s.tags,
        s.why.trim(),
    );
    Ok(())
}

fn exit_codes(file: ExitCodes) -> String {
    let mut codes = file.codes;
    codes.sort_by_key(|c| c.code);
    let mut text = String::from("static EXIT_CODES: &[ExitMeaning] = &[\n");
    for c in codes {
        let level = match c.specificity.as_str() {
            "high" => "High",
            "medium" => "Medium",
            _ => "Low",
        };
        let _ = writeln!(
            text,
            "    ExitMeaning {{ code: {}, signal: {:?}, meaning: {:?}, specificity: Specificity::{level}, tags: &{:?} }},",
            c.code, c.signal, c.meaning, c.tags
        );
    }
    text.push_str("];\n");
    text
}

fn reasons(file: Reasons) -> String {
    let mut text = String::from("static REASONS: &[ReasonMeaning] = &[\n");
    for r in file.reasons {
        let of = match r.of.as_str() {
            "waiting" => "Waiting",
            "terminated" => "Terminated",
            "event" => "Event",
            _ => "Pod",
        };
        let _ = writeln!(text, "    ReasonMeaning {{ reason: {:?}, of: ReasonOf::{of}, meaning: {:?}, causes: &{:?} }},", r.reason, r.meaning, r.causes);
    }
    text.push_str("];\n");
    text
}
