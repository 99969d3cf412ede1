"""Does every command that is given a place which its user may not use say so, and what to type?"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.docks import VERIFIED, used_dock
from tests.places import code_for_all, open_to_all

NOBODY = 65534
# Each command that is given a place: a folder that is another user's. So is the dock's own, in all of them.
GIVEN = (
    "backup CLOSED",
    "backup check CLOSED",
    "backup restore CLOSED --to CLOSED/dock",
    "cameras assign --import CLOSED/list.csv",
    "cameras enrol --import CLOSED/list.csv",
    "config check --config CLOSED/none.toml",
    "custody checkpoint --out CLOSED/note",
    f"custody export {VERIFIED} --reason R --to CLOSED/package",
    "custody verify --documents CLOSED/documents",
    "demo --keep CLOSED/demo",
    "events import CLOSED/list.csv",
    "plan --cameras 4 --svg CLOSED/day.svg",
    "report figures --format html --to CLOSED/page.html",
    "status",
    "support-bundle --to CLOSED/bundle",
    "witness evidence --state CLOSED/witness",
    "witness init --state CLOSED/witness --name w.example.org/x",
    "witness serve --state CLOSED/witness",
    "witness status --state CLOSED/witness",
)


@pytest.fixture(scope="module", name="places")
def _places() -> Iterator[tuple[Path, dict[str, str]]]:
    """A dock and a folder that are root's alone, and the environment of somebody else."""
    with open_to_all() as folder:
        code = code_for_all(folder)
        made = folder / "dock"
        made.mkdir(0o755)
        config = used_dock(made).config
        config.file.chmod(0o644)
        config.state_dir.chmod(0o700)
        closed = folder / "closed"
        (closed / "witness").mkdir(parents=True)
        (closed / "list.csv").write_text("serial\nBC3-0017542\n", encoding="utf-8")
        closed.chmod(0o700)
        yield closed, {**code, "BWVDOCK_CONFIG": str(config.file), "HOME": "/nonexistent"}


@pytest.mark.slow
@pytest.mark.needs_root
@pytest.mark.parametrize("given", GIVEN)
def test_it_is_said_in_words(places: tuple[Path, dict[str, str]], given: str) -> None:
    closed, environment = places
    ended = subprocess.run(
        [sys.executable, "-m", "bwvdock", *given.replace("CLOSED", str(closed)).split()],
        env=environment,
        cwd=closed.parent,
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        check=False,
        capture_output=True,
        text=True,
    )
    assert ended.returncode in {1, 2, 78}, ended.stdout
    first, *remedy = ended.stderr.splitlines()
    assert first.startswith("bwvdock: "), ended.stderr
    assert "ay not" in first or "Permission denied" in first, ended.stderr
    assert "".join(remedy).strip(), ended.stderr
    assert os.fspath(closed) in ended.stderr or "dock/state" in ended.stderr, ended.stderr
