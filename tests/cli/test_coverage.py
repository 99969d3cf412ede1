"""Does `custody verify` read whatever lies under a clip's name, and count what belongs to no entry?"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from contextlib import redirect_stderr
from pathlib import Path

import pytest

from bwvdock.core.facts import (
    AcquiredPart,
    ClipAcquired,
    ClipDisposed,
    ClipFlagged,
    ClipFound,
    ClipQuarantined,
    ClipRecalled,
    ClipRetried,
    ClipUploaded,
    ClipVerified,
    CopyIntended,
    DisposalIntended,
    SourceFile,
)
from tests.cli.docks import CAMERA, DOCKING, QUARANTINED, VERIFIED, Dock
from tests.cli.test_custody import alter, verify

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]
TWO = "01hq00000000000004"
REASON = "the vault: the copy has other content, which was left unchanged"


def without_receipt(dock: Dock) -> None:
    """Have a clip uploaded again, as `clips retry` does, and quarantined before anything proves its copy."""
    dock.record(
        ClipRetried(clip=QUARANTINED, actor="0:root"), ClipQuarantined(clip=QUARANTINED, reason=REASON)
    )


def printed(dock: Dock, capsys: Capture, *, code: int) -> str:
    capsys.readouterr()
    assert dock.run("custody", "verify") == code
    return capsys.readouterr().out


def test_an_altered_copy_without_a_receipt_is_a_problem(dock: Dock, capsys: Capture) -> None:
    without_receipt(dock)
    whole = verify(dock, capsys, code=0)
    assert (whole["files_matched"], whole["files_not_checked"]) == (4, 0)
    with (copy := dock.vaulted(QUARANTINED)).open("rb") as file:
        content = file.read() + b"x"
    copy.unlink()
    copy.write_bytes(content)
    found = verify(dock, capsys, code=4)
    [problem] = found["problems"]
    assert (problem["code"], problem["clip"]) == ("vault_file", QUARANTINED)
    assert f"(the clip is in quarantine: {REASON})" in problem["message"]
    assert (found["files_matched"], found["files_not_as_taken"], found["files_checked"]) == (3, 1, 4)
    text = printed(dock, capsys, code=4)
    assert "3 files match the hash taken at ingest, 1 not as taken; 0 not checked." in text


def test_a_copy_that_nothing_says_was_stored_may_be_missing(dock: Dock, capsys: Capture) -> None:
    without_receipt(dock)
    dock.vaulted(QUARANTINED).unlink()
    assert verify(dock, capsys, code=0)["files_checked"] == 3
    dock.record(
        ClipRetried(clip=QUARANTINED, actor="0:root"),
        ClipUploaded(clip=QUARANTINED, destination="vault", object="o"),
    )
    [problem] = verify(dock, capsys, code=4)["problems"]
    assert problem["message"].endswith("is missing (no receipt proves this copy)")


def make_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def make_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def make_link(file: Path) -> None:
    file.rename(file.with_suffix(".elsewhere"))
    file.symlink_to(file.with_suffix(".elsewhere"))


@pytest.mark.few(2)
@pytest.mark.parametrize("replace", [make_folder, make_pipe, make_link])
@pytest.mark.parametrize("place", ["spool", "vault"])
def test_what_is_not_a_file_any_more_is_a_problem(
    dock: Dock, capsys: Capture, replace: Callable[[Path], None], place: str
) -> None:
    replace(dock.spooled(VERIFIED) if place == "spool" else dock.vaulted(VERIFIED))
    [problem] = verify(dock, capsys, code=4)["problems"]
    assert (problem["code"], problem["clip"]) == (f"{place}_file", VERIFIED)
    assert "is not a file" in problem["message"]


def test_files_of_no_entry_are_counted_and_named(dock: Dock, capsys: Capture) -> None:
    assert verify(dock, capsys, code=0)["files_without_entry"] == 0
    assert "0 files belong to no entry of this journal." in printed(dock, capsys, code=0)
    vaulted = dock.vaulted(VERIFIED)
    strays = [
        dock.config.spool / "stray.mp4",
        dock.config.spool / f"{VERIFIED}.7.mp4",
        vaulted.parent / "01hq00000000000099.0.mp4",
        dock.vault / "copy.mp4",
        dock.vault / vaulted.name,  # not under its day
        dock.vault / "by hand" / "a\x1b.mp4",
    ]
    strays[-1].parent.mkdir()
    for stray in strays:
        stray.write_bytes(b"x")
    (dock.config.spool / f"{VERIFIED}.0.pieces").write_bytes(b"")  # the log of a copy
    found = verify(dock, capsys, code=0)
    assert (found["files_without_entry"], found["files_matched"]) == (6, 4)
    assert [(place["place"], place["files"]) for place in found["without_entry"]] == [
        ("the spool", 2),
        ("the vault", 4),
    ]
    assert "by hand/a\\u{1b}.mp4" in found["without_entry"][1]["first"]
    text = printed(dock, capsys, code=0)
    assert "6 files belong to no entry of this journal." in text
    assert f"  the spool: 2: {VERIFIED}.7.mp4, stray.mp4" in text


def test_a_copy_that_was_disposed_of_and_is_there_again_belongs_to_no_entry(
    dock: Dock, capsys: Capture
) -> None:
    dock.record(
        DisposalIntended(clip=VERIFIED, place="vault", reason="not evidence"),
        ClipDisposed(clip=VERIFIED, place="vault", sha256="0" * 64),
    )
    assert verify(dock, capsys, code=0)["files_without_entry"] == 1
    dock.vaulted(VERIFIED).unlink()
    found = verify(dock, capsys, code=0)
    assert (found["files_without_entry"], found["files_disposed"], found["files_checked"]) == (0, 1, 3)


def test_a_copy_that_is_being_disposed_of_may_be_gone_but_not_altered(dock: Dock, capsys: Capture) -> None:
    dock.record(DisposalIntended(clip=VERIFIED, place="vault", reason="not evidence"))
    alter(dock.vaulted(VERIFIED))
    assert [p["clip"] for p in verify(dock, capsys, code=4)["problems"]] == [VERIFIED]
    dock.vaulted(VERIFIED).unlink()
    assert verify(dock, capsys, code=0)["problems"] == []


def test_the_document_of_a_copy_that_is_being_disposed_of_may_be_gone(dock: Dock, capsys: Capture) -> None:
    document = dock.describe(VERIFIED)
    dock.record(DisposalIntended(clip=VERIFIED, place="vault", reason="not evidence"))
    alter(document)
    assert [p["code"] for p in verify(dock, capsys, code=4)["problems"]] == ["vault_document"]
    document.unlink()
    assert verify(dock, capsys, code=0)["problems"] == []


@pytest.mark.parametrize("place", ["", "tape"])
def test_of_a_clip_that_is_to_be_copied_again_the_vaults_copy_is_compared(
    dock: Dock, capsys: Capture, place: str
) -> None:
    """Whether its receipt went with the quarantine or not."""
    dock.record(
        ClipQuarantined(clip=VERIFIED, reason=REASON, place=place),
        ClipRecalled(clip=VERIFIED, actor="0:root"),
    )
    found = verify(dock, capsys, code=0)
    assert (found["files_matched"], found["files_not_checked"], found["files_without_entry"]) == (3, 1, 0)
    assert "1 not checked (1 of clips that are still to be copied" in printed(dock, capsys, code=0)
    alter(dock.vaulted(VERIFIED))
    assert [p["clip"] for p in verify(dock, capsys, code=4)["problems"]] == [VERIFIED]


def test_documents_are_counted_apart(dock: Dock, capsys: Capture) -> None:
    dock.describe(VERIFIED)
    found = verify(dock, capsys, code=0)
    assert (found["files_matched"], found["documents_matched"], found["files_checked"]) == (4, 1, 5)
    text = printed(dock, capsys, code=0)
    assert "4 files match the hash taken at ingest; 0 not checked." in text
    assert "1 custody document matches the hash recorded when it was stored." in text


def test_a_document_that_no_receipt_vouches_for_is_not_checked(dock: Dock, capsys: Capture) -> None:
    document = dock.describe(VERIFIED)
    dock.record(ClipFlagged(clip=VERIFIED, reason="seen", case="", actor="0:root"))
    found = verify(dock, capsys, code=0)
    assert (found["documents_matched"], found["files_not_checked"], found["files_without_entry"]) == (0, 1, 0)
    document.unlink()
    assert verify(dock, capsys, code=0)["files_not_checked"] == 0


def test_a_journal_that_is_lost_does_not_speak_for_files(dock: Dock, capsys: Capture) -> None:
    dock.config.journal.unlink()
    text = printed(dock, capsys, code=4)
    assert "No files were checked." in text
    assert "not checked" not in text


def test_a_vault_that_is_gone_hides_nothing_that_was_found(dock: Dock, capsys: Capture) -> None:
    alter(dock.spooled(VERIFIED))
    dock.vault.rename(dock.vault.with_name("elsewhere"))
    found = verify(dock, capsys, code=4)
    assert [p["code"] for p in found["problems"]] == ["spool_file"]
    assert (found["files_not_checked"], found["ok"]) == (2, False)
    assert found["errors"][0].startswith("the vault is not available: ")
    assert dock.run("custody", "verify") == 4
    shown = capsys.readouterr()
    assert "1 file matches the hash taken at ingest, 1 not as taken; 2 not checked" in shown.out
    assert "bwvdock: the vault is not available: " in shown.err


def test_a_vault_that_is_gone_is_not_green(dock: Dock, capsys: Capture) -> None:
    dock.vault.rename(dock.vault.with_name("elsewhere"))
    found = verify(dock, capsys, code=1)
    assert (found["ok"], found["problems"], found["files_matched"]) == (False, [], 2)


def test_vaults_are_read_where_the_spool_is_gone(dock: Dock, capsys: Capture) -> None:
    for file in dock.config.spool.iterdir():
        file.unlink()
    dock.config.spool.rmdir()
    found = verify(dock, capsys, code=4)
    assert (len(found["problems"]), found["files_missing"], found["files_matched"]) == (2, 2, 2)


class Screen(io.StringIO):
    """A standard error that is a terminal."""

    def isatty(self) -> bool:
        return True


def test_an_error_begins_on_a_line_of_its_own(dock: Dock) -> None:
    dock.vault.rename(dock.vault.with_name("elsewhere"))
    with redirect_stderr(screen := Screen()):
        assert dock.run("custody", "verify") == 1
    assert "hashed again" in screen.getvalue()
    assert screen.getvalue().rpartition("\r\x1b[K")[2].startswith("bwvdock: the vault is not available:")


@pytest.mark.parametrize("altered", [True, False])
def test_a_removal_that_was_cut_short_hides_no_altered_part(
    dock: Dock, capsys: Capture, *, altered: bool
) -> None:
    """The footage is gone, as was announced; its sidecar is still there."""
    parts = [AcquiredPart(size=3, sha256=sha(text), pieces=(sha(text),)) for text in (b"mp4", b"gps")]
    files = [SourceFile(path=name, size=3, mtime_ns=1, fingerprint="") for name in ("T.MP4", "T.GPS")]
    dock.record(
        ClipFound(clip=TWO, docking=DOCKING, camera=CAMERA, files=tuple(files)),
        CopyIntended(clip=TWO, docking=DOCKING),
        ClipAcquired(clip=TWO, docking=DOCKING, parts=tuple(parts)),
        ClipUploaded(clip=TWO, destination="vault", object="o"),
        ClipVerified(
            clip=TWO, destination="vault", object="o", version="", sha256=sha(b"mp4"), method="read-back"
        ),
        DisposalIntended(clip=TWO, place="spool", reason="not evidence"),
        DisposalIntended(clip=TWO, place="vault", reason="not evidence"),
    )
    (dock.vaulted(VERIFIED).parent / f"{TWO}.1.gps").write_bytes(b"GPS" if altered else b"gps")
    problems = verify(dock, capsys, code=4 if altered else 0)["problems"]
    assert len(problems) == altered
    assert [p for p in problems if "missing" in p["message"]] == []


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
