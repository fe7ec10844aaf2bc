"""What was chosen for kernels in, the text of a decision file out, and the file written whole; the text is the same for equal choices."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helion.autotune.few_configs import FewConfigs, Timed
from helion.runtime.aot_notes import KernelId
from helion.runtime.decide import Batched
from helion.types.untyped import is_sequence

_SECTION = re.compile(r"^# kernel: (\w+)$", re.MULTILINE)
_HEAD = '''"""Which config serves which call of the ahead-of-time kernels of {stem}.py on {device}: read by `helion.aot_kernel`.

Written by `python -m helion.autotuner.aot_runner`, which measured what the comments say; run it again rather than edit.
"""

from helion.runtime.decide import nearest_number
'''
_FUNCTIONS = '''

def key_{name}(*args):
    """The position of the config for these arguments: by their own sizes, else by the nearest ones; -1 stands for the default config."""
    found = nearest_number(_{upper}_SIZES, args{batched})
    return -1 if found is None else found


def autotune_{name}(*args):
    """The config for these arguments; an empty one stands for the default config."""
    key = key_{name}(*args)
    return {{}} if key < 0 else dict(_{upper}_CONFIGS[key])
'''


@dataclass(frozen=True)
class Chosen:
    """What a section says of a kernel. `conditions` are lines on how it was measured."""

    kernel: KernelId
    batched: Batched
    timed: Sequence[Timed]
    few: FewConfigs
    configs: Sequence[Mapping[str, Any]]
    within: float
    conditions: Sequence[str]


def text_of_file(stem: str, device: str, chosen: Sequence[Chosen], former: str = "") -> str:
    """The module. Sections of `former`, the text before, stay for kernels that nothing was chosen for now."""
    sections = {**_sections(former), **{one.kernel.name: _section(one) for one in chosen}}
    return _HEAD.format(stem=stem, device=device) + "\n" + "\n\n".join(sections[name] for name in sorted(sections))


def write_atomically(path: Path, text: str) -> None:
    """No reader ever sees half a file. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(temporary).chmod(0o644)
    Path(temporary).replace(path)


def _sections(text: str) -> dict[str, str]:
    starts = list(_SECTION.finditer(text))
    ends = [*(match.start() for match in starts[1:]), len(text)]
    return {match[1]: text[match.start() : end].rstrip("\n") + "\n" for match, end in zip(starts, ends, strict=False)}


def _section(chosen: Chosen) -> str:
    name = chosen.kernel.name
    upper = name.upper()
    lines = [f"# kernel: {name}", *(f"# {line}" for line in chosen.conditions), *(f"# {line}".rstrip() for line in _evidence(chosen))]
    kept = [chosen.configs[number] for number in chosen.few.kept]
    lines += [f"_{upper}_CONFIGS = (", *(line for config in kept for line in _config(config)), ")"] if kept else [f"_{upper}_CONFIGS = ()"]
    sizes = [f'    "{signature}": {_number(choice)},' for signature, choice in chosen.few.choices.items()]
    lines += [f"_{upper}_SIZES = {{", *sizes, "}"]
    batched = f", {_literal(_tuples(chosen.batched))}" if any(marks is not None for marks in chosen.batched) else ""
    return "\n".join(lines) + "\n" + _FUNCTIONS.format(name=name, upper=upper, batched=batched)


def _evidence(chosen: Chosen) -> list[str]:
    """A table in comments: what was measured, and what the choice costs against each signature's best."""
    served = len(chosen.few.kept)
    words = f"{served} config{'s' if served != 1 else ''} and the default for {len(chosen.timed)} signatures"
    promise = f"{words}, each within {100 * chosen.within:g} % of the best measured for it"
    lines = [promise, "", "     calls   default µs      best µs    chosen µs  config"]
    for timed in chosen.timed:
        choice = chosen.few.choices[timed.signature]
        time = timed.default if choice is None else timed.times[chosen.few.kept[choice]]
        cells = f"{timed.calls:10d} {timed.default:12.2f} {timed.best:12.2f} {time:12.2f} {_number(choice):7d}"
        lines.append(f"{cells}  {timed.signature}")
    return lines


def _number(choice: int | None) -> int:
    return -1 if choice is None else choice


def _config(config: Mapping[str, Any]) -> list[str]:
    """One key a line with a comma after the last, which formatters leave as it is."""
    return ["    {", *(f'        "{key}": {_literal(config[key])},' for key in sorted(config)), "    },"]


def _literal(value: Any) -> str:
    """As `repr`, with the quotes that formatters want."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if not is_sequence(value):
        return repr(value)
    inside = ", ".join(map(_literal, value))
    if isinstance(value, list):
        return f"[{inside}]"
    return f"({inside}{',' if len(value) == 1 else ''})"


def _tuples(batched: Batched) -> tuple[Any, ...]:
    return tuple(None if marks is None else tuple(marks) for marks in batched)
