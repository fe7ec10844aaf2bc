"""The gradient of one tile in, the text of the kernel that computes it for all tiles out; knows no config."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch.utils._pytree import tree_leaves

from helion.autodiff.call_text import ATOM, Text, call_text, constant_text
from helion.autodiff.differentiate import Gradient
from helion.autodiff.fresh_names import Names
from helion.autodiff.size_text import size_text, tile_names
from helion.autodiff.tile_program import Leaf, Store, TileProgram
from helion.device_ir.number_probes import NumberRef
from helion.device_ir.torch_calls import AtenCall, Ref
from helion.syntax.needed_statements import names_read, needed_statements
from helion.typed_kernel import tree
from helion.types.dims import Dim
from helion.types.types import TensorType
from helion.types.untyped import is_sequence

_LONGEST_INLINE = 56


@dataclass(frozen=True)
class KernelText:
    """`text` defines the function `name`, whose parameters are the gradients of `outputs` and then those of the kernel; it returns the
    gradients of the parameters `of`, in order."""

    name: str
    text: str
    outputs: tuple[str, ...]
    of: tuple[str, ...]


@dataclass(frozen=True)
class Host:
    """What stands around the loop: the forward's `parameters` with their annotations, the `decorator`, the parameter that each loaded
    tensor has the elements of, and what of the stored tensors is returned under another shape."""

    parameters: Sequence[str]
    decorator: str
    roots: Mapping[str, str]
    reshaped: Mapping[str, TensorType]


def write_kernel(program: TileProgram, gradient: Gradient, names: Names, host: Host) -> KernelText:
    """The kernel's text. Raises NotDifferentiable."""
    return _Writer(program, gradient, names).kernel(host)


@dataclass
class _Writer:
    program: TileProgram
    gradient: Gradient
    names: Names
    lines: list[str] = field(default_factory=list[str])
    values: dict[Ref, Text] = field(default_factory=dict[Ref, Text])
    by_text: dict[str, str] = field(default_factory=dict[str, str])

    def kernel(self, host: Host) -> KernelText:
        forward, found = self.program.kernel, self.gradient
        of_loads: dict[str, list[tuple[Leaf, Any]]] = {}
        for load, ref in found.of_loads:
            assert load.source is not None
            of_loads.setdefault(load.source.tensor, []).append((load, ref))
        buffers = {tensor: self.names.fresh(f"grad_{tensor}") for tensor in of_loads}
        incoming = {store.place.tensor: self.names.fresh(f"grad_{store.place.tensor}") for store in found.stores}
        self._leaves(incoming)
        self._calls()
        for tensor, loads in of_loads.items():
            self._accumulate(buffers[tensor], loads)
        name = f"{forward.name}_backward"
        signature = ", ".join((*(f"{gradient}: torch.Tensor" for gradient in incoming.values()), *host.parameters))
        shaped = [
            f"{incoming[name]} = {incoming[name]}.reshape({self._argument(type_.dims).text})"
            for name, type_ in host.reshaped.items()
            if name in incoming
        ]
        made = [self._buffer(buffers[tensor], tensor, [load for load, _ in loads]) for tensor, loads in of_loads.items()]
        given: dict[str, str] = {}
        for tensor, loads in of_loads.items():
            root = host.roots[tensor]
            part = self._returned(buffers[tensor], tensor, [load for load, _ in loads])
            part = part if root == tensor else f"{part}.reshape({root}.size())"
            given[root] = f"{given[root]} + {part}" if root in given else part
        loop = self._header()
        body = (
            *self._host(loop, made),
            *shaped,
            *made,
            loop,
            *(f"    {line}" for line in self.lines),
            f"return {', '.join(given.values())}",
        )
        text = f"{host.decorator}\ndef {name}({signature}):\n" + textwrap.indent("\n".join(body), "    ") + "\n"
        return KernelText(name, text, tuple(incoming), tuple(given))

    # -- the host ---------------------------------------------------------------------------------------------------

    def _header(self) -> str:
        """The forward's loop; over the same extents in other words where those alone matter, so that it reads no outputs."""
        loop, kernel = self.program.loop, self.program.kernel
        tiles = list(tile_names(loop))
        ends = [axis.end for _, axis in tiles if axis.begin == 0 and axis.block is not None and axis.block.fixed is None and not axis.lanes]
        if len(ends) < len(loop.axes) or len(kernel.blocks) != len(ends) or None in ends:
            return f"{kernel.file.text_of(loop.span)}:"
        sizes = [size_text(kernel, loop, end, loop.span).text for end in ends if end is not None]
        is_sequence_of_tiles = len(sizes) > 1 or tiles[0][0] != loop.targets[0].name
        extent = f"[{', '.join(sizes)}]" if is_sequence_of_tiles else sizes[0]
        return f"for {', '.join(binding.name for binding in loop.targets)} in hl.tile({extent}):"

    def _host(self, loop: str, made: Iterable[str]) -> tuple[str, ...]:
        """What of the forward's host statements the tiles and the loop read."""
        before: list[str] = []
        for statement in self.program.kernel.body:
            if statement is self.program.loop:
                break
            if isinstance(statement, tree.HostStatement):
                before.append(statement.text)
        wanted = {name for line in (f"{loop}\n    pass", *made, *self.lines) for name in names_read(line)}
        return needed_statements(before, wanted)[0]

    def _buffer(self, name: str, tensor: str, loads: Sequence[Leaf]) -> str:
        if not _adds(loads):
            return f"{name} = torch.{'empty_like' if loads[0].covers else 'zeros_like'}({tensor})"
        dtype = _dtype_of(loads[0])
        wide = ", dtype=torch.float32" if dtype.itemsize < 4 else ""
        return f"{name} = torch.zeros_like({tensor}{wide})"

    def _returned(self, name: str, tensor: str, loads: Sequence[Leaf]) -> str:
        return f"{name}.to({tensor}.dtype)" if _adds(loads) and _dtype_of(loads[0]).itemsize < 4 else name

    # -- the tile ---------------------------------------------------------------------------------------------------

    def _leaves(self, incoming: Mapping[str, str]) -> None:
        """What the recorded calls read, as the forward reads it, and the gradients of what it stores."""
        used = {ref.output for ref in self._used() if ref.step < 0}
        given = self.gradient.leaves
        waiting = [given[position] for position in used if position < len(given)]
        waiting += [
            leaf for store in self.gradient.stores for leaf in self.program.leaves if leaf.name in (*store.place.index, store.place.mask)
        ]
        waiting += [leaf for load, _ in self.gradient.of_loads for leaf in self.program.leaves if leaf.position in load.uses]
        needed: set[int] = set()
        while waiting:
            leaf = waiting.pop()
            if leaf.position not in needed:
                needed.add(leaf.position)
                waiting.extend(self.program.leaves[position] for position in leaf.uses)
        for leaf in self.program.leaves:
            if leaf.position in needed and leaf.text is not None:
                self.lines.append(f"{leaf.name} = {leaf.text}")
        for position, leaf in enumerate(given):
            self.values[Ref(-1, position)] = Text(leaf.name, ATOM if leaf.name.isidentifier() else 0)
        for position, store in enumerate(self.gradient.stores, start=len(given)):
            self.values[Ref(-1, position)] = self._incoming(store, incoming[store.place.tensor])

    def _incoming(self, store: Store, gradient: str) -> Text:
        name = self.names.fresh(f"{gradient}_tile")
        self.lines.append(f"{name} = {replace(store.place, tensor=gradient).load}")
        return Text(name)

    def _used(self) -> Counter[Ref]:
        """How often each value is read by what the result depends on."""
        calls = self.gradient.recording.calls
        counts = Counter(ref for _, ref in self.gradient.of_loads)
        for step in reversed(range(len(calls))):
            outputs = [Ref(step, position) for position in range(len(calls[step].outputs))]
            if any(counts[ref] for ref in outputs):
                counts.update(_refs(calls[step], len(self.gradient.leaves)))
        return counts

    def _calls(self) -> None:
        used = self._used()
        for step, call in enumerate(self.gradient.recording.calls):
            outputs = [Ref(step, position) for position in range(len(call.outputs))]
            count = sum(used[ref] for ref in outputs)
            if not count:
                continue
            args = [self._argument(arg) for arg in call.args]
            kwargs = {name: self._argument(value) for name, value in call.kwargs.items()}
            text = call_text(call.target, args, kwargs, len(call.outputs[0].dims))
            if call.is_tuple:
                whole = self._named(text)
                self.values.update({ref: Text(f"{whole.text}[{position}]") for position, ref in enumerate(outputs)})
            elif text.text.isidentifier() or (count == 1 and len(text.text) <= _LONGEST_INLINE):
                self.values[outputs[0]] = text
            else:
                self.values[outputs[0]] = self._named(text)

    def _named(self, text: Text) -> Text:
        """A name for a value; the same text has one name."""
        if text.text not in self.by_text:
            self.by_text[text.text] = self.names.fresh(f"v{len(self.by_text)}")
            self.lines.append(f"{self.by_text[text.text]} = {text.text}")
        return Text(self.by_text[text.text])

    def _argument(self, value: Any) -> Text:
        match value:
            case Ref():
                return self.values[value]
            case NumberRef():
                number = self.values[Ref(-1, value.position)]
                operands = [number if operand is None else constant_text(operand) for operand in value.operands]
                return number if value.function is None else call_text(value.function, operands, {})
            case Dim():
                return size_text(self.program.kernel, self.program.loop, value, self.program.loop.span)
            case _ if is_sequence(value):
                return Text(f"[{', '.join(self._argument(item).text for item in value)}]")
            case _:
                return constant_text(value)

    def _accumulate(self, buffer: str, loads: Sequence[tuple[Leaf, Any]]) -> None:
        """Give the gradients of the loads of one tensor to memory: stored where every element is read once, added up elsewhere."""
        for load, ref in loads:
            place = load.source
            assert place is not None
            value = self.values[ref]
            if place.mask is not None:
                value = Text(f"torch.where({place.mask}, {value.text}, 0)")
            if not _adds([load for load, _ in loads]):
                self.lines.append(f"{replace(place, tensor=buffer).subscript} = {value.text}")
                continue
            wide = f"{value.owner}.to(torch.float32)" if _dtype_of(load).itemsize < 4 else value.text
            self.lines.append(f"hl.atomic_add({buffer}, {place.index_list}, {wide})")


def _adds(loads: Sequence[Leaf]) -> bool:
    return len(loads) > 1 or not loads[0].is_whole


def _dtype_of(load: Leaf) -> torch.dtype:
    assert isinstance(load.type, TensorType) and load.type.dtype is not None
    return load.type.dtype


def _refs(call: AtenCall, leaves: int) -> Iterator[Ref]:
    for leaf in tree_leaves((call.args, dict(call.kwargs))):
        if isinstance(leaf, Ref):
            yield leaf
        elif isinstance(leaf, NumberRef):
            yield Ref(-1, leaf.position)
