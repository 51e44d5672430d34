//! What a block is.

/// What kind of block it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlockKind {
    /// A panic or a fatal error of the language's runtime.
    Panic,
    /// An exception that nothing caught, as the language's runtime prints it.
    Uncaught,
    /// An exception or error that the program printed or logged itself.
    Logged,
    /// What `main` returned.
    MainError,
    /// A native crash: abort, assertion, sanitizer, the interpreter's own crash report.
    Native,
    /// A task, future, promise or thread that died on its own.
    Background,
    /// The logging itself failed.
    Logging,
    /// A usage or syntax message before the program proper ran.
    Startup,
    /// Threads dumped without an error: a deadlock report, a requested dump.
    Dump,
}

/// One error of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorPart {
    /// Index of the line.
    pub line: usize,
    /// What it says, raw; several lines are joined by line ends.
    pub text: String,
}

/// A stack trace or error block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The language: `rust`, `go`, `python`, `java`, `node`, `dotnet`, `ruby`, `php`, `beam`, `native`, `shell`.
    pub language: &'static str,
    /// What kind.
    pub kind: BlockKind,
    /// Index of the first line.
    pub first: usize,
    /// Index of the last line.
    pub last: usize,
    /// The thread, task or process it names.
    pub thread: Option<String>,
    /// Whether it is about the main thread, as far as it says: such a block can end the process.
    pub main: bool,
    /// Whether the program itself reported it and went on.
    pub caught: bool,
    /// The errors of its chain, innermost (the original) first; at least one.
    pub errors: Vec<ErrorPart>,
}

impl Block {
    /// Whether a line belongs to it.
    pub fn holds(&self, line: usize) -> bool {
        (self.first..=self.last).contains(&line)
    }
}
