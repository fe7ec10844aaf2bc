"""Dropping what changes no code."""

from __future__ import annotations

from helion.autotune.simplify import simplify
from helion.config.config import Config
from tests.autotune.fakes import module_that

PLAIN = Config(block_sizes=[64, 64], l2_groupings=[1], range_num_stages=[0, 0], num_warps=4, pid_type="flat")


def generate(config: Config):
    """Code that reads all but the first of the range stages, and groupings only of flat programs."""
    group = config["l2_groupings"] if config["pid_type"] == "flat" else None
    return module_that(f"{config['block_sizes']} {group} {config['range_num_stages'][1]} {config['num_warps']} {config['pid_type']}")


def test_only_what_is_read_is_kept() -> None:
    config = Config(block_sizes=[64, 64], l2_groupings=[8], range_num_stages=[3, 2], num_warps=8, pid_type="xyz")
    assert simplify(config, PLAIN, generate) == Config(
        block_sizes=[64, 64], l2_groupings=[1], range_num_stages=[0, 2], num_warps=8, pid_type="xyz"
    )


def test_a_plain_config_stays() -> None:
    assert simplify(PLAIN, PLAIN, generate) == PLAIN
