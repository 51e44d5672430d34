# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_a2_global_optspecs
    string join \n color= v/verbose h/help V/version
end

function __fish_a2_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_a2_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_a2_using_subcommand
    set -l cmd (__fish_a2_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c a2 -n "__fish_a2_needs_command" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Always, also into files and pipes'
never\t'Never'"
complete -c a2 -n "__fish_a2_needs_command" -s v -l verbose -d 'Log what is done to stderr; repeat for more (-vv)'
complete -c a2 -n "__fish_a2_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c a2 -n "__fish_a2_needs_command" -s V -l version -d 'Print version'
complete -c a2 -n "__fish_a2_needs_command" -f -a "investigate" -d 'Tell what killed a pod, or what keeps it from working'
complete -c a2 -n "__fish_a2_needs_command" -f -a "scan" -d 'Find what is dead in whole namespaces, also while it looks alive'
complete -c a2 -n "__fish_a2_needs_command" -f -a "explain" -d 'Tell what a cause, an exit code, a reason, a signal or a signature means'
complete -c a2 -n "__fish_a2_needs_command" -f -a "rules" -d 'List, show, check and try rules'
complete -c a2 -n "__fish_a2_needs_command" -f -a "evaluate" -d 'Score the rules on labelled cases'
complete -c a2 -n "__fish_a2_needs_command" -f -a "schema" -d 'Print the JSON Schema of what -o json prints, or of rule files'
complete -c a2 -n "__fish_a2_needs_command" -f -a "completions" -d 'Generate a completion script for a shell'
complete -c a2 -n "__fish_a2_needs_command" -f -a "config" -d 'Show where the configuration is and what it says'
complete -c a2 -n "__fish_a2_needs_command" -f -a "man" -d 'Print a manual page'
complete -c a2 -n "__fish_a2_needs_command" -f -a "help" -d 'Explain a subcommand or a topic'
complete -c a2 -n "__fish_a2_using_subcommand investigate" -s n -l namespace -d 'The namespace [default: the context\'s]' -r
complete -c a2 -n "__fish_a2_using_subcommand investigate" -l context -d 'The kubeconfig context to use' -r
complete -c a2 -n "__fish_a2_using_subcommand investigate" -l kubeconfig -d 'The kubeconfig file to use' -r -F
complete -c a2 -n "__fish_a2_using_subcommand investigate" -l as -d 'The user to impersonate' -r
complete -c a2 -n "__fish_a2_using_subcommand investigate" -l as-group -d 'A group to impersonate; may be repeated' -r
complete -c a2 -n "__fish_a2_using_subcommand investigate" -l request-timeout -d 'Time for a single request; 0 means no limit of its own [default: 30s]' -r
complete -c a2 -n "__fish_a2_using_subcommand investigate" -l from -d 'Read a bundle or another tool\'s dump (directory or .tar.gz) instead of a cluster' -r -F
complete -c a2 -n "__fish_a2_using_subcommand investigate" -l save -d 'Keep what the API said, redacted, for --from and for tickets' -r -F
complete -c a2 -n "__fish_a2_using_subcommand investigate" -s c -l container -d 'The container to judge, instead of the one a2 finds to be the primary' -r
complete -c a2 -n "__fish_a2_using_subcommand investigate" -l uid -d 'The incarnation to judge, when a name was used more than once' -r
complete -c a2 -n "__fish_a2_using_subcommand investigate" -l since -d 'Deaths older than this are history, not the subject [default: 24h]' -r
complete -c a2 -n "__fish_a2_using_subcommand investigate" -l rules -d 'More rules: a YAML file or a directory of them' -r -F
complete -c a2 -n "__fish_a2_using_subcommand investigate" -l timeout -d 'Time for all questions together [default: 10s]' -r
complete -c a2 -n "__fish_a2_using_subcommand investigate" -s o -l output -d 'Output format [default: table]' -r -f -a "table\t'A report for a terminal'
wide\t'The same with everything in it'
json\t'One JSON object, whatever happens'
yaml\t'The same as YAML'
markdown\t'A ticket'
html\t'One page that needs nothing else'"
complete -c a2 -n "__fish_a2_using_subcommand investigate" -l issue -d 'The ticket that Markdown is to link: a number, or an address' -r
complete -c a2 -n "__fish_a2_using_subcommand investigate" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Always, also into files and pipes'
never\t'Never'"
complete -c a2 -n "__fish_a2_using_subcommand investigate" -l no-logs -d 'Do not read logs'
complete -c a2 -n "__fish_a2_using_subcommand investigate" -l node-logs -d 'Ask the node for its log files and its runtime\'s log: needs nodes/log or nodes/proxy, which can do more than read'
complete -c a2 -n "__fish_a2_using_subcommand investigate" -s q -l quiet -d 'The headline only'
complete -c a2 -n "__fish_a2_using_subcommand investigate" -l describe -d 'Add what kubectl describe would say, and what it hides'
complete -c a2 -n "__fish_a2_using_subcommand investigate" -l explain -d 'Show how the sum came about, hypothesis by hypothesis'
complete -c a2 -n "__fish_a2_using_subcommand investigate" -l checklist -d 'Add the definition of done'
complete -c a2 -n "__fish_a2_using_subcommand investigate" -l no-redact -d 'Show secrets as they are; only on a terminal'
complete -c a2 -n "__fish_a2_using_subcommand investigate" -l exit-code -d 'Exit with 1 when something is wrong with the pod'
complete -c a2 -n "__fish_a2_using_subcommand investigate" -s v -l verbose -d 'Log what is done to stderr; repeat for more (-vv)'
complete -c a2 -n "__fish_a2_using_subcommand investigate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c a2 -n "__fish_a2_using_subcommand scan" -s n -l namespace -d 'Namespaces; may be repeated [default: the context\'s]' -r
complete -c a2 -n "__fish_a2_using_subcommand scan" -s l -l selector -d 'Only pods with these labels' -r
complete -c a2 -n "__fish_a2_using_subcommand scan" -l field-selector -d 'Only pods with these fields' -r
complete -c a2 -n "__fish_a2_using_subcommand scan" -l exclude-label -d 'Leave out pods with this label; may be repeated' -r
complete -c a2 -n "__fish_a2_using_subcommand scan" -l context -d 'The kubeconfig context to use' -r
complete -c a2 -n "__fish_a2_using_subcommand scan" -l kubeconfig -d 'The kubeconfig file to use' -r -F
complete -c a2 -n "__fish_a2_using_subcommand scan" -l as -d 'The user to impersonate' -r
complete -c a2 -n "__fish_a2_using_subcommand scan" -l as-group -d 'A group to impersonate; may be repeated' -r
complete -c a2 -n "__fish_a2_using_subcommand scan" -l request-timeout -d 'Time for a single request; 0 means no limit of its own [default: 30s]' -r
complete -c a2 -n "__fish_a2_using_subcommand scan" -l from -d 'Read a bundle or another tool\'s dump (directory or .tar.gz) instead of a cluster' -r -F
complete -c a2 -n "__fish_a2_using_subcommand scan" -l timeout -d 'Time for all questions together [default: 30s]' -r
complete -c a2 -n "__fish_a2_using_subcommand scan" -l since -d 'Deaths and restarts older than this are history' -r
complete -c a2 -n "__fish_a2_using_subcommand scan" -l grace -d 'How long a pod may be not ready, waiting or lingering' -r
complete -c a2 -n "__fish_a2_using_subcommand scan" -l max-age -d 'How long a step may run: pods that are not meant to run for good' -r
complete -c a2 -n "__fish_a2_using_subcommand scan" -l severity -d 'The least severity that is shown' -r -f -a "info\t'Everything'
warning\t'What is broken beside the work, and what broke for a while'
error\t'What is broken'
critical\t'What is broken and invisible to alerts'"
complete -c a2 -n "__fish_a2_using_subcommand scan" -l rules -d 'More rules: a YAML file or a directory of them' -r -F
complete -c a2 -n "__fish_a2_using_subcommand scan" -s o -l output -d 'Output format [default: table]' -r -f -a "table\t'A table for a terminal'
wide\t'The same with everything in it'
json\t'One JSON object, whatever happens'
jsonl\t'One finding a line'
yaml\t'The JSON object as YAML'
name\t'namespace/pod a line, for xargs'
markdown\t'A table for a ticket'"
complete -c a2 -n "__fish_a2_using_subcommand scan" -l save -d 'With --watch: keep what is known of pods that fail or disappear, redacted, as a bundle in this directory' -r -f -a "(__fish_complete_directories)"
complete -c a2 -n "__fish_a2_using_subcommand scan" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Always, also into files and pipes'
never\t'Never'"
complete -c a2 -n "__fish_a2_using_subcommand scan" -s A -l all-namespaces -d 'All namespaces'
complete -c a2 -n "__fish_a2_using_subcommand scan" -l silent-only -d 'Only pods that look alive and are dead'
complete -c a2 -n "__fish_a2_using_subcommand scan" -l no-logs -d 'Do not read logs'
complete -c a2 -n "__fish_a2_using_subcommand scan" -l all -d 'One row per pod instead of one per owner and cause'
complete -c a2 -n "__fish_a2_using_subcommand scan" -l watch -d 'Go on watching: a table that is drawn anew, or with -o jsonl one line per change'
complete -c a2 -n "__fish_a2_using_subcommand scan" -l exit-code -d 'Exit with 1 when something above info was found'
complete -c a2 -n "__fish_a2_using_subcommand scan" -s v -l verbose -d 'Log what is done to stderr; repeat for more (-vv)'
complete -c a2 -n "__fish_a2_using_subcommand scan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c a2 -n "__fish_a2_using_subcommand explain" -l rules -d 'More rules: a YAML file or a directory of them' -r -F
complete -c a2 -n "__fish_a2_using_subcommand explain" -s o -l output -d 'Output format' -r -f -a "table\t'Text for a terminal'
json\t'One JSON object'"
complete -c a2 -n "__fish_a2_using_subcommand explain" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Always, also into files and pipes'
never\t'Never'"
complete -c a2 -n "__fish_a2_using_subcommand explain" -s v -l verbose -d 'Log what is done to stderr; repeat for more (-vv)'
complete -c a2 -n "__fish_a2_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c a2 -n "__fish_a2_using_subcommand rules; and not __fish_seen_subcommand_from list show check test" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Always, also into files and pipes'
never\t'Never'"
complete -c a2 -n "__fish_a2_using_subcommand rules; and not __fish_seen_subcommand_from list show check test" -s v -l verbose -d 'Log what is done to stderr; repeat for more (-vv)'
complete -c a2 -n "__fish_a2_using_subcommand rules; and not __fish_seen_subcommand_from list show check test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c a2 -n "__fish_a2_using_subcommand rules; and not __fish_seen_subcommand_from list show check test" -f -a "list" -d 'List the rules in force'
complete -c a2 -n "__fish_a2_using_subcommand rules; and not __fish_seen_subcommand_from list show check test" -f -a "show" -d 'Show the rule of a cause'
complete -c a2 -n "__fish_a2_using_subcommand rules; and not __fish_seen_subcommand_from list show check test" -f -a "check" -d 'Check files of your own; exit code 2 when one cannot be used'
complete -c a2 -n "__fish_a2_using_subcommand rules; and not __fish_seen_subcommand_from list show check test" -f -a "test" -d 'Check the files of a directory and try their examples; exit code 2 when one does not hold'
complete -c a2 -n "__fish_a2_using_subcommand rules; and __fish_seen_subcommand_from list" -l rules -d 'More rules: a YAML file or a directory of them' -r -F
complete -c a2 -n "__fish_a2_using_subcommand rules; and __fish_seen_subcommand_from list" -s o -l output -d 'Output format' -r -f -a "table\t'Text for a terminal'
json\t'One JSON object'"
complete -c a2 -n "__fish_a2_using_subcommand rules; and __fish_seen_subcommand_from list" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Always, also into files and pipes'
never\t'Never'"
complete -c a2 -n "__fish_a2_using_subcommand rules; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Log what is done to stderr; repeat for more (-vv)'
complete -c a2 -n "__fish_a2_using_subcommand rules; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c a2 -n "__fish_a2_using_subcommand rules; and __fish_seen_subcommand_from show" -l rules -d 'More rules: a YAML file or a directory of them' -r -F
complete -c a2 -n "__fish_a2_using_subcommand rules; and __fish_seen_subcommand_from show" -s o -l output -d 'Output format' -r -f -a "table\t'Text for a terminal'
json\t'One JSON object'"
complete -c a2 -n "__fish_a2_using_subcommand rules; and __fish_seen_subcommand_from show" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Always, also into files and pipes'
never\t'Never'"
complete -c a2 -n "__fish_a2_using_subcommand rules; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Log what is done to stderr; repeat for more (-vv)'
complete -c a2 -n "__fish_a2_using_subcommand rules; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c a2 -n "__fish_a2_using_subcommand rules; and __fish_seen_subcommand_from check" -s o -l output -d 'Output format' -r -f -a "table\t'Text for a terminal'
json\t'One JSON object'"
complete -c a2 -n "__fish_a2_using_subcommand rules; and __fish_seen_subcommand_from check" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Always, also into files and pipes'
never\t'Never'"
complete -c a2 -n "__fish_a2_using_subcommand rules; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Log what is done to stderr; repeat for more (-vv)'
complete -c a2 -n "__fish_a2_using_subcommand rules; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c a2 -n "__fish_a2_using_subcommand rules; and __fish_seen_subcommand_from test" -s o -l output -d 'Output format' -r -f -a "table\t'Text for a terminal'
json\t'One JSON object'"
complete -c a2 -n "__fish_a2_using_subcommand rules; and __fish_seen_subcommand_from test" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Always, also into files and pipes'
never\t'Never'"
complete -c a2 -n "__fish_a2_using_subcommand rules; and __fish_seen_subcommand_from test" -s v -l verbose -d 'Log what is done to stderr; repeat for more (-vv)'
complete -c a2 -n "__fish_a2_using_subcommand rules; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c a2 -n "__fish_a2_using_subcommand evaluate" -l rules -d 'More rules: a YAML file or a directory of them' -r -F
complete -c a2 -n "__fish_a2_using_subcommand evaluate" -l leave-out -d 'Judge cases of this family (or cause) once more without its rules; may be repeated; all: each in turn' -r
complete -c a2 -n "__fish_a2_using_subcommand evaluate" -s o -l output -d 'Output format' -r -f -a "table\t'Tables for a terminal'
json\t'One JSON object'
markdown\t'Tables for a page'"
complete -c a2 -n "__fish_a2_using_subcommand evaluate" -l min-top1 -d 'Least share of right first causes' -r
complete -c a2 -n "__fish_a2_using_subcommand evaluate" -l min-top3 -d 'Least share of right causes among three' -r
complete -c a2 -n "__fish_a2_using_subcommand evaluate" -l min-answered -d 'Least share of right answers where there is one' -r
complete -c a2 -n "__fish_a2_using_subcommand evaluate" -l min-abstained -d 'Least share of unknown where nobody could know' -r
complete -c a2 -n "__fish_a2_using_subcommand evaluate" -l min-decided -d 'Least share of confirmed or probable where there is an answer' -r
complete -c a2 -n "__fish_a2_using_subcommand evaluate" -l min-mechanism -d 'Least share of right mechanisms' -r
complete -c a2 -n "__fish_a2_using_subcommand evaluate" -l min-confirmed -d 'Least share of right verdicts among the confirmed' -r
complete -c a2 -n "__fish_a2_using_subcommand evaluate" -l min-probable -d 'Least share of right verdicts among the probable' -r
complete -c a2 -n "__fish_a2_using_subcommand evaluate" -l max-brier -d 'Greatest Brier score' -r
complete -c a2 -n "__fish_a2_using_subcommand evaluate" -l max-overclaimed -d 'Greatest number of verdicts that are sure and wrong where nobody could know' -r
complete -c a2 -n "__fish_a2_using_subcommand evaluate" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Always, also into files and pipes'
never\t'Never'"
complete -c a2 -n "__fish_a2_using_subcommand evaluate" -s v -l verbose -d 'Log what is done to stderr; repeat for more (-vv)'
complete -c a2 -n "__fish_a2_using_subcommand evaluate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c a2 -n "__fish_a2_using_subcommand schema" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Always, also into files and pipes'
never\t'Never'"
complete -c a2 -n "__fish_a2_using_subcommand schema" -s v -l verbose -d 'Log what is done to stderr; repeat for more (-vv)'
complete -c a2 -n "__fish_a2_using_subcommand schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c a2 -n "__fish_a2_using_subcommand completions" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Always, also into files and pipes'
never\t'Never'"
complete -c a2 -n "__fish_a2_using_subcommand completions" -s v -l verbose -d 'Log what is done to stderr; repeat for more (-vv)'
complete -c a2 -n "__fish_a2_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c a2 -n "__fish_a2_using_subcommand config; and not __fish_seen_subcommand_from show" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Always, also into files and pipes'
never\t'Never'"
complete -c a2 -n "__fish_a2_using_subcommand config; and not __fish_seen_subcommand_from show" -s v -l verbose -d 'Log what is done to stderr; repeat for more (-vv)'
complete -c a2 -n "__fish_a2_using_subcommand config; and not __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c a2 -n "__fish_a2_using_subcommand config; and not __fish_seen_subcommand_from show" -f -a "show" -d 'Print the settings in force and the file they come from'
complete -c a2 -n "__fish_a2_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Always, also into files and pipes'
never\t'Never'"
complete -c a2 -n "__fish_a2_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Log what is done to stderr; repeat for more (-vv)'
complete -c a2 -n "__fish_a2_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c a2 -n "__fish_a2_using_subcommand man" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Always, also into files and pipes'
never\t'Never'"
complete -c a2 -n "__fish_a2_using_subcommand man" -s v -l verbose -d 'Log what is done to stderr; repeat for more (-vv)'
complete -c a2 -n "__fish_a2_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c a2 -n "__fish_a2_using_subcommand help" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set or TERM is dumb'
always\t'Always, also into files and pipes'
never\t'Never'"
complete -c a2 -n "__fish_a2_using_subcommand help" -s v -l verbose -d 'Log what is done to stderr; repeat for more (-vv)'
complete -c a2 -n "__fish_a2_using_subcommand help" -s h -l help -d 'Print help (see more with \'--help\')'
