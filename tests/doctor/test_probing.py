"""Is a check that is broken, hangs or says hostile things one line, and not the end?"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.visible_text import is_unseen
from bwvdock.doctor.findings import Check, Finding, Result, error, ids_of, is_fit, ok, unseen, warning
from bwvdock.doctor.probing import Probe, Turn, carry_out, counted, left_out
from bwvdock.errors import NotSeenError, StorageError
from tests.fakes.hostile import HOSTILE

Look = Callable[[], Iterable[Finding]]
CHECK = (Check.MOUNTER,)
WELL = ok(Check.CLOCK, "all is well")


class _SpeechlessError(RuntimeError):
    """Cannot be put into words."""

    def __str__(self) -> str:
        raise ValueError("no words")


class _Refused(AbstractContextManager[None]):
    """Rights that cannot be taken."""

    def __enter__(self) -> None:
        raise PermissionError(1, "Operation not permitted")

    def __exit__(self, *_: object) -> None:
        pass


def raising(trouble: BaseException) -> Look:
    def look() -> Iterator[Finding]:
        yield WELL
        raise trouble

    return look


TROUBLES = (
    RuntimeError("a bug"),
    OSError(5, "Input/output error"),
    NotSeenError("may not look", remedy="sudo"),
    StorageError("the disk gives errors", remedy="exchange it"),
    _SpeechlessError(),
    RecursionError(),
    MemoryError(),
    SystemError("x"),
)


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: type(trouble).__name__)
def test_a_probe_that_raises_is_a_line_for_each_of_its_checks(trouble: Exception) -> None:
    checks = (Check.MOUNTER, Check.SIGNER)
    broken = Probe(checks=checks, look=raising(trouble), subject="it")
    found = carry_out([broken, Probe(checks=(Check.CLOCK,), look=lambda: [WELL])])
    assert [(one.check, one.result) for one in found] == [
        (Check.MOUNTER, Result.NOT_LOOKED_AT),
        (Check.SIGNER, Result.NOT_LOOKED_AT),
        (Check.CLOCK, Result.OK),
    ]
    assert all(one.remedy and one.means for one in found[:2])


@pytest.mark.slow
def test_a_probe_that_hangs_is_left_behind() -> None:
    never = threading.Event()

    def hang() -> Iterable[Finding]:
        never.wait()
        return [WELL]

    try:
        hangs = [Probe(checks=CHECK, look=hang, seconds=0.02, subject=turn.name, turn=turn) for turn in Turn]
        found = carry_out([*hangs, Probe(checks=(Check.CLOCK,), look=lambda: [WELL], turn=Turn.AS_OWNER)])
    finally:
        never.set()
    assert [one.result for one in found] == [*[Result.NOT_LOOKED_AT] * 3, Result.OK]
    assert "0.02 s" in found[0].seen


def test_what_hangs_is_not_begun_again_before_it_has_ended() -> None:
    go_on, began = threading.Event(), list[str]()

    def hang() -> Iterable[Finding]:
        began.append("")
        go_on.wait()
        return [WELL]

    probe = Probe(checks=(Check.CLOCK,), look=hang, seconds=0.02, subject="share")
    try:
        assert [len(carry_out([probe])) for _ in range(3)] == [1, 1, 1]
        assert len(began) == 1
        [found] = carry_out([probe])
        assert (found.result, "earlier look" in found.seen) == (Result.NOT_LOOKED_AT, True)
    finally:
        hangs = [thread for thread in threading.enumerate() if thread.name == "check clock share"]
        go_on.set()
        for thread in hangs:
            thread.join(5)
    [found] = carry_out([probe])
    assert found.result is Result.OK


def test_a_probe_that_returns_nothing_does_not_pass_for_well() -> None:
    [found] = carry_out([Probe(checks=CHECK, look=list)])
    assert found.result is Result.NOT_LOOKED_AT


def test_a_probe_that_never_ends_saying_things_is_cut_off() -> None:
    def forever() -> Iterator[Finding]:
        while True:
            yield WELL

    assert 0 < len(carry_out([Probe(checks=CHECK, look=forever)])) <= 200


def test_findings_come_in_the_order_of_the_probes_whatever_their_turns() -> None:
    order: list[Turn] = []

    def look(turn: Turn, check: Check) -> Look:
        def told() -> Iterable[Finding]:
            order.append(turn)
            return [ok(check, "well")]

        return told

    turns = (Turn.AS_OWNER, Turn.ALONE, Turn.AS_ASKED)
    checks = (Check.CLOCK, Check.MOUNTER, Check.SIGNER)
    found = carry_out(
        [Probe(checks=(c,), look=look(t, c), turn=t) for t, c in zip(turns, checks, strict=True)]
    )
    assert [one.check for one in found] == list(checks)
    assert order == sorted(turns)


def test_where_the_owner_s_rights_cannot_be_taken_nothing_is_said_of_what_needs_them() -> None:
    probes = [Probe(checks=CHECK, look=lambda: [WELL], turn=Turn.AS_OWNER)]
    [found] = carry_out(probes, as_owner=_Refused)
    assert found.result is Result.NOT_LOOKED_AT


def test_what_was_left_out_says_so_and_is_not_looked_at() -> None:
    probes = [
        Probe(checks=CHECK, look=raising(RuntimeError())),
        Probe(checks=(Check.CLOCK,), look=lambda: [WELL]),
    ]
    found = carry_out(left_out(probes, CHECK, "left out by --quick", "bwvdock doctor"))
    assert [one.result for one in found] == [Result.NOT_LOOKED_AT, Result.OK]
    assert "--quick" in found[0].seen


def test_only_an_error_makes_a_dock_unfit() -> None:
    fit = [WELL, warning(Check.UNITS, "a", "b", "c"), unseen(Check.SIGNER, "a", "b")]
    assert is_fit(fit)
    unfit = [*fit, error(Check.MOUNTER, "a", "b", "c"), error(Check.MOUNTER, "d", "e", "f")]
    assert not is_fit(unfit)
    assert ids_of(unfit, Result.ERROR) == ("mounter",)
    assert counted(unfit)[Result.ERROR] == 2


@given(text=st.one_of(st.sampled_from([*HOSTILE.values()]), st.text(max_size=50)))
def test_whatever_a_probe_says_can_be_seen_and_ends(text: str) -> None:
    looks: list[Look] = [
        lambda: [error(Check.MOUNTER, text, text, text, subject=text)],
        lambda: [ok(Check.MOUNTER, text, subject=text)],
        raising(RuntimeError(text)),
        raising(StorageError(text, remedy=text)),
    ]
    for finding in carry_out([Probe(checks=CHECK, look=look, subject=text) for look in looks]):
        for said in (finding.seen, finding.means, finding.remedy, finding.subject):
            assert not any(map(is_unseen, said))
            assert len(said) <= 600
