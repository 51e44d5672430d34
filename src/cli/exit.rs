//! Exit codes: the whole list, with what each means. Help, man page and documentation are written from it.

use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exit {
    /// It ran, whatever it found.
    Ran,
    /// Only with `--exit-code`: something is wrong with what was looked at.
    Found,
    /// The command line, the configuration or a file of rules is wrong.
    Usage,
    /// The target left no trace at all; the report is printed all the same.
    NoTrace,
    /// The cluster or the bundle could not be read, or the answer could not be written.
    Unreadable,
    /// Stopped by Ctrl-C: 128 + SIGINT, as shells report it.
    Interrupted,
}

impl Exit {
    /// Every code, in rising order.
    pub const ALL: [Self; 6] = [Self::Ran, Self::Found, Self::Usage, Self::NoTrace, Self::Unreadable, Self::Interrupted];

    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Ran => 0,
            Self::Found => 1,
            Self::Usage => 2,
            Self::NoTrace => 3,
            Self::Unreadable => 4,
            Self::Interrupted => 130,
        }
    }

    /// What it tells a script, as one line.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Ran => "it ran, whatever it found",
            Self::Found => "with --exit-code: a cause outside healthy.* and disruption.*, or unknown where a death or trace exists",
            Self::Usage => "the command line, the configuration or a rules file is wrong",
            Self::NoTrace => "the target left no trace at all (the report is printed, the hint goes to stderr)",
            Self::Unreadable => "the cluster or bundle could not be read, or the answer could not be written",
            Self::Interrupted => "interrupted",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
