"""`bwvdock demo`: the whole process on this machine, without hardware or root.

Two simulated cameras with real video, the real pipeline, journal, spool and vault. Only USB is simulated:
each camera is a folder, and the pipeline gets the messages that udev would have caused.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from bwvdock.bays.access import VolumesOnly
from bwvdock.config.settings import load
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState, DockingState
from bwvdock.core.facts import ClipQuarantined, Fact
from bwvdock.core.media.sightings import CameraArrived, CameraLeft, Sighting, Transport, VolumeArrived
from bwvdock.core.ports import CameraVolume, Clock
from bwvdock.demo.footage import write_clip
from bwvdock.edges.cameras.folder import FolderVolume, Settling
from bwvdock.edges.system import SystemClock, hold_dock
from bwvdock.errors import BwvdockError, StorageError, UsageError
from bwvdock.service.from_config import ConfiguredDock, dock_from_config
from bwvdock.status.values import CameraState, LiveCamera
from bwvdock.units import format_count, format_size

_CLIP_BYTES = 12_600_000
_SECONDS_BETWEEN_CLIPS = 900
_GIVE_UP_SECONDS = 300
_CONFIG = """\
# Written by `bwvdock demo`. Look around with:
#   bwvdock --help
#   bwvdock clips list --config {config}
[dock]
id = "DEMO-01"
site = "Your desk"
state_dir = "{state}"

[spool]
min_free = "64 MiB"
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulatedCamera:
    """A folder in the role of a camera: its bay, its serial, and its clips."""

    bay: str
    serial: str
    model: str
    folder: Path
    clips: tuple[str, ...]

    @property
    def sighting(self) -> Sighting:
        """What udev would have reported."""
        return Sighting(
            key=str(self.folder),
            bay=self.bay,
            serial=self.serial,
            transport=Transport.FOLDER,
            model=self.model,
        )


Command = Callable[[list[str]], int]


def run_demo(keep: Path | None, command: Command) -> int:
    """Run the demonstration; return the exit code of its `custody verify`.

    Args:
        command: runs one of the other commands, as typed.
        keep: the folder to work in and to keep; None for a temporary folder that is removed.

    Raises:
        UsageError: `keep` is not empty, or cannot be used.
        BwvdockError: a step failed, and why.
    """
    with _folder(keep) as root:
        config_file = root / "bwvdock.toml"
        (root / "state").mkdir()
        config_file.write_text(_CONFIG.format(config=config_file, state=root / "state"), encoding="utf-8")
        cameras = _record(root)
        _say(f"\nDocking {len(cameras)} cameras. From here on everything is the real pipeline.\n")
        began = time.monotonic()
        _dock(config_file, cameras)
        _say(f"\nAll clips verified {time.monotonic() - began:.1f} s after docking. From the journal:\n")
        code = _account(config_file, command)
        if keep is not None:
            program = "bwvdock" if shutil.which("bwvdock") else f"{sys.executable} -m bwvdock"
            look = f"{program} clips list --config {shlex.quote(str(config_file))}"
            _say(f"\nKept in {root}. Look around: {look}")
        return code


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="bwvdock-demo-", ignore_cleanup_errors=True) as name:
            yield Path(name)
        return
    another = "Name a folder that is empty or not there yet: bwvdock demo --keep DIR"
    try:
        keep.mkdir(parents=True, exist_ok=True)
        used = any(keep.iterdir())
        with tempfile.TemporaryFile(dir=keep):  # what is recorded can be written there
            pass
    except OSError as error:
        raise UsageError(f"{keep} cannot be used: {error.strerror}.", remedy=another) from error
    if used:
        raise UsageError(
            f"{keep} is not empty, and the demonstration does not overwrite anything.", remedy=another
        )
    yield keep.resolve()


def _record(root: Path) -> list[SimulatedCamera]:
    """Create two cameras with real H.264 video."""
    room = shutil.disk_usage(root).free
    needed = 16 * _CLIP_BYTES * 2 + 128 * 1024 * 1024
    if room < needed:
        raise StorageError(
            f"The demonstration needs {format_size(needed)} in {root}, but only {format_size(room)} is free.",
            remedy="Use another folder: bwvdock demo --keep DIR (or set TMPDIR)",
        )
    _say("Recording video on two simulated cameras …")
    cameras = [_generic(root / "camera-1"), _with_sidecars(root / "camera-2")]
    total = sum(f.stat().st_size for c in cameras for f in c.folder.rglob("*") if f.is_file())
    _say(f"  {sum(len(c.clips) for c in cameras)} clips, {format_size(total)} of real H.264 video.")
    return cameras


def _generic(folder: Path) -> SimulatedCamera:
    names = tuple(f"DCIM/100BWVID/BWV_{n:04}.MP4" for n in range(1, 9))
    return _camera(folder, names, bay="1-1", serial="DEMO-BWV-0001", model="Simulated DCF camera", seed=100)


def _with_sidecars(folder: Path) -> SimulatedCamera:
    names = tuple(f"Record/20261121_06{n:02}00_N.mp4" for n in range(8))
    camera = _camera(
        folder, names, bay="1-2", serial="DEMO-BWV-0002", model="Simulated camera with GPS", seed=200
    )
    for name in names:
        track = f"$GPRMC,06{name[-8:-6]}00,A,5127.6,N,00001.2,W,0.0,,211126,,*00\r\n" * 20
        (folder / name).with_suffix(".gps").write_text(track, encoding="ascii")
    return camera


def _camera(
    folder: Path, names: tuple[str, ...], *, bay: str, serial: str, model: str, seed: int
) -> SimulatedCamera:
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_clip(path, _CLIP_BYTES, seed=seed + number)
        recorded = time.time() - _SECONDS_BETWEEN_CLIPS * (len(names) - number)
        os.utime(path, (recorded, recorded))
    return SimulatedCamera(bay=bay, serial=serial, model=model, folder=folder, clips=names)


def _dock(config_file: Path, cameras: list[SimulatedCamera]) -> None:
    config = load(config_file)
    config.run_dir.mkdir(exist_ok=True)
    clock = SystemClock()
    watch = _Watch(sys.stdout)
    with (
        hold_dock(config.state_dir),
        dock_from_config(
            config,
            clock=clock,
            access=VolumesOnly(lambda sighting, _: _open(sighting, clock)),
            tell=watch.tell,
        ) as configured,
    ):
        configured.open()
        for camera in cameras:
            configured.dock.inbox.put(CameraArrived(sighting=camera.sighting))
            configured.dock.inbox.put(
                VolumeArrived(key=str(camera.folder), device=str(camera.folder), name="folder")
            )
        _until(configured, watch, lambda: _all_verified(configured, cameras))
        for camera in cameras:
            configured.dock.inbox.put(CameraLeft(key=str(camera.folder)))
        _until(configured, watch, lambda: not configured.dock.dockings.bays)
        configured.dock.stop()


def _open(sighting: Sighting, clock: Clock) -> CameraVolume:
    # No file is still being written here, so there is nothing to wait for.
    return FolderVolume(sighting.key, settling=Settling(clock, settle_ms=0))


def _until(configured: ConfiguredDock, watch: _Watch, reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _GIVE_UP_SECONDS
    while not reached():
        configured.dock.turn(timeout=0.1)
        watch.show(configured)
        if watch.quarantined or time.monotonic() > deadline:
            raise BwvdockError(
                watch.quarantined or "The clips were not verified within five minutes.",
                remedy="Run it again with --keep DIR, then look at the journal: bwvdock clips list",
            )


def _all_verified(configured: ConfiguredDock, cameras: list[SimulatedCamera]) -> bool:
    bays = configured.dock.dockings.bays.values()
    settled = [bay for bay in bays if bay.state is DockingState.SETTLED]
    return len(settled) == len(cameras) and not configured.dock.ledger.clips


class _Watch:
    """Shows progress: bars on a terminal, one line for each step anywhere else."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._terminal = out.isatty()
        self._drawn = 0
        self._bars: dict[str, str] = {}
        self.quarantined = ""

    def tell(self, fact: Fact, _clip: Clip | None) -> None:
        """Note a recorded fact."""
        if isinstance(fact, ClipQuarantined):
            self.quarantined = f"Clip {fact.clip} was quarantined: {fact.reason}"
        if not self._terminal and fact.kind in {"camera_attached", "camera_settled", "clip_verified"}:
            what = getattr(fact, "clip", "") or getattr(fact, "docking", "")
            self._out.write(f"  {fact.kind.replace('_', ' ')} {what}\n")

    def show(self, configured: ConfiguredDock) -> None:
        """Draw the bars; a camera that was removed keeps its last one."""
        if not self._terminal:
            return
        self._bars |= {camera.serial: _bar(camera) for camera in configured.live_view.live().cameras}
        lines = [bar for _, bar in sorted(self._bars.items())]
        states = [clip.state for clip in configured.dock.ledger.clips.values()]
        waiting = sum(state in {ClipState.ACQUIRED, ClipState.UPLOADED} for state in states)
        lines.append(f"  {'vault':<14} {format_count(waiting, 'clip')} being uploaded or verified")
        up = f"\x1b[{self._drawn}A" if self._drawn else ""
        _draw(self._out, up)
        for line in lines:
            _draw(self._out, "\x1b[2K")
            self._out.write(f"{line}\n")
        self._out.flush()
        self._drawn = len(lines)


def _draw(out: TextIO, sequence: str) -> None:
    """Write a control sequence of our own; the command line's streams let no other through."""
    getattr(out, "draw", out.write)(sequence)


def _bar(camera: LiveCamera) -> str:
    share = camera.bytes_copied / camera.bytes_total if camera.bytes_total else 0.0
    filled = int(share * 20)
    bar = f"[{'#' * filled}{'.' * (20 - filled)}]"
    copied = f"{camera.clips_copied}/{camera.clips_total} clips"
    state = "SAFE TO REMOVE" if camera.state is CameraState.SAFE_TO_REMOVE else str(camera.state)
    return f"  {camera.serial:<14} {bar} {share:>4.0%}  {copied:<11} {state}"


def _account(config_file: Path, command: Command) -> int:
    """Run the real commands on the journal; return the exit code of the last."""
    code = 0
    for words in (["clips", "list"], ["dockings", "list"], ["custody", "verify"]):
        _say(f"$ bwvdock {' '.join(words)}")
        code = command([*words, "--config", str(config_file)])
        _say("")
    return code


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
