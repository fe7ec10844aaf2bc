"""Evidence for parameters in the text: annotations, uses, calls, defaults; each says where it is from."""

from __future__ import annotations

import pytest

from helion.signatures.infer import infer_signature
from helion.signatures.signature import KernelSignature
from helion.source import SourceFile
from helion.syntax.parse import parse_module
from helion.typecheck.global_names import FileGlobals

HEAD = "import torch\nimport helion\nimport helion.language as hl\n\n\n"


def infer(text: str) -> KernelSignature:
    module = parse_module(SourceFile("kernel.py", HEAD + text))
    return infer_signature(module.kernels[0], FileGlobals(module))


def first(parameters: str, body: str = "return x", rest: str = "") -> tuple[str, str]:
    """The type and the evidence of the first parameter."""
    found = infer(f"@helion.kernel\ndef kernel({parameters}):\n    {body}\n\n\n{rest}")
    parameter = next(iter(found.parameters.values()))
    return str(parameter.type), parameter.evidence


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("torch.Tensor", "?[*x]"),
        ("torch.Tensor | None", "?[*x]"),
        ("'torch.Tensor'", "?[*x]"),
        ("Optional[torch.Tensor]", "?[*x]"),
        ("Union[torch.Tensor, None]", "?[*x]"),
        ("Float[Tensor, 'm k']", "?[m, k]"),
        ("BFloat16[Tensor, '*batch 3 k']", "bf16[*batch, 3, k]"),
        ("int", "int"),
        ("float", "float"),
        ("bool", "bool"),
        ("str", "str"),
        ("torch.dtype", "dtype(?)"),
        ("hl.constexpr", "?"),
        ("Callable[[torch.Tensor], torch.Tensor]", "Callable"),
        ("UInt64[Tensor, 'n']", "u64[n]"),
        ("Float8e4m3fn[Tensor, '...']", "f8e4m3[*x]"),
        ("Real[Tensor, '_ 4']", "?[_0, 4]"),
        ("tuple[torch.Tensor, int]", "(?[*x_0], int)"),
        ("tuple[Float32[Tensor, 'm k'], ...]", "?"),
        ("list[torch.Tensor]", "?"),
        ("Unheard", "?"),
    ],
)
def test_annotations(annotation: str, expected: str) -> None:
    assert first(f"x: {annotation}")[0] == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("m, k = x.size()", "?[m, k]"),
        ("m, k = x.shape", "?[m, k]"),
        ("a = x[i, :, None]", "?[x.0, x.1]"),
        ("n = x.size(1)\n    a = x[i, j]", "?[x.0, n]"),
        ("a = x[t]", "?[*x]"),
        ("a = x[: n // 2]", "?[*x]"),
        ("a = x[:]", "?[x.0]"),
        ("x = x.view(-1)\n    a = x[i, j]", "?[*x]"),
    ],
)
def test_uses(body: str, expected: str) -> None:
    assert first("x: torch.Tensor", body)[0] == expected


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("torch.randn(3, 4)", "f32[x.0, x.1]"),
        ("torch.zeros([3, 4, 5], dtype=torch.bfloat16)", "bf16[x.0, x.1, x.2]"),
        ("torch.randn(shape, device=DEVICE, dtype=torch.float16)", "f16[x.0, x.1]"),
        ("torch.randint(0, 9, (3,))", "i64[x.0]"),
        ("torch.randn(3, 4).to(torch.float16)", "f16[x.0, x.1]"),
        ("torch.randn(3, 4).half() * 2", "f16[x.0, x.1]"),
        ("torch.randn(3, 4).to(dtype)", "?[x.0, x.1]"),
        ("torch.empty_like(made)", "f64[x.0]"),
        ("made", "f64[x.0]"),
        ("torch.arange(4)", "i64[x.0]"),
        ("torch.randn(*sizes)", "?[*x]"),
        ("load('weights.pt')", "?[*x]"),
    ],
)
def test_calls(argument: str, expected: str) -> None:
    main = f"def main(dtype, sizes):\n    shape = (3, 4)\n    made = torch.ones(7, dtype=torch.float64)\n    kernel({argument})\n"
    assert first("x: torch.Tensor", rest=main)[0] == expected


def test_calls_that_differ_leave_open_what_differs() -> None:
    calls = "kernel(torch.randn(3, 4))\nkernel(torch.randn(5, 6).half())\n"
    assert first("x: torch.Tensor", rest=calls)[0] == "?[x.0, x.1]"
    assert first("x: torch.Tensor", rest=f"{calls}kernel(torch.randn(3))\n")[0] == "?[*x]"


def test_names_of_sizes_and_the_rank_of_a_call_combine() -> None:
    found = first("x: torch.Tensor", "m = x.size(-2)", "kernel(torch.randn(2, 3, 4))\n")
    assert found == ("f32[x.0, m, x.2]", "from the call at line 11")


def test_a_generator_of_inputs() -> None:
    text = (
        "def examples():\n    for n in (1, 2):\n        yield torch.randn(n, 4, dtype=torch.bfloat16), 3\n\n\n"
        "@helion.kernel(inputs=examples)\ndef kernel(x: torch.Tensor, k: int):\n    return x\n"
    )
    assert [str(p.type) for p in infer(text).parameters.values()] == ["bf16[x.0, x.1]", "int"]


def test_a_kernel_handed_on_with_its_arguments() -> None:
    text = "check('kernel', kernel, torch.exp, (torch.randn(3, 4, dtype=torch.float16),))\n"
    assert first("x: torch.Tensor", rest=text)[0] == "f16[x.0, x.1]"


def test_a_lambda_at_a_call() -> None:
    assert first("f, x", rest="kernel(lambda v: v + 1, None)\n")[0] == "function <lambda>"


@pytest.mark.parametrize(("default", "expected"), [("1e-5", "float"), ("3", "int"), ("True", "bool"), ("'relu'", "str"), ("None", "?")])
def test_defaults(default: str, expected: str) -> None:
    assert first(f"x={default}")[0] == expected


@pytest.mark.parametrize(("default", "expected"), [("1e-5", "float"), ("True", "bool"), ("'relu'", "str")])
def test_a_constant_is_what_its_default_is(default: str, expected: str) -> None:
    assert first(f"x: hl.constexpr={default}")[0] == expected


def test_what_may_be_none_is_said_so() -> None:
    found = infer("@helion.kernel\ndef kernel(x: torch.Tensor | None, y: torch.Tensor = None, z: torch.Tensor = x):\n    return x\n")
    assert [p.optional for p in found.parameters.values()] == [True, True, False]


def test_evidence_is_in_words() -> None:
    text = "@helion.kernel\ndef kernel(x: torch.Tensor):\n    m, k = x.size()\n\n\nkernel(torch.randn(3, 4))\n"
    found = infer(text)
    assert found.parameters["x"].evidence == "from `m, k = x.size()`, line 8"
    assert found.parameters["x"].dtype_evidence == "dtype from the call at line 11"
    origin = next(o for s, o in found.dim_origins.items() if str(s) == "k")
    assert origin.text.startswith("size 1 of `x`")
    assert origin.host_expression == "x.size(1)"


def test_a_comprehension_gives_each_name_its_own_item() -> None:
    calls = "x, y = (torch.randn(s, dtype=torch.float16) for s in ((3, 4), (5,)))\nkernel(x)\n"
    assert first("x: torch.Tensor", rest=calls)[0] == "f16[x.0, x.1]"
    assert first("x: torch.Tensor", rest=calls.replace("kernel(x)", "kernel(y)"))[0] == "f16[x.0]"


def test_a_loop_over_shapes_says_no_rank() -> None:
    shapes = "for s in shapes():\n    kernel(torch.randn(s))\n"
    assert first("x: torch.Tensor", rest=shapes)[0] == "?[*x]"
    assert first("x: torch.Tensor", rest=shapes.replace("shapes()", "(3, 4)"))[0] == "f32[x.0]"


def test_a_function_by_default() -> None:
    helper = "def twice(v):\n    return v + v\n"
    assert first("f=twice, x=None", rest=helper)[0] == "function twice"
    several = f"{helper}kernel(lambda v: v, None)\nkernel(lambda v: -v, None)\n"
    assert first("f=twice, x=None", rest=several)[0] == "?"


def test_a_throwaway_name_is_of_no_size() -> None:
    assert first("x: torch.Tensor, y: torch.Tensor", body="_, n = x.size()\n    _, m = y.size()")[0] == "?[x.0, n]"
    assert first("x: torch.Tensor, y: torch.Tensor", body="m, k = x.size()\n    k, n = y.size()")[0] == "?[m, k]"


@pytest.mark.parametrize("call", ["hl.load(x, [at, 0])", "hl.store(x, [at, tile, 0], v)", "hl.atomic_add(x, [at + 1, None], v)"])
def test_what_loads_and_stores_is_given_says_the_rank(call: str) -> None:
    rank = {"load": 2, "store": 3, "atomic_add": 1}[call.partition("(")[0].partition(".")[2]]
    type_, evidence = first("x: torch.Tensor, at: torch.Tensor", call)
    assert type_ == f"?[{', '.join(f'x.{n}' for n in range(rank))}]"
    assert evidence == f"from `{call}`, line 8"


@pytest.mark.parametrize("call", ["hl.load(x, [tile])", "hl.load(x, index)", "hl.load(x, [*index, 0])", "other.fill(x, [1, 2])"])
def test_other_calls_say_nothing_of_it(call: str) -> None:
    assert first("x: torch.Tensor", call)[0] == "?[*x]"


@pytest.mark.parametrize("container", ["dict", "list", "tuple", "Mapping"])
def test_a_container_by_its_bare_name_is_no_tensor_whatever_is_read_from_it(container: str) -> None:
    assert first(f"x: {container}", "a = x[0]") == ("?", f"annotation `{container}`")


def test_what_has_a_key_is_no_tensor() -> None:
    assert first("x", "a = x['scale']") == ("?", "no evidence")
    assert first("x", "a = x['scale'], x[0, 1]")[0] == "?[x.0, x.1]"
