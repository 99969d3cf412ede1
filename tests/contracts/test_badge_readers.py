"""The contract of badge readers (core/ports/badge_readers.py), on the edge and on the fake.

The edge reads the kernel's own structures here, from a pipe: no device is opened, none is grabbed.
With real ones it is tried in the virtual dock, in tests/vm/test_badges.py.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import pytest

from bwvdock.core.ports.badge_readers import PRESSED, BadgeReaders, KeyEvent
from bwvdock.edges.badge_readers.evdev import InputDevices
from bwvdock.errors import ReaderUnavailableError
from tests.badge_reader.typing import ENTER, typed
from tests.fakes.badge_readers import FakeReaders

_EVENT = struct.Struct("llHHi")


class Bench(Protocol):
    """Readers, and the hand that plugs them and types on them."""

    @property
    def readers(self) -> BadgeReaders: ...
    def plug(self) -> str: ...
    def press(self, name: str, keys: Iterable[KeyEvent | None]) -> None: ...
    def unplug(self, name: str) -> None: ...
    def take(self, name: str) -> None: ...


class FakeBench:
    def __init__(self) -> None:
        self.readers = self._fakes = FakeReaders()
        self.press, self.unplug, self.take = self._fakes.press, self._fakes.unplug, self._fakes.taken.add

    def plug(self) -> str:
        name = f"reader{len(self._fakes.plugged)}"
        self._fakes.plugged.add(name)
        return name


class PipeBench:
    """A folder as the kernel's, with named pipes in the place of nodes."""

    def __init__(self, folder: Path) -> None:
        self._classes, self._nodes = folder / "class", folder / "nodes"
        self._classes.mkdir()
        self._nodes.mkdir()
        self._writers: dict[str, int] = {}
        self._taken: set[tuple[int, int]] = set()
        self.readers = InputDevices(
            (0x08FF, 0x0009), classes=self._classes, nodes=self._nodes, prepare=self._prepare
        )
        self._describe("event7", "046d", "c31c")
        self._describe("mouse0", "08ff", "0009")
        (self._classes / "event8").mkdir()

    def _prepare(self, descriptor: int) -> None:
        found = os.fstat(descriptor)
        if (found.st_dev, found.st_ino) in self._taken:
            raise OSError(16, "busy")

    def _describe(self, name: str, vendor: str, product: str) -> None:
        ids = self._classes / name / "device/id"
        ids.mkdir(parents=True)
        (ids / "vendor").write_text(f"{vendor}\n")
        (ids / "product").write_text(f"{product}\n")

    def plug(self) -> str:
        number = 10 + len(self._writers)
        node = self._nodes / f"event{number}"
        os.mkfifo(node)
        self._describe(node.name, "08ff", "0009")
        self._writers[str(node)] = os.open(node, os.O_RDWR)
        return str(node)

    def press(self, name: str, keys: Iterable[KeyEvent | None]) -> None:
        for key in keys:
            event = (0, 0, 0, 3, 0)
            if key is not None:
                seconds = int(key.at)
                event = (seconds, round((key.at - seconds) * 1e6), 1, key.code, key.value)
            marks = [(0, 0, 4, 4, 458756), event, (0, 0, 0, 0, 0)]
            os.write(self._writers[name], b"".join(_EVENT.pack(*mark) for mark in marks))

    def unplug(self, name: str) -> None:
        (self._classes / Path(name).name).rename(self._classes / f"gone{len(os.listdir(self._classes))}")
        Path(name).unlink()
        os.close(self._writers.pop(name))

    def take(self, name: str) -> None:
        found = Path(name).stat()
        self._taken.add((found.st_dev, found.st_ino))

    def close(self) -> None:
        for writer in self._writers.values():
            os.close(writer)


@pytest.fixture(params=["fake", "kernel's structures"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """One of the two."""
    if request.param == "fake":
        yield FakeBench()
        return
    made = PipeBench(tmp_path)
    yield made
    made.close()


def test_what_is_typed_is_read_in_order_and_once(bench: Bench) -> None:
    name = bench.plug()
    assert bench.readers.found() == {name}
    reader = bench.readers.open(name)
    assert reader.events() == []
    keys = typed("aB7", 5.0)
    bench.press(name, keys)
    assert [(k.code, k.value, round(k.at, 4)) for k in reader.events() if k] == [
        (k.code, k.value, round(k.at, 4)) for k in keys
    ]
    assert reader.events() == []
    reader.close()
    reader.close()


def test_keys_that_were_lost_are_said_in_their_place(bench: Bench) -> None:
    name = bench.plug()
    reader = bench.readers.open(name)
    bench.press(name, [KeyEvent(2, PRESSED, 1.0), None, KeyEvent(ENTER, PRESSED, 2.0)])
    assert [key and key.code for key in reader.events()] == [2, None, ENTER]
    reader.close()


def test_two_of_a_kind_are_two(bench: Bench) -> None:
    one, other = bench.plug(), bench.plug()
    opened = {name: bench.readers.open(name) for name in bench.readers.found()}
    assert set(opened) == {one, other}
    bench.press(other, typed("1", 0.0))
    assert opened[one].events() == []
    assert len(opened[other].events()) == 4
    for reader in opened.values():
        reader.close()


def test_one_that_is_unplugged_says_so(bench: Bench) -> None:
    name = bench.plug()
    reader = bench.readers.open(name)
    bench.unplug(name)
    with pytest.raises(ReaderUnavailableError):
        reader.events()
    reader.close()
    assert bench.readers.found() == frozenset()
    with pytest.raises(ReaderUnavailableError):
        bench.readers.open(name)


def test_one_that_another_program_has_is_not_read(bench: Bench) -> None:
    name = bench.plug()
    bench.take(name)
    with pytest.raises(ReaderUnavailableError) as caught:
        bench.readers.open(name)
    assert caught.value.remedy


def test_the_edge_takes_no_other_file_for_a_device(tmp_path: Path) -> None:
    """The kernel's own answers: to what is no device, may not be opened, or is a link."""
    file = tmp_path / "event0"
    os.mkfifo(file)
    for path in (file, Path("/dev/null"), tmp_path / "nothing"):
        with pytest.raises(ReaderUnavailableError):
            InputDevices(path).open(str(path))
    link = tmp_path / "link"
    link.symlink_to(file)
    assert InputDevices(link).found() == {str(file)}
    assert InputDevices(tmp_path / "nothing").found() == frozenset()
    assert InputDevices((1, 2), classes=tmp_path / "nothing").found() == frozenset()
    with pytest.raises(ReaderUnavailableError):
        InputDevices((1, 2), prepare=lambda _: None).open(str(link))


def test_half_an_event_breaks_nothing(tmp_path: Path) -> None:
    node = tmp_path / "event0"
    os.mkfifo(node)
    writer = os.open(node, os.O_RDWR)
    reader = InputDevices(node, prepare=lambda _: None).open(str(node))
    os.write(writer, _EVENT.pack(1, 0, 1, 2, 1) + b"half")
    assert reader.events() == [KeyEvent(2, 1, 1.0)]
    reader.close()
    with suppress(OSError):
        os.close(writer)
