//! What a shell asks at every Tab: names of pods and namespaces from the cluster or the bundle that the line names, contexts from the
//! kubeconfig. Whatever goes wrong, nothing is offered and nothing is said: the user is in the middle of a line.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use clap_complete::env::{Bash, Elvish, EnvCompleter, Fish, Powershell, Shells, Zsh};
use clap_complete::{CompleteEnv, CompletionCandidate, engine};

use super::Config;
use crate::source::{self, ClusterOptions, Connection, Overrides};
use crate::{collect, redact};

/// The variable by which a script asks; its value names the shell.
pub const VARIABLE: &str = "A2_COMPLETE";
/// Where the words of the line stand, and which of them is being typed (clap_complete's scripts set it).
const INDEX: &str = "_CLAP_COMPLETE_INDEX";
/// Nobody waits longer for a list of names.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Every shell that is known, and kubectl, which asks its plugins.
pub const SHELLS: Shells<'static> = Shells(&[&Bash, &Elvish, &Fish, &Powershell, &Zsh, &Kubectl]);

/// Answers a shell that asks; `false` for every other run.
pub fn answer(args: &[OsString]) -> bool {
    if std::env::var_os(VARIABLE).is_none_or(|shell| shell.is_empty() || shell == "0") {
        return false;
    }
    let typed = Typed::of(args);
    let command = || {
        let command = super::command();
        // As kubectl has it: flags are offered once a dash is typed, or where there is nothing else.
        if typed.current.is_empty() { flags_last(command) } else { command }
    };
    let here = std::env::current_dir().ok();
    // A shell that is not known, a reader that went away: there is nobody to tell.
    let _ = CompleteEnv::with_factory(command).var(VARIABLE).shells(SHELLS).try_complete(args.to_vec(), here.as_deref());
    true
}

fn flags_last(command: clap::Command) -> clap::Command {
    // The flags for help and version are made when the command is built: too late to be hidden.
    let command = command.disable_help_flag(true).disable_version_flag(true).mut_args(|arg| if arg.is_positional() { arg } else { arg.hide(true) });
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| command.mut_subcommand(name, flags_last))
}

/// The line as far as it was typed.
#[derive(Debug, Default, PartialEq, Eq)]
struct Typed {
    /// The words before the one that is being typed, and after it.
    words: Vec<String>,
    current: String,
}

impl Typed {
    /// From the arguments of this process: what follows the first `--`, as the scripts pass it.
    fn of(args: &[OsString]) -> Self {
        let mut words: Vec<String> = args.iter().skip_while(|arg| *arg != "--").skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect();
        let said = std::env::var(INDEX).ok().and_then(|index| index.parse::<usize>().ok());
        let at = said.unwrap_or(words.len().saturating_sub(1));
        let current = if at < words.len() { words.remove(at) } else { String::new() };
        Self { words, current }
    }

    /// The last value of a flag, in any of its spellings.
    fn value(&self, long: &str, short: Option<&str>) -> Option<String> {
        let mut found = None;
        let mut words = self.words.iter();
        while let Some(word) = words.next() {
            let inline = |flag: &str| word.strip_prefix(flag).map(|rest| rest.strip_prefix('=').unwrap_or(rest).to_owned());
            if word == long || Some(word.as_str()) == short {
                found = words.next().cloned().or(found);
            } else if word.starts_with(&format!("{long}=")) {
                found = inline(long);
            } else if let Some(short) = short.filter(|s| word.starts_with(*s) && !word.starts_with("--")) {
                found = inline(short);
            }
        }
        found
    }

    fn has(&self, flag: &str) -> bool {
        self.words.iter().any(|word| word == flag)
    }

    fn cluster(&self) -> ClusterOptions {
        let path = |flag: &str| self.value(flag, None).map(PathBuf::from);
        ClusterOptions {
            kubeconfig: path("--kubeconfig"),
            context: self.value("--context", None),
            impersonate: self.value("--as", None),
            impersonate_groups: self.value("--as-group", None).into_iter().collect(),
            request_timeout: Some(PATIENCE),
            overrides: Overrides {
                cluster: self.value("--cluster", None),
                user: self.value("--user", None),
                server: self.value("--server", Some("-s")),
                token: self.value("--token", None),
                certificate_authority: path("--certificate-authority"),
                client_certificate: path("--client-certificate"),
                client_key: path("--client-key"),
                tls_server_name: self.value("--tls-server-name", None),
                insecure: self.has("--insecure-skip-tls-verify"),
            },
        }
    }

    async fn connect(&self) -> Option<Connection> {
        match self.value("--from", None) {
            Some(bundle) => source::foreign::open(Path::new(&bundle)).ok(),
            None => source::connect(&self.cluster()).await.ok(),
        }
    }
}

fn typed() -> Typed {
    Typed::of(&std::env::args_os().collect::<Vec<_>>())
}

/// Pods: `NAME`, `pod/NAME` and `NAMESPACE/NAME`.
pub fn pods(current: &OsStr) -> Vec<CompletionCandidate> {
    let current = current.to_string_lossy().into_owned();
    let (front, _) = current.rsplit_once('/').map_or(("", ""), |(front, name)| (front, name));
    let named = Some(front.trim_end_matches("pods").trim_end_matches("pod").trim_end_matches('/')).filter(|n| !n.is_empty()).map(str::to_owned);
    let front = if front.is_empty() { String::new() } else { format!("{front}/") };
    let names = in_time(move || async move {
        let typed = typed();
        let connection = typed.connect().await?;
        let configured = || Config::load().ok().and_then(|config| config.namespace);
        let namespace = named.or_else(|| typed.value("--namespace", Some("-n"))).or_else(configured).unwrap_or_else(|| connection.default_namespace.clone());
        Some(collect::pod_names(&connection, &namespace).await)
    });
    candidates(names.into_iter().map(|name| format!("{front}{name}")), &current)
}

/// Namespaces.
pub fn namespaces(current: &OsStr) -> Vec<CompletionCandidate> {
    let names = in_time(|| async move { Some(collect::namespace_names(&typed().connect().await?).await) });
    candidates(names, &current.to_string_lossy())
}

/// Contexts of the kubeconfig.
pub fn contexts(current: &OsStr) -> Vec<CompletionCandidate> {
    candidates(source::contexts(typed().value("--kubeconfig", None).map(PathBuf::from)), &current.to_string_lossy())
}

fn candidates(names: impl IntoIterator<Item = String>, current: &str) -> Vec<CompletionCandidate> {
    let mut names: Vec<String> = names.into_iter().filter(|name| name.starts_with(current)).collect();
    names.sort();
    names.dedup();
    // What a server or a file calls a name goes to the terminal.
    names.into_iter().map(|name| CompletionCandidate::new(redact::show(&name).into_owned())).collect()
}

/// Asks in a thread of its own: a credential plugin or a name lookup that hangs must not hold the line.
fn in_time<A, F>(ask: A) -> Vec<String>
where
    A: FnOnce() -> F + Send + 'static,
    F: Future<Output = Option<Vec<String>>>,
{
    let (sender, receiver) = mpsc::channel();
    let work = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
        let names = runtime.block_on(async { tokio::time::timeout(PATIENCE, ask()).await.ok().flatten() });
        runtime.shutdown_background();
        sender.send(names.unwrap_or_default()).ok()
    };
    std::thread::spawn(work);
    receiver.recv_timeout(PATIENCE).unwrap_or_default()
}

/// kubectl, which runs `kubectl_complete-a2` with the words after `kubectl a2` and reads what Cobra's programs print: a candidate
/// a line, with what it means behind a tab, and a colon with a sum of directives at the end (spf13/cobra, `completions.go`).
#[derive(Clone, Copy, Debug)]
struct Kubectl;

/// No space behind the candidate, and no file names beside it.
const NO_SPACE: u8 = 2;
const NO_FILES: u8 = 4;

impl EnvCompleter for Kubectl {
    fn name(&self) -> &'static str {
        "kubectl"
    }

    fn is(&self, name: &str) -> bool {
        name == "kubectl"
    }

    fn write_registration(&self, var: &str, _name: &str, _bin: &str, completer: &str, out: &mut dyn Write) -> std::io::Result<()> {
        write!(
            out,
            "#!/bin/sh\n# kubectl asks this file, by the name kubectl_complete-a2 in PATH, how \"kubectl a2 ...\" goes on.\n{var}=kubectl exec {completer} -- a2 \"$@\" 2>/dev/null\n"
        )
    }

    fn write_complete(&self, command: &mut clap::Command, args: Vec<OsString>, here: Option<&Path>, out: &mut dyn Write) -> std::io::Result<()> {
        let last = args.len().saturating_sub(1);
        let found = engine::complete(command, args, last, here)?;
        for candidate in &found {
            let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
            match help.lines().next().filter(|line| !line.is_empty()) {
                Some(help) => writeln!(out, "{}\t{help}", candidate.get_value().to_string_lossy())?,
                None => writeln!(out, "{}", candidate.get_value().to_string_lossy())?,
            }
        }
        let unfinished = found.iter().any(|candidate| candidate.get_value().to_string_lossy().ends_with(['/', '=']));
        writeln!(out, ":{}", if unfinished { NO_SPACE + NO_FILES } else { NO_FILES })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(words: &[&str]) -> Typed {
        Typed { words: words.iter().map(|w| (*w).to_owned()).collect(), current: String::new() }
    }

    #[test]
    fn the_last_mention_of_a_flag_counts_in_any_spelling() {
        for words in [&["-n", "shop"][..], &["-nshop"], &["-n=shop"], &["--namespace", "shop"], &["--namespace=shop"], &["-n", "old", "-nshop"]] {
            assert_eq!(typed(words).value("--namespace", Some("-n")).as_deref(), Some("shop"), "{words:?}");
        }
        for words in [&["--namespaces=x"][..], &["shop"], &["--no-logs"], &["-n"]] {
            assert_eq!(typed(words).value("--namespace", Some("-n")), None, "{words:?}");
        }
    }
}
