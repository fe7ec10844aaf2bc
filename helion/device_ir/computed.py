"""A node in, whether its value is computed rather than loaded out."""

from __future__ import annotations

from torch import fx

from helion.ops.table import OPS


def is_computed(node: fx.Node) -> bool:
    """Whether a value is made by arithmetic; not if it is as it came from memory or from outside its loop, cut or turned at most."""
    while node.op == "call_function":
        op = OPS.find(node.target)
        if op is None or op.requires is not None:  # what torch computes for each element; a matrix product
            return True
        inputs = node.all_input_nodes
        if op.accesses is not None or not inputs:
            return False
        node = inputs[0]
    return False
