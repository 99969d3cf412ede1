"""Is what was signed last kept, and does nothing that is in the place of the file let another history in?"""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from bwvdock.errors import SignerRefusedError, SignerUnavailableError
from bwvdock.signer.memory import FileMemory
from bwvdock.signer.notary import EMPTY, MOST_LOGS, Head, Judge

HEAD, NEXT = Head(3, bytes(32)), Head(4, bytes(range(32)))
KEY = b"k" * 32


class Seen:
    """Judges, and remembers what was signed last."""

    def __init__(self) -> None:
        self.heads: list[Head] = []

    def then(self, head: Head | None = None) -> Judge:
        def judge(last: Head) -> Head:
            self.heads.append(last)
            return head or last

        return judge


class Heard(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


def test_it_is_there_after_a_restart_and_nobody_else_can_read_it(tmp_path: Path) -> None:
    path, seen = tmp_path / "signed", Seen()
    FileMemory(path).advance("a", KEY, seen.then(HEAD))
    FileMemory(path).advance("a", KEY, seen.then(NEXT))
    FileMemory(path).advance("a", KEY, seen.then())
    assert seen.heads == [EMPTY, HEAD, NEXT]
    assert path.stat().st_mode & 0o077 == 0


def test_a_refusal_changes_nothing(tmp_path: Path) -> None:
    memory, seen = FileMemory(tmp_path / "signed"), Seen()
    memory.advance("a", KEY, lambda _: HEAD)

    def refuse(_: Head) -> Head:
        raise SignerRefusedError("No.")

    with pytest.raises(SignerRefusedError):
        memory.advance("a", KEY, refuse)
    memory.advance("a", KEY, seen.then())
    assert seen.heads == [HEAD]


def test_a_first_checkpoint_is_said_to_be_compared_with_nothing(tmp_path: Path) -> None:
    memory, heard, log = FileMemory(tmp_path / "signed"), Heard(), logging.getLogger("bwvdock-signer")
    log.addHandler(heard)
    try:
        memory.advance("a", KEY, lambda _: HEAD)
        memory.advance("a", KEY, lambda _: NEXT)
    finally:
        log.removeHandler(heard)
    [said] = heard.said
    assert "compared with nothing" in said


@pytest.mark.parametrize("content", [b"x" * 4096, b"SQLite format 3\0" + b"\xff" * 4080])
def test_what_is_damaged_ends_all_signing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "signed").write_bytes(content)
    with pytest.raises(SignerUnavailableError, match="signs nothing"):
        FileMemory(tmp_path / "signed").advance("a", KEY, lambda _: HEAD)
    assert (tmp_path / "signed").read_bytes() == content


def test_a_missing_folder_is_an_error_for_a_person(tmp_path: Path) -> None:
    with pytest.raises(SignerUnavailableError, match="signs nothing") as caught:
        FileMemory(tmp_path / "gone" / "signed").advance("a", KEY, lambda _: HEAD)
    assert "df -h" in caught.value.remedy


@pytest.mark.slow
def test_the_number_of_logs_has_a_limit(tmp_path: Path) -> None:
    memory = FileMemory(tmp_path / "signed")
    for number in range(MOST_LOGS):
        memory.advance(f"log {number}", KEY, lambda _: HEAD)
    with pytest.raises(SignerRefusedError, match="no more"):
        memory.advance("one more", KEY, lambda _: HEAD)
    memory.advance("log 3", KEY, lambda _: NEXT)


def test_another_key_than_before_signs_nothing(tmp_path: Path) -> None:
    memory, seen = FileMemory(tmp_path / "signed"), Seen()
    memory.advance("a", KEY, lambda _: HEAD)
    with pytest.raises(SignerRefusedError, match="another key"):
        memory.advance("a", b"o" * 32, lambda _: NEXT)
    memory.advance("a", KEY, seen.then())
    assert seen.heads == [HEAD]


@pytest.mark.parametrize("origin", ["other/LEW-03/1", "bwvdock/LEW-04/1", "bwvdock/LEW-03/1/2", "LEW-03", ""])
def test_a_log_by_another_name_is_compared_with_nothing_by_no_one(tmp_path: Path, origin: str) -> None:
    memory = FileMemory(tmp_path / "signed")
    memory.advance("bwvdock/LEW-03/0", KEY, lambda _: HEAD)
    with pytest.raises(SignerRefusedError, match="has never seen") as caught:
        memory.advance(origin, KEY, lambda _: HEAD)
    assert "bwvdock-signer rename" in caught.value.remedy
    memory.advance("bwvdock/LEW-03/1", KEY, lambda _: HEAD)  # a new journal of the same dock
    assert memory.logs() == {"bwvdock/LEW-03/0": 3, "bwvdock/LEW-03/1": 3}


def test_a_log_that_is_called_anew_is_still_compared(tmp_path: Path) -> None:
    memory, seen = FileMemory(tmp_path / "signed"), Seen()
    memory.advance("old/name/1", KEY, lambda _: HEAD)
    assert memory.call_anew("name", "new") == 0
    assert memory.call_anew("old/name", "new") == 1
    memory.advance("new/1", KEY, seen.then())
    assert seen.heads == [HEAD]


@pytest.mark.slow
def test_a_log_that_is_forgotten_makes_room(tmp_path: Path) -> None:
    memory, seen = FileMemory(tmp_path / "signed"), Seen()
    for number in range(MOST_LOGS):
        memory.advance(f"dock/{number}", KEY, lambda _: HEAD)
    assert not memory.forget("dock/x")
    assert memory.forget("dock/3")
    memory.advance("dock/x", KEY, seen.then(HEAD))
    assert seen.heads == [EMPTY]
