"""Does what is printed fit the terminal, with no word, id or hash cut?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bwvdock.cli.output.console import cells
from bwvdock.core.facts import ClipHeld, UploadAttempts, ValuesErased
from bwvdock.edges.journal import open_journal
from tests.cli.docks import QUARANTINED, VERIFIED, Dock, used_dock
from tests.cli.terminals import typed
from tests.cli.test_consultation import daemon
from tests.edges.journal import stories as tell
from tests.fakes.clock import FakeClock
from tests.fakes.signed import sign
from tests.fakes.signer import FakeSigner

pytestmark = pytest.mark.slow

WHY = ("--reason", "disclosure to the defence in the case that is described at length in the file C-7/2026")
LONG = "the investigation of what was said to have happened at the corner of Long Street and Longer Lane"
WIDTHS = (80, 120)


@pytest.fixture
def told(tmp_path: Path) -> Dock:
    """Return a dock of which much is to be said: signed, damaged, with values erased and a long story."""
    dock = used_dock(tmp_path)
    stored = tell.ask(dock.config.journal, "SELECT commitment FROM private WHERE field = 'path'")
    with open_journal(dock.config.journal, FakeClock(ms=2_000_000)) as journal:
        journal.append(
            [
                *(ClipHeld(clip=clip, reason=LONG, actor="1000:ann") for clip in (VERIFIED, QUARANTINED)),
                ValuesErased(
                    field="path",
                    commitments=tuple(one for (one,) in stored[:1]),
                    basis=LONG,
                    actor="1000:ann",
                ),
                UploadAttempts(
                    clip=QUARANTINED,
                    destination="vault",
                    attempts=7,
                    first_at="2026-03-14T10:15:00.000Z",
                    last_at="2026-03-14T11:15:00.000Z",
                    causes=("unavailable", "refused"),
                    last_reason=LONG,
                    bytes_passed=7,
                    bytes_again=7,
                    outcome="pending",
                ),
            ]
        )
        sign(journal, dock.config.journal, FakeSigner())
    (dock.vault / "a-file-of-somebody-else-with-a-name-that-is-rather-long-for-a-file.txt").write_text("x")
    return dock


def misfits(lines: list[str], columns: int) -> list[str]:
    """Return the lines that are too long though they could be broken, and those in which a hash is cut."""
    wide = [line for line in lines if cells(line) > columns and len(line.split()) > 1]
    hashes = [word for line in lines for word in re.findall(r"(?<![\w/])[0-9a-f]{17,}(?!\w)", line)]
    return wide + [word for word in hashes if len(word) not in {32, 64, 128}]


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize(
    "command",
    [
        ("custody", "verify"),
        ("custody", "verify", "--journal-only"),
        ("clips", "show", VERIFIED),
        ("clips", "show", QUARANTINED),
    ],
    ids=" ".join,
)
def test_the_same_words_are_on_a_terminal_whatever_its_width(
    told: Dock, capfd: pytest.CaptureFixture[str], command: tuple[str, ...], columns: int
) -> None:
    assert told.run(*command) == 0
    piped = capfd.readouterr().out
    assert any(cells(line) > columns for line in piped.splitlines()), "then this proves nothing"
    ended, lines = typed([*command, "--config", str(told.config.file)], columns)
    assert (ended, misfits(lines, columns)) == (0, [])
    assert " ".join(lines).split() == piped.split()


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_failed_verification_fits_too(told: Dock, columns: int) -> None:
    told.spooled(VERIFIED).chmod(0o600)
    told.spooled(VERIFIED).write_bytes(b"rotten")
    told.vaulted(QUARANTINED).unlink()
    ended, lines = typed(["custody", "verify", "--config", str(told.config.file)], columns)
    assert (ended, misfits(lines, columns)) == (4, [])
    assert "spool_file" in " ".join(lines)


@pytest.mark.parametrize("columns", WIDTHS)
def test_reports_and_exports_fit_too(told: Dock, tmp_path: Path, columns: int) -> None:
    end = ("--config", str(told.config.file))
    with daemon(told):
        for command in (
            ("clips", "show", QUARANTINED, *WHY),
            ("custody", "report", QUARANTINED, *WHY),
            ("custody", "export", VERIFIED, "--to", str(tmp_path / "out"), *WHY),
        ):
            ended, lines = typed([*command, *end], columns)
            assert (ended, misfits(lines, columns)) == (0, []), command
            assert len("".join(lines)) > 80, "something is said"
