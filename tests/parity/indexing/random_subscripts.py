"""Random subscripts in random kernels: a seed in, a kernel's text and its arguments out; run eagerly and compiled they must agree."""

from __future__ import annotations

import importlib.util
import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

import helion
from helion.runtime.bound_kernel import BoundKernel
from tests.parity.indexing.case import guarded

_SIZES = (1, 3, 5, 8, 12, 17)
_STRATEGIES = ("tensor_descriptor", "block_ptr", "pointer")
_KINDS = ("tile", "shifted", "int", "negative", "full", "slice", "step", "last", "vector", "matrix", "scalar", "arange", "run", "new")
# A matrix would be broadcast with another of these beside it; each result dimension here comes from one element.
_INDEX_TENSORS = frozenset({"shifted", "vector", "matrix", "arange"})


@dataclass
class _Drawing:
    """A subscript being drawn: its elements, and for each dimension of what it selects the subscript and the length of `out`."""

    rng: random.Random
    elements: list[str] = field(default_factory=list[str])
    tiles: list[int] = field(default_factory=list[int])
    indices: list[torch.Tensor] = field(default_factory=list[torch.Tensor])
    before: list[str] = field(default_factory=list[str])
    out: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    kinds: set[str] = field(default_factory=set[str])

    def tile(self, extent: int) -> str:
        self.tiles.append(extent)
        return f"t{len(self.tiles) - 1}"

    def index(self, size: int, *shape: int) -> str:
        self.indices.append(torch.tensor(self.rng.choices(range(size), k=torch.Size(shape).numel())).view(shape))
        return f"i{len(self.indices) - 1}"

    def element(self, size: int) -> None:
        """Draw what indexes a dimension."""
        taken = _INDEX_TENSORS if "matrix" in self.kinds else {"matrix"} if self.kinds & _INDEX_TENSORS else set[str]()
        kind = self.rng.choice([k for k in _KINDS if k not in taken])
        self.kinds.add(kind)
        first = self.rng.randrange(size)
        last = self.rng.randrange(first, size) + 1
        if kind == "new":
            self._add("None", (":", 1))
            kind = "full"
        if kind in ("tile", "shifted"):
            shift = first if kind == "shifted" else 0
            tile = self.tile(size - shift)
            self._add(f"{tile} + {shift}" if shift else tile, (tile, size - shift))
        elif kind in ("int", "negative", "scalar"):
            self._add({"int": str(first), "negative": str(first - size)}.get(kind) or f"{self.index(size, 3)}[{first % 3}]")
        elif kind in ("vector", "matrix"):
            shape = (5,) if kind == "vector" else (5, 4)
            tiles = [self.tile(n) for n in shape]
            self._add(f"{self.index(size, *shape)}[{', '.join(tiles)}]", *zip(tiles, shape, strict=True))
        elif kind == "arange":
            self._add(f"hl.arange({first}, {last})", (":", last - first))
        elif kind == "run":
            name = self.index(size - (last - first) + 1, 2)
            self.before.append(f"start_{name} = {name}[1]")
            self._add(f"start_{name} : start_{name} + {last - first}", (":", last - first))
        else:
            step = self.rng.choice((1, 2, 3))
            text = {"full": ":", "slice": f"{first}:{last}", "step": f"{first}:{last}:{step}", "last": f"{first - size}:"}[kind]
            chosen = slice(*(int(part) if part else None for part in text.split(":")))
            self._add(text, (":", len(range(size)[chosen])))

    def _add(self, element: str, *out: tuple[str, int]) -> None:
        self.elements.append(element)
        self.out.extend(out)


@dataclass(frozen=True)
class _Program:
    text: str
    size: tuple[int, ...]
    indices: tuple[torch.Tensor, ...]
    out_size: tuple[int, ...]


def _program(seed: int) -> _Program:
    rng = random.Random(seed)
    size = tuple(rng.choices(_SIZES, k=rng.choice((1, 2, 2, 3))))
    drawing = _Drawing(rng)
    for extent in size:
        drawing.element(extent)
    if not drawing.tiles:
        drawing.tile(1)
    value = f"x[{', '.join(drawing.elements)}] {rng.choice(('* 2', '+ 1', '- 1000'))}"
    out = list(drawing.out)
    whole = [at for at, (text, length) in enumerate(out) if text == ":" and length]
    target = f"out[{', '.join(text for text, _ in out) or '()'}]"
    line = f"{target} = {value}"
    if whole and rng.random() < 0.5:
        at = rng.choice(whole)
        del out[at]
        target = f"out[{', '.join(text for text, _ in out) or '()'}]"
        line = f"{target} = ({value}).{rng.choice(('sum', 'amax', 'amin', 'argmax'))}({at})"
    elif not drawing.indices and rng.random() < 0.5:
        line = f"x[{', '.join(drawing.elements)}] = {target} + 1"
    parameters = ", ".join(f"{name}: torch.Tensor" for name in ("x", *(f"i{i}" for i in range(len(drawing.indices))), "out"))
    names = ", ".join(f"t{i}" for i in range(len(drawing.tiles)))
    bounds = str(drawing.tiles[0]) if len(drawing.tiles) == 1 else str(drawing.tiles)
    body = "".join(f"        {text}\n" for text in (*drawing.before, line))
    text = (
        f"import torch\nimport helion.language as hl\n\n\ndef kernel({parameters}) -> None:\n    for {names} in hl.tile({bounds}):\n{body}"
    )
    return _Program(text, size, tuple(drawing.indices), tuple(length for _, length in out))


def run_random(seed: int, configs: int) -> None:
    """Raises AssertionError where a config gives other memory than the eager run, and whatever the kernel raises."""
    program = _program(seed)
    with tempfile.TemporaryDirectory() as folder:
        function = _loaded(Path(folder) / "kernel.py", program.text)
        expected = _memory(program, helion.kernel(function, ref_mode=helion.RefMode.EAGER))
        for draw in range(configs):
            kernel = helion.kernel(function, autotune_effort="none")
            x, _ = guarded(program.size, 0, torch.float32)
            bound = kernel.bind((x, *program.indices, guarded(program.out_size, 0, torch.float32)[0]))
            assert isinstance(bound, BoundKernel)
            strategy = _STRATEGIES[draw % len(_STRATEGIES)]
            config = bound.normalized({**bound.config_spec.sample(random.Random(draw)), "indexing": strategy})
            words = f"{program.text}\n{program.size} {bound.config_spec.minimize(config)!r}"
            for actual, wanted in zip(_memory(program, bound.compile_config(config)), expected, strict=True):
                assert torch.equal(actual, wanted), words


def _loaded(path: Path, text: str) -> Callable[..., Any]:
    path.write_text(text)
    spec = importlib.util.spec_from_file_location("random_subscripts_kernel", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.kernel


def _memory(program: _Program, run: Callable[..., Any]) -> tuple[torch.Tensor, torch.Tensor]:
    """The memory of `x` and `out`, and beside them, after a run."""
    x, x_memory = guarded(program.size, -7, torch.float32)
    out, out_memory = guarded(program.out_size, -7, torch.float32)
    x.copy_(torch.arange(1.0, x.numel() + 1).view(x.shape))
    out.copy_(torch.arange(1000.0, out.numel() + 1000).view(out.shape))
    run(x, *program.indices, out)
    return x_memory, out_memory
