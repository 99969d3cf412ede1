"""Is footage that no store has proven known when the package goes, and is it not purged then?"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from bwvdock.core.clips.states import ClipState
from tests.architecture.tree import ROOT

NAMED = '[dock]\nid = "LEW-03"\n'


@pytest.fixture(name="etc")
def _etc(tmp_path: Path) -> Path:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "bwvdock.toml").write_text(NAMED)
    return tmp_path / "etc"


def note(etc: Path, status: str) -> str:
    """Carry out `note_unproven` of the prerm where `bwvdock status --json` prints this; return its note."""
    script = (ROOT / "packaging/deb/prerm").read_text(encoding="utf-8")
    [function] = re.findall(r"^note_unproven\(\) \{\n.*?^\}$", script, re.MULTILINE | re.DOTALL)
    (etc.parent / "status").write_text(status)
    runuser = etc.parent / "runuser"
    runuser.write_text(f"#!/bin/sh\ncat {etc.parent}/status\nexit 3\n")  # no daemon runs
    runuser.chmod(0o755)
    subprocess.run(
        ["sh", "-ec", function.replace("/etc/bwvdock", str(etc)) + "\nnote_unproven"],
        check=True,
        env=os.environ | {"PATH": f"{etc.parent}:{os.environ['PATH']}"},
    )
    kept = etc / "unproven-footage"
    return kept.read_text() if kept.exists() else ""


def counted(**clips: int) -> str:
    return json.dumps({"clips": dict.fromkeys(ClipState, 0) | clips})


@pytest.mark.slow
@pytest.mark.few(1)
@pytest.mark.parametrize("state", [ClipState.ACQUIRED, ClipState.UPLOADED, ClipState.QUARANTINED])
def test_a_clip_that_no_store_has_proven_is_noted(etc: Path, state: ClipState) -> None:
    assert "bwvdock: 2 clips on this dock are not proven" in note(etc, counted(verified=7, **{state: 2}))


@pytest.mark.slow
def test_proven_footage_and_a_dock_that_was_never_used_are_not(etc: Path) -> None:
    assert note(etc, counted(found=1, verified=7, releasing=1, released=9, retired=4)) == ""
    (etc / "bwvdock.toml").write_text('[dock]\nid = "UNSET"\n')
    assert note(etc, "") == ""


@pytest.mark.slow
def test_an_earlier_note_does_not_outlive_what_it_says(etc: Path) -> None:
    assert note(etc, counted(acquired=1))
    assert note(etc, counted(verified=1)) == ""


@pytest.mark.slow
@pytest.mark.few(1)
@pytest.mark.parametrize("said", ["", "{}", '{"clips": {}}'])
def test_a_journal_that_cannot_be_read_is_taken_for_unproven(etc: Path, said: str) -> None:
    assert "it is not known" in note(etc, said)


def test_purge_asks_the_note_first() -> None:
    script = (ROOT / "packaging/deb/postrm").read_text(encoding="utf-8")
    purge = script[script.index('"$1" = purge') :]
    assert purge.index("exit 1") < purge.index("db_purge") < purge.index("rm -rf /etc/bwvdock")


def purge(etc: Path) -> subprocess.CompletedProcess[str]:
    """Carry out the postrm, as dpkg does for a purge, on a folder in the place of /etc/bwvdock."""
    script = (ROOT / "packaging/deb/postrm").read_text(encoding="utf-8")
    for place in ("/etc/bwvdock", "/var/lib/bwvdock", "/usr/share/debconf", "/run/systemd"):
        script = script.replace(place, str(etc) if place == "/etc/bwvdock" else f"{etc.parent}/none{place}")
    helper = etc.parent / "deb-systemd-helper"
    helper.write_text("#!/bin/sh\n")
    helper.chmod(0o755)
    return subprocess.run(
        ["sh", "-c", script, "postrm", "purge"],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"PATH": f"{etc.parent}:{os.environ['PATH']}"},
    )


@pytest.mark.slow
def test_a_purge_is_refused_while_there_is_a_note_and_takes_nothing(etc: Path) -> None:
    """With the real dpkg: tests/vm/test_package.py."""
    said = note(etc, counted(acquired=5))
    (etc / "county.token").write_text("secret")
    refused = purge(etc)
    assert refused.returncode == 1
    assert said in refused.stderr
    assert (etc / "county.token").read_text() == "secret"
    assert (etc / "bwvdock.toml").read_text() == NAMED
    (etc / "unproven-footage").unlink()
    assert purge(etc).returncode == 0
    assert not etc.exists()
