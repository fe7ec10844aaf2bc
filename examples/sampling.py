"""Sampling of the next token: temperature, nucleus (top-p) and min-p truncation, without sorting the vocabulary.

To learn: a sequential `range` in device code around walks over tiles; the probability below which tokens are cut off is found by bisection,
each step one sum over the row; a running best and its index are carried together, and the index is chosen with `torch.where`. The largest
logit is taken off before the division: the likeliest token weighs exactly 1 however a device rounds, so that no truncation loses it.
"""

from __future__ import annotations

import torch

import helion
import helion.language as hl
from helion.testing import DEVICE, check

STEPS = 24


@helion.kernel
def sample(logits: torch.Tensor, noise: torch.Tensor, top_p: torch.Tensor, min_p: torch.Tensor, temperature: torch.Tensor) -> torch.Tensor:
    """A token for each row of `logits` `[b, v]`, int64, drawn from what truncation leaves of `softmax(logits / temperature)`.

    Kept are the likeliest tokens that make up `top_p` of the probability, as far as they have at least `min_p` of the likeliest one's.
    `noise` is exponentially distributed: the token with the largest `probability / noise` is a draw. The last three are one a row, float32.
    """
    b, v = logits.size()
    assert noise.size(0) == b
    assert noise.size(1) == v
    tokens = torch.empty([b], dtype=torch.int64, device=logits.device)
    block_v = hl.register_block_size(v)
    for tile_b in hl.tile(b):
        heat = temperature[tile_b]
        top = hl.full([tile_b], float("-inf"), dtype=torch.float32)
        total = hl.zeros([tile_b], dtype=torch.float32)
        for tile_v in hl.tile(v, block_size=block_v):
            scores = logits[tile_b, tile_v].to(torch.float32)
            new_top = torch.maximum(top, torch.amax(scores, dim=-1))
            total = total * torch.exp((top - new_top) / heat) + torch.exp((scores - new_top[:, None]) / heat[:, None]).sum(dim=-1)
            top = new_top
        wanted = top_p[tile_b] * total
        low = hl.zeros([tile_b], dtype=torch.float32)
        high = hl.full([tile_b], 1.0, dtype=torch.float32)
        for _ in range(STEPS):
            middle = (low + high) * 0.5
            mass = hl.zeros([tile_b], dtype=torch.float32)
            for tile_v in hl.tile(v, block_size=block_v):
                weight = torch.exp((logits[tile_b, tile_v].to(torch.float32) - top[:, None]) / heat[:, None])
                mass = mass + torch.where(weight >= middle[:, None], weight, 0.0).sum(dim=-1)
            enough = mass >= wanted
            low = torch.where(enough, middle, low)
            high = torch.where(enough, high, middle)
        cut = torch.maximum(low, min_p[tile_b])
        best = hl.full([tile_b], -1.0, dtype=torch.float32)
        token = hl.zeros([tile_b], dtype=torch.int64)
        for tile_v in hl.tile(v, block_size=block_v):
            weight = torch.exp((logits[tile_b, tile_v].to(torch.float32) - top[:, None]) / heat[:, None])
            race = torch.where(weight >= cut[:, None], weight / noise[tile_b, tile_v], -1.0)
            fastest = torch.amax(race, dim=-1)
            place = torch.argmax(race, dim=-1) + tile_v.begin
            token = torch.where(fastest > best, place.to(torch.int64), token)
            best = torch.maximum(best, fastest)
        tokens[tile_b] = token
    return tokens


def reference(
    logits: torch.Tensor, noise: torch.Tensor, top_p: torch.Tensor, min_p: torch.Tensor, temperature: torch.Tensor
) -> torch.Tensor:
    """The same in torch, by sorting."""
    shares = (logits.double() / temperature[:, None]).softmax(-1)
    ordered = shares.sort(dim=-1, descending=True).values
    in_nucleus = ordered.cumsum(-1) - ordered < top_p[:, None]
    nucleus = torch.where(in_nucleus, ordered, 1.0).amin(-1, keepdim=True)
    kept = (shares >= nucleus) & (shares >= min_p[:, None] * ordered[:, :1])
    return torch.where(kept, shares / noise, -1.0).argmax(-1)


def main() -> None:
    b, v = (256, 128256) if DEVICE.type == "cuda" else (5, 300)
    logits = torch.randn(b, v, device=DEVICE) * 3
    noise = torch.empty(b, v, device=DEVICE).exponential_()
    top_p, min_p, temperature = (torch.full([b], value, device=DEVICE) for value in (0.9, 0.02, 0.7))
    check("sample", sample, reference, (logits, noise, top_p, min_p, temperature))


if __name__ == "__main__":
    main()
