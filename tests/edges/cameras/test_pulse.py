"""A folder whose file system stops answering is known to be silent, whichever call it was that hangs."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from bwvdock.core.ports import CameraFile, CameraVolume
from bwvdock.edges.cameras.folder_watch import FolderNews, FolderWatch
from bwvdock.edges.cameras.pulse import SILENT_MS, Pulse
from bwvdock.errors import BwvdockError
from tests.fakes.clock import FakeClock
from tests.fakes.fuse import CALLS, stalling_folder

SOON = 20.0  # seconds to wait for a call at the most
FOOTAGE = bytes(range(256)) * 1000


def test_it_is_silent_while_a_call_is_not_answered_and_not_for_many_calls() -> None:
    clock = FakeClock()
    pulse = Pulse(clock)
    with pulse.asking():
        for _ in pulse.heard(range(10)):
            clock.pass_ms(SILENT_MS)
            assert not pulse.silent()
        with pulse.asking():
            clock.pass_ms(SILENT_MS + 1)
            assert pulse.silent()
        assert not pulse.silent()
        clock.pass_ms(SILENT_MS + 1)
        assert pulse.silent()
    assert not pulse.silent()


def read_all(volume: CameraVolume) -> None:
    """Make every call that a docking makes."""
    [listed] = volume.list()
    file = CameraFile(path=listed.path, size=listed.size, mtime_ns=listed.mtime_ns)
    volume.fingerprint(file)
    with volume.open(file) as source:
        while source.readinto(memoryview(bytearray(65536))):
            pass
    volume.present()
    volume.close()


@pytest.mark.needs_root
@pytest.mark.skipif(os.geteuid() != 0 or not os.path.exists("/dev/fuse"), reason="needs to mount FUSE")
@pytest.mark.parametrize("call", CALLS)
def test_whichever_call_hangs_it_is_seen(tmp_path: Path, call: str) -> None:
    """Its server may go on to answer those of the watch: a tape is asked for, or a cloud is not there."""
    clock = FakeClock()
    watch: FolderWatch
    with stalling_folder(tmp_path / "export", {"A.MP4": FOOTAGE}) as folder:
        watch = FolderWatch(
            str(folder.path), FolderNews(changed=lambda _: None, polled=lambda _: None), clock=clock
        )
        read_all(watch.volume())
        folder.stalls_at = call
        reading = threading.Thread(target=_try, args=(watch,), daemon=True)
        reading.start()
        assert folder.stalled.wait(SOON)
        assert not watch.silent()
        clock.pass_ms(SILENT_MS + 1)
        assert watch.silent()
    reading.join(SOON)
    assert not watch.silent()


def _try(watch: FolderWatch) -> None:
    with suppress(BwvdockError):  # what it meets when the mount goes is not the question
        read_all(watch.volume())
