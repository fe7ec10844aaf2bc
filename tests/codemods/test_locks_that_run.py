"""Files are imported before and after a change: the kernel that was meant has the lock, everything else is as it was."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from helion.locks import entries_of_table
from helion.runtime.kernel import Kernel
from helion_codemods.commands.lock import lock_config
from helion_codemods.commands.unlock import unlock
from helion_codemods.outcome import Refused
from tests.codemods.test_hostile_spellings import SPELLINGS, last_kernel

# What does not import: texts that are broken, that need other files, or that the kernel refuses.
_BROKEN = {"broken behind", "broken before", "a null", "a config from elsewhere", "a mapping from elsewhere", "signatures from elsewhere"}
_REFUSED = {"stacked", "comments between decorators", "unpacked from anywhere", "parameters of other kinds"}
_NOT_MADE = {"in a function", "in functions of a class"}  # functions that nobody calls


@dataclass(frozen=True)
class Made:
    """What a kernel was made with."""

    name: str
    settings: str
    configs: tuple[str, ...]
    locks: dict[tuple[str, str | None], str]


def imported(folder: Path, text: str) -> list[Made] | Exception:
    """The kernels that a file makes, in order."""
    path = folder / f"spelling_{len(list(folder.iterdir()))}.py"
    path.write_bytes(text.encode())
    made: list[Kernel[Any, Any]] = []
    start = Kernel.__init__

    def noted(self: Kernel[Any, Any], *args: Any, **options: Any) -> None:
        start(self, *args, **options)
        made.append(self)

    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Kernel, "__init__", noted)
        try:
            spec.loader.exec_module(module)
        except Exception as problem:
            return problem
        finally:
            del sys.modules[path.stem]
    return list(_described(made))


def _described(kernels: list[Kernel[Any, Any]]) -> Iterator[Made]:
    for kernel in kernels:
        settings = sorted(f"{name}={value}" for name, value in vars(kernel.settings).items())
        entries = () if kernel.locks is None else entries_of_table(kernel.locks)
        locks = {(e.device, e.signature): str(e.config) for e in entries}
        yield Made(kernel.name, "\n".join(settings), tuple(map(str, kernel.configs)), locks)


def _for_any(made: Made) -> dict[tuple[str, str | None], str]:
    """A single config is that of every other device, once there is a lock."""
    return dict.fromkeys([("*", None)], made.configs[0]) if made.configs else {}


@pytest.mark.parametrize("signature", [None, "f32[16,16]"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_kernel_that_was_meant_has_the_lock(tmp_path: Path, spelling: str, signature: str | None) -> None:
    text = SPELLINGS[spelling]
    before = imported(tmp_path, text)
    locked = lock_config(text, last_kernel(text), device="sm_75", signature=signature, config={"block_sizes": [7, 9]})
    if isinstance(before, Exception) or isinstance(locked, Refused):
        return
    after = imported(tmp_path, locked.text)
    assert not isinstance(after, Exception), locked.text
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    for old, new in changed:
        assert (old.name, old.settings) == (new.name, new.settings)
        assert "[7, 9]" in new.locks.pop(("sm_75", signature))
        assert new.locks == {**old.locks, **_for_any(old)}
    assert len(changed) == (spelling not in _NOT_MADE)
    gone = unlock(locked.text, last_kernel(locked.text), device="sm_75")
    assert not isinstance(gone, Refused)
    back = imported(tmp_path, gone.text)
    assert not isinstance(back, Exception)
    pairs = zip(before, after, strict=True)
    assert [made.locks for made in back] == [{**old.locks, **({} if old == new else _for_any(old))} for old, new in pairs]


def test_most_of_them_run(tmp_path: Path) -> None:
    """Else the test above would see nothing."""
    failing = {name for name, text in SPELLINGS.items() if isinstance(imported(tmp_path, text), Exception)}
    assert failing == _BROKEN | _REFUSED
