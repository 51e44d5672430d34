
set edit:completion:arg-completer[a2] = { |@words|
    var index = (count $words)
    set index = (- $index 1)

    put (env _CLAP_IFS="\n" _CLAP_COMPLETE_INDEX=(to-string $index) A2_COMPLETE="elvish" a2 -- $@words) | to-lines
}

