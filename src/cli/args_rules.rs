//! The command line of the subcommands about rules.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};

/// How words and lists are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum TextOutput {
    /// Text for a terminal
    #[default]
    Table,
    /// One JSON object
    Json,
}

/// `a2 explain`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  a2 explain oom.container-limit
  a2 explain 137
  a2 explain CrashLoopBackOff
  a2 explain SIGTERM

It asks no cluster.")]
pub struct ExplainArgs {
    /// A cause, a family of causes, an exit code, a reason, a signal, a signature or a fact
    #[arg(value_name = "WORD", required = true)]
    pub word: Vec<String>,
    /// More rules: a YAML file or a directory of them
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub rules: Vec<PathBuf>,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = TextOutput::Table)]
    pub output: TextOutput,
}

/// `a2 rules`.
#[derive(Debug, Args)]
pub struct RulesArgs {
    /// What to do with them.
    #[command(subcommand)]
    pub action: RulesAction,
}

/// `a2 rules …`.
#[derive(Debug, Subcommand)]
pub enum RulesAction {
    /// List the rules in force
    List {
        /// More rules: a YAML file or a directory of them
        #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
        rules: Vec<PathBuf>,
        /// Output format
        #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = TextOutput::Table)]
        output: TextOutput,
    },
    /// Show the rule of a cause
    Show {
        /// The cause id
        #[arg(value_name = "CAUSE")]
        cause: String,
        /// More rules: a YAML file or a directory of them
        #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
        rules: Vec<PathBuf>,
        /// Output format
        #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = TextOutput::Table)]
        output: TextOutput,
    },
    /// Check files of your own; exit code 2 when one cannot be used
    Check {
        /// Rule and signature files, or directories of them
        #[arg(value_name = "FILE", required = true, value_hint = ValueHint::AnyPath)]
        files: Vec<PathBuf>,
        /// Output format
        #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = TextOutput::Table)]
        output: TextOutput,
    },
    /// Check the files of a directory and try their examples; exit code 2 when one does not hold
    Test {
        /// A directory of rule and signature files
        #[arg(value_name = "DIR", value_hint = ValueHint::AnyPath)]
        folder: PathBuf,
        /// Output format
        #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = TextOutput::Table)]
        output: TextOutput,
    },
}

/// How an evaluation is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum EvaluateOutput {
    /// Tables for a terminal
    #[default]
    Table,
    /// One JSON object
    Json,
    /// Tables for a page
    Markdown,
}

/// `a2 evaluate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  a2 evaluate fixtures
  a2 evaluate cases --rules my-rules --min-top1 0.95
  a2 evaluate cases --leave-out oom

Exit codes: 0 it ran, 1 a bound was missed, 2 usage, 4 the cases could not be read.")]
pub struct EvaluateArgs {
    /// A directory of labelled cases: in each a case.json beside a bundle per stage
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub cases: PathBuf,
    /// More rules: a YAML file or a directory of them
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub rules: Vec<PathBuf>,
    /// Judge cases of this family (or cause) once more without its rules; may be repeated; all: each in turn
    #[arg(long, value_name = "FAMILY")]
    pub leave_out: Vec<String>,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = EvaluateOutput::Table)]
    pub output: EvaluateOutput,
    /// Least share of right first causes
    #[arg(long, value_name = "SHARE", help_heading = "Bounds")]
    pub min_top1: Option<f64>,
    /// Least share of right causes among three
    #[arg(long, value_name = "SHARE", help_heading = "Bounds")]
    pub min_top3: Option<f64>,
    /// Least share of right answers where there is one
    #[arg(long, value_name = "SHARE", help_heading = "Bounds")]
    pub min_answered: Option<f64>,
    /// Least share of unknown where nobody could know
    #[arg(long, value_name = "SHARE", help_heading = "Bounds")]
    pub min_abstained: Option<f64>,
    /// Least share of confirmed or probable where there is an answer
    #[arg(long, value_name = "SHARE", help_heading = "Bounds")]
    pub min_decided: Option<f64>,
    /// Least share of right mechanisms
    #[arg(long, value_name = "SHARE", help_heading = "Bounds")]
    pub min_mechanism: Option<f64>,
    /// Least share of right verdicts among the confirmed
    #[arg(long, value_name = "SHARE", help_heading = "Bounds")]
    pub min_confirmed: Option<f64>,
    /// Least share of right verdicts among the probable
    #[arg(long, value_name = "SHARE", help_heading = "Bounds")]
    pub min_probable: Option<f64>,
    /// Greatest Brier score
    #[arg(long, value_name = "SCORE", help_heading = "Bounds")]
    pub max_brier: Option<f64>,
    /// Greatest number of verdicts that are sure and wrong where nobody could know
    #[arg(long, value_name = "N", help_heading = "Bounds")]
    pub max_overclaimed: Option<usize>,
}
