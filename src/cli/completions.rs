//! `a2 completions SHELL`: scripts that ask a2 itself at every Tab, so that names come from the cluster.

use super::args::CompletionShell;
use super::complete::{SHELLS, VARIABLE};

/// The completion script for a shell, or the file that kubectl asks.
pub fn script(shell: CompletionShell) -> std::io::Result<Vec<u8>> {
    let mut script = Vec::new();
    if let Some(completer) = SHELLS.completer(shell.name()) {
        completer.write_registration(VARIABLE, "a2", "a2", "a2", &mut script)?;
    }
    Ok(quiet(&String::from_utf8_lossy(&script), shell).into_bytes())
}

/// A credential plugin writes where it likes; what it says would land in the middle of the line that is being typed.
fn quiet(script: &str, shell: CompletionShell) -> String {
    let (call, silent) = match shell {
        CompletionShell::Bash => ("-- \"${words[@]}\" \\", "-- \"${words[@]}\" 2>/dev/null \\"),
        CompletionShell::Fish => ("(commandline --current-token))", "(commandline --current-token) 2>/dev/null)"),
        _ => return script.to_owned(),
    };
    script.replace(call, silent)
}
