
use builtin;
use str;

set edit:completion:arg-completer[a2] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'a2'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'a2'= {
            cand --color 'When to use colour'
            cand -v 'Log what is done to stderr; repeat for more (-vv)'
            cand --verbose 'Log what is done to stderr; repeat for more (-vv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand investigate 'Tell what killed a pod, or what keeps it from working'
            cand scan 'Find what is dead in whole namespaces, also while it looks alive'
            cand explain 'Tell what a cause, an exit code, a reason, a signal or a signature means'
            cand rules 'List, show, check and try rules'
            cand evaluate 'Score the rules on labelled cases'
            cand schema 'Print the JSON Schema of what -o json prints, or of rule files'
            cand completions 'Generate a completion script for a shell'
            cand config 'Show where the configuration is and what it says'
            cand man 'Print a manual page'
            cand help 'Explain a subcommand or a topic'
        }
        &'a2;investigate'= {
            cand -n 'The namespace [default: the context''s]'
            cand --namespace 'The namespace [default: the context''s]'
            cand --context 'The kubeconfig context to use'
            cand --kubeconfig 'The kubeconfig file to use'
            cand --as 'The user to impersonate'
            cand --as-group 'A group to impersonate; may be repeated'
            cand --request-timeout 'Time for a single request; 0 means no limit of its own [default: 30s]'
            cand --from 'Read a bundle or another tool''s dump (directory or .tar.gz) instead of a cluster'
            cand --save 'Keep what the API said, redacted, for --from and for tickets'
            cand -c 'The container to judge, instead of the one a2 finds to be the primary'
            cand --container 'The container to judge, instead of the one a2 finds to be the primary'
            cand --uid 'The incarnation to judge, when a name was used more than once'
            cand --since 'Deaths older than this are history, not the subject [default: 24h]'
            cand --rules 'More rules: a YAML file or a directory of them'
            cand --timeout 'Time for all questions together [default: 10s]'
            cand -o 'Output format [default: table]'
            cand --output 'Output format [default: table]'
            cand --issue 'The ticket that Markdown is to link: a number, or an address'
            cand --color 'When to use colour'
            cand --no-logs 'Do not read logs'
            cand --node-logs 'Ask the node for its log files and its runtime''s log: needs nodes/log or nodes/proxy, which can do more than read'
            cand -q 'The headline only'
            cand --quiet 'The headline only'
            cand --describe 'Add what kubectl describe would say, and what it hides'
            cand --explain 'Show how the sum came about, hypothesis by hypothesis'
            cand --checklist 'Add the definition of done'
            cand --no-redact 'Show secrets as they are; only on a terminal'
            cand --exit-code 'Exit with 1 when something is wrong with the pod'
            cand -v 'Log what is done to stderr; repeat for more (-vv)'
            cand --verbose 'Log what is done to stderr; repeat for more (-vv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'a2;scan'= {
            cand -n 'Namespaces; may be repeated [default: the context''s]'
            cand --namespace 'Namespaces; may be repeated [default: the context''s]'
            cand -l 'Only pods with these labels'
            cand --selector 'Only pods with these labels'
            cand --field-selector 'Only pods with these fields'
            cand --exclude-label 'Leave out pods with this label; may be repeated'
            cand --context 'The kubeconfig context to use'
            cand --kubeconfig 'The kubeconfig file to use'
            cand --as 'The user to impersonate'
            cand --as-group 'A group to impersonate; may be repeated'
            cand --request-timeout 'Time for a single request; 0 means no limit of its own [default: 30s]'
            cand --from 'Read a bundle or another tool''s dump (directory or .tar.gz) instead of a cluster'
            cand --timeout 'Time for all questions together [default: 30s]'
            cand --since 'Deaths and restarts older than this are history'
            cand --grace 'How long a pod may be not ready, waiting or lingering'
            cand --max-age 'How long a step may run: pods that are not meant to run for good'
            cand --severity 'The least severity that is shown'
            cand --rules 'More rules: a YAML file or a directory of them'
            cand -o 'Output format [default: table]'
            cand --output 'Output format [default: table]'
            cand --save 'With --watch: keep what is known of pods that fail or disappear, redacted, as a bundle in this directory'
            cand --color 'When to use colour'
            cand -A 'All namespaces'
            cand --all-namespaces 'All namespaces'
            cand --silent-only 'Only pods that look alive and are dead'
            cand --no-logs 'Do not read logs'
            cand --all 'One row per pod instead of one per owner and cause'
            cand --watch 'Go on watching: a table that is drawn anew, or with -o jsonl one line per change'
            cand --exit-code 'Exit with 1 when something above info was found'
            cand -v 'Log what is done to stderr; repeat for more (-vv)'
            cand --verbose 'Log what is done to stderr; repeat for more (-vv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'a2;explain'= {
            cand --rules 'More rules: a YAML file or a directory of them'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand -v 'Log what is done to stderr; repeat for more (-vv)'
            cand --verbose 'Log what is done to stderr; repeat for more (-vv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'a2;rules'= {
            cand --color 'When to use colour'
            cand -v 'Log what is done to stderr; repeat for more (-vv)'
            cand --verbose 'Log what is done to stderr; repeat for more (-vv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand list 'List the rules in force'
            cand show 'Show the rule of a cause'
            cand check 'Check files of your own; exit code 2 when one cannot be used'
            cand test 'Check the files of a directory and try their examples; exit code 2 when one does not hold'
        }
        &'a2;rules;list'= {
            cand --rules 'More rules: a YAML file or a directory of them'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand -v 'Log what is done to stderr; repeat for more (-vv)'
            cand --verbose 'Log what is done to stderr; repeat for more (-vv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'a2;rules;show'= {
            cand --rules 'More rules: a YAML file or a directory of them'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand -v 'Log what is done to stderr; repeat for more (-vv)'
            cand --verbose 'Log what is done to stderr; repeat for more (-vv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'a2;rules;check'= {
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand -v 'Log what is done to stderr; repeat for more (-vv)'
            cand --verbose 'Log what is done to stderr; repeat for more (-vv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'a2;rules;test'= {
            cand -o 'Output format'
            cand --output 'Output format'
            cand --color 'When to use colour'
            cand -v 'Log what is done to stderr; repeat for more (-vv)'
            cand --verbose 'Log what is done to stderr; repeat for more (-vv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'a2;evaluate'= {
            cand --rules 'More rules: a YAML file or a directory of them'
            cand --leave-out 'Judge cases of this family (or cause) once more without its rules; may be repeated; all: each in turn'
            cand -o 'Output format'
            cand --output 'Output format'
            cand --min-top1 'Least share of right first causes'
            cand --min-top3 'Least share of right causes among three'
            cand --min-answered 'Least share of right answers where there is one'
            cand --min-abstained 'Least share of unknown where nobody could know'
            cand --min-decided 'Least share of confirmed or probable where there is an answer'
            cand --min-mechanism 'Least share of right mechanisms'
            cand --min-confirmed 'Least share of right verdicts among the confirmed'
            cand --min-probable 'Least share of right verdicts among the probable'
            cand --max-brier 'Greatest Brier score'
            cand --max-overclaimed 'Greatest number of verdicts that are sure and wrong where nobody could know'
            cand --color 'When to use colour'
            cand -v 'Log what is done to stderr; repeat for more (-vv)'
            cand --verbose 'Log what is done to stderr; repeat for more (-vv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'a2;schema'= {
            cand --color 'When to use colour'
            cand -v 'Log what is done to stderr; repeat for more (-vv)'
            cand --verbose 'Log what is done to stderr; repeat for more (-vv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'a2;completions'= {
            cand --color 'When to use colour'
            cand -v 'Log what is done to stderr; repeat for more (-vv)'
            cand --verbose 'Log what is done to stderr; repeat for more (-vv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'a2;config'= {
            cand --color 'When to use colour'
            cand -v 'Log what is done to stderr; repeat for more (-vv)'
            cand --verbose 'Log what is done to stderr; repeat for more (-vv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand show 'Print the settings in force and the file they come from'
        }
        &'a2;config;show'= {
            cand --color 'When to use colour'
            cand -v 'Log what is done to stderr; repeat for more (-vv)'
            cand --verbose 'Log what is done to stderr; repeat for more (-vv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'a2;man'= {
            cand --color 'When to use colour'
            cand -v 'Log what is done to stderr; repeat for more (-vv)'
            cand --verbose 'Log what is done to stderr; repeat for more (-vv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'a2;help'= {
            cand --color 'When to use colour'
            cand -v 'Log what is done to stderr; repeat for more (-vv)'
            cand --verbose 'Log what is done to stderr; repeat for more (-vv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
    ]
    $completions[$command]
}
