"""Does the report of each clip have every file of it that rotted, and no other clip's?

The real pipeline, spool, vault and verification. Which files rot, and when, is drawn; what must be in the
reports follows from that alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bwvdock.cli.statement.command import compose
from bwvdock.cli.statement.faults import KnownFaults
from bwvdock.cli.statement.text import as_text
from bwvdock.core.facts import ClipFound
from bwvdock.edges.journal import JournalReader
from tests.cli.custody_command import verify_dock_at
from tests.extent import EXTENT, Extent
from tests.fakes.camera import camera_with
from tests.fakes.station import Station
from tests.places import in_memory

pytestmark = pytest.mark.slow


class Rot(Enum):
    """When a copy rots."""

    NEVER = "never"
    BEFORE_UPLOAD = "in the spool, before it was read for the vault"
    SPOOL = "in the spool, after the vault's copy was proven"
    VAULT = "in the vault, after it was proven"


Fate = tuple[Rot, int]
"""When which part of a clip rots: 0 is the footage, 1 its sidecar."""


class Dock:
    """A dock that has copied three clips; uploads wait until they are told."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.station = Station(root, held_up=("upload vault",))
        self.station.enrol()
        names = [f"{number}.{extension}" for number in range(3) for extension in ("MP4", "GPS")]
        self.station.visit(camera_with({f"DCIM/100TEST/{name}": name.encode() * 99 for name in names}))
        self.clips = [fact.clip for fact in self.station.facts if isinstance(fact, ClipFound)]

    def rot(self, place: str, clip: str, part: int) -> None:
        """Change a bit of a copy, and of that one alone."""
        [path] = (self.root / place).rglob(f"{clip}.{part}.[mg]p[4s]")
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.unlink()
        path.write_bytes(content)

    def upload(self) -> None:
        for _ in range(4):
            self.station.held_up["upload vault"].go_on(self.station.inbox.put)
            self.station.turn()

    def verify(self) -> int:
        return verify_dock_at(self.root)

    def report(self, clip: str) -> str:
        """Return the report's part on errors, as one line."""
        with JournalReader(self.root / "journal.sqlite3") as reader:
            row, story = reader.clip_row(clip), reader.story(clip)
        assert row is not None
        assert story is not None
        made = as_text(compose(row, story, made=[], faults=KnownFaults(reviewed="")))
        _, _, wrong = " ".join(made.split()).partition("Errors, retries, restarts")
        return wrong.partition("Who looked at it")[0]


@settings(max_examples=5 if EXTENT is not Extent.NIGHTLY else 100)
@given(st.lists(st.tuples(st.sampled_from(Rot), st.integers(0, 1)), min_size=3, max_size=3))
@example([(Rot.BEFORE_UPLOAD, 0), (Rot.VAULT, 1), (Rot.NEVER, 0)])
@example([(Rot.BEFORE_UPLOAD, 1), (Rot.SPOOL, 0), (Rot.VAULT, 0)])
def test_every_file_that_rots_is_in_the_report_of_its_clip_alone(fates: Sequence[Fate]) -> None:
    with TemporaryDirectory(dir=in_memory()) as folder:
        dock = Dock(Path(folder))
        happens = list(zip(dock.clips, fates, strict=True))
        for clip, (rot, part) in happens:
            if rot is Rot.BEFORE_UPLOAD:
                dock.rot("spool", clip, part)
        dock.upload()
        for clip, (rot, part) in happens:
            if rot in {Rot.SPOOL, Rot.VAULT}:
                dock.rot("spool" if rot is Rot.SPOOL else "vault", clip, part)
        assert dock.verify() == (4 if any(rot is not Rot.NEVER for rot, _ in fates) else 0)
        for clip, (rot, _) in happens:
            said = dock.report(clip)
            noticed = "because the spool had no copy that matches the hash taken at ingest" in said
            assert noticed == (rot is Rot.BEFORE_UPLOAD), (rot, said)
            assert ("found this wrong with the clip" in said) == (rot is not Rot.NEVER), (rot, said)
            if rot is not Rot.NEVER:
                assert ("vault" if rot is Rot.VAULT else "spool") in said
        dock.station.journal.close()
        dock.station.spool.close()
