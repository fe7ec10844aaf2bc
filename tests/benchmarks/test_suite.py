"""The suite of kernels: a workload a file, all of them listed, what a time is worth in bytes or FLOP a second, and what is told beside it."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.kernels import workloads
from benchmarks.kernels.machine import commit_of, driver_and_clocks
from benchmarks.kernels.runner import achieved
from benchmarks.kernels.tuning_record import curve_of, trials_of
from benchmarks.kernels.workload import Workload
from benchmarks.kernels.workloads import WORKLOADS, add
from helion.autotune.trial_table import TrialTable
from helion.config.config import Config
from helion.trials.trial import Failure, Outcome, Trial

CEILINGS = {"gb_per_s": 4000.0, "tflop_per_s": 800.0}


def test_every_file_is_listed_and_has_the_kernels_of_one_example() -> None:
    modules = [importlib.import_module(f"{workloads.__name__}.{found.name}") for found in pkgutil.iter_modules(workloads.__path__)]
    of_files: list[tuple[Workload, ...]] = [module.WORKLOADS for module in modules]
    assert {workload.name for file in of_files for workload in file} == {workload.name for workload in WORKLOADS}
    assert len({workload.name for workload in WORKLOADS}) == len(WORKLOADS)
    examples = [{workload.kernel.fn.__module__ for workload in file} for file in of_files]
    assert all(len(example) == 1 for example in examples)


@pytest.mark.parametrize(
    ("moved", "flops", "unit", "floor", "speed"),
    [
        (8e9, 0.0, "GB/s", 2000.0, 2000.0),
        (8e9, 1.6e12, "GB/s", 2000.0, 2000.0),  # both take as long
        (8e6, 1.6e12, "TFLOP/s", 2000.0, 400.0),
    ],
)
def test_a_time_is_a_speed_in_the_unit_of_what_takes_longest(moved: float, flops: float, unit: str, floor: float, speed: float) -> None:
    workload = replace(add.WORKLOADS[0], bytes=moved, flops=flops)
    found = achieved(workload, {"default": 4000.0}, CEILINGS)
    assert found == {"floor_us": floor, "of_floor": {"default": 0.5}, "unit": unit, "achieved": {"default": speed}}


_ANSWERS = """#!/bin/sh
case "$*" in
  *--id=GPU-7*driver_version,clocks.sm,clocks.mem,clocks.max.sm,clocks.max.mem*) echo "590.1, 1410, [N/A], 1980, 3201" ;;
  *) echo "no such device"; exit 6 ;;
esac
"""


def test_the_driver_and_the_clocks_are_what_the_tool_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert driver_and_clocks("GPU-7") == {}
    (tmp_path / "nvidia-smi").write_text(_ANSWERS, encoding="utf-8")
    (tmp_path / "nvidia-smi").chmod(0o755)
    assert driver_and_clocks("GPU-7") == {"driver": "590.1", "clocks_mhz": {"sm": 1410, "max_sm": 1980, "max_memory": 3201}}
    assert driver_and_clocks("GPU-8") == {}


def test_the_commit_is_that_of_the_checkout(tmp_path: Path) -> None:
    assert commit_of(tmp_path) == {}
    git = ("git", "-C", str(tmp_path), "-c", "user.name=n", "-c", "user.email=e")
    (tmp_path / "file").write_text("one", encoding="utf-8")
    for step in (("init", "-q"), ("add", "file"), ("commit", "-q", "-m", "m"), ("tag", "-m", "t", "v1")):
        subprocess.run((*git, *step), check=True)
    head = subprocess.run((*git, "rev-parse", "HEAD"), check=True, capture_output=True, text=True).stdout.strip()
    assert commit_of(tmp_path) == {"commit": head}
    (tmp_path / "file").write_text("two", encoding="utf-8")
    assert commit_of(tmp_path) == {"commit": f"{head}-dirty"}


def test_the_curve_of_a_tuning_is_each_faster_config(tmp_path: Path) -> None:
    base = tmp_path / "trials"
    times = (None, 30.0, 31.0, 12.5, None, 12.5, 4.0)
    with TrialTable(str(base), details=True) as table:
        for index, us in enumerate(times):
            failure = Failure("launch", "refused") if us is None else None
            table.add(Trial(index, Config(num_warps=4), "", Outcome(us, failure=failure)))
    curve = curve_of(base.with_suffix(".csv"))
    assert [us for _, us in curve] == [30.0, 12.5, 4.0]
    assert [seconds for seconds, _ in curve] == sorted(seconds for seconds, _ in curve)
    assert trials_of(base.with_suffix(".meta.jsonl")) == {"tried": 7, "failed": {"launch": 2}}
    assert curve_of(tmp_path / "none.csv") == []
