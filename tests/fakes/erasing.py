"""What the tests of erasing share: a dock that erases, and a camera on which something happens meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bwvdock.core.facts import ClipFound, ClipHeld, SourceFile
from bwvdock.core.ports import CameraFile, Destination
from bwvdock.core.ports.erasing import Erasure
from bwvdock.edges.journal.verify.verify import verify_journal
from tests.fakes.camera import FakeSource, FakeVolume, camera_with
from tests.fakes.station import Station

A, B, B_GPS, C = (f"DCIM/100TEST/{name}" for name in ("A.MP4", "B.MP4", "B.GPS", "C.MP4"))
CLIPS = {A: b"first" * 1000, B: b"second" * 70_000, B_GPS: b"$GPRMC,101500,A*00\n", C: b"third"}
FOREIGN = {"settings.ini": b"volume=3", "MISC/notes.txt": b"not ours"}


class ErasingStation(Station):
    """A dock whose configuration says erase = "after-verified", at which one camera is enrolled."""

    def __init__(
        self,
        root: Path,
        *,
        destinations: Sequence[Destination] | None = None,
        required: Mapping[str, bool] | None = None,
    ) -> None:
        super().__init__(root, destinations=destinations, required=required, erases=True)
        self.enrol()

    def later(self, seconds: int = 60) -> None:
        """Let time pass: longer than a bay rests."""
        self.clock.ms += seconds * 1000
        self.turn()

    def hold(self, path: str) -> None:
        self.ledger.record([ClipHeld(clip=self.clip_of(path), reason="inquiry", actor="0:root")])

    def clip_of(self, path: str) -> str:
        return next(f.clip for f in self.facts if isinstance(f, ClipFound) and f.files[0].path == path)

    def reason(self, path: str) -> str:
        clip = self.journal.clip(self.clip_of(path))
        assert clip is not None
        return clip.quarantine


def camera() -> FakeVolume:
    return camera_with({**CLIPS, **FOREIGN})


@dataclass(kw_only=True)
class HookedVolume(FakeVolume):
    """Tells when a file is about to be opened (the n-th time) or erased; something can happen then."""

    on_open: Callable[[str, int], None] = lambda path, count: None
    on_erase: Callable[[str], None] = lambda path: None
    opened: dict[str, int] = field(default_factory=dict)

    def open(self, file: CameraFile, *, offset: int = 0) -> FakeSource:
        self.opened[file.path] = self.opened.get(file.path, 0) + 1
        self.on_open(file.path, self.opened[file.path])
        return super().open(file, offset=offset)

    def _erase(self, file: SourceFile) -> Erasure:
        self.on_erase(file.path)
        self.prove()
        return super()._erase(file)


def hooked(files: dict[str, bytes] | None = None) -> HookedVolume:
    made = camera_with({**CLIPS, **FOREIGN} if files is None else files)
    return HookedVolume(files=made.files)


def check_that_each_erasure_was_announced(station: Station) -> None:
    """No clip is released, nor gone, without its entry before."""
    kinds = [(fact.kind, getattr(fact, "clip", "")) for fact in station.facts]
    for kind, clip in kinds:
        if kind == "clip_released":
            assert kinds.index(("release_intended", clip)) < kinds.index((kind, clip))
            assert kinds.index(("clip_verified", clip)) < kinds.index(("release_intended", clip))
    assert verify_journal(station.root / "journal.sqlite3").ok
