complete --keep-order --exclusive --command a2 --arguments "(A2_COMPLETE=fish a2 -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token) 2>/dev/null)"
