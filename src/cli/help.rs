//! `a2 help [COMMAND|TOPIC]`.

use std::fmt::Write as _;

use super::suggest::nearest;
use super::{Exit, Failure};

/// A topic: its name, and what writes its text.
type Topic = (&'static str, fn() -> String);

/// The topics, beside the subcommands.
const TOPICS: [Topic; 3] = [("exit-codes", exit_codes), ("environment", environment), ("config", config)];

/// The text for a subcommand (`config show`), a topic, or (empty) for all of it; styled, the writer drops what is not wanted.
pub fn text(subject: &[String]) -> Result<String, Failure> {
    let mut command = super::command();
    command.build();
    let mut at = &mut command;
    if let [topic] = subject
        && let Some((_, write)) = TOPICS.iter().find(|(name, _)| name == topic)
        && (topic != "config" || at.find_subcommand(topic).is_none())
    {
        return Ok(write());
    }
    for word in subject {
        let known: Vec<String> = at.get_subcommands().map(|c| c.get_name().to_owned()).chain(TOPICS.iter().map(|(name, _)| (*name).to_owned())).collect();
        let Some(below) = at.find_subcommand_mut(word) else {
            let failure = Failure::usage(format!("no subcommand or topic {word:?}"));
            return Err(match nearest(word, known.iter().map(String::as_str)) {
                Some(near) => failure.hint(format!("did you mean {near}?")),
                None => failure.hint(format!("there are: {}", known.join(", "))),
            });
        };
        at = below;
    }
    let mut text = at.render_long_help().ansi().to_string();
    if let [topic] = subject
        && let Some((_, write)) = TOPICS.iter().find(|(name, _)| name == topic)
    {
        let _ = write!(text, "\n{}", write());
    }
    Ok(text)
}

fn exit_codes() -> String {
    let mut text = "Exit codes\n\n".to_owned();
    for exit in Exit::ALL {
        let _ = writeln!(text, "  {:>3}  {}", exit.code(), exit.meaning());
    }
    text.push_str("\nWith -o json stdout is exactly one JSON object for every code: the answer for 0, 1 and 3, an object of kind Error for 2, 4 and 130.\n");
    text
}

fn environment() -> String {
    "\
Environment

  KUBECONFIG       kubeconfig files, as kubectl reads them; --kubeconfig wins
  XDG_CONFIG_HOME  where a2/config.yaml is looked for; ~/.config without it
  NO_COLOR         any value: no colour, unless --color always
  CLICOLOR_FORCE   any value but 0: colour into pipes and files too
  COLUMNS          width of the report; without it the terminal's, or 100 where there is none
  A2_LOG           what is logged to stderr, as tracing filters say it: a2=debug,kube=info; wins over -v
  HTTPS_PROXY, HTTP_PROXY, NO_PROXY
                   proxies to the API server
"
    .to_owned()
}

fn config() -> String {
    "\
Configuration

  $XDG_CONFIG_HOME/a2/config.yaml, or ~/.config/a2/config.yaml. Every key may be left out; unknown keys are refused.
  What stands on the command line wins.

    namespace: shop              # when neither -n nor the name says one; before the context's
    output: table                # table, wide, json, yaml, markdown or html
    sidecars: [log-shipper]      # containers that are sidecars, beside those a2 knows
    limits:
      timeout: 10s               # for all questions together
      requestTimeout: 30s        # for a single request; 0 means no limit of its own
      since: 24h                 # deaths older than this are history, not the subject
    scan:
      maxAge: 6h                 # steps that run longer are findings; --max-age wins
      maxAgeByLabel:             # the same for the pods of a label selector, whatever their restart policy
        agent=reviewer: 20m
    labels:                      # labels or annotations that name the work, before those a2 knows
      task: [acme.io/task]
      agent: [acme.io/agent]     # pods with the same agent or service label are siblings, where they share no owner
      service: [acme.io/service]
    project:                     # how the project checks itself, for the definition of done
      format: make fmt-check
      lint: make lint
      test: make test
"
    .to_owned()
}
