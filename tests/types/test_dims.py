"""The algebra of sizes and what a check takes to be equal."""

from __future__ import annotations

from helion.types.dims import Assumption, DimFacts, Verdict, block_symbol, ceil_div, constant, dim, dim_text, size_symbol

M, K, K2, B = size_symbol("m"), size_symbol("k"), size_symbol("k2"), block_symbol("tile_m")


def test_equal_without_looking_like_it() -> None:
    assert DimFacts().require_equal((M + 1) * 2, 2 * M + 2) is Verdict.EQUAL


def test_numbers_and_blocks_differ() -> None:
    facts = DimFacts()
    assert facts.require_equal(dim(3), dim(4)) is Verdict.DIFFERENT
    assert facts.require_equal(B, dim(16)) is Verdict.DIFFERENT
    assert facts.require_equal(B, M) is Verdict.DIFFERENT
    assert facts.assumptions == []


def test_an_assumption_is_made_once_and_unifies() -> None:
    facts = DimFacts()
    assert facts.require_equal(K, K2) is Verdict.ASSUMED
    assert facts.require_equal(K2, K) is Verdict.EQUAL
    assert facts.assumptions == [Assumption(K, K2)]
    assert facts.resolve(K2 * 2) == K * 2


def test_names_that_people_chose_win() -> None:
    facts = DimFacts()
    facts.require_equal(size_symbol("x.0"), M)
    assert facts.resolve(size_symbol("x.0")) == M


def test_what_the_program_ensures_is_no_assumption() -> None:
    facts = DimFacts()
    facts.learn_equal(K, K2)
    assert facts.assumptions == []
    assert facts.known_equal(K, K2)


def test_a_number_replaces_a_name() -> None:
    facts = DimFacts()
    facts.require_equal(dim(64), K)
    assert constant(facts.resolve(K)) == 64


def test_ceil_div() -> None:
    assert ceil_div(dim(65), dim(64)) == 2
    assert ceil_div(M, dim(1)) == M


def test_quotients_read_as_python() -> None:
    assert dim_text((M * K) // 32) == "(k*m)//32"
    assert dim_text(ceil_div(M, dim(128)) * 2) == "2*(m + 127)//128"
    assert dim_text(M + 1) == "m + 1"
