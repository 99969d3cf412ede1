"""Docks to be checked, on a fake machine, with a daemon that says what a test wants."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from bwvdock import __version__
from bwvdock.core.custody.summary import JournalSummary
from bwvdock.doctor.checkup import Installation, probes_of
from bwvdock.doctor.findings import Check, Finding
from bwvdock.doctor.probing import carry_out
from bwvdock.status.report import report
from bwvdock.status.values import Live, LiveDestination, SpoolUse, StatusReport
from tests.cli.docks import Dock, new_dock
from tests.fakes.machine import NOW, FakeMachine

COUNTY = """[[destination]]
name = "county"
kind = "tus"
url = "https://evidence.example.org/files/"
"""
OWN = 'client_cert = "dock-cert"\nclient_key = "dock-key"\n'  # systemd credentials
VAULT = '[[destination]]\nname = "vault"\nkind = "directory"\npath = "{folder}/vault"\n'
SUMMARY = JournalSummary(
    entries=7,
    root="ab" * 32,
    clips={},
    queue_clips=0,
    queue_bytes=0,
    queue_oldest_at=None,
    last_receipts={},
    paused=False,
    running=True,
    started_at="2026-03-13T05:00:00.000Z",
    verified_at="2026-03-14T02:00:00.000Z",
)
LIVE = Live(
    started_at="2026-03-13T05:00:00.000Z",
    version=__version__,
    destinations=(
        LiveDestination(name="vault", kind="directory", reachable=True, method="read-back"),
        LiveDestination(name="county", kind="tus", reachable=True, method="sha256"),
    ),
    spool=SpoolUse(bytes=10, free_bytes=2**40),
)


def installation(folder: Path, machine: FakeMachine, **changes: Any) -> Installation:  # noqa: ANN401
    """Return a dock with a vault and a store on the network, of which all is well.

    `live` and `summary` say what its daemon and its journal say, `more` is in the table of the store; other
    changes are of the Installation.
    """
    (folder / "vault").mkdir()
    county = COUNTY + changes.pop("more", "")
    more = f'disk_encryption = "expected"\n{VAULT.format(folder=folder)}{county}'
    config = new_dock(folder, more).config
    live, summary = changes.pop("live", LIVE), changes.pop("summary", SUMMARY)

    def status() -> StatusReport:
        return report(summary, live, config, now=NOW)

    known = Installation(machine=machine, config=config, status=status, reviewed="2026-03-01")
    return replace(known, **changes)


def found_by(dock: Installation) -> list[Finding]:
    """Return what is found on a dock."""
    return carry_out(probes_of(dock))


def of(found: Iterable[Finding], check: Check) -> list[Finding]:
    """Return the results of one check."""
    return [finding for finding in found if finding.check is check]


def well_dock(folder: Path) -> Dock:
    """Return a dock of which nothing is wrong but that its daemon is not running."""
    (folder / "vault").mkdir()
    made = new_dock(folder, VAULT.format(folder=folder) + COUNTY)
    made.record()
    return made
