"""Do notes survive, replace each other whole, and never stop anything when they are spoiled?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bwvdock.edges.destinations.upload_notes import Notes, note_key
from bwvdock.errors import StorageError

KEY = note_key("01hv", 0)


@pytest.fixture
def notes(tmp_path: Path) -> Iterator[Notes]:
    opened = Notes(tmp_path / "uploads", destination="vault")
    yield opened
    opened.close()


def file_of(tmp_path: Path) -> Path:
    return tmp_path / "uploads/vault/01hv.0.json"


def test_what_was_remembered_is_there_for_the_next_run(notes: Notes, tmp_path: Path) -> None:
    notes.remember(KEY, {"url": "/files/é", "acked": 5})
    notes.remember(KEY, {"url": "/files/é", "acked": 6})
    notes.close()
    again = Notes(tmp_path / "uploads", destination="vault")
    assert again.note(KEY) == {"url": "/files/é", "acked": 6}
    again.close()


def test_a_note_that_need_not_outlive_a_power_cut_outlives_the_process(notes: Notes, tmp_path: Path) -> None:
    notes.remember(KEY, {"acked": 5})
    notes.remember(KEY, {"acked": 6}, lasting=False)
    notes.close()
    again = Notes(tmp_path / "uploads", destination="vault")
    assert again.note(KEY) == {"acked": 6}
    again.close()


def test_nobody_else_may_read_a_note(notes: Notes, tmp_path: Path) -> None:
    notes.remember(KEY, {"url": "https://store/?secret"})
    assert file_of(tmp_path).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "uploads").stat().st_mode & 0o777 == 0o700


def test_destinations_and_parts_keep_their_notes_apart(notes: Notes, tmp_path: Path) -> None:
    other = Notes(tmp_path / "uploads", destination="../vault")
    notes.remember(KEY, {"of": "vault"})
    notes.remember(note_key("01hv", 1), {"of": "sidecar"})
    other.remember(KEY, {"of": "other"})
    assert (notes.note(KEY), other.note(KEY)) == ({"of": "vault"}, {"of": "other"})
    other.close()
    assert sorted(os.listdir(tmp_path / "uploads")) == ["..%2Fvault", "vault"]


def test_a_forgotten_note_is_gone_and_forgetting_nothing_is_no_error(notes: Notes) -> None:
    notes.remember(KEY, {"url": "/files/1"})
    notes.forget(KEY)
    notes.forget(KEY)
    assert notes.note(KEY) == {}


@pytest.mark.parametrize("spoiled", [b"", b"{", b"[1]", b"\xff\xfe", b"null", b'{"a": 1'])
def test_a_spoiled_note_is_as_if_it_were_lost(notes: Notes, tmp_path: Path, spoiled: bytes) -> None:
    notes.remember(KEY, {"url": "/files/1"})
    file_of(tmp_path).write_bytes(spoiled)
    assert notes.note(KEY) == {}
    notes.remember(KEY, {"url": "/files/2"})
    assert notes.note(KEY) == {"url": "/files/2"}


def test_a_link_in_a_notes_place_is_not_followed(notes: Notes, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text('{"url": "/theirs"}')
    file_of(tmp_path).symlink_to(elsewhere)
    assert notes.note(KEY) == {}
    notes.remember(KEY, {"url": "/ours"})
    assert elsewhere.read_text() == '{"url": "/theirs"}'


def test_notes_that_cannot_be_opened_or_written_say_so(notes: Notes, tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        Notes(tmp_path / "not/there", destination="vault")
    file_of(tmp_path).mkdir()
    with pytest.raises(StorageError):
        notes.remember(KEY, {"url": "/files/1"})
