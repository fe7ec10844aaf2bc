"""What follows a product's sums gives the same in parts; parts need fewer registers; what could be seen to be in parts is not."""

from __future__ import annotations

import pytest

import helion
from examples.epilogue_subtiling import gradient_and_activation, residual_gelu
from helion import compiler
from helion.config.config import Config
from helion.config.space import build_space
from helion.device_ir.epilogue import find_epilogue
from helion.offline.artifact import Artifact
from helion.offline.compile import compile_module
from helion.runtime.bound_kernel import BoundKernel
from helion.target import find_target
from tests.interpreter_process import InterpreterProcess
from tests.parity.case import Case
from tests.parity.cases import CASE_BY_NAME
from tests.parity.epilogue_checks import check_in_parts
from tests.parity.generated_text import generated

_FEW = 4
_CASES = ("residual_gelu", "gradient_and_activation", "matmul", "bmm", "addmm", "matmul_backward", "broadcast_matmul")


def _bound(case: Case, shapes: tuple[tuple[int, ...], ...]) -> BoundKernel:
    kernel = helion.kernel(case.kernel.fn, autotune_effort="none", ignore_warnings=[helion.exc.BaseWarning])
    wide = Case(case.name, case.kernel, case.expected, (shapes,), case.extra, draws=case.draws)
    return BoundKernel(kernel, kernel.normalize_args(*wide.arguments(0, case.dtypes[-1], "cpu")))


@pytest.mark.parametrize("shapes", ["static", "dynamic"])
@pytest.mark.parametrize("indexing", ["pointer", "tensor_descriptor"])
@pytest.mark.parametrize("name", _CASES)
def test_the_same_in_parts(name: str, indexing: str, shapes: str, interpreter: InterpreterProcess) -> None:
    for parts in (2, 4):
        problem = interpreter.run(check_in_parts, name, parts, indexing, shapes)
        assert problem is None, problem


@pytest.mark.parametrize("target", ["sm_80", "sm_90", "sm_100", "gfx950"])
@pytest.mark.parametrize(
    ("name", "shapes"),
    [
        (residual_gelu.name, ((4096, 4096), (4096, 4096), (4096,), (4096, 4096))),
        (gradient_and_activation.name, ((4096, 4096), (4096, 4096))),
    ],
    ids=["a residual", "two results"],
)
def test_default_configs_hardly_spill(name: str, shapes: tuple[tuple[int, ...], ...], target: str) -> None:
    device = find_target(target)
    assert device is not None
    ir = _bound(CASE_BY_NAME[name], shapes).ir
    config = build_space(ir, device).default()
    assert config.block_sizes == [128, 256, 64]
    assert config["epilogue_subtile"] == 2
    artifact = compile_module(compiler.generate(ir, config, device), device)
    assert isinstance(artifact, Artifact), artifact
    assert artifact.spills <= _FEW  # whole: 22 to 90 on NVIDIA's


def test_a_plain_product_runs_whole_by_default() -> None:
    device = find_target("sm_90")
    assert device is not None
    ir = _bound(CASE_BY_NAME["matmul"], ((4096, 4096), (4096, 4096))).ir
    assert "epilogue_subtile" not in build_space(ir, device).default()


def test_only_blackwell_tries_it_and_others_take_it() -> None:
    ir = _bound(CASE_BY_NAME["matmul"], ((64, 64), (64, 64))).ir
    for name, choices in (("sm_90", (None,)), ("sm_100", (None, 2, 4))):
        device = find_target(name)
        assert device is not None
        space = build_space(ir, device)
        (slot,) = (slot for key, slot in space.slots if key == "epilogue_subtile")
        assert slot.choices == choices
        assert space.normalize({"block_sizes": [64, 64, 64], "epilogue_subtile": True})["epilogue_subtile"] == 2
        (refused,) = space.check({"block_sizes": [64, 64, 64], "epilogue_subtile": 3})
        assert "allowed: None, 2, 4, True" in str(refused.message)


PRODUCT = """\
    for m, n in hl.tile([64, 64]):
        acc = hl.zeros([m, n], dtype=torch.float32)
        for k in hl.tile(64):
            acc = hl.dot(x[m, k], x[k, n], acc=acc)
"""


@pytest.mark.parametrize(
    ("end", "stores"),
    [
        ("        out[m, n] = acc + n.index", 2),
        ("        out[m, n] = torch.relu(acc) - acc.sum(-1)[:, None]", 2),
        ("        out[m, n] = acc * hl.rand([m, n], 3)", 2),
        # Columns that go to rows, and what is read from where it is written.
        ("        out[n, m] = acc.T", 2),
        ("        out[m, n] = out[m, n] + acc", 2),
        ("        hl.atomic_add(out, [m, n], acc)", 2),
        # Sums over the columns are stored by rows: there is no tile that all stores have but the rows.
        ("        out[m, 0] = acc.sum(-1)", 2),
        ("        out[m, n] = acc\n        for k in hl.tile(64):\n            x[m, k] = 0", 1),
        ("        hl.device_print('a', acc)\n        out[m, n] = acc", 1),
    ],
)
def test_what_runs_in_parts(end: str, stores: int) -> None:
    text = generated(PRODUCT + end, "f16[64,64], i64[1], f32[64,64]", Config(block_sizes=[32, 32, 32], epilogue_subtile=2))
    assert sum(text.count(f"tl.{word}(out +") for word in ("store", "atomic_add")) == stores, text


def test_an_epilogue_is_what_follows_the_loops() -> None:
    ir = _bound(CASE_BY_NAME["residual_gelu"], ((64, 64), (64, 64), (64,), (64, 64))).ir
    found = find_epilogue(ir, ir.grid_loops[0])
    assert found is not None
    assert found.axis.name == "tile_n"
    assert [node.name.split("_")[0] for node in found.inputs] == ["element"]
