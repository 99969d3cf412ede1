"""The journal that was kept from the version that wrote entries of version 1: one of every kind."""

from __future__ import annotations

import lzma
from datetime import UTC, datetime
from pathlib import Path

from bwvdock.core.facts import (
    CameraDetached,
    CameraEnrolled,
    CameraRefused,
    CameraRevoked,
    ClipFlagged,
    DockInitialised,
    Fact,
)
from bwvdock.edges.journal import Journal, open_journal
from tests.edges.journal import stories as tell

FILE = Path(__file__).parents[3] / "fixtures" / "state" / "entries-1.sqlite3.xz"
ENTRIES = 77
ROOT = "ecd6db1a9d9c9bdd72511843961bccaeb489673abbd2173233cb9938ed934286"
NAMED, REVOKED = "SECRET-CAM-1", "SECRET-CAM-2"  # the camera whose model was typed, and the one revoked
MODEL, REASON = "PLAIN PC Smith's X100", "PLAIN stolen from PC Smith's car"
CLIP = "01m8gz2hf1cccccccc"
_LATER = datetime(2026, 12, 1, tzinfo=UTC)


def lay(path: Path) -> Path:
    """Lay it to `path`."""
    path.write_bytes(lzma.decompress(FILE.read_bytes()))
    return path


def reopened(path: Path) -> Journal:
    """Open it for writing as a dock that was upgraded does."""
    clock = tell.SteadyClock(boot="another-boot", born=_LATER)
    return open_journal(path, clock, random=tell.seeded(tell.entries(path)))


def continued() -> list[Fact]:
    """Tell what people said, and what a dock did, since the upgrade."""
    docking, clip = "01m8r0000000000000000000dk", "01m8r0000000000000000000c1"
    return [
        DockInitialised(dock="LEW-03", version="1", reason="TYPED a vault burnt", actor="1000:SECRET-ops"),
        tell.started(),
        CameraEnrolled(camera=REVOKED, model="TYPED PC Jones's X200", actor="1000:SECRET-ops"),
        CameraRevoked(camera=NAMED, reason="TYPED lent to PC Jones", actor="1000:SECRET-ops"),
        *tell.attached(docking, camera="SECRET-CAM-1", bay="1-2.2")[:1],
        CameraRefused(docking=docking, reason="revoked"),
        CameraDetached(docking=docking, reason="removed", residual=0, complete=False),
        *tell.whole_docking("01m8r0000000000000000000d2", [1]),
        ClipFlagged(clip=CLIP, reason="TYPED Mrs Smith", case="TYPED/27", actor="1000:SECRET-ops"),
        *tell.attached("01m8r0000000000000000000d3", camera=REVOKED),
        tell.found(clip, "01m8r0000000000000000000d3", 9, camera=REVOKED),
    ]
