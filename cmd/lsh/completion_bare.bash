# Bash without the package bash-completion has none of its helpers, and bash 3
# neither. These are what the script above uses of them, by names of its own.

__lsh_init_completion()
{
    COMPREPLY=()
    if declare -F _get_comp_words_by_ref >/dev/null 2>&1; then
        _get_comp_words_by_ref "$@" cur prev words cword
        return
    fi
    # bash takes = and : for ends of words: words that touch are one.
    local i before=${COMP_LINE:0:COMP_POINT} rest=$COMP_LINE
    words=() cword=0
    for ((i = 0; i < ${#COMP_WORDS[@]}; i++)); do
        local word=${COMP_WORDS[i]} gap=${rest%%[![:space:]]*}
        if ((i > 0)) && [[ -z $gap ]]; then
            words[${#words[@]}-1]+=$word
        else
            words+=("$word")
        fi
        rest=${rest#"$gap"}
        rest=${rest#"$word"}
        ((i == COMP_CWORD)) && cword=$((${#words[@]} - 1))
    done
    # Of the word under the cursor, what is before the cursor.
    cur=${words[cword]}
    while [[ -n $cur && $before != *"$cur" ]]; do cur=${cur%?}; done
    prev=
    ((cword > 0)) && prev=${words[cword - 1]}
    return 0
}
