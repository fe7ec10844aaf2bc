"""The completion script of bash, which breaks words at colons: `FILE::kernel` is put together before it is asked about."""

from __future__ import annotations

from typing import ClassVar

from click.shell_completion import BashComplete

# What readline took for words of their own though no blank stands between them is one word; of what completes it readline wants what comes
# behind the last colon.
_SCRIPT = r"""%(complete_func)s() {
    local IFS=$'\n'
    local index word before rest=$COMP_LINE words=() current=0 response type value

    for index in "${!COMP_WORDS[@]}"; do
        word=${COMP_WORDS[index]} before=$rest
        rest=${rest#"${rest%%%%[![:space:]]*}"}
        if ((${#words[@]})) && [[ $rest == "$before" ]]; then
            words[-1]+=$word
        else
            words+=("$word")
        fi
        rest=${rest#"$word"}
        ((index == COMP_CWORD)) && current=$((${#words[@]} - 1))
    done

    response=$(env COMP_WORDS="${words[*]}" COMP_CWORD=$current %(complete_var)s=bash_complete "$1")
    word=${words[current]}
    [[ $COMP_WORDBREAKS == *:* ]] && word=${word%%"${word##*:}"} || word=
    COMPREPLY=()
    while IFS=',' read -r type value; do
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain) COMPREPLY+=("${value#"$word"}") ;;
        esac
    done <<< "$response"
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class BashScript(BashComplete):
    """Click's, with another script; what is asked and answered is click's own protocol."""

    source_template: ClassVar[str] = _SCRIPT
