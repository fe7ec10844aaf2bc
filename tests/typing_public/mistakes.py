"""Mistakes that a type checker finds before a kernel is called; `# error:` is the rule it names."""

from __future__ import annotations

import torch

import helion
import helion.language as hl


@helion.kernel(effort="quick")  # error: reportCallIssue
def unknown_setting(x: torch.Tensor) -> torch.Tensor:
    return x


@helion.kernel(config=helion.Config(block_sizes=[64], num_warps="8"))  # error: reportArgumentType
def words_for_numbers(x: torch.Tensor) -> torch.Tensor:
    for tile in hl.tile(x.size(0)):
        print(tile.length)  # error: reportAttributeAccessIssue
        hl.store(x, [tile], "0")  # error: reportArgumentType
        hl.zeros([tile], x.device)  # error: reportArgumentType
    return x


def host(x: torch.Tensor) -> None:
    words_for_numbers(x, x)  # error: reportCallIssue
    words_for_numbers(3)  # error: reportArgumentType
    words_for_numbers(x, causal=True)  # error: reportCallIssue
