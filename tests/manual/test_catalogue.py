"""Does `journalctl -x` explain each message: what it means, and what to do?"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from bwvdock import log
from bwvdock.edges.journald import encode, fields_of
from bwvdock.edges.journald.messages import ALERTS, EVENTS, FACTS
from manual.catalogue import catalogue, meanings

_REMOTE = "/lib/systemd/systemd-journal-remote"
_REMEDY = "bwvdock dispose --proven --dry-run"
_DATABASE = "/var/lib/systemd/catalog"


@cache
def built() -> str:
    return catalogue()


def test_each_message_is_explained_once() -> None:
    ids = re.findall(r"^-- ([0-9a-f]{32})$", built(), re.MULTILINE)
    assert sorted(ids) == sorted([*ALERTS.values(), *(m.id for m in EVENTS.values()), *FACTS.values()])
    assert len(re.findall(r"^Subject: .+\nDefined-By: bwvdock\n", built(), re.MULTILINE)) == len(ids)
    bodies = re.findall(r"^Documentation: [^\n]+\n\n(.)", built(), re.MULTILINE)
    assert len(bodies) == len(ids)


def test_each_alert_has_its_meaning_and_its_remedy() -> None:
    assert set(meanings()) == set(ALERTS)
    for entry in built().split("\n-- ")[: len(ALERTS)]:
        assert "What it means: " in entry
        assert "What to do:\n@REMEDY@\n" in entry
        assert "|" not in entry


def test_a_message_that_the_catalogue_advises_on_always_has_a_remedy() -> None:
    for name, message in EVENTS.items():
        without, with_one = fields_of({"event": name}, "m"), fields_of({"event": name, "remedy": "r"}, "m")
        assert without.get("REMEDY", "") == ("bwvdock status" if message.advises else "")
        assert with_one["REMEDY"] == "r"
        [entry] = [text for text in built().split("\n-- ") if text.startswith(message.id)] or [""]
        assert ("@REMEDY@" in entry) is message.advises


def _event(**told: str) -> bytes:
    """Return an event as journald's export format has it."""
    event = log.guard(None, "", log.add_sentence(None, "", dict(told)))
    fields = fields_of(event, log.message_of(event))
    head = "__REALTIME_TIMESTAMP=1772344800000000\n__MONOTONIC_TIMESTAMP=1000\n"
    return f"{head}_BOOT_ID={'a' * 32}\n_MACHINE_ID={'b' * 32}\n".encode() + encode(fields) + b"\n"


def _database(root: Path) -> None:
    """Have journalctl compile the catalogue for a root folder, as Debian's systemd does after the package."""
    if not shutil.which("journalctl"):
        pytest.skip("systemd is not installed")
    for folder in ("usr/lib/systemd/catalog", "var/lib/systemd/catalog"):
        (root / folder).mkdir(parents=True)
    (root / "usr/lib/systemd/catalog/bwvdock.catalog").write_text(built(), encoding="utf-8")
    done = subprocess.run(
        ["journalctl", "--update-catalog", f"--root={root}"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_journalctl_takes_all_of_it(tmp_path: Path) -> None:
    _database(tmp_path)
    listed = subprocess.run(
        ["journalctl", "--list-catalog", f"--root={tmp_path}"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert len(listed) == len(ALERTS) + len(EVENTS) + len(FACTS)
    assert all(re.match(r"[0-9a-f]{32} bwvdock: ", line) for line in listed)


@pytest.mark.slow
@pytest.mark.needs_root
def test_journalctl_x_explains_an_alert_with_the_remedy_of_that_very_one(tmp_path: Path) -> None:
    if os.geteuid() != 0 or not Path(_REMOTE).exists() or not Path(_DATABASE).is_dir():
        pytest.skip("needs root and systemd-journal-remote")
    _database(tmp_path)
    (tmp_path / "export").write_bytes(
        _event(event="alert_raised", code="spool-full", level="error", alert="It is full.", remedy=_REMEDY)
        + _event(event="alert_raised", code="paused", level="warning", alert="Paused.", remedy="long " * 399)
    )
    file = tmp_path / "out.journal"
    subprocess.run([_REMOTE, "-o", file, tmp_path / "export"], capture_output=True, check=True)
    script = f'mount --bind "$1" {_DATABASE} && journalctl -x --no-pager --file "$2"'
    there = tmp_path / "var/lib/systemd/catalog"
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, "sh", there, file],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Subject: Alert spool-full (error)" in done.stdout
    assert f"What to do:\n░░ {_REMEDY}\n" in done.stdout
    assert "long " * 398 in done.stdout
