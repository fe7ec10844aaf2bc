"""`helion.autotuner` has the public names, and importing it for a fragment loads nothing that tunes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from helion import autotuner


@pytest.mark.parametrize("name", autotuner.__all__)
def test_a_public_name_is_there(name: str) -> None:
    assert getattr(autotuner, name) is not None
    assert name in dir(autotuner)


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'NoSearch'"):
        _ = autotuner.NoSearch  # type: ignore[attr-defined]


def test_registries_hold_the_classes_by_name() -> None:
    assert autotuner.search_algorithms["PatternSearch"] is autotuner.PatternSearch
    assert autotuner.cache_classes["LocalAutotuneCache"] is autotuner.LocalAutotuneCache
    assert {name for name in autotuner.__all__ if name.endswith(("Search", "Hybrid")) and name != "BaseSearch"} == set(
        autotuner.search_algorithms
    )


def test_a_fragment_is_light() -> None:
    program = (
        "import sys, torch; from helion.autotuner import IntegerFragment;"
        "print(*[m for m in sys.modules if m.startswith(('triton', 'sklearn', 'helion.runtime', 'helion.autotune.'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
