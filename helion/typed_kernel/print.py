"""A typed kernel in, readable text out: each binding with its type and side, the blocks, what was assumed."""

from __future__ import annotations

from helion.typed_kernel import tree
from helion.typed_kernel.queries import bindings


def print_kernel(kernel: tree.TypedKernel) -> str:
    """One line a binding, in source order."""
    lines = [f"kernel {kernel.name}"]
    for parameter in kernel.parameters:
        lines.append(f"  {parameter.binding.name}: {parameter.binding.type}  ({parameter.evidence})")
    names = {parameter.binding.span for parameter in kernel.parameters}
    for binding in dict.fromkeys(bindings(kernel)):
        if binding.span not in names:
            line = kernel.file.position(binding.span.start).line + 1
            lines.append(f"  {line:>4}  {binding.name}: {binding.type} · {binding.region.value}")
    for block in kernel.blocks:
        what = f"fixed at {block.fixed}" if block.fixed is not None else f"block_sizes[{block.entry}]"
        lines.append(f"  block {block.symbol}: {what}, extent {block.extent}")
    lines.extend(f"  requires {a}" for a in kernel.assumptions)
    return "\n".join(lines)
