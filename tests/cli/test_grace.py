"""Do reports, dry runs and `custody verify` know of a copy that was moved aside in a vault?"""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any

import pytest

from bwvdock.core.clips.retention import DisposalPermit
from bwvdock.core.facts import (
    ClipDated,
    ClipDisposed,
    ClipReleased,
    ClipRetired,
    CopyWithdrawn,
    DisposalIntended,
)
from bwvdock.edges.destinations.directory import DirectoryDestination
from bwvdock.edges.spool import FileSpool
from tests.cli.docks import VERIFIED, Dock

Capture = pytest.CaptureFixture[str]
OVER = "2026-03-01T00:00:00.000Z"
UNTIL = "2999-01-01T00:00:00.000Z"


@pytest.fixture
def moved(dock: Dock) -> Dock:
    """The used dock, whose verified clip is left in its vault alone, where it was moved aside."""
    [store] = dock.config.destinations
    with dock.reader() as reader, closing(FileSpool(dock.config.spool, min_free=0)) as spool:
        clip = reader.clip(VERIFIED)
        assert clip is not None
        vault = DirectoryDestination(dock.vault, name=store.name, spool=spool, marks=dock.config.vault_marks)
        vault.withdraw(clip, DisposalPermit(clip=VERIFIED, place="vault", reason="r", aside_until=UNTIL))
    dock.spooled(VERIFIED).unlink()
    dock.record(
        ClipDated(clip=VERIFIED, raw=OVER, recorded_at=OVER, uncertainty_ms=0, basis="b", retain_until=OVER),
        DisposalIntended(clip=VERIFIED, place="spool", reason="r"),
        DisposalIntended(clip=VERIFIED, place="vault", reason="r"),
        ClipDisposed(clip=VERIFIED, place="spool", sha256="00"),
        ClipReleased(clip=VERIFIED, kept=True),
        ClipRetired(clip=VERIFIED),
        CopyWithdrawn(clip=VERIFIED, place="vault", until=UNTIL),
    )
    return dock


def asked(dock: Dock, capsys: Capture, *command: str) -> Any:  # noqa: ANN401 - JSON
    capsys.readouterr()
    dock.run(*command, "--json")
    return json.loads(capsys.readouterr().out)


@pytest.mark.slow
def test_custody_verify_reads_it_where_it_is_and_misses_it_if_it_is_gone(
    moved: Dock, capsys: Capture
) -> None:
    found = asked(moved, capsys, "custody", "verify")
    assert [one for one in found["problems"] if one["clip"] == VERIFIED] == []
    assert found["files_without_entry"] == 0
    assert found["files_matched"] >= 1
    [path] = (moved.vault / "withdrawn").rglob(f"{VERIFIED}.0.*")
    path.chmod(0o600)
    path.write_bytes(b"other")
    assert VERIFIED in [one["clip"] for one in asked(moved, capsys, "custody", "verify")["problems"]]
    path.unlink()
    assert VERIFIED in [one["clip"] for one in asked(moved, capsys, "custody", "verify")["problems"]]


@pytest.mark.slow
def test_reports_and_the_dry_run_say_that_it_can_be_restored(moved: Dock, capsys: Capture) -> None:
    [row] = [row for row in asked(moved, capsys, "report", "retention") if row["clip"] == VERIFIED]
    assert (row["fate"], row["disposed"]) == ("withdrawn", "spool")
    kinds = [row["kind"] for row in asked(moved, capsys, "report", "erasures")]
    assert kinds.count("copy_withdrawn") == 1
    moved.config.file.write_text(moved.config.file.read_text() + "[retention]\nnotice_days = 0\n")
    [row] = [
        r
        for r in asked(moved, capsys, "dispose", "--dry-run", "--until", "2990-01-01")
        if r["clip"] == VERIFIED
    ]
    assert (row["goes"], row["why"], row["places"]) == (False, "can be restored", ["vault"])
    assert moved.run("dispose", "--dry-run", "--until", "2990-01-01") == 0
    assert "1 clip moved aside in vaults, " in capsys.readouterr().err


def test_without_a_daemon_nothing_is_restored(moved: Dock) -> None:
    assert moved.run("clips", "restore", VERIFIED, "--reason", "complaint") == 3
