"""Everything wrong that a kernel can be given, each with what it must be told: runs where Triton interprets."""

from __future__ import annotations

import contextlib
import io
import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import helion
import helion.language as hl
from helion import compiler, exc


def double(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = x[tile] * 2
    return out


def add(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size()):
        out[tile] = x[tile] + y[tile]
    return out


def with_option(x: torch.Tensor, option: object) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = x[tile]
    return out


def endless(v: torch.Tensor) -> torch.Tensor:
    return endless(v - 1)


def calls_endless(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = endless(x[tile])
    return out


def calls_itself(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = x[tile]
    return ITSELF(out)


ITSELF = helion.kernel(calls_itself)


def long_unroll(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        v = x[tile]
        for i in hl.static_range(10_000_000):
            v = v + i
        out[tile] = v
    return out


def unroll_by_arguments(x: torch.Tensor, times: hl.constexpr) -> torch.Tensor:
    """Only the rounds themselves tell how many there are."""
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        v = x[tile]
        for i in hl.static_range(times):
            for _ in hl.static_range(times):
                pass
            v = v + i
        out[tile] = v
    return out


def endless_loop(x: torch.Tensor) -> torch.Tensor:
    for _ in hl.tile(10**30):
        x[0] = 1
    return x


def late_block(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    block = 16 if x.sum().item() > 1 else 32
    for tile in hl.tile(x.size(0), block_size=block):
        out[tile] = x[tile]
    return out


def nested_unroll(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        v = x[tile]
        for i in hl.static_range(1000):
            for _ in hl.static_range(1000):
                v = v + i
        out[tile] = v
    return out


def unsupported(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = torch.digamma(x[tile])
    return out


def integer_powers(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = tile.index**tile.index
    return out


def misspelled(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = torch.sinus(x[tile])  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    return out


def without_loop(x: torch.Tensor) -> torch.Tensor:
    return x + 1


async def asynchronous(x: torch.Tensor) -> torch.Tensor:
    return x


def generator(x: torch.Tensor) -> Any:
    yield x


def sums_a_generator(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = generator(x[tile])
    return out


def tile_decides(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = 1 if tile else 2
    return out


def long_text(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = len("a" * 10**12)
    return out


def long_list(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = len([0] * 10**10)
    return out


def many_digits(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = x[tile] * math.factorial(10**7)
    return out


def infinite_int(x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = x[tile] * int(float("inf"))
    return out


def variadic(*xs: torch.Tensor) -> None: ...


def deeply_nested() -> Any:
    """A kernel of a file of its own, which no formatter would leave so."""
    folder = Path(tempfile.mkdtemp())
    path = folder / "deeply_nested.py"
    body = f"    out = torch.empty_like(x)\n    for tile in hl.tile(x.size(0)):\n        out[tile] = {'-' * 400}x[tile]\n    return out\n"
    path.write_text(f"import torch\nimport helion.language as hl\ndef f(x):\n{body}")
    names: dict[str, Any] = {}
    exec(compile(path.read_text(), str(path), "exec"), names)
    return names["f"]


def from_text() -> Any:
    names: dict[str, Any] = {"torch": torch, "hl": hl}
    exec("def f(x):\n    for tile in hl.tile(x.size(0)):\n        x[tile] = 0\n", names)
    return names["f"]


def itself() -> list[Any]:
    items: list[Any] = []
    items.append(items)
    return items


DECORATE: Any = helion.kernel  # whatever the types say
NESTED: Any = torch.nested  # without types


def call(fn: Any, *args: Any, **options: Any) -> Any:
    """Decorate and call, as a user would."""
    return DECORATE(fn, **{"autotune_effort": "none", **options})(*args)


X = torch.randn(64)
X2 = torch.randn(16, 16)
CONFIG = helion.Config(block_sizes=[16])


@dataclass(frozen=True)
class Case:
    """A call that must be refused with an exception and these words."""

    name: str
    run: Callable[[], object]
    error: str
    words: str


def _config(name: str, words: str, **values: Any) -> Case:
    return Case(name, lambda: call(double, X, config={"block_sizes": [16], **values}), "InvalidConfig", words)


def _setting(words: str, **values: Any) -> Case:
    return Case(f"setting_{next(iter(values))}", lambda: call(double, X, **values), "InvalidSetting", words)


CASES = (
    Case("too_few_arguments", lambda: call(add, X), "InvalidArguments", r"add\(\): missing a required argument: 'y'"),
    Case("too_many_arguments", lambda: call(add, X, X, X), "InvalidArguments", r"add\(\): too many positional arguments"),
    Case("unknown_keyword", lambda: DECORATE(double)(x=X, z=X), "InvalidArguments", r"double\(\): got an unexpected keyword"),
    Case("no_tensor", lambda: call(with_option, 3, 4), "NoTensorArgs", "without a tensor and without a device"),
    Case("complex_numbers", lambda: call(double, X.to(torch.complex64)), "InductorLoweringError", "elements of torch.complex64"),
    Case("packed_floats", lambda: call(double, torch.empty(64, dtype=torch.float4_e2m1fn_x2)), "InductorLoweringError", "float4_e2m1fn_x2"),
    Case("exponents", lambda: call(double, X.to(torch.float8_e8m0fnu)), "InductorLoweringError", "elements of torch.float8_e8m0fnu"),
    Case("sparse", lambda: call(double, X2.to_sparse()), "InvalidAPIUsage", "as `x`: it is of layout torch.sparse_coo"),
    Case("sparse_rows", lambda: call(add, X2, X2.to_sparse_csr()), "InvalidAPIUsage", "as `y`: it is of layout torch.sparse_csr"),
    Case("nested", lambda: call(double, NESTED.nested_tensor([X, X])), "InvalidAPIUsage", "it is a nested tensor"),
    Case("packed_by_a_library", lambda: call(double, X.to_mkldnn()), "InvalidAPIUsage", "of layout torch._mkldnn"),
    Case("negated_when_read", lambda: call(double, torch.randn(8, dtype=torch.complex64).conj().imag), "InvalidAPIUsage", "negates"),
    Case("data_and_none", lambda: call(add, X, X.to("meta")), "InvalidAPIUsage", "`y`: it has no data, and other arguments have"),
    Case("too_many_dims", lambda: call(add, torch.ones([2] * 9), torch.ones([2] * 9)), "TorchOpTracingError", "too many dimensions"),
    Case("no_dims", lambda: call(add, torch.tensor(1.0), torch.tensor(1.0)), "IncorrectTileUsage", "there is no dimension to loop over"),
    Case("another_rank", lambda: call(add, X2, X), "RankMismatch", r"f32\[64\] takes 1 subscript, not 2"),
    Case("config_of_another_kernel", lambda: call(double, X, config={"block_sizes": [16, 16]}), "InvalidConfig", "2 entries where"),
    _config("unknown_key", "`blocks` is not a config key", blocks=3),
    _config("both_spellings", "another spelling of `block_sizes`", block_size=16),
    _config("warps", "`num_warps` cannot be 3: it must be a power of two from 1 to 32", num_warps=3),
    _config("warps_as_text", "`num_warps` cannot be '4'", num_warps="4"),
    _config("stages", "`num_stages` cannot be 0", num_stages=0),
    _config("indexing", "`indexing` for load .* cannot be 'block': allowed: 'pointer', 'block_ptr'", indexing="block"),
    _config("huge_block", "cannot be 1099511627776: it must be a power of two, at most 1048576", block_sizes=[2**40]),
    _config("text_for_blocks", "`block_sizes` for tile cannot be '16'", block_sizes="16"),
    Case("number_for_config", lambda: call(double, X, config=5), "TypeError", "a config is a helion.Config or a dict"),
    Case("text_for_configs", lambda: call(double, X, configs="abc"), "TypeError", "a config is a helion.Config or a dict"),
    Case("unsupported_op", lambda: call(unsupported, X), "InductorLoweringError", "`digamma` has no device code"),
    Case("op_of_torchs_kernel", lambda: call(integer_powers, X), "InductorLoweringError", "Inductor has torch's own kernel called"),
    Case("misspelled_op", lambda: call(misspelled, X), "UndefinedVariable", "module `torch` has no attribute `sinus`"),
    Case("recursion_of_a_helper", lambda: call(calls_endless, X), "InvalidAPIUsage", "it calls itself, or is nested too deeply"),
    Case("recursion", lambda: ITSELF(X), "NestedKernelCallsNotSupported", "a kernel cannot call the kernel `calls_itself`"),
    Case("gigantic_unroll", lambda: call(long_unroll, X), "IncorrectTileUsage", "unrolling stops at 1024 rounds, not 10000000"),
    Case(
        "gigantic_nested_unroll",
        lambda: call(nested_unroll, X),
        "IncorrectTileUsage",
        r"unrolling stops at 4096 rounds in a kernel.*\n[\s\S]*for i in hl.static_range\(1000\)",
    ),
    Case(
        "gigantic_unroll_by_arguments",
        lambda: call(unroll_by_arguments, X, 1000),
        "IncorrectTileUsage",
        "unrolling stops at 4096 rounds in a kernel",
    ),
    Case("gigantic_bound", lambda: call(endless_loop, X), "IncorrectTileUsage", "a loop's bounds must fit in 64 bits"),
    Case(
        "block_size_of_the_host",
        lambda: call(late_block, X),
        "IncorrectTileUsage",
        "a fixed block size must be known when the kernel is compiled",
    ),
    Case("no_loop", lambda: call(without_loop, X), "NoDeviceLoopsInKernel", "has no `hl.tile` or `hl.grid` loop"),
    Case("any_object", lambda: call(with_option, X, object()), "InvalidArguments", "unsupported argument type: object"),
    Case("a_set", lambda: call(with_option, X, {1, 2}), "InvalidArguments", "unsupported argument type: set"),
    Case("a_numpy_array", lambda: call(with_option, X, np.ones(3)), "InvalidArguments", "unsupported argument type: ndarray"),
    Case("a_complex_number", lambda: call(with_option, X, 1j), "InvalidArguments", "unsupported argument type: complex"),
    Case("a_list_of_itself", lambda: call(with_option, X, itself()), "InvalidArguments", "it contains itself"),
    Case("a_lambda", lambda: call(lambda: 0, X), "InvalidKernelFunction", "a function made by `def`, not a lambda"),
    Case("a_builtin", lambda: call(len, X), "InvalidKernelFunction", "a function made by `def`, not builtin_function_or_method"),
    Case("a_class", lambda: call(int, X), "InvalidKernelFunction", "a function made by `def`, not the class int"),
    Case("a_coroutine", lambda: call(asynchronous, X), "StatementNotSupported", "`async` cannot be used in a kernel"),
    Case("a_generator", lambda: call(generator, X), "StatementNotSupported", "`yield` cannot be used in a kernel"),
    Case(
        "a_generator_called_on_the_device", lambda: call(sums_a_generator, X), "StatementNotSupported", "`generator`, which has a `yield`"
    ),
    Case("variadic_parameters", lambda: call(variadic, X), "InvalidKernelFunction", r"\*xs`: take a list[\s\S]*bad_input"),
    Case("tile_as_a_truth", lambda: call(tile_decides, X), "IncorrectTileUsage", "a tile is not a truth value"),
    Case("text_of_gigabytes", lambda: call(long_text, X), "TypeInferenceError", "so many items are not followed"),
    Case("list_of_gigabytes", lambda: call(long_list, X), "TypeInferenceError", "so many items are not followed"),
    Case("factorial", lambda: call(many_digits, X), "TypeInferenceError", "`factorial` of more than 1000"),
    Case("int_of_infinity", lambda: call(infinite_int, X), "TypeInferenceError", "cannot convert float infinity"),
    Case("deeply_nested", lambda: call(deeply_nested(), X), "StatementNotSupported", "an expression nested 200 deep"),
    Case("text_without_a_file", lambda: call(from_text(), X), "InvalidAPIUsage", "the source of `f` cannot be read; define it in a file"),
    Case("outside", lambda: hl.load(X, [0]), "NotInsideKernel", "hl.load can only be called inside"),
    Case("unknown_setting", lambda: call(double, X, statik_shapes=True), "TypeError", "statik_shapes"),
    _setting("static_shapes must be True or False, not 'yes'", static_shapes="yes"),
    _setting("autotune_effort must be one of none, quick, full", autotune_effort="huge"),
    _setting("index_dtype must be one of None, torch.int32, torch.int64", index_dtype=torch.float32),
    _setting("ignore_warnings takes warning classes", ignore_warnings=["all"]),
    _setting("ref_mode must be a helion.RefMode", ref_mode="eager"),
    _setting("on_missing must be one of tune, default, error", on_missing="guess"),
)


def check_refused(name: str) -> None:
    case = next(case for case in CASES if case.name == name)
    error = TypeError if case.error == "TypeError" else getattr(exc, case.error)
    with pytest.raises(error, match=case.words) as caught:
        case.run()
    assert not isinstance(caught.value, exc.InternalError)


def check_empty_tensors() -> None:
    for static in (True, False):
        assert call(double, torch.empty(0), static_shapes=static).shape == (0,)
        for shape in ((0, 5), (5, 0)):
            assert call(add, torch.empty(shape), torch.empty(shape), static_shapes=static).shape == shape


def check_shapes_without_data() -> None:
    result = call(add, X2.to("meta"), X2.to("meta"))
    assert (result.shape, result.dtype, result.device.type) == (X2.shape, X2.dtype, "meta")


def check_what_the_host_raises_is_the_users() -> None:
    with pytest.raises(ZeroDivisionError):
        call(_divides_by_zero, X, 0)


def _divides_by_zero(x: torch.Tensor, n: int) -> torch.Tensor:
    rows = 1 // n
    out = torch.empty_like(x)
    for tile in hl.tile(x.size(0)):
        out[tile] = x[tile] * rows
    return out


def check_a_bug_of_ours_asks_for_a_report() -> None:
    """What no diagnostic is made for says so, and prints a script that does the same."""
    original = compiler.generate
    printed = io.StringIO()
    try:
        compiler.generate = _broken
        with pytest.raises(exc.InternalError, match=r"please report it: KeyError: 'lost'.*\n[\s\S]*HELION_PRINT_REPRO=1 prints"):
            call(double, X)
        with pytest.raises(exc.InternalError, match="the script printed above"), contextlib.redirect_stderr(printed):
            call(double, X, print_repro=True)
    finally:
        compiler.generate = original
    script = printed.getvalue()
    assert "# === HELION KERNEL REPRO ===" in script
    assert "double(rand_strided((64,), (1,), dtype=torch.float32, device='cpu'))" in script


def _broken(*args: Any) -> Any:
    raise KeyError("lost")


CHECKS = (
    check_empty_tensors,
    check_shapes_without_data,
    check_what_the_host_raises_is_the_users,
    check_a_bug_of_ours_asks_for_a_report,
)
