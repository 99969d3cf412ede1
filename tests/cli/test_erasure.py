"""Are erased values really gone, from every file, and does the dock refuse to erase what it still needs?"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bwvdock.core.facts import (
    CameraAssigned,
    CameraRevoked,
    ClipFlagged,
    ClipHeld,
    ClipReleased,
    ClipRetired,
    ClipUnflagged,
    Fact,
    ValuesErased,
)
from bwvdock.edges.journal import JournalReader, open_journal
from bwvdock.edges.peer import actor_of, this_process
from tests.cli.docks import CAMERA, QUARANTINED, VERIFIED, Dock, take, used_dock
from tests.cli.test_consultation import daemon
from tests.fakes.clock import FakeClock

Capture = pytest.CaptureFixture[str]
_BASIS = ("--basis", "DPA 2018 s.47")


@pytest.fixture
def dock(tmp_path: Path) -> Dock:
    made = used_dock(tmp_path)
    made.record(ClipReleased(clip=VERIFIED, kept=True), ClipRetired(clip=VERIFIED))
    return made


def path_of(dock: Dock, clip: str) -> str:
    with dock.reader() as reader:
        known = reader.clip(clip)
    assert known is not None
    return known.files[0].path


def _spellings(value: str) -> Iterator[bytes]:
    """Yield a text as it may be in a file: encodings, hexadecimal, and base64 at each of three alignments."""
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        plain = value.encode(encoding)
        yield from (plain, plain.hex().encode(), plain.hex().upper().encode())
        for before in range(3):
            encoded = base64.b64encode(bytes(before) + plain)
            yield encoded[4 if before else 0 : -4]  # the rest depends on what is before and after it


def found(folder: Path, value: str) -> set[str]:
    """Return the files in whose bytes, or name, a value is."""
    spelt = list(_spellings(value))
    return {
        path.name
        for path in folder.rglob("*")
        if path.is_file()
        and any(one in path.read_bytes() or one in str(path.relative_to(folder)).encode() for one in spelt)
    }


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    value = "DCIM/SMITH-MEETING.MP4"
    for number, one in enumerate(_spellings(value)):
        (tmp_path / f"{number}").write_bytes(b"x" * (number % 5) + one + b"y")
    for before in range(3):
        (tmp_path / f"b{before}").write_bytes(base64.b64encode(b"abc"[:before] + value.encode() + b"more"))
    assert len(found(tmp_path, value)) == len(list(_spellings(value))) + 3


def test_what_is_erased_is_in_no_file_any_more(dock: Dock, capsys: Capture) -> None:
    path = path_of(dock, VERIFIED)
    assert found(dock.config.state_dir, path) == {"journal.sqlite3"}
    assert dock.run("custody", "erase-values", "--clip", VERIFIED, *_BASIS, "--reason", "request 7") == 0
    assert path_of(dock, VERIFIED) == ""
    assert found(dock.config.state_dir, path) == set()
    assert dock.run("custody", "verify") == 0
    assert dock.run("clips", "show", VERIFIED) == 0
    assert path not in capsys.readouterr().out


def test_it_is_gone_from_the_write_ahead_log_of_a_running_dock_too(dock: Dock) -> None:
    path = path_of(dock, VERIFIED)
    with open_journal(dock.config.journal, FakeClock(ms=9_000_000)) as journal:
        journal.append([ClipHeld(clip=VERIFIED, reason="inquiry of Smith", actor="ops")])
        with dock.reader() as reader:
            values = reader.values_of_clip(VERIFIED)
        assert {field for field, _ in values} == {"path", "reason"}
        assert "journal.sqlite3-wal" in found(dock.config.state_dir, "inquiry of Smith")
        journal.append(
            [
                ValuesErased(field=field, commitments=(committed,), basis="s.47", actor="ops")
                for field, committed in values
            ]
        )
        assert found(dock.config.state_dir, path) == set()
        assert found(dock.config.state_dir, "inquiry of Smith") == set()


def test_while_somebody_reads_the_next_entry_empties_the_write_ahead_log(dock: Dock) -> None:
    path = path_of(dock, VERIFIED)
    with open_journal(dock.config.journal, FakeClock(ms=9_000_000)) as journal:
        journal.append([ClipHeld(clip=VERIFIED, reason="inquiry", actor="ops")])
        with JournalReader(dock.config.journal) as reader:
            [values] = reader.report(lambda db: [[*db.execute("SELECT field, commitment FROM private")]])
            paths = tuple(committed for field, committed in values if field == "path")
            erased = ValuesErased(field="path", commitments=paths, basis="s.47", actor="ops")
            reader.report(
                lambda db: [journal.append([erased]) for _ in db.execute("SELECT 1 FROM entry LIMIT 1")]
            )
        journal.append([ClipHeld(clip=QUARANTINED, reason="inquiry", actor="ops")])
        assert found(dock.config.state_dir, path) == set()


@pytest.mark.slow
def test_a_camera_and_an_officer_are_erased_wherever_they_are_named(dock: Dock, capsys: Capture) -> None:
    dock.record(
        CameraRevoked(camera=CAMERA, reason=f"{CAMERA} was lost by PC-4411", actor="ops"),
        CameraAssigned(
            camera=CAMERA,
            officer="PC-4411",
            valid_from="2026-01-01T00:00:00.000Z",
            valid_to="2026-02-01T00:00:00.000Z",
            actor="ops",
        ),
        later=1000,
    )
    assert dock.run("custody", "erase-values", "--officer", "PC-4411", *_BASIS) == 0
    assert found(dock.config.state_dir, "PC-4411") == set()
    assert dock.run("custody", "erase-values", "--camera", CAMERA, *_BASIS) == 2, "a clip is in quarantine"
    assert QUARANTINED in capsys.readouterr().err
    assert dock.run("custody", "verify") == 0


CASE, SERGEANT = "R/7713", "1000:ann-smith"


def marked(*, by: str = SERGEANT) -> list[ClipFlagged | ClipUnflagged]:
    """Tell of a clip that was evidence in a case, and is no longer."""
    return [
        ClipFlagged(clip=VERIFIED, reason=f"needed in {CASE}", case=CASE, actor=by),
        ClipUnflagged(clip=VERIFIED, reason="closed", actor=by),
    ]


@pytest.mark.slow
@pytest.mark.few(1)
@pytest.mark.parametrize("recorded", [SERGEANT, f"0:root (login {SERGEANT})"])
def test_a_case_and_an_operator_are_erased_wherever_they_are_named(dock: Dock, recorded: str) -> None:
    dock.record(*marked(by=recorded), later=1000)
    assert found(dock.config.state_dir, CASE) == {"journal.sqlite3"}
    assert dock.run("custody", "erase-values", "--case", CASE, *_BASIS) == 0
    assert (found(dock.config.state_dir, CASE), bool(found(dock.config.state_dir, SERGEANT))) == (set(), True)
    assert dock.run("custody", "erase-values", "--operator", SERGEANT, *_BASIS) == 0
    assert found(dock.config.state_dir, SERGEANT) == set()
    assert dock.run("custody", "verify") == 0


@pytest.mark.slow
@pytest.mark.parametrize("left", [0, 1])
@pytest.mark.parametrize("which", [("--case", CASE), ("--operator", SERGEANT)])
def test_a_case_and_an_operator_are_kept_while_the_clip_is_evidence(
    dock: Dock, capsys: Capture, which: tuple[str, str], left: int
) -> None:
    dock.record(*marked()[: left + 1], later=1000)
    evidence = left == 0
    assert dock.run("custody", "erase-values", *which, *_BASIS) == (2 if evidence else 0)
    assert (VERIFIED in capsys.readouterr().err) == evidence
    assert bool(found(dock.config.state_dir, which[1])) == evidence


@pytest.mark.slow
@pytest.mark.parametrize(
    "which,basis,reason,words",
    [
        (("--case", CASE), f"request about {CASE}", "", "The basis names"),
        (("--case", CASE), "s.47", f"see {CASE}", "The reason names"),
        (("--operator", actor_of(this_process())), "s.47", "", "another operator"),
    ],
)
def test_an_order_that_would_name_the_value_again_is_refused(
    dock: Dock, capsys: Capture, which: tuple[str, str], basis: str, reason: str, words: str
) -> None:
    dock.record(*marked(by=actor_of(this_process())), later=1000)
    more = ("--basis", basis, *(("--reason", reason) if reason else ()))
    assert dock.run("custody", "erase-values", *which, *more) == 2
    assert words in capsys.readouterr().err
    assert found(dock.config.state_dir, which[1])


@pytest.mark.slow
def test_the_clip_s_story_says_who_erased_which_of_its_values_on_which_basis(
    dock: Dock, capsys: Capture
) -> None:
    path, why = path_of(dock, VERIFIED), ("--reason", "audit")
    assert dock.run("custody", "erase-values", "--clip", VERIFIED, *_BASIS) == 0
    dock.record(*marked(), later=1000)
    assert dock.run("custody", "erase-values", "--case", CASE, "--basis", "the court's order") == 0
    with daemon(dock):
        for command in (("clips", "show", VERIFIED, *why), ("custody", "report", VERIFIED, *why)):
            capsys.readouterr()
            assert dock.run(*command) == 0
            said = " ".join(capsys.readouterr().out.split())
            for field, basis in (("path", _BASIS[1]), ("case", "the court's order")):
                told = f"1 personal value of this clip, of the field {field}, erased from the journal by"
                assert told in said
                assert f"on the basis: {basis}" in said
            assert not {value for value in (path, CASE) if value in said}
    capsys.readouterr()
    assert dock.run("clips", "show", VERIFIED) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "of the field path, erased from the journal by (withheld), on the basis: (withheld)" in said
    assert dock.run("clips", "show", QUARANTINED) == 0
    assert "erased from the journal" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "facts,words",
    [
        ([ClipHeld(clip=VERIFIED, reason="r", actor="ops")], "it is on hold"),
        ([ClipFlagged(clip=VERIFIED, reason="r", case="", actor="ops")], "evidence"),
    ],
)
def test_what_an_investigation_needs_is_refused(
    dock: Dock, capsys: Capture, facts: list[ClipHeld | ClipFlagged], words: str
) -> None:
    dock.record(*facts, later=1000)
    assert dock.run("custody", "erase-values", "--clip", VERIFIED, *_BASIS) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    "given,words",
    [
        (("--clip", QUARANTINED), "quarantined"),
        (("--camera", CAMERA), "is enrolled"),
        (("--camera", "CA"), "too short"),
        (("--before", "whenever"), "before"),
        ((), "required"),
        (("--clip", VERIFIED, "--officer", "PC-1"), "not allowed"),
    ],
)
def test_what_the_dock_needs_is_refused(
    dock: Dock, capsys: Capture, given: tuple[str, ...], words: str
) -> None:
    assert dock.run("custody", "erase-values", *given, *_BASIS) == 2
    assert words in capsys.readouterr().err


def test_an_officer_who_holds_a_camera_is_refused(dock: Dock, capsys: Capture) -> None:
    begin = "2026-01-01T00:00:00.000Z"
    dock.record(
        CameraAssigned(camera=CAMERA, officer="PC-1", valid_from=begin, valid_to="", actor="ops"), later=1000
    )
    assert dock.run("custody", "erase-values", "--officer", "PC-1", *_BASIS) == 2
    assert f"Camera {CAMERA} is assigned to PC-1" in capsys.readouterr().err


@pytest.mark.slow
def test_clips_before_a_time_are_erased_but_for_those_that_are_needed(dock: Dock, capsys: Capture) -> None:
    path, kept = path_of(dock, VERIFIED), path_of(dock, QUARANTINED)
    for _ in range(2):
        assert dock.run("custody", "erase-values", "--before", "2030-01-01", *_BASIS, "--json") == 0
    first, again = [json.loads(line) for line in _documents(capsys.readouterr().out)]
    assert (first["values"], again["values"]) == (1, 0)
    assert found(dock.config.state_dir, path) == set()
    assert path_of(dock, QUARANTINED) == kept


@pytest.mark.slow
def test_what_was_erased_is_said_when_a_later_part_fails(dock: Dock, capsys: Capture) -> None:
    _finish(dock, 120)
    with daemon(dock) as desk:
        desk.most = 1
        given = ("custody", "erase-values", "--before", "2030-01-01", *_BASIS)
        assert dock.run(*given) == 1
        said = capsys.readouterr()
        assert "100 personal values were erased before this. The same order erases the rest." in said.err
        assert (said.out, "the disk is full" in said.err) == ("", True)
        desk.most = 9
        assert dock.run(*given, "--json") == 0
        rest = json.loads(capsys.readouterr().out)
        assert (rest["values"], rest["recorded"], "after" in rest) == (21, ["values_erased"], False)
        assert dock.run(*given) == 0
    assert "nothing to erase" in capsys.readouterr().out


def _finish(dock: Dock, count: int) -> None:
    """Have so many clips found, stored and left on their camera."""
    facts: list[Fact] = []
    for clip in (f"01hr{number:014}" for number in range(count)):
        facts += [*take(dock, clip, clip.encode()), ClipReleased(clip=clip, kept=True)]
    dock.record(*facts)


def _documents(printed: str) -> list[str]:
    return [f"{part}}}" for part in printed.split("}\n") if part.strip()]


def test_the_entry_says_who_erased_what_on_which_basis(dock: Dock) -> None:
    assert dock.run("custody", "erase-values", "--clip", VERIFIED, *_BASIS, "--reason", "request 7") == 0
    with dock.reader() as reader:
        [text] = reader.report(lambda db: db.execute("SELECT leaf FROM entry WHERE kind = 'values_erased'"))
    data = json.loads(text[0])["data"]
    assert (data["field"], len(data["commitments"])) == ("path", 1)
    assert data["basis"] != "DPA 2018 s.47", "what a person typed is a commitment"
