"""A real mounter and a real kernel: what the tests that mount for real share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bwvdock.edges.mounting import Mounter
from bwvdock.mounter.conversation import Desk, converse
from bwvdock.mounter.kernel import LinuxKernel
from tests.mounter.loop import dirty_image, loop_device
from tests.mounter.machine import Machine, open_descriptors, served


@dataclass(frozen=True, kw_only=True, slots=True)
class Dock:
    """A loop device that passes for a camera on USB, and a mounter that serves it."""

    mounter: Mounter
    device: str
    image: Path


@contextmanager
def dock_with(folder: Path, filesystem: str, *, erase: str = "never") -> Iterator[Dock]:
    """Dock a card whose log waits to be replayed; see in the end that no descriptor leaked."""
    image, machine = dirty_image(folder, filesystem), Machine(folder / "machine")
    machine.dock_config.write_text(f'[release]\nerase = "{erase}"\n')
    before = open_descriptors()
    with loop_device(image) as name:
        machine.plug_real(name, filesystem)
        desk = Desk(system=machine.system(LinuxKernel()), allowed_uids=frozenset({0}))
        path = folder / "socket"
        with served(path, partial(converse, desk=desk)):
            yield Dock(mounter=Mounter(path), device=name, image=image)
    assert open_descriptors() == before
