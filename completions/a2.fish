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
complete -c a2 -n "__fish_a2_needs_command" -f -a "completions" -d 'Generate a completion script for a shell'
complete -c a2 -n "__fish_a2_needs_command" -f -a "config" -d 'Show where the configuration is and what it says'
complete -c a2 -n "__fish_a2_needs_command" -f -a "man" -d 'Print a manual page'
complete -c a2 -n "__fish_a2_needs_command" -f -a "help" -d 'Explain a subcommand or a topic'
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
