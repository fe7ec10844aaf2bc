"""Which lock serves a call: device before architecture before `*`, exact before nearest before any; overrides replace by key."""

from __future__ import annotations

from pathlib import Path

import pytest

from helion import locks
from helion.config.config import Config
from helion.locks.entries import LockEntry, entries_of_table
from helion.locks.identity import DeviceIdentity
from helion.locks.layers import merged, module_name, override_file, overrides_of
from helion.locks.selection import Level, select
from helion.locks.sidecar import sidecar_text

H200 = DeviceIdentity("NVIDIA H200", "sm_90")


def config(size: int) -> Config:
    return Config(block_sizes=[size])


TABLE = {
    "*": config(1),
    "sm_90": {"f32[64,64]": config(2), "*": config(3)},
    "NVIDIA H200": {"f32[1024,64]": config(4), "f32[16,64]": config(5), "bf16[16,64]": config(6)},
    "NVIDIA H100 PCIe": config(7),
}


@pytest.mark.parametrize(
    ("device", "signature", "chosen", "level", "exact"),
    [
        (H200, "f32[1024,64]", 4, Level.EXACT, True),
        (H200, "f32[600,64]", 4, Level.NEAREST, False),
        (H200, "f32[20,64]", 5, Level.NEAREST, False),
        (H200, "bf16[9999,64]", 6, Level.NEAREST, False),
        (H200, "f16[64,64]", 3, Level.DEVICE, False),
        (DeviceIdentity("NVIDIA H100 PCIe", "sm_90"), "f32[64,64]", 7, Level.DEVICE, True),
        (DeviceIdentity("NVIDIA H100 80GB HBM3", "sm_90"), "f32[64,64]", 2, Level.EXACT, False),
        (DeviceIdentity("NVIDIA B200", "sm_100"), "f32[64,64]", 1, Level.DEVICE, False),
    ],
)
def test_selection(device: DeviceIdentity, signature: str, chosen: int, level: Level, exact: bool) -> None:
    found = select(entries_of_table(TABLE), device, signature)
    assert found is not None
    assert (found.config.block_sizes, found.level, found.exact) == ([chosen], level, exact)


def test_of_two_as_near_the_first_is_taken() -> None:
    table = {"sm_90": {"f32[32]": config(1), "f32[128]": config(2)}}
    assert select(entries_of_table(table), H200, "f32[64]").config == config(1)
    assert select(entries_of_table({"sm_90": dict(reversed(table["sm_90"].items()))}), H200, "f32[64]").config == config(2)


def test_tensors_in_sequences_count() -> None:
    table = {"sm_90": {"(f32[32], f32[32])": config(1), "(f32[512], f32[512])": config(2)}}
    assert select(entries_of_table(table), H200, "(f32[400], f32[512])").config == config(2)


def test_nothing_serves() -> None:
    assert select(entries_of_table({"NVIDIA B200": config(1)}), H200, "f32[8]") is None
    assert select(entries_of_table({"NVIDIA H200": {"f32[8]": config(1)}}), H200, "f32[8,8]") is None


def test_overrides_replace_by_key(tmp_path: Path) -> None:
    user, project = tmp_path / "user", tmp_path / "project"
    for folder, device, signature, size in (
        (user, "NVIDIA H200", "f32[16,64]", 50),
        (project, "NVIDIA H200", "f32[16,64]", 51),
        (project, "sm_90", None, 30),
    ):
        folder.mkdir(exist_ok=True)
        path = override_file(folder, "library.ops")
        known = [] if not path.exists() else overrides_of([folder], "library.ops", "Cls.k")[0]
        entries = [{"kernel": "Cls.k", "device": e.device, "signature": e.signature, "config": dict(e.config)} for e in known]
        path.write_text(
            sidecar_text([*entries, {"kernel": "Cls.k", "device": device, "signature": signature, "config": {"block_sizes": [size]}}])
        )
    layers = overrides_of([user, tmp_path / "missing", project], "library.ops", "Cls.k")
    in_force = merged((*layers, entries_of_table(TABLE)))
    assert select(in_force, H200, "f32[16,64]").entry == LockEntry(
        "NVIDIA H200", "f32[16,64]", config(50), str(override_file(user, "library.ops"))
    )
    assert select(in_force, H200, "f32[1024,64]").config == config(4), "what is not overridden stays"
    architecture = DeviceIdentity("NVIDIA H100", "sm_90")
    assert select(in_force, architecture, "f32[64,64]").config == config(30), "an entry for every signature hides all of its device"
    assert overrides_of([user], "library.ops", "other") == ()


def test_the_name_of_a_module_is_that_of_its_package(tmp_path: Path) -> None:
    package = tmp_path / "library" / "kernels"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").touch()
    assert module_name(package / "ops.py") == "library.kernels.ops"
    assert module_name(package / "__init__.py") == "library.kernels"
    assert module_name(tmp_path / "alone.py") == "alone"


def test_the_library_has_what_it_names() -> None:
    assert {name for name in locks.__all__ if not hasattr(locks, name)} == set()
    found = locks.select(locks.entries_of_table(TABLE), locks.DeviceIdentity("NVIDIA H200", "sm_90"), "f32[16,64]")
    assert found is not None and found.level is locks.Level.EXACT
