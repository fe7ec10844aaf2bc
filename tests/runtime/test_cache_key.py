"""A cache's key is the same text in every process, and another one for another kernel, shape or closure."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
import torch

from helion.autotune.config_cache import CacheKey, cache_file, read_config, read_entries, write_config
from helion.config.config import Config
from helion.runtime.cache_key import stable_text

PROGRAM = """
import torch
from helion.runtime.cache_key import stable_text

def chosen(x):
    return x in {"one", "two", "three"} or (lambda y: y * 2)(x)

print(stable_text((torch.float32, torch.device("cuda:1"), torch.Size([3, 4]), chosen.__code__, float, torch.relu, "text", None)))
"""


def test_a_key_is_the_same_in_every_process() -> None:
    texts = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    (text,) = texts
    assert "0x" not in text
    assert text.startswith("(torch.float32, cuda, (3, 4), chosen:")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((lambda x: x * 2).__code__, (lambda x: x * 3).__code__),
        (torch.Size([1, 2]), torch.Size([2, 1])),
        (torch.float32, torch.float64),
        (frozenset({1}), frozenset({2})),
        (float, int),
        ((1, (2, 3)), (1, 2, 3)),
    ],
)
def test_what_differs_has_another_text(one: Any, other: Any) -> None:
    assert stable_text(one) != stable_text(other)


def test_a_device_is_its_kind() -> None:
    assert stable_text(torch.device("cuda:0")) == stable_text(torch.device("cuda:3")) != stable_text(torch.device("cpu"))


def test_a_config_is_kept_under_its_key(tmp_path) -> None:
    key = CacheKey("LocalAutotuneCache", {"kernel": "k", "hardware": "A"})
    other = CacheKey("LocalAutotuneCache", {"kernel": "k", "hardware": "B"})
    config = Config(block_sizes=[16, None], num_warps=8)
    assert write_config(tmp_path, key, config) == cache_file(tmp_path, key)
    assert read_config(tmp_path, key) == config
    assert read_config(tmp_path, other) is None
    assert [entry.key for entry in read_entries(tmp_path)] == [key]
    assert other.differences(key) == {"hardware": ("B", "A")}
    assert [path.name for path in tmp_path.iterdir()] == [cache_file(tmp_path, key).name]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"config": 3, "key": {}}', '{"config": "{", "key": {"type": "x", "fields": {}}}'])
def test_a_broken_file_is_a_miss(tmp_path, text: str) -> None:
    key = CacheKey("LocalAutotuneCache", {})
    cache_file(tmp_path, key).write_text(text, encoding="utf-8")
    assert read_config(tmp_path, key) is None
    assert read_entries(tmp_path) == []
