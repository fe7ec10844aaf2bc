"""Which of the functions that TorchInductor lowers work on tiles: each is tried in a kernel, and the table is written to docs/.

`python -m benchmarks.torch_functions`. A function works when some call of it, of the usual ones below, is checked, lowered and written as
Triton for two float32, integer or boolean tiles; what its results are is for tests/parity to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch._inductor.lowering import fallbacks, lowerings

from helion import compiler
from helion.device_ir.calls import LoweringFailed
from helion.reference.run import reference_function
from helion.settings import Settings
from helion.signatures.notation import signature_from_notation
from helion.signatures.signature import KernelSignature
from helion.source import SourceFile
from helion.target import DEFAULT_TARGET
from helion.typecheck.global_names import FileGlobals

PAGE = Path(__file__).parents[1] / "docs" / "torch_functions.md"
_CALLS = (
    "v",
    "v, w",
    "v, w, u",
    "v, 2",
    "v, -1",
    "v, 0.5, 2.0",
    "v, w, alpha=2",
    "v, w, value=2",
    "v > 0, v, w",
    "v, v > 0, 0.0",
    "v, torch.float16",
    "v, [-1]",
    "v, 0, 1",
    "[v, w]",
    "v, 1, places",
    "v, 1, places, w",
    "rows, columns",
    "v, rows, columns",
    "batch, factors",
    "batch_rows, batch, factors",
    "row, row",
    "row",
    "row, [tile_m, tile_n]",
    "v, 0",
    "v, 1",
    "v, -1, -1",
    "v, [1, 0]",
    "v, [0, 1]",
    "2.0",
    "v, row",
    "v, -1, 0, 4",
    "v, w, 0, 0",
    "v, 1, places, w, 'sum'",
    "v, [32, 32], 1",
    "v, [tile_m, 1, tile_n]",
    "v, [tile_n, tile_m]",
    "[tile_m, tile_n], 2.0",
    "[tile_m, tile_n]",
    "v, 1.0, 2.0",
    "v, 2, -1",
    "rows, [64]",
    "rows, 2",
    "v, 0.5",
    "v, 0.5, True",
    "places, 64",
    "v, (1, 1)",
    "row, v",
    "row, rows",
    "places, rows",
    "rows, 1, positions[tile_m, :], rows",
    "rows, 1, positions[tile_m, :], rows, 'sum'",
    "rows, y[tile_m, 0], 1, 3",
    "rows, -1",
    "rows, 1, 3",
    "rows, [1, -1]",
)
_WINDOWS = "a window over neighbours: a program loads the elements that it needs, `x[tile_m.index + k]`"
_NO_STRIDES = "a value lies in registers, which have no strides; `reshape`, `permute` and `expand` are what there is of views"
_IN_PARTS = "a value is one block of registers: `hl.split` gives two halves, and parts can be loaded one by one"
# Why what is not on tiles need not be; the first thing said of a call would only tell that it is not.
_NOT_MEANT = {
    **dict.fromkeys(("avg_pool2d", "avg_pool3d", "adaptive_max_pool2d", "max_pool2d_with_indices", "max_pool3d_with_indices"), _WINDOWS),
    **dict.fromkeys(("fractional_max_pool2d", "fractional_max_pool3d", "convolution", "unfold"), _WINDOWS),
    **dict.fromkeys(("as_strided", "as_strided_copy", "as_strided_scatter", "empty_strided", "new_empty_strided", "resize"), _NO_STRIDES),
    **dict.fromkeys(("split", "split_with_sizes", "unbind"), _IN_PARTS),
    "broadcast_tensors": "it gives several values: operators broadcast by themselves, and `expand_as` one value",
    "diagonal_scatter": "a choice by places: `torch.where(rows == columns, v, w)`",
    "embedding": "a load through an index: `weight[ids[tile], :]`",
    "index": "a subscript: of a tensor a load through an index, of a value `torch.gather` or `torch.index_select`",
    "index_put": "a store through an index, or, of a value, `torch.scatter`, `torch.index_copy` and `torch.index_add`",
    "mkldnn_rnn_layer": "a whole layer of a library for CPUs",
    "mode": "which of several equal elements it names differs between torch's own devices",
    "sym_constrain_range": "it says something of sizes to torch.export, and computes nothing",
}
_DTYPES = ("f32", "i32", "bool")
_MORE_DTYPES = ("f32", "bf16", "f16", "i32", "i64", "bool")
_KERNEL = """import torch
import helion
import helion.language as hl

@helion.kernel
def kernel(x: torch.Tensor, y: torch.Tensor, z: torch.Tensor, stack: torch.Tensor, positions: torch.Tensor):
    for tile_m, tile_n in hl.tile([x.size(0), x.size(1)]):
        v, w, u = x[tile_m, tile_n], y[tile_m, tile_n], z[tile_m, tile_n]
        rows, columns, row = x[tile_m, :], y[:, tile_n], y[0, tile_n]
        batch, factors, batch_rows = stack[:, tile_m, tile_n], stack[:, tile_n, :], stack[:, tile_m, :]
        places = positions[tile_m, tile_n]
        {line}
        z[tile_m, tile_n] = v
"""


@dataclass(frozen=True)
class Found:
    """One function: the call that works, with which dtypes and whether in reference mode, or why the likeliest does not."""

    name: str
    call: str | None
    dtypes: tuple[str, ...] = ()
    reference: bool = False
    why: str = ""


def functions() -> Iterator[tuple[str, str]]:
    """Each function with a lowering and without an underscore, by its ATen name and its public spelling."""
    overloads = {o for o in lowerings if isinstance(o, torch._ops.OpOverload)} - set(fallbacks)
    names = {str(o).split(".")[1] for o in overloads if o.namespace == "aten"}
    for name in sorted(n for n in names if not n.startswith("_") and not n.endswith("_") and "backward" not in n):
        spelling = _spelling(name)
        if spelling is not None:
            yield name, spelling


def _spelling(name: str) -> str | None:
    places: tuple[tuple[str, Any], ...] = (
        ("torch", torch),
        ("torch.nn.functional", torch.nn.functional),
        ("torch.special", torch.special),
        ("torch.Tensor", torch.Tensor),
    )
    return next(
        (
            f"{where}.{name.removeprefix('special_')}"
            for where, module in places
            if callable(getattr(module, name.removeprefix("special_"), None))
        ),
        None,
    )


def attempt(name: str, spelling: str) -> Found:
    """The first call that compiles; else what is said of one that torch itself takes, if there is one."""
    said: list[str] = []
    for call in (_written(spelling, arguments) for arguments in _CALLS):
        for text in (call, f"{call}[0]"):
            for dtype in _DTYPES:
                why = _problem(text, dtype)
                if why is None:
                    dtypes = tuple(other for other in _MORE_DTYPES if other == dtype or _problem(text, other) is None)
                    return Found(name, text, dtypes, _runs_in_reference_mode(text, dtype))
                said.append(why)
                if ("torch rejects" in why and "is not implemented for" not in why) or "missing" in why:
                    break  # whatever the dtype
    return Found(name, None, why=next((why for why in said if "torch rejects" not in why and "missing" not in why), said[0]))


def _written(spelling: str, arguments: str) -> str:
    """The call as people write it: a method after its tensor."""
    module, _, name = spelling.rpartition(".")
    tensor, _, rest = arguments.partition(", ")
    return f"{tensor}.{name}({rest})" if module == "torch.Tensor" and tensor.isidentifier() else f"{spelling}({arguments})"


def _problem(call: str, dtype: str) -> str | None:
    """What is said of the call in a kernel; None if it compiles."""
    module = compiler.parse(SourceFile("kernel.py", _KERNEL.format(line=f'hl.device_print("result", {call})')))
    shapes = f"{dtype}[64,64], {dtype}[64,64], {dtype}[64,64], {dtype}[2,64,64], i64[64,64]"
    signature = signature_from_notation(module.kernels[0], shapes)
    assert isinstance(signature, KernelSignature)
    try:
        typed = compiler.check(module.kernels[0], signature, FileGlobals(module), Settings())
        errors = [d for d in typed.diagnostics if d.severity.value == "error"]
        if errors:
            return f"{errors[0].code}: {errors[0].message().splitlines()[0]}"
        ir = compiler.lower(typed)
        compiler.generate(ir, compiler.config_space(ir, DEFAULT_TARGET).default(), DEFAULT_TARGET)
    except LoweringFailed as failed:
        return f"unsupported-torch-call: {failed.reason}"
    except Exception as error:  # noqa: BLE001 - a crash is a result, too
        return f"INTERNAL {type(error).__name__}: {error}"
    return None


def _runs_in_reference_mode(call: str, dtype: str) -> bool:
    """Whether reference mode runs what compiles."""
    names: dict[str, Any] = {}
    exec(_KERNEL.format(line=f"result = {call}").replace("@helion.kernel\n", ""), names)
    of = {"f32": torch.float32, "i32": torch.int32, "bool": torch.bool}[dtype]
    tiles = [torch.ones(64, 64, dtype=of) for _ in range(3)]
    try:
        reference_function(names["kernel"])(*tiles, torch.ones(2, 64, 64, dtype=of), torch.zeros(64, 64, dtype=torch.int64))
    except (RuntimeError, TypeError, NotImplementedError, ValueError, IndexError):
        return False
    return True


def page(found: list[Found]) -> str:
    """The table, and the number of those that work."""
    works = [f for f in found if f.call is not None]
    lines = [
        "# Torch functions on tiles",
        "",
        f"Of {len(found)} public functions that TorchInductor {torch.__version__.split('+')[0]} lowers, **{len(works)}** work on tiles:",
        "`python -m benchmarks.torch_functions` tries each in a kernel. Types are found by asking torch, device code comes from Inductor's",
        "lowering (or an own rule, where tiles or masks change the meaning), reference mode calls the function itself.",
        "",
        "Every function has torch's own rule for its type. Dtypes are those of f32, bf16, f16, i32, i64 and bool with which it compiles.",
        "",
        "| function | example | device, dtypes | reference |",
        "|---|---|---|---|",
        *(f"| `{f.name}` | `{f.call}` | {', '.join(f.dtypes)} | {'yes' if f.reference else 'no'} |" for f in works),
        "",
        "## Not on tiles",
        "",
        "| function | why, and what to write instead |",
        "|---|---|",
        *(f"| `{f.name}` | {_NOT_MEANT.get(f.name, f.why).replace('|', '/')} |" for f in found if f.call is None),
    ]
    return "\n".join(lines) + "\n"


def main(write: Callable[[str], object] = PAGE.write_text) -> None:
    write(page([attempt(*function) for function in functions()]))


if __name__ == "__main__":
    main()
