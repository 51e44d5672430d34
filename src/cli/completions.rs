//! `a2 completions SHELL`.

use clap_complete::Shell;

/// The completion script for a shell.
pub fn script(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut super::command(), "a2", &mut script);
    script
}
