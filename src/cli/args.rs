//! The command line. Flag names are kubectl's wherever kubectl has one.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::ArgValueCompleter;

use super::complete;
use super::duration::parse_duration;
use super::pod_name::PodName;

/// Tells what killed a pod, how sure it is, and what shows it.
///
/// It also answers for pods that are already gone, and says so when the evidence is not enough.
#[derive(Debug, Parser)]
#[command(name = "a2", version, about, max_term_width = 100, disable_help_subcommand = true, subcommand_required = true, arg_required_else_help = true)]
#[command(after_help = "Topics: a2 help exit-codes, a2 help environment, a2 help config")]
pub struct Cli {
    /// What every subcommand understands.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags of every subcommand.
#[derive(Clone, Debug, Args)]
pub struct GlobalArgs {
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = Color::Auto, hide_possible_values = false)]
    pub color: Color,
    /// Log requests to stderr; repeat for more (-vv)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set or TERM is dumb
    #[default]
    Auto,
    /// Always, also into files and pipes
    Always,
    /// Never
    Never,
}

/// The subcommands; each has a file of its own.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Tell what killed a pod, or what keeps it from working
    Investigate(Box<InvestigateArgs>),
    /// Find what is dead in whole namespaces, also while it looks alive
    Scan(Box<ScanArgs>),
    /// Tell what a cause, an exit code, a reason, a signal or a signature means
    Explain(ExplainArgs),
    /// List, show, check and try rules
    Rules(RulesArgs),
    /// Score the rules on labelled cases
    Evaluate(EvaluateArgs),
    /// Print the JSON Schema of what -o json prints, or of rule files
    Schema(SchemaArgs),
    /// Generate a completion script for a shell
    Completions(CompletionsArgs),
    /// Show where the configuration is and what it says
    Config(ConfigArgs),
    /// Print a manual page
    Man(ManArgs),
    /// Explain a subcommand or a topic
    Help(HelpArgs),
}

/// How answers are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Output {
    /// A report for a terminal
    #[default]
    Table,
    /// The same with everything in it
    Wide,
    /// One JSON object, whatever happens
    Json,
    /// The same as YAML
    Yaml,
    /// A ticket
    Markdown,
    /// One page that needs nothing else
    Html,
}

/// `a2 investigate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  a2 investigate web-5d9f7c-x2x4z -n shop
  a2 investigate shop/web-5d9f7c-x2x4z -o markdown > ticket.md
  a2 investigate job/nightly -n shop
  a2 investigate web-5d9f7c-x2x4z -n shop --save case.tar.gz
  a2 investigate web-5d9f7c-x2x4z --from case.tar.gz --explain
  (kubectl describe pod web-0; kubectl logs web-0 --previous) | a2 investigate -

Exit codes: 0 it ran, 1 only with --exit-code, 2 usage, 3 no trace of the pod, 4 cluster or bundle unreadable.
More: a2 help exit-codes")]
pub struct InvestigateArgs {
    /// The pod: NAME (or how it begins), pod/NAME, NAMESPACE/NAME; TYPE/NAME of a workload, for its worst pod; - reads what was pasted to stdin
    #[arg(value_name = "POD", add = ArgValueCompleter::new(complete::pods))]
    pub pod: PodName,
    /// After -, the pod, when the pasted text is about several
    #[arg(value_name = "POD IN PASTE")]
    pub pasted: Option<PodName>,
    /// Which cluster, as kubectl asks for it.
    #[command(flatten)]
    pub cluster: ClusterArgs,
    /// Read a bundle or another tool's dump (directory or .tar.gz) instead of a cluster
    #[arg(long, value_name = "BUNDLE", value_hint = ValueHint::AnyPath, help_heading = "Where from", conflicts_with_all = OF_A_CLUSTER)]
    pub from: Option<PathBuf>,
    /// Keep what the API said, redacted, for --from and for tickets
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Where from")]
    pub save: Option<PathBuf>,
    /// The container to judge, instead of the one a2 finds to be the primary
    #[arg(short, long, value_name = "NAME", help_heading = "What to judge")]
    pub container: Option<String>,
    /// The incarnation to judge, when a name was used more than once
    #[arg(long, value_name = "UID", help_heading = "What to judge")]
    pub uid: Option<String>,
    /// Deaths older than this are history, not the subject [default: 24h]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, help_heading = "What to judge")]
    pub since: Option<Duration>,
    /// Do not read logs
    #[arg(long, help_heading = "What to judge")]
    pub no_logs: bool,
    /// Ask the node for its log files and its runtime's log: needs nodes/log or nodes/proxy, which can do more than read
    #[arg(long, help_heading = "What to judge", conflicts_with = "no_logs")]
    pub node_logs: bool,
    /// More rules: a YAML file or a directory of them
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath, help_heading = "What to judge")]
    pub rules: Vec<PathBuf>,
    /// Time for all questions together [default: 10s]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, help_heading = "Where from")]
    pub timeout: Option<Duration>,
    /// What is shown, and how.
    #[command(flatten)]
    pub show: ShowArgs,
    /// Exit with 1 when something is wrong with the pod
    #[arg(long)]
    pub exit_code: bool,
}

/// How an investigation is shown.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "How it is shown")]
pub struct ShowArgs {
    /// Output format [default: table]
    #[arg(short, long, value_name = "FORMAT", value_enum)]
    pub output: Option<Output>,
    /// The headline only
    #[arg(short, long, conflicts_with_all = ["describe", "explain", "checklist"])]
    pub quiet: bool,
    /// Add what kubectl describe would say, and what it hides
    #[arg(long)]
    pub describe: bool,
    /// Show how the sum came about, hypothesis by hypothesis
    #[arg(long)]
    pub explain: bool,
    /// Add the definition of done
    #[arg(long)]
    pub checklist: bool,
    /// The ticket that Markdown is to link: a number, or an address
    #[arg(long, value_name = "N")]
    pub issue: Option<String>,
    /// Show secrets as they are; only on a terminal
    #[arg(long, conflicts_with = "save")]
    pub no_redact: bool,
}

/// `a2 scan`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  a2 scan -n shop
  a2 scan -A --silent-only
  a2 scan -n shop -o name | xargs -r -n1 a2 investigate
  a2 scan -n shop --since 10m --exit-code
  a2 scan -A --watch -o jsonl --save flight/

Exit codes: 0 it ran, 1 only with --exit-code and findings above info, 2 usage, 4 cluster or bundle unreadable.
More: a2 help exit-codes")]
pub struct ScanArgs {
    /// Namespaces; may be repeated [default: the context's]
    #[arg(short, long = "namespace", value_name = "NAMESPACE", add = ArgValueCompleter::new(complete::namespaces))]
    pub namespaces: Vec<String>,
    /// All namespaces
    #[arg(short = 'A', long, conflicts_with = "namespaces")]
    pub all_namespaces: bool,
    /// Only pods with these labels
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    pub selector: Option<String>,
    /// Only pods with these fields
    #[arg(long, value_name = "SELECTOR")]
    pub field_selector: Option<String>,
    /// Leave out pods with this label; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    pub exclude_label: Vec<String>,
    /// Which cluster, as kubectl asks for it.
    #[command(flatten)]
    pub cluster: WhereArgs,
    /// Read a bundle or another tool's dump (directory or .tar.gz) instead of a cluster
    #[arg(long, value_name = "BUNDLE", value_hint = ValueHint::AnyPath, help_heading = "Where from", conflicts_with_all = OF_A_CLUSTER)]
    pub from: Option<PathBuf>,
    /// Time for all questions together [default: 30s]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, help_heading = "Where from")]
    pub timeout: Option<Duration>,
    /// Deaths and restarts older than this are history
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, default_value = "1h", help_heading = "What counts")]
    pub since: Duration,
    /// How long a pod may be not ready, waiting or lingering
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, default_value = "60s", help_heading = "What counts")]
    pub grace: Duration,
    /// How long a step may run: pods that are not meant to run for good
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, help_heading = "What counts")]
    pub max_age: Option<Duration>,
    /// The least severity that is shown
    #[arg(long, value_enum, default_value_t = SeverityArg::Info, help_heading = "What counts")]
    pub severity: SeverityArg,
    /// Only pods that look alive and are dead
    #[arg(long, help_heading = "What counts")]
    pub silent_only: bool,
    /// Do not read logs
    #[arg(long, help_heading = "What counts")]
    pub no_logs: bool,
    /// More rules: a YAML file or a directory of them
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath, help_heading = "What counts")]
    pub rules: Vec<PathBuf>,
    /// Output format [default: table]
    #[arg(short, long, value_name = "FORMAT", value_enum, help_heading = "How it is shown")]
    pub output: Option<ScanOutput>,
    /// One row per pod instead of one per owner and cause
    #[arg(long, help_heading = "How it is shown")]
    pub all: bool,
    /// Go on watching: a table that is drawn anew, or with -o jsonl one line per change
    #[arg(long, help_heading = "How it is shown", conflicts_with_all = ["from", "exit_code"])]
    pub watch: bool,
    /// With --watch: keep what is known of pods that fail or disappear, redacted, in this directory, which --from reads
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Where from", requires = "watch")]
    pub save: Option<PathBuf>,
    /// Exit with 1 when something above info was found, other than pods that were taken away
    #[arg(long)]
    pub exit_code: bool,
}

/// The least severity that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SeverityArg {
    /// Everything
    Info,
    /// What is broken beside the work, and what broke for a while
    Warning,
    /// What is broken
    Error,
    /// What is broken and invisible to alerts
    Critical,
}

/// How a scan is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ScanOutput {
    /// A table for a terminal
    #[default]
    Table,
    /// The same with everything in it
    Wide,
    /// One JSON object, whatever happens
    Json,
    /// One finding a line
    Jsonl,
    /// The JSON object as YAML
    Yaml,
    /// namespace/pod a line, for xargs
    Name,
    /// A table for a ticket
    Markdown,
}

use super::args_cluster::OF_A_CLUSTER;
pub use super::args_cluster::{ClusterArgs, WhereArgs};
pub use super::args_rules::{EvaluateArgs, EvaluateOutput, ExplainArgs, RulesAction, RulesArgs, TextOutput};

/// `a2 schema`.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// The document
    #[arg(value_enum, value_name = "DOCUMENT", default_value_t = SchemaDocument::Investigation)]
    pub document: SchemaDocument,
}

/// The documents that have a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaDocument {
    /// The answer of a2 investigate
    Investigation,
    /// The answer of a2 scan
    Scan,
    /// What stands there instead of an answer
    Error,
    /// The answer of a2 explain and a2 rules show
    Explanation,
    /// The answer of a2 rules list
    Rules,
    /// The answer of a2 rules check and a2 rules test
    RuleCheck,
    /// The answer of a2 evaluate
    Evaluation,
    /// A file with a rule of your own
    RuleFile,
    /// A file with signatures of your own
    SignatureFile,
}

/// `a2 completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: CompletionShell,
}

/// Who completes command lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CompletionShell {
    /// source it, or put it into /etc/bash_completion.d
    Bash,
    /// as _a2 in a directory of fpath
    Zsh,
    /// as ~/.config/fish/completions/a2.fish
    Fish,
    /// in the profile
    #[value(name = "powershell")]
    PowerShell,
    /// in rc.elv
    Elvish,
    /// as the executable kubectl_complete-a2 in PATH, for "kubectl a2"
    Kubectl,
}

impl CompletionShell {
    /// As it is typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
            Self::PowerShell => "powershell",
            Self::Elvish => "elvish",
            Self::Kubectl => "kubectl",
        }
    }
}

/// `a2 config`.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// What to do with it.
    #[command(subcommand)]
    pub action: ConfigAction,
}

/// `a2 config …`.
#[derive(Debug, Subcommand)]
pub enum ConfigAction {
    /// Print the settings in force and the file they come from
    Show,
}

/// `a2 man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The subcommand; without one the page of a2 itself
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}

/// `a2 help`.
#[derive(Debug, Args)]
pub struct HelpArgs {
    /// A subcommand, or one of: exit-codes, environment, config
    #[arg(value_name = "COMMAND|TOPIC")]
    pub subject: Vec<String>,
}
