"""Default tiles of kernels over rows of different lengths: a row is a program, and lanes go along memory however the index is written."""

from __future__ import annotations

import torch

from examples.jagged_dense_add import jagged_dense_add
from examples.jagged_layer_norm import jagged_layer_norm
from examples.jagged_softmax import jagged_softmax
from examples.jagged_sum import jagged_sum
from examples.softmax import softmax_two_pass
from tests.config.test_dot_defaults import default_of

X, OFFSETS = torch.empty([200_000, 128]), torch.zeros([1025], dtype=torch.int64)


def test_rows_of_different_lengths_are_programs_of_their_own() -> None:
    assert default_of(jagged_sum, X, OFFSETS).block_sizes[0] == 1
    assert default_of(jagged_layer_norm, X, OFFSETS).block_sizes[0] == 1
    assert default_of(jagged_dense_add, X[:, 0], OFFSETS[:257], torch.empty([256, 5000])).block_sizes[0] == 1


def test_lanes_go_along_memory_through_an_index_that_is_computed() -> None:
    assert default_of(jagged_sum, X, OFFSETS).block_sizes[1] == 128
    assert default_of(jagged_softmax, X, OFFSETS).block_sizes == [1, 128, 32, 32]


def test_rows_of_one_length_may_share_a_program() -> None:
    assert default_of(softmax_two_pass, torch.empty([4096, 64])).block_sizes[0] > 1
