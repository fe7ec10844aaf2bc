"""Every example of the lock codemod, that it is idempotent, stable under ruff format, byte-exact elsewhere, and what it refuses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from helion_codemods.apply import lock_file
from helion_codemods.commands.lock import EXAMPLES, lock_config
from helion_codemods.outcome import Example, Refused, Rewritten, minimal_edit

CONFIG = {"block_sizes": [64]}
LONG = {"block_sizes": [128, 256, 64], "indexing": ["tensor_descriptor"] * 6, "num_warps": 8, "pid_type": "persistent_interleaved"}


def locked(text: str, **changes: object) -> str:
    options = {"device": "NVIDIA H200", "signature": "f32[16]", "config": CONFIG, **changes}
    outcome = lock_config(text, "f", **options)  # type: ignore[arg-type]
    assert isinstance(outcome, Rewritten), outcome
    return outcome.text


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.title)
def test_example(example: Example) -> None:
    assert locked(example.before) == example.after


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.title)
def test_idempotent(example: Example) -> None:
    assert locked(example.after) == example.after


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.title)
def test_formatters_leave_it(example: Example) -> None:
    text = locked(locked(example.after, signature="f32[32], bf16[4096,4096]", config=LONG), device="sm_100", signature=None)
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "-"], input=text, capture_output=True, text=True, check=True
    )
    assert done.stdout == text


def test_other_line_endings_stay() -> None:
    before = EXAMPLES[0].before.replace("\n", "\r\n")
    after = locked(before)
    assert after == EXAMPLES[0].after.replace("\n", "\r\n")


def test_kernels_in_classes_are_found_by_qualname() -> None:
    text = "import helion\n\n\nclass A:\n    @helion.kernel\n    def f(x):\n        return x\n\n\n@helion.kernel\ndef f(x):\n    return x\n"
    outcome = lock_config(text, "A.f", device="sm_90", signature=None, config=CONFIG)
    assert isinstance(outcome, Rewritten)
    assert '    @helion.kernel(\n        configs={\n            "sm_90": helion.Config(block_sizes=[64]),' in outcome.text
    assert outcome.text.endswith("@helion.kernel\ndef f(x):\n    return x\n")


@pytest.mark.parametrize(
    ("decorator", "reason"),
    [
        ("@helion.kernel(**options)", "unpacked"),
        ("@helion.kernel(config=CONFIG)", "variable"),
        ("@helion.kernel(configs=CONFIGS)", "not a mapping"),
        ("@helion.kernel(configs=[helion.Config(block_sizes=[1]), helion.Config(block_sizes=[2])])", "not a mapping"),
        ("@helion.kernel(configs={**shared})", "unpacks"),
    ],
)
def test_refusals(decorator: str, reason: str) -> None:
    outcome = lock_config(f"import helion\n\n\n{decorator}\ndef f(x):\n    return x\n", "f", device="sm_90", signature=None, config=CONFIG)
    assert isinstance(outcome, Refused)
    assert reason in outcome.reason


def test_file_keeps_its_mark_and_mode(tmp_path: Path) -> None:
    path = tmp_path / "kernels.py"
    path.write_bytes(b"\xef\xbb\xbf" + EXAMPLES[0].before.encode())
    path.chmod(0o640)
    lock_file(path, "f", device="NVIDIA H200", signature="f32[16]", config=CONFIG, evidence={"method": "model"})
    assert path.read_bytes() == b"\xef\xbb\xbf" + EXAMPLES[0].after.encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert '"method": "model"' in (tmp_path / "kernels.py.helion.lock").read_text()


def test_two_writers_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "kernels.py"
    path.write_text(EXAMPLES[0].before)
    program = (
        "import sys; from pathlib import Path; from helion_codemods.apply import lock_file\n"
        "for n in range(4): lock_file(Path(sys.argv[1]), 'f', device=f'{sys.argv[2]}{n}', signature=None, "
        "config={'block_sizes': [n + 1]}, evidence={})\n"
    )
    runs = [subprocess.Popen([sys.executable, "-c", program, str(path), name]) for name in ("a", "b")]
    assert [run.wait(60) for run in runs] == [0, 0]
    text = path.read_text()
    assert all(f'"{name}{n}"' in text for name in ("a", "b") for n in range(4))


def test_minimal_edit_touches_the_decorator_only() -> None:
    edit = minimal_edit(EXAMPLES[0].before, EXAMPLES[0].after)
    assert edit is not None
    assert edit.start == edit.end == EXAMPLES[0].before.index("\ndef f")
