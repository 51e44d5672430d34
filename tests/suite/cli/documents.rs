//! Every command that README and docs show is run, and its output held to what they say.

use crate::support::root;

#[test]
fn shown_commands_do_what_is_shown() {
    trycmd::TestCases::new()
        .register_bin("a2", std::path::PathBuf::from(env!("CARGO_BIN_EXE_a2")))
        .env("NO_COLOR", "1")
        .env("CLICOLOR_FORCE", "0")
        .env("COLUMNS", "100")
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .env("KUBECONFIG", "/nonexistent")
        .case(root().join("README.md"))
        .case(root().join("docs/*.md"));
}
