"""An argument's description in, the tensor out: the same elements at every call, in whatever layout."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from tests.fuzz.values import Argument


def make_tensor(argument: Argument, lengths: Mapping[str, int], device: str = "cpu") -> torch.Tensor:
    """Floats are eighths between -3 and 3, so that sums and products of few are exact in any order."""
    random_numbers = torch.Generator().manual_seed(argument.seed)
    shape = [length_of(size, lengths) for size in argument.sizes]
    dtype = getattr(torch, argument.dtype)
    if argument.elements == "indices":
        drawn = torch.randint(0, max(1, length_of(argument.below, lengths)), shape, generator=random_numbers)
    elif dtype == torch.bool:
        drawn = torch.randint(0, 2, shape, generator=random_numbers)
    elif dtype.is_floating_point:
        drawn = torch.randint(-24, 25, shape, generator=random_numbers) / 8
    elif dtype == torch.uint8:
        drawn = torch.randint(0, 12, shape, generator=random_numbers)
    else:
        drawn = torch.randint(-9, 10, shape, generator=random_numbers)
    return _laid_out(drawn.to(dtype).to(device), argument)


def length_of(size: str, lengths: Mapping[str, int]) -> int:
    return lengths[size] if size in lengths else int(size)


def _laid_out(tensor: torch.Tensor, argument: Argument) -> torch.Tensor:
    """The same elements lying otherwise in memory; of an expanded tensor every row is the first."""
    match argument.layout:
        case "transposed" if tensor.dim() >= 2:
            return tensor.transpose(0, -1).contiguous().transpose(0, -1)
        case "strided":
            wide = torch.zeros([*tensor.shape, 3], dtype=tensor.dtype, device=tensor.device)
            wide[..., 1] = tensor
            return wide[..., 1]
        case "expanded" if tensor.dim() and argument.elements == "numbers":
            return tensor[:1].expand(tensor.shape)
        case "offset" if tensor.dim():
            wide = torch.full([tensor.shape[0] + 2, *(size + 1 for size in tensor.shape[1:])], 77, device=tensor.device).to(tensor.dtype)
            inner = wide[(slice(1, 1 + tensor.shape[0]), *(slice(0, size) for size in tensor.shape[1:]))]
            inner.copy_(tensor)
            return inner
        case _:
            return tensor
