//! `a2 man [COMMAND]`: manual pages, in roff.

use std::fmt::Write as _;

use super::{Exit, Failure};

/// The page of a subcommand, or of a2 itself.
pub fn page(subcommand: Option<&str>) -> Result<Vec<u8>, Failure> {
    let mut root = super::command();
    root.build();
    let command = match subcommand {
        None => root,
        Some(name) => root.find_subcommand(name).cloned().ok_or_else(|| Failure::usage(format!("no subcommand {name:?}")).hint("a2 --help lists them"))?,
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    page.extend(exit_status().into_bytes());
    Ok(page)
}

fn exit_status() -> String {
    let mut section = ".SH \"EXIT STATUS\"\n".to_owned();
    for exit in Exit::ALL {
        let meaning = exit.meaning().replace('-', "\\-");
        let _ = writeln!(section, ".TP\n{}\n{meaning}", exit.code());
    }
    section
}
