"""The suite of kernels: a workload a file, all of them listed, and what a time is worth in bytes or FLOP a second."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import replace

import pytest

from benchmarks.kernels import workloads
from benchmarks.kernels.runner import achieved
from benchmarks.kernels.workload import Workload
from benchmarks.kernels.workloads import WORKLOADS, add

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
