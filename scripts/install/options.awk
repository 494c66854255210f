# options.awk: the --help of a command on standard input -> its options, one line each, fields separated by tabs:
#     heading   short   long   argument   text
# of which any but the text's heading may be empty. The man pages and the completions of every shell are made from this
# table, so an option that --help knows is in all of them.
function flush()
{
    if (spec != "") {
        split_spec(spec)
        sub(/ +$/, "", text)
        for (i = 1; i <= n_names; i++) {
            said = text != "" ? text : (long[i] == "help" ? "show a summary with examples" : "show the version")
            printf "%s\t%s\t%s\t%s\t%s\n", heading, short[i], long[i], argument, said
        }
        if (match(text, /\(also --[A-Za-z, -]+\)/)) {
            count = split(substr(text, RSTART + 6, RLENGTH - 7), also, ", ")
            for (i = 1; i <= count; i++)
                printf "%s\t\t%s\t%s\tthe same as --%s\n", heading, substr(also[i], 3), argument, long[1]
        }
    }
    spec = text = ""
}

# "-s, --stride S[,S..]" -> short, long, argument; "-h, --help   -V, --version" is two options without arguments.
function split_spec(spec, words, n, i, word)
{
    n = split(spec, words, " ")
    n_names = 0
    argument = ""
    delete short
    delete long
    for (i = 1; i <= n; i++) {
        word = words[i]
        if (word ~ /^-[A-Za-z],$/) {
            n_names++
            short[n_names] = substr(word, 2, 1)
            long[n_names] = substr(words[++i], 3)
        } else if (word ~ /^--/) {
            n_names++
            short[n_names] = ""
            long[n_names] = substr(word, 3)
        } else if (word ~ /^-[A-Za-z]$/) {
            n_names++
            short[n_names] = substr(word, 2, 1)
            long[n_names] = ""
        } else
            argument = argument (argument == "" ? "" : " ") word
    }
    gsub(/'/, "", argument)
}

/^[^ ].*:$/ { flush(); heading = substr($0, 1, length($0) - 1); sub(/ \(.*/, "", heading); next }
/^  +-/ {
    flush()
    spec = substr($0, 1, 30)
    text = substr($0, 31)
    next
}
spec != "" && /^                    / { line = $0; sub(/^ +/, "", line); text = text (text == "" ? "" : " ") line; next }
{ flush() }
END { flush() }
