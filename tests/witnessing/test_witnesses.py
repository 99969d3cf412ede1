"""Is the journal confirmed, is what a witness states against it heeded, and can a lie do no more?"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.custody.c2sp.checkpoint import read_signed_checkpoint
from bwvdock.core.custody.c2sp.cosignature import cosign, cosignatures
from bwvdock.core.custody.c2sp.signed_note import COSIGNATURE, Note, VerifierKey, read_signature
from bwvdock.core.custody.c2sp.submission import Submission
from bwvdock.core.custody.consistency import consistency_proof
from bwvdock.core.facts import JournalNotAsWitnessed
from bwvdock.core.ports.witness import WitnessAnswer
from bwvdock.edges import ed25519
from bwvdock.edges.witnessing.alarm_file import NAME, AlarmFile
from bwvdock.errors import StorageError
from bwvdock.log import Events
from bwvdock.witnessing.messages import Fed
from tests.fakes.witness import (
    Lie,
    away,
    by_version_1_0_0,
    by_version_1_0_0_in_words,
)
from tests.fakes.worker import HeldWorker
from tests.places import in_memory
from tests.witness.logs import Log
from tests.witnessing.dock import Dock

pytestmark = pytest.mark.slow

HOUR_MS = 3_600_000


@pytest.fixture
def dock(tmp_path: Path) -> Iterator[Dock]:
    made = Dock(tmp_path)
    yield made
    made.remote.store.close()


def test_each_checkpoint_is_confirmed_once_and_stored_beside_it(dock: Dock) -> None:
    dock.turn()
    assert dock.remote.asked == []  # nothing is signed yet
    for size in (5, 9, 150):
        dock.grow(size)
        line = dock.journal.lines[size, str(dock.site.key)]
        note = Note(str(dock.journal.log.head(size)), (read_signature(line),))
        assert len(cosignatures(note, [dock.site.key], ed25519.verify)) == 1
    dock.turn()
    assert len(dock.remote.asked) == 3
    assert (dock.facts, dock.witnesses.alarms.contradicted, dock.said) == ([], False, [])


def test_after_a_start_the_latest_is_shown_once_although_it_was_confirmed(dock: Dock) -> None:
    dock.grow(9)
    dock.restart()
    dock.turn()
    dock.turn()
    assert len(dock.remote.asked) == 2
    assert not dock.witnesses.alarms.contradicted


def test_a_lost_answer_is_asked_for_again_with_the_size_that_is_named(dock: Dock) -> None:
    dock.remote.lie = away
    dock.grow(5)
    assert dock.said == [Events.WITNESS_LOST]
    dock.remote.lie = None
    dock.turn()
    assert [body.split(b"\n")[0] for body in dock.remote.asked[-2:]] == [b"old 0", b"old 5"]
    assert (5, str(dock.site.key)) in dock.journal.lines
    assert (dock.said[-1], dock.facts) == (Events.WITNESS_BACK, [])


def test_an_answer_lost_at_an_earlier_size_is_caught_up(dock: Dock) -> None:
    dock.remote.lie = away
    dock.grow(5)
    dock.remote.lie = None
    dock.grow(9)
    assert dock.journal.confirmed_size(str(dock.site.key)) == 9
    assert not dock.witnesses.alarms.contradicted


def test_a_journal_put_back_raises_the_alarm_at_the_next_start(dock: Dock) -> None:
    dock.grow(5)
    dock.grow(9)
    dock.journal.put_back(5)
    dock.restart()
    dock.turn()
    [fact] = dock.facts
    assert isinstance(fact, JournalNotAsWitnessed)
    assert (fact.entries, fact.named, fact.proven) == (5, 9, True)
    assert (dock.witnesses.alarms.contradicted, dock.stops) == (True, 1)
    [(name, alarm)] = dock.witnesses.alarms.in_force()
    assert name == "hq"
    assert read_signed_checkpoint(alarm.contradiction.note.encode()).checkpoint == dock.journal.log.head(9)


@pytest.mark.parametrize("lie", [None, by_version_1_0_0, by_version_1_0_0_in_words])
@pytest.mark.parametrize("size", [9, 12], ids=["to the same size", "beyond"])
def test_a_journal_put_back_and_grown_again_raises_the_alarm_in_every_dialect(
    dock: Dock, size: int, lie: Lie | None
) -> None:
    dock.grow(5)
    dock.grow(9)
    dock.remote.lie = lie
    dock.journal.put_back(5)
    dock.journal.log = dock.journal.log.branch(5)
    dock.restart()
    dock.grow(size)
    [fact] = dock.facts
    assert isinstance(fact, JournalNotAsWitnessed)
    assert (fact.entries, fact.named, fact.proven) == (size, -1, True)
    assert dock.witnesses.alarms.contradicted


def test_a_journal_grown_again_beyond_and_not_signed_raises_the_alarm(dock: Dock) -> None:
    dock.grow(5)
    dock.grow(9)
    dock.journal.put_back(5)
    dock.journal.log, dock.journal.unsigned = dock.journal.log.branch(5), 20  # the signer is away
    dock.restart()
    dock.turn()
    [fact] = dock.facts
    assert isinstance(fact, JournalNotAsWitnessed)
    assert (fact.entries, fact.named, fact.proven) == (5, -1, True)


# --- a witness that lies ------------------------------------------------------------------------------


def _other_log_line(dock: Dock) -> bytes:
    other = Log(origin="another.example/log")
    seed_line = dock.station.identity.cosign(str(other.head(5)), 1_800_000_000)
    return str(seed_line).encode()


def _wrong_key_line(dock: Dock) -> bytes:
    key = VerifierKey(dock.site.key.name, COSIGNATURE, ed25519.public(b"\x09" * 32))
    made = cosign(str(dock.journal.log.head(5)), key, 5, lambda message: ed25519.sign(b"\x09" * 32, message))
    return str(made).encode()


def _replayed_line(dock: Dock) -> bytes:
    return str(dock.station.identity.cosign(str(dock.journal.log.head(4)), 5)).encode()


USELESS: dict[str, Callable[[Dock], WitnessAnswer]] = {
    "nothing": lambda _: WitnessAnswer(200, b""),
    "garbage": lambda _: WitnessAnswer(200, b"\x00\xff" * 1000),
    "a page": lambda _: WitnessAnswer(200, b"<html>Sign in</html>\n"),
    "a redirect": lambda _: WitnessAnswer(302, b""),
    "a cosignature of another log": lambda dock: WitnessAnswer(200, _other_log_line(dock)),
    "a cosignature by another key": lambda dock: WitnessAnswer(200, _wrong_key_line(dock)),
    "an earlier cosignature again": lambda dock: WitnessAnswer(200, _replayed_line(dock)),
    "not known there": lambda _: WitnessAnswer(404, b""),
    "another key is expected": lambda _: WitnessAnswer(403, b""),
    "too many": lambda _: WitnessAnswer(429, b""),
    "an error": lambda _: WitnessAnswer(500, b""),
    "409 without a size": lambda _: WitnessAnswer(409, b"no\n"),
    "409 with the size that was sent": lambda _: WitnessAnswer(409, b"0\n"),
    "409 with a size that no number can be": lambda _: WitnessAnswer(409, b"9" * 4000 + b"\n"),
    "a status that is none": lambda _: WitnessAnswer(999, b""),
}


@pytest.mark.parametrize("name", USELESS)
def test_an_answer_that_says_nothing_raises_no_alarm_and_is_not_kept(dock: Dock, name: str) -> None:
    answer = USELESS[name](dock)
    dock.remote.lie = lambda _body, _true: answer
    dock.grow(5)
    dock.turn()
    assert (dock.facts, dock.journal.lines, dock.witnesses.alarms.contradicted) == ([], {}, False)
    assert dock.said == [Events.WITNESS_LOST]
    dock.remote.lie = None
    dock.turn()
    assert dock.journal.confirmed_size(str(dock.site.key)) == 5


def test_who_names_another_size_each_time_is_asked_a_bounded_number_of_times(dock: Dock) -> None:
    numbers = iter(range(1, 1000))
    dock.remote.lie = lambda _body, _true: WitnessAnswer(409, f"{next(numbers) % 5}\n".encode())
    dock.grow(5)
    assert len(dock.remote.asked) <= 4
    assert not dock.witnesses.alarms.contradicted


@pytest.mark.parametrize(
    "answer", [(409, b"6\n"), (409, b"9223372036854775807\n"), (422, b""), (422, b"x" * 9)]
)
def test_a_lie_against_the_journal_stops_erasing_until_it_is_taken_back(
    dock: Dock, answer: tuple[int, bytes]
) -> None:
    dock.grow(4)
    dock.remote.lie = lambda _body, _true: WitnessAnswer(*answer)
    dock.grow(5)
    assert dock.witnesses.alarms.contradicted
    [fact] = dock.facts
    assert isinstance(fact, JournalNotAsWitnessed)
    assert not fact.proven  # nothing but its statement
    dock.turn()
    assert dock.kinds == ["journal_not_as_witnessed"]  # once, however often it is repeated
    dock.remote.lie = None
    dock.turn()
    assert dock.kinds == ["journal_not_as_witnessed", "journal_as_witnessed"]
    assert dock.witnesses.alarms.in_force() == []
    assert not (dock.folder / NAME).exists()


def test_a_published_checkpoint_that_our_key_did_not_sign_proves_nothing(dock: Dock) -> None:
    forged = Log(dock.journal.log.leaves, b"\x05" * 32)
    dock.station.logs.add("LEW-03", str(forged.key))
    dock.remote.served.add_checkpoint(forged.request(0, 50), "192.0.2.9")
    dock.grow(5)
    [fact] = dock.facts
    assert isinstance(fact, JournalNotAsWitnessed)
    assert (fact.named, fact.proven) == (50, False)


def test_a_later_checkpoint_of_ours_that_was_confirmed_meanwhile_is_no_contradiction(dock: Dock) -> None:
    note = dock.journal.log.note(5).decode()
    dock.journal.size = 5
    dock.remote.served.add_checkpoint(dock.journal.log.request(0, 9), "192.0.2.9")
    held = HeldWorker()
    dock.site.worker = held
    dock.witnesses.turn()
    dock.journal.size = 9  # while the request was under way
    held.go_on(dock.posted.append)
    [message] = dock.posted
    assert isinstance(message, Fed)
    assert message.error is not None
    assert note.startswith(str(dock.journal.log.head(5)))


# --- time, threads, files -----------------------------------------------------------------------------


def test_a_witness_that_is_away_is_asked_less_and_less(dock: Dock) -> None:
    dock.remote.lie = away
    dock.journal.size = 5
    for _ in range(3600):
        dock.turn(seconds=1)
    assert 75 <= len(dock.remote.asked) <= 90
    assert dock.said == [Events.WITNESS_LOST]
    assert [site.name for site in dock.witnesses.silent()] == []
    dock.turn(seconds=10)
    assert [site.name for site in dock.witnesses.silent()] == ["hq"]


def test_a_journal_put_back_is_found_within_a_minute_of_the_network(dock: Dock) -> None:
    dock.grow(9)
    dock.journal.put_back(5)
    dock.remote.lie = away
    dock.restart()
    for _ in range(6920):
        dock.turn(seconds=1)
    dock.remote.lie = None
    for _ in range(60):
        dock.turn(seconds=1)
    assert dock.witnesses.alarms.contradicted


def test_a_witness_that_hangs_is_asked_once(dock: Dock) -> None:
    held = HeldWorker()
    dock.site.worker = held
    dock.grow(5)
    dock.grow(9)
    assert len(held.jobs) == 1
    dock.turn(seconds=3700)
    assert [site.name for site in dock.witnesses.silent()] == ["hq"]


def test_alarms_that_cannot_be_read_stop_erasing_and_nothing_else(dock: Dock) -> None:
    for content in (b"", b"{}", b"[]", b'{"alarms":[{"at":1}]}', b"[" * 100_000, b"\xff"):
        (dock.folder / NAME).write_bytes(content)
        dock.restart()
        assert dock.witnesses.alarms.contradicted
        assert dock.witnesses.alarms.unknown is not None
    dock.grow(5)
    assert dock.journal.confirmed_size(str(dock.site.key)) == 5


def test_alarms_that_cannot_be_kept_are_in_force_and_recorded(dock: Dock) -> None:
    class Full(AlarmFile):
        def write(self, alarms: object) -> None:
            raise StorageError("full")

    dock.witnesses.alarms.file = Full(dock.folder)
    dock.remote.lie = lambda _body, _true: WitnessAnswer(422, b"")
    dock.grow(5)
    assert dock.witnesses.alarms.contradicted
    assert dock.kinds == ["journal_not_as_witnessed"]
    assert dock.said == [Events.ALARM_NOT_KEPT]


STEPS = st.lists(
    st.tuples(st.sampled_from(["grow", "lose", "away", "restart"]), st.integers(1, 4)), max_size=12
)


@pytest.mark.slow
@given(STEPS)
def test_an_honest_journal_never_has_an_alarm_whatever_is_lost(steps: Sequence[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
        dock = Dock(Path(folder))
        for what, more in steps:
            if what == "restart":
                dock.restart()
            dock.remote.lie = away if what == "lose" else None
            if what == "away":
                dock.remote.asked.clear()
                dock.journal.size += more
            else:
                dock.grow(dock.journal.size + more)
        dock.remote.lie = None
        dock.turn()
        assert (dock.witnesses.alarms.contradicted, dock.facts) == (False, [])
        assert dock.journal.confirmed_size(str(dock.site.key)) == dock.journal.size
        dock.remote.store.close()


def test_the_proof_that_is_sent_is_from_the_size_that_is_said(dock: Dock) -> None:
    dock.grow(5)
    dock.grow(9)
    expected = Submission(5, consistency_proof(5, 9, dock.journal.log.fetch), dock.journal.log.note(9))
    assert dock.remote.asked[-1] == expected.encoded()
