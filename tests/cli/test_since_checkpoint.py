# ruff: noqa: S608 - forging statements is what these tests do
"""What does a verification see that reads only what is new, and does it say what it does not see?"""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.core.facts import ClipFlagged, ClipReleased, DockStarted, Fact
from tests.cli.docks import QUARANTINED, VERIFIED, Dock, used_dock
from tests.cli.test_custody import verify
from tests.edges.journal import stories as tell

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]
_NEW: list[Fact] = [
    DockStarted(dock="LEW-03", version="1", sqlite_version="3", config_sha256="c"),
    ClipFlagged(clip=VERIFIED, reason="r", case="", actor="ops"),
    ClipReleased(clip=VERIFIED, kept=True),
]


@pytest.fixture
def dock(tmp_path: Path, capsys: Capture) -> Dock:
    """A dock that was verified, and on which something happened since."""
    made = used_dock(tmp_path)
    assert made.run("custody", "verify") == 0
    made.record(*_NEW, later=1000)
    capsys.readouterr()
    return made


def test_it_says_what_it_did_not_read_again(dock: Dock, capsys: Capture) -> None:
    assert dock.run("custody", "verify", "--since-checkpoint") == 0
    said = capsys.readouterr().out
    assert "Entries 0 to" in said
    assert "were not read again: they were found in order on" in said
    found = verify(dock, capsys, "--since-checkpoint", code=0)
    assert found["root"] == verify(dock, capsys, code=0)["root"]


def test_without_an_earlier_one_all_is_read(tmp_path: Path, capsys: Capture) -> None:
    dock = used_dock(tmp_path)
    assert verify(dock, capsys, "--since-checkpoint", code=0)["remarks"] == []


@pytest.mark.parametrize(
    "statement,code",
    [
        (
            "UPDATE entry SET leaf = replace(leaf, 'LEW-0', 'LEW-1') WHERE seq > 3 AND kind = 'dock_started'",
            "entry_hash",
        ),
        ("DELETE FROM entry WHERE seq = (SELECT max(seq) FROM entry)", "tree"),
        ("DELETE FROM entry WHERE seq > 3", "entry_missing"),
        (f"UPDATE entry SET leaf_hash = x'{'ab' * 32}' WHERE seq = 3", "tree"),
        (f"UPDATE clip SET state = 'retired' WHERE id = '{VERIFIED}'", "projection"),
        ("UPDATE tree SET size = size - 1", "tree"),
        ("CREATE TRIGGER planted AFTER INSERT ON entry BEGIN DELETE FROM private; END", "schema"),
    ],
)
def test_what_is_new_and_the_roots_of_what_is_not_are_checked(
    dock: Dock, capsys: Capture, statement: str, code: str
) -> None:
    tell.tamper(dock.config.journal, statement)
    found = verify(dock, capsys, "--journal-only", "--since-checkpoint", code=4)
    assert code in {problem["code"] for problem in found["problems"]}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET leaf = replace(leaf, 'LEW-03', 'LEW-04') WHERE seq = 0",
        f"UPDATE clip SET state = 'retired' WHERE id = '{QUARANTINED}'",
        "UPDATE private SET value = 'x' WHERE field = 'actor' AND value = '0:root'",
    ],
)
def test_a_change_of_what_was_read_before_is_not_seen_and_a_full_one_sees_it(
    dock: Dock, capsys: Capture, statement: str
) -> None:
    tell.tamper(dock.config.journal, statement)
    verify(dock, capsys, "--journal-only", "--since-checkpoint", code=0)
    verify(dock, capsys, "--journal-only", code=4)
    verify(dock, capsys, "--journal-only", "--since-checkpoint", code=0)
    dock.run("status", "--json")
    assert "custody-failed" in capsys.readouterr().out, "what did not look there clears nothing"
