# ruff: noqa: S608 - forging statements is what these tests do
"""Are checkpoints stamped so that others can check it, now or later, and is nothing else believed?"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.custody.time_stamp import MOST_BYTES, query, read_answer
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.edges.signing.time_stamping import HttpTimeStamper
from bwvdock.log import Events
from bwvdock.service.assemble import Parts
from bwvdock.status.alerts import AlertCode
from bwvdock.upkeep.time_stamps import Authority
from tests.edges.journal import stories as tell
from tests.servers.tsa import TimeStampingServer
from tests.upkeep.test_checkpoints import Signed

pytestmark = pytest.mark.slow


@pytest.fixture(name="server", scope="module")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TimeStampingServer]:
    with TimeStampingServer(tmp_path_factory.mktemp("authority") / "tsa") as server:
        yield server


@pytest.fixture(name="honest")
def _honest(server: TimeStampingServer) -> TimeStampingServer:
    server.asked, server.status, server.lie = 0, 200, bytes
    return server


class Stamped(Signed):
    """A dock with a signer and an authority."""

    def __init__(self, root: Path, server: TimeStampingServer, *, held_up: tuple[str, ...] = ()) -> None:
        self.server = server
        super().__init__(root, held_up=held_up)

    def outside(self, parts: Parts) -> Parts:
        return replace(
            super().outside(parts), authority=Authority(self.server.url, HttpTimeStamper(self.server.url))
        )

    def stamps(self) -> list[tuple[int, str, bytes, str]]:
        return [
            (size, url, token, note)
            for size, url, token, note in tell.ask(
                self.root / "journal.sqlite3",
                "SELECT size, url, token, note FROM timestamp JOIN checkpoint USING (size) ORDER BY size",
            )
        ]


def test_openssl_alone_finds_the_checkpoint_stamped(tmp_path: Path, honest: TimeStampingServer) -> None:
    dock = Stamped(tmp_path, honest)
    dock.pass_seconds(119)
    assert dock.stamps() == []
    dock.pass_seconds(10)
    [(size, url, token, note)] = dock.stamps()
    assert (size, url) == (dock.journal.size(), honest.url)
    assert honest.verifies(note.encode(), token)
    assert not honest.verifies(note.encode() + b"\n", token)
    assert verify_journal(tmp_path / "journal.sqlite3").ok


def test_it_is_asked_hourly_and_of_newer_ones_only(tmp_path: Path, honest: TimeStampingServer) -> None:
    dock = Stamped(tmp_path, honest)
    for _ in range(65):
        dock.enrol()
        dock.pass_seconds(60)
    assert honest.asked == 2
    dock.pass_seconds(4000)
    dock.pass_seconds(4000)
    assert honest.asked == 3, "an idle dock asks for nothing more"
    dock.restart()
    dock.dock.turn(timeout=0)
    dock.pass_seconds(130)
    assert dock.stamps()[-1][0] == dock.journal.size()


def test_an_offline_dock_stamps_later_and_says_so(tmp_path: Path, honest: TimeStampingServer) -> None:
    honest.status = 503
    dock = Stamped(tmp_path, honest)
    dock.pass_seconds(400)
    assert honest.asked > 1
    assert dock.stamps() == []
    assert AlertCode.CHECKPOINTS_NOT_STAMPED not in dock.alerts()
    assert [event for event, _ in dock.said].count(Events.TIME_STAMP_FAILED) == 1
    dock.clock.pass_ms(25 * 3_600_000)
    dock.pass_seconds(10)
    assert "503" in dock.alerts()[AlertCode.CHECKPOINTS_NOT_STAMPED].message
    honest.status = 200
    dock.pass_seconds(200)
    assert len(dock.stamps()) == 1
    assert AlertCode.CHECKPOINTS_NOT_STAMPED not in dock.alerts()


def test_a_dock_that_is_switched_off_every_night_says_so_too(
    tmp_path: Path, honest: TimeStampingServer
) -> None:
    honest.status = 503
    dock = Stamped(tmp_path, honest)
    for day in range(3):
        dock.pass_seconds(200)
        assert (AlertCode.CHECKPOINTS_NOT_STAMPED in dock.alerts()) == (day > 1)
        dock.clock.pass_ms(10 * 3_600_000)
        dock.journal.close()
        dock.clock.reboot()
        dock.clock.earlier_ms += 8 * 3_600_000
        dock.restart()


def test_a_dock_with_a_newer_checkpoint_at_each_slow_answer_is_not_late(
    tmp_path: Path, honest: TimeStampingServer
) -> None:
    dock = Stamped(tmp_path, honest, held_up=("time stamps",))
    dock.pass_seconds(130)
    for number in range(27):
        dock.enrol(f"CAM-{number:04}")
        dock.pass_seconds(60)
        dock.held_up["time stamps"].go_on(dock.inbox.put)
        dock.pass_seconds(1)
        dock.clock.pass_ms(3_600_000)
        dock.pass_seconds(1)
        assert AlertCode.CHECKPOINTS_NOT_STAMPED not in dock.alerts()
    assert len(dock.stamps()) == 27


@pytest.mark.parametrize("lie", ["garbage", "empty", "cut", "other", "long", "refused"])
def test_what_is_not_a_time_stamp_of_it_is_not_stored(
    tmp_path: Path, honest: TimeStampingServer, lie: str
) -> None:
    other = honest.answer(query(b"something else", 7))
    honest.lie = {
        "garbage": lambda _: b"garbage",
        "empty": lambda _: b"",
        "cut": lambda answer: answer[:-1],
        "other": lambda _: other,
        "long": lambda answer: answer + bytes(MOST_BYTES),
        "refused": lambda _: bytes.fromhex("30053003020102"),
    }[lie]
    dock = Stamped(tmp_path, honest)
    dock.pass_seconds(130)
    assert honest.asked == 1
    assert dock.stamps() == []


def test_a_time_stamp_that_was_exchanged_is_found(tmp_path: Path, honest: TimeStampingServer) -> None:
    dock = Stamped(tmp_path, honest)
    dock.pass_seconds(130)
    other = honest.answer(query(b"something else", 7)).hex()
    tell.tamper(tmp_path / "journal.sqlite3", f"UPDATE timestamp SET token = x'{other}'")
    found = verify_journal(tmp_path / "journal.sqlite3")
    assert [problem.code for problem in found.problems] == ["checkpoint"]


def test_what_openssl_answers_is_read(honest: TimeStampingServer) -> None:
    for nonce in (0, 1, 127, 128, 2**63, 2**64 - 1):
        stated = read_answer(honest.answer(query(b"content", nonce)))
        assert (stated.digest, stated.nonce) == (hashlib.sha256(b"content").digest(), nonce)
        assert stated.time.year >= 2024


@given(st.data())
def test_no_change_of_an_answer_raises_anything_but_that_it_is_none(
    honest_answer: bytes, data: st.DataObject
) -> None:
    changed = bytearray(honest_answer)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ValueError):
        read_answer(bytes(changed[: data.draw(st.integers(0, len(changed)))]))


@pytest.fixture(name="honest_answer", scope="module")
def _honest_answer(server: TimeStampingServer) -> bytes:
    return server.answer(query(b"content", 5))
