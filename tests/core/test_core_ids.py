"""Ids depend on content and on nothing else."""

import hashlib
import os
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorewright.core.ids import ID_LENGTH, canonical, digest, multiset_digest, short_id, text_digest
from lorewright.core.making import chunk_id, document_id

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
members = st.lists(st.binary(min_size=32, max_size=32), max_size=6)


def test_a_digest_is_the_sha256_of_the_sorted_spelling() -> None:
    assert canonical({"b": [1, 2], "a": "é"}) == '{"a":"é","b":[1,2]}'.encode()
    assert digest({"b": [1, 2], "a": "é"}) == hashlib.sha256('{"a":"é","b":[1,2]}'.encode()).hexdigest()


def test_a_short_id_is_the_same_in_every_release() -> None:
    assert short_id("document", "docs", "a.md") == "39adfaaccf91312b"
    assert document_id("docs", "a.md") == short_id("document", "docs", "a.md")


@settings(deadline=None)
@given(st.dictionaries(st.text(), json_values, min_size=2, max_size=4))
def test_the_order_of_keys_does_not_change_an_id(value: dict[str, Any]) -> None:
    turned = dict(reversed(list(value.items())))
    assert digest(turned) == digest(value)
    assert short_id(turned) == short_id(value) == digest([value])[:ID_LENGTH]


@settings(deadline=None)
@given(st.lists(st.text(), min_size=2, max_size=4))
def test_parts_do_not_run_into_each_other(parts: list[str]) -> None:
    assert short_id(*parts) != short_id("".join(parts))
    assert short_id(*parts) != short_id(*parts, "")


def test_a_lone_surrogate_has_a_digest_too() -> None:
    assert text_digest("\ud800") != text_digest("\ud801")
    assert digest("\ud800") != digest("\ud801")


def test_an_id_is_the_same_in_a_process_with_another_hash_seed() -> None:
    code = "from lorewright.core.making import chunk_id; print(chunk_id('markdown', ('A', 'B'), 'text'))"
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert printed == {chunk_id("markdown", ("A", "B"), "text")}


@settings(deadline=None)
@given(members.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_a_multiset_digest_is_free_of_order(pair: tuple[list[bytes], list[bytes]]) -> None:
    assert multiset_digest(pair[0]) == multiset_digest(pair[1])


@settings(deadline=None)
@given(members, st.binary(min_size=32, max_size=32))
def test_a_multiset_digest_counts_repeats(found: list[bytes], extra: bytes) -> None:
    digests = [multiset_digest([*found, *[extra] * times]) for times in range(4)]
    assert len(set(digests)) == 4


@pytest.mark.parametrize("zeros", [1, 2])
def test_a_member_of_zeros_counts(zeros: int) -> None:
    assert multiset_digest([bytes(32)] * zeros) != multiset_digest([bytes(32)] * (zeros - 1))
