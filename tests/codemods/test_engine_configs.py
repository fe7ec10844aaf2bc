"""Config files in the form that inference engines ship, read into locks, and what is not understood of them."""

from __future__ import annotations

import json

import pytest

from helion_codemods.engine_configs import Imported, Meaning, read_engine_file
from helion_codemods.outcome import Refused

NAME = "E=8,N=14336,device_name=NVIDIA_H100_80GB_HBM3,dtype=fp8_w8a8,block_shape=[128,128].json"
CONFIG = {"BLOCK_SIZE_M": 16, "BLOCK_SIZE_N": 64, "BLOCK_SIZE_K": 128, "GROUP_SIZE_M": 32, "num_warps": 4, "num_stages": 3}
MEANING = Meaning("f8e4m3[{M},{K}], f8e4m3[{E},{K},{N}]", {"K": 4096})


def test_a_file() -> None:
    text = json.dumps({"triton_version": "3.2.0", "1": CONFIG, "64": {**CONFIG, "GROUP_SIZE_M": 1}})
    found = read_engine_file(NAME, text, MEANING)
    source = {"file": NAME, "triton": "3.2.0"}
    device = "NVIDIA H100 80GB HBM3"
    config = {"block_sizes": [16, 64, 128], "num_warps": 4, "num_stages": 3}
    assert found == (
        Imported(device, "f8e4m3[1,4096], f8e4m3[8,4096,14336]", {**config, "l2_groupings": [32]}, source),
        Imported(device, "f8e4m3[64,4096], f8e4m3[8,4096,14336]", config, source),
    )


@pytest.mark.parametrize(
    ("name", "text", "meaning", "reason"),
    [
        ("E=8,N=14336.json", "{}", MEANING, "names no device"),
        (NAME, "{", MEANING, "not JSON"),
        (NAME, "[]", MEANING, "not a JSON object"),
        (NAME, '{"1": 3}', MEANING, "`1` is not a size"),
        (NAME, json.dumps({"1": {**CONFIG, "SPLIT_K": 4}}), MEANING, "M=1: `SPLIT_K` is not known"),
        (NAME, json.dumps({"1": {"num_warps": 4}}), MEANING, "`BLOCK_SIZE_M` is missing"),
        (NAME, json.dumps({"1": CONFIG}), Meaning("bf16[{M},{K}]"), "`{K}` of the signature"),
        (NAME, json.dumps({"1": CONFIG}), Meaning("bf17[{M}]"), "bf17"),
    ],
)
def test_what_is_not_understood(name: str, text: str, meaning: Meaning, reason: str) -> None:
    found = read_engine_file(name, text, meaning)
    assert isinstance(found, Refused) and reason in found.reason


def test_names_of_another_kernel() -> None:
    values = {"BLOCK_M": 32, "BLOCK_N": 64, "kpack": 2, "waves_per_eu": 2}
    meaning = Meaning("bf16[{M}]", block_sizes=("BLOCK_N", "BLOCK_M"), groupings=(), ignored=frozenset({"kpack"}))
    (found,) = read_engine_file("device_name=AMD_Instinct_MI300X.json", json.dumps({"8": values}), meaning)  # type: ignore[misc]
    assert found == Imported(
        "AMD Instinct MI300X", "bf16[8]", {"block_sizes": [64, 32], "waves_per_eu": 2}, {"file": "device_name=AMD_Instinct_MI300X.json"}
    )
