"""Does what is read by one regular expression say what the general rules say, and is nothing else read so?"""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bwvdock.core.custody.entries import Stamp, commitments, decode, is_canonical, read_leaf
from bwvdock.core.custody.exact import read_exact
from bwvdock.core.facts import LATEST, DockStopped, Fact, FilesLeft, LeftFile
from tests.core.custody.every_fact import FACTS
from tests.core.custody.test_entries import FOUND, VERSIONS, Kept

_SPLICES = st.sampled_from(
    [
        "",
        " ",
        ",",
        '"',
        "\\",
        "0",
        "-",
        "1",
        ".0",
        "e1",
        "é",
        "\x00",
        "\x7f",
        "{",
        "}",
        "[",
        "]",
        "null",
        "true",
    ]
)


def _says_the_same(kind: str, text: str) -> bool:
    """Return whether a text is read at once; then the general rules must read the same from it."""
    read = read_exact(kind, text)
    if read is None:
        return False
    form, groups = read
    leaf = read_leaf(text)
    assert is_canonical(text, leaf)
    unopened = decode(leaf, str)
    assert form.fact(groups, str) == unopened
    assert form.version == leaf.version
    assert not leaf.nonce or groups[-4] == leaf.nonce
    assert sorted(form.commitments(groups)) == sorted(commitments(unopened, leaf.version))
    boot, since, *_, prev, seq, at = groups
    stamp = Stamp(t=at, bt=int(since), boot=boot, ntp=leaf.stamp.ntp)
    assert (leaf.kind, leaf.stamp, leaf.prev, leaf.seq) == (kind, stamp, prev, int(seq))
    for name, group in (("clip", form.clip), ("docking", form.docking), ("destination", form.destination)):
        assert leaf.data.get(name) == (groups[group] if group > 0 else None)
    assert {name: form.read(name, groups, str) for name in form.at} == {
        name: getattr(unopened, name) for name in form.at
    }
    return True


@given(FACTS, VERSIONS)
def test_every_fact_is_read_as_the_general_rules_read_it(fact: Fact, version: int) -> None:
    _says_the_same(fact.kind, Kept().written(fact, version))


@given(FACTS, VERSIONS, st.data())
def test_whatever_becomes_of_a_text_it_is_read_at_once_only_where_it_is_canonical(
    fact: Fact, version: int, data: st.DataObject
) -> None:
    text = Kept().written(fact, version)
    begin = data.draw(st.integers(0, len(text)))
    end = min(len(text), begin + data.draw(st.integers(0, 3)))
    _says_the_same(fact.kind, text[:begin] + data.draw(_SPLICES) + text[end:])


@pytest.mark.parametrize(
    "fact",
    [
        FOUND,
        DockStopped(),
        FilesLeft(docking="d", volume="v", files=()),
        FilesLeft(docking="d", volume="v", files=(LeftFile(path="p", outcome="o", reason="r"),) * 3),
    ],
    ids=lambda fact: fact.kind,
)
def test_ordinary_entries_are_read_at_once(fact: Fact) -> None:
    assert all(_says_the_same(fact.kind, Kept().written(fact, version)) for version in (1, LATEST))


def test_entries_without_fields_that_came_later_are_read_at_once() -> None:
    text = Kept().written(FOUND)
    earlier = (
        text.replace(',"times":""', "").replace('"extension":"",', "").replace(',"known_by":"volume"', "")
    )
    assert earlier != text
    assert _says_the_same("clip_found", earlier)


@given(st.text(max_size=3), FACTS)
def test_nothing_is_read_as_another_kind(kind: str, fact: Fact) -> None:
    text = Kept().written(fact)
    assume(kind != fact.kind)
    assert read_exact(kind, text) is None
    assert read_exact(fact.kind, text.encode()) is None
    assert read_exact(None, text) is None
