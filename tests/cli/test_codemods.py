"""The codemods' commands: files and evidence as they end up, --diff and --check write nothing, JSON, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from helion.cli.__main__ import helion
from helion.cli.failure import Failure
from helion.locks.sidecar import read_entries, sidecar_path
from helion_codemods.apply import lock_file

KERNEL = """\
import helion
import helion.language as hl
import torch


@helion.kernel
def scale(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    m, n = x.size()
    out = torch.empty_like(x)
    for tile_m, tile_n in hl.tile([m, n]):
        out[tile_m, tile_n] = x[tile_m, tile_n] * y[tile_m, tile_n]
    return out
"""
CONFIG = {"block_sizes": [64, 32], "indexing": ["pointer", "tensor_descriptor", "pointer"]}
ARGS = "f32[64,64], f32[64,64]"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "kernels.py"
    found.write_text(KERNEL)
    return found


def run(*arguments: object) -> Result:
    return CliRunner().invoke(helion, [str(a) for a in arguments], standalone_mode=False)


def code(result: Result) -> int:
    if isinstance(result.exception, Failure):
        return result.exception.exit_code
    assert result.exception is None, result.exception
    return result.return_value


def lock(path: Path, device: str = "sm_90", signature: str | None = ARGS) -> None:
    lock_file(path, "scale", device=device, signature=signature, config=CONFIG, evidence={"method": "given"})


def test_unlock(path: Path) -> None:
    lock(path), lock(path, "sm_80", None)
    locked = path.read_text()
    shown = run("unlock", f"{path}::scale", "--device", "sm_80", "--diff")
    assert code(shown) == 0 and '-        "sm_80": helion.Config(\n' in shown.stdout
    assert code(run("unlock", path, "--device", "sm_80", "--check")) == 1
    assert path.read_text() == locked
    assert code(run("unlock", path, "--device", "sm_80")) == 0
    assert [entry["device"] for entry in read_entries(sidecar_path(path))] == ["sm_90"]
    assert code(run("unlock", path)) == 0
    assert path.read_text() == KERNEL
    assert "nothing to be unlocked" in run("unlock", path, "--check").stderr


def test_lock_shows_what_it_would_write(path: Path) -> None:
    options = (f"{path}::scale", "--device", "sm_90", "--config", json.dumps({"block_sizes": [64, 32]}))
    shown = run("lock", *options, "--diff")
    assert code(shown) == 0 and '+        "sm_90": helion.Config(block_sizes=[64, 32]),\n' in shown.stdout
    assert (code(run("lock", *options, "--check")), path.read_text()) == (1, KERNEL)
    assert json.loads(run("lock", *options, "--json").stdout)[0]["kernels"][0]["changed"]
    assert code(run("lock", *options, "--check")) == 0
    assert read_entries(sidecar_path(path))[0]["method"] == "given"


def test_lock_of_a_kernel_that_a_call_makes_and_of_one_of_a_line(path: Path) -> None:
    call = "\n\ndef plain(x: torch.Tensor) -> torch.Tensor:\n    (n,) = x.size()\n    out = torch.empty_like(x)\n"
    call += "    for tile in hl.tile(n):\n        out[tile] = x[tile] + 1\n    return out\n\n\nfast = helion.kernel(plain)\n"
    path.write_text(KERNEL + call)
    options = ("--device", "sm_90", "--config", json.dumps({"block_sizes": [64]}))
    assert code(run("lock", f"{path}::fast", *options)) == 0
    assert 'fast = helion.kernel(\n    plain,\n    configs={\n        "sm_90": helion.Config(block_sizes=[64]),' in path.read_text()
    twice = KERNEL + "\n\n" + KERNEL[KERNEL.index("@helion") :]
    path.write_text(twice)
    options = ("--device", "sm_90", "--config", json.dumps({"block_sizes": [64, 32]}))
    assert code(run("lock", f"{path}::scale@6", *options, "--check")) == 1
    assert code(run("lock", f"{path}::scale@6", *options)) == 0
    assert path.read_text().index("configs=") < len(KERNEL)


def test_prune_json(path: Path) -> None:
    lock(path), lock(path, signature="f32[128,128], f32[128,128]")
    result = run("prune", path.parent, "--json")
    (found,) = json.loads(result.stdout)
    (kernel,) = found["kernels"]
    assert (code(result), kernel["kernel"], kernel["changed"], kernel["refused"]) == (0, "scale", True, None)
    assert f"{ARGS} has this config and is nearest then" in kernel["notes"][0]
    assert [entry["signature"] for entry in read_entries(sidecar_path(path))] == [ARGS]


def test_remap_follows_the_loads(path: Path) -> None:
    config = json.dumps(CONFIG)
    assert code(run("lock", f"{path}::scale", "--device", "sm_90", "--args", ARGS, "--config", config)) == 0
    assert "nothing to be remapped" in run("remap", path).stderr
    path.write_text(path.read_text().replace("x[tile_m, tile_n] * y[tile_m, tile_n]", "y[tile_m, tile_n] * x[tile_m, tile_n]"))
    result = run("remap", path)
    assert code(result) == 0, result.stderr
    assert 'indexing=["tensor_descriptor", "pointer", "pointer"]' in path.read_text()
    (entry,) = read_entries(sidecar_path(path))
    assert entry["config"]["indexing"] == ["tensor_descriptor", "pointer", "pointer"]
    assert entry["sites"]["indexing"][0].startswith("load y") and "remapped" in entry
    assert "nothing to be remapped" in run("remap", path).stderr
    path.write_text(path.read_text().replace("y[tile_m, tile_n] * ", ""))
    gone = run("remap", path)
    assert code(gone) == 5 and "which the kernel no longer has" in gone.stderr
    assert code(run("remap", path, "--drop-gone")) == 0
    assert 'indexing=["pointer", "pointer"]' in path.read_text()


def test_migrate_there_and_back(path: Path) -> None:
    path.write_text(KERNEL.replace("@helion.kernel", "@helion.kernel(config=helion.Config(block_sizes=[64, 32]))"))
    before = path.read_text()
    assert code(run("migrate", path, "--device", "sm_90")) == 0
    assert '"sm_90": helion.Config(block_sizes=[64, 32]),' in path.read_text()
    assert code(run("migrate", path, "--to", "single")) == 0
    assert (
        path.read_text().replace("(\n    config=helion.Config(block_sizes=[64, 32]),\n)", "(config=helion.Config(block_sizes=[64, 32]))")
        == before
    )


def test_migrate_from_an_engine(path: Path) -> None:
    folder = path.parent / "configs"
    folder.mkdir()
    values = {"BLOCK_SIZE_M": 16, "BLOCK_SIZE_N": 64, "num_warps": 4, "num_stages": 3}
    name = "N=512,device_name=NVIDIA_H200.json"
    (folder / name).write_text(json.dumps({"16": values, "64": {**values, "num_warps": 8}}))
    options = ("--from", folder, "--args", "f32[{M},{N}], f32[{M},{N}]", "--groupings", "")
    refused = run("migrate", f"{path}::scale", *options)
    assert code(refused) == 5 and "`BLOCK_SIZE_K` is missing" in str(refused.exception)
    done = run("migrate", f"{path}::scale", *options, "--block-sizes", "BLOCK_SIZE_M,BLOCK_SIZE_N")
    assert code(done) == 0, done.stderr
    assert '"f32[16,512], f32[16,512]": helion.Config(' in path.read_text()
    entries = read_entries(sidecar_path(path))
    assert [(e["device"], e["method"], e["imported_from"]) for e in entries] == [("NVIDIA H200", "imported", {"file": name})] * 2
    assert "kernels.py::scale: locked\n  2 imported configs are in it" in done.stderr
    again = run("migrate", f"{path}::scale", *options, "--block-sizes", "BLOCK_SIZE_M,BLOCK_SIZE_N")
    assert "nothing to be locked" in again.stderr


def test_annotate_every_kernel_of_a_file(path: Path) -> None:
    path.write_text(KERNEL + "\n\n" + KERNEL[KERNEL.index("@helion") :].replace("scale", "scale_again"))
    assert code(run("annotate", path)) == 0
    assert path.read_text().count('x: Shaped[torch.Tensor, "m n"]') == 2
    assert code(run("check", path)) == 0


@pytest.mark.parametrize("is_there", [False, True])
def test_annotate_says_what_its_annotations_need(path: Path, monkeypatch: pytest.MonkeyPatch, is_there: bool) -> None:
    """Once a file, and only of a file that did without jaxtyping, where there is none."""
    monkeypatch.setattr("helion.cli.commands.annotate.find_spec", lambda name: name if is_there else None)
    path.write_text(KERNEL + "\n\n" + KERNEL[KERNEL.index("@helion") :].replace("scale", "scale_again"))
    before = path.read_text()
    done = run("annotate", path)
    assert code(done) == 0
    assert done.stderr.count("needs the package jaxtyping: pip install jaxtyping; --form asserts needs none") == (not is_there)
    assert "jaxtyping" not in done.stdout
    other = KERNEL[KERNEL.index("@helion") :].replace("scale", "scale_third")
    path.write_text(f"{path.read_text()}\n\n{other}")
    again = run("annotate", path)
    assert code(again) == 0 and "scale_third: annotated" in again.stderr and "jaxtyping" not in again.stderr
    path.write_text(before)
    assert "jaxtyping" not in run("annotate", path, "--form", "asserts").stderr


def test_fix(path: Path) -> None:
    path.write_text(KERNEL.replace("hl.tile([m, n])", "hl.tile(m, n)"))
    assert code(run("fix", path, "--check")) == 1
    assert code(run("fix", path)) == 0
    assert path.read_text() == KERNEL


@pytest.mark.parametrize(
    ("arguments", "expected", "words"),
    [
        (("prune", "nowhere.py"), 3, "cannot be read"),
        (("unlock", "{path}::nothing"), 3, "there is no kernel `nothing`"),
        (("annotate", "{path}::nothing", "--json"), 3, "the kernels are"),
        (("unlock", "{path}::scale@99"), 3, "there is no kernel `scale@99`; the kernels are"),
        (("migrate", "{path}", "--from", "x"), 2, "needs one FILE::kernel"),
    ],
)
def test_failures(path: Path, arguments: tuple[str, ...], expected: int, words: str) -> None:
    result = run(*(a.format(path=path) for a in arguments))
    assert code(result) == expected
    assert words in result.stderr + str(result.exception)


def test_one_file_does_not_hold_up_another(path: Path) -> None:
    lock(path)
    (path.parent / "bad.py").write_bytes(b"# \xe9")
    result = run("unlock", path.parent)
    assert code(result) == 5 and "encoding" in result.stderr
    assert path.read_text() == KERNEL
