"""A tuning's command line and source text in, the command that runs it on another machine over ssh out.

The text travels on standard input, so nothing need be shared; when the connection ends, so does everything started there.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

_SCRIPT = """
exec 3<&0
folder=$(mktemp -d) || exit 70
trap 'rm -rf "$folder"' EXIT
head -c {size} <&3 > "$folder/"{name}
setsid {python} -P -m helion tune "$folder/"{name}::{kernel} {options} </dev/null &
tuning=$!
(cat <&3 >/dev/null; kill -9 -- "-$tuning") >/dev/null 2>&1 &
watch=$!
wait "$tuning"
status=$?
kill "$watch" 2>/dev/null
exit "$status"
"""


def remote_command(host: str, python: str, name: str, text: bytes, kernel: str, options: Sequence[str]) -> list[str]:
    """`ssh host sh -c ...`; standard input must give `text` and stay open while the tuning may run."""
    script = _SCRIPT.format(
        size=len(text), name=shlex.quote(name), kernel=shlex.quote(kernel), python=shlex.quote(python), options=shlex.join(options)
    )
    return ["ssh", "-o", "BatchMode=yes", host, f"sh -c {shlex.quote(script)}"]
