
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
            cand completions 'Generate a completion script for a shell'
            cand config 'Show where the configuration is and what it says'
            cand man 'Print a manual page'
            cand help 'Explain a subcommand or a topic'
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
