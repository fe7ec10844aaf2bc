"""The page of what was measured shows of a run what its file tells, and of an older file no less for what it lacks."""

from __future__ import annotations

import json
from typing import Any

import pytest

import docs.performance_page as page
from docs import plots

_OLDER = {"driver", "clocks_mhz", "commit"}


def kernels(monkeypatch: pytest.MonkeyPatch, curve: list[list[float]] | None, **told: Any) -> str:
    """The page with a suite that tells so much of its machine, and of its first row the curve."""
    found = json.loads((page.RESULTS / "h200" / "kernels.json").read_text(encoding="utf-8"))
    kept = {key: value for key, value in found.items() if key not in _OLDER}
    rows = [{key: value for key, value in row.items() if key != "curve"} for row in found["workloads"]]
    rows[0] |= {"noise": {"eager": 0.012, "tuned": 0.034}} | ({} if curve is None else {"curve": curve})
    changed = {**kept, **told, "workloads": rows}
    monkeypatch.setattr(page, "_of_here", lambda name, real=page._of_here: changed if name == "h200/kernels" else real(name))
    monkeypatch.setattr(plots, "_read", lambda name, real=plots._read: changed if name == "h200/kernels.json" else real(name))
    return page.performance_page()


def test_the_driver_the_clocks_and_the_commit_are_told_where_they_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    clocks = {"sm": 1410, "max_sm": 1980, "memory": 3201}
    text = kernels(monkeypatch, None, driver="590.1", clocks_mhz=clocks, commit="0123456789abcdef-dirty")
    assert ", driver 590.1, multiprocessors at 1,410 of 1,980 MHz, memory at 3,201 MHz, commit `0123456789` with changes." in text


def test_an_older_file_is_shown_without_them_and_with_the_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    text = kernels(monkeypatch, None)
    assert "driver" not in text.partition("## Kernels")[2].partition("\n\n|")[0]
    row = next(line for line in text.partition("| noise |")[2].splitlines() if line.startswith("| add"))
    assert row.endswith(" | 3.4% |")
    assert "Seconds until a tuning" not in text
    plots.svg(plots.PLOTS["tuning"], plots.THEMES[0])


def test_how_soon_a_tuning_was_near_its_best_is_told_and_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = kernels(monkeypatch, None)
    without = plots.svg(plots.PLOTS["tuning"], plots.THEMES[0])
    text = kernels(monkeypatch, [[1.5, 300.0], [4.0, 205.9], [9.0, 200.0]])
    assert "plots/tuning" in text
    assert "plots/tuning" not in empty
    assert "| 4.0 | 300.0 | 200.0 |" in text
    assert plots.svg(plots.PLOTS["tuning"], plots.THEMES[0]) != without
