//! What every test needs: where recorded cases are, and the binary in an environment that tells it nothing.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The root of the package.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A case in `fixtures/`.
pub fn fixture(case: &str) -> PathBuf {
    let path = root().join("fixtures").join(case);
    assert!(path.is_dir(), "no fixture {}", path.display());
    path
}

/// The whole corpus: `A2_CASES`, by default beside the package. Says so when it is not there.
pub fn corpus() -> Option<PathBuf> {
    let path = std::env::var_os("A2_CASES").map_or_else(|| root().join("../shared/cases"), PathBuf::from);
    if path.is_dir() {
        return Some(path);
    }
    println!("not run: no recorded cases at {} (A2_CASES)", path.display());
    None
}

/// One recorded case.
pub struct Case {
    /// Its folder.
    pub path: PathBuf,
    /// `case.json`.
    pub truth: serde_json::Value,
}

impl Case {
    /// Reads a case; `None` for a folder that is none.
    pub fn read(path: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(path.join("case.json")).ok()?;
        Some(Self { path: path.to_owned(), truth: serde_json::from_str(&text).unwrap() })
    }

    /// Its id.
    pub fn id(&self) -> &str {
        self.truth["id"].as_str().unwrap()
    }

    /// Its namespace.
    pub fn namespace(&self) -> &str {
        self.truth["namespace"].as_str().unwrap()
    }

    /// The pod it is about; `None` for a case about a whole namespace.
    pub fn target(&self) -> Option<&str> {
        self.truth["target"].as_str()
    }

    /// The stages that are labelled and recorded.
    pub fn stages(&self) -> Vec<String> {
        let labelled = self.truth["truth"].as_object().into_iter().flat_map(|truth| truth.keys());
        labelled.filter(|stage| self.path.join(stage).is_dir()).cloned().collect()
    }
}

/// All cases in a folder, by name.
pub fn cases(folder: &Path) -> Vec<Case> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().filter_map(|path| Case::read(path)).collect()
}

/// The cases of `fixtures/`.
pub fn fixtures() -> Vec<Case> {
    cases(&root().join("fixtures"))
}

/// The binary, in an environment without colour wishes, kubeconfig, configuration, proxies or a home.
pub fn a2() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_a2"));
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).current_dir(root()).stdin(Stdio::null());
    command
}

/// What a run said.
#[derive(Debug)]
pub struct Run {
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Run {
    /// Standard output as one JSON object and nothing else.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        let value: serde_json::Value = serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("stdout is not one JSON document: {error}\n{self:#?}"));
        assert!(value.is_object(), "stdout is not an object: {self:#?}");
        value
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// Runs the binary.
pub fn run<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Run {
    a2().args(args).output().expect("the binary starts").into()
}

/// Holds a generated file to what the code would write now; `BLESS=1` writes it.
#[track_caller]
pub fn fresh(path: &Path, now: &str) {
    if std::env::var_os("BLESS").is_some_and(|bless| bless == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, now).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    let shown = path.strip_prefix(root()).unwrap_or(path).display();
    assert!(kept == now, "{shown} is stale; BLESS=1 cargo test --test suite writes it anew\n{}", first_difference(&kept, now));
}

fn first_difference(kept: &str, now: &str) -> String {
    let (mut kept, mut now, mut line) = (kept.lines(), now.lines(), 0);
    loop {
        line += 1;
        match (kept.next(), now.next()) {
            (None, None) => return "they differ in line ends only".to_owned(),
            (was, is) if was == is => {}
            (was, is) => return format!("line {line}\n  kept {was:?}\n  now  {is:?}"),
        }
    }
}

/// Holds a folder of generated files to a list of names: what is no longer generated must go.
#[track_caller]
pub fn nothing_but(folder: &Path, names: &[String]) {
    let mut there: Vec<String> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    there.retain(|name| !names.contains(name));
    if std::env::var_os("BLESS").is_some_and(|bless| bless == "1") {
        there.iter().for_each(|name| std::fs::remove_file(folder.join(name)).unwrap());
        return;
    }
    assert!(there.is_empty(), "{} holds files that nothing generates: {there:?}", folder.display());
}

/// Rust files below a folder, sorted.
pub fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
