"""What does a virtual camera hold? Stores, folders and clips, in memory or made up by offset."""

from __future__ import annotations

import functools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

FOLDER = 0x3001
MP4 = 0xB982
STORE = 0x0001_0001
ROOT = 0xFFFF_FFFF
MODIFIED = "20260314T101500"

_MIB = 1 << 20
_PATTERN = 1_048_573  # a prime: nothing that is a power of two too far, or wraps at 2^32, looks right


class Content(Protocol):
    """Bytes of a known number that can be had from any offset."""

    @property
    def size(self) -> int: ...

    def fill(self, offset: int, view: memoryview) -> None:
        """Write the bytes from `offset` on over all of `view`."""
        ...


@dataclass(frozen=True, slots=True)
class Held:
    """Bytes that are held in memory."""

    data: bytes = field(repr=False)

    @property
    def size(self) -> int:
        return len(self.data)

    def fill(self, offset: int, view: memoryview) -> None:
        view[:] = self.data[offset : offset + len(view)]


@dataclass(frozen=True, slots=True)
class Synthetic:
    """Bytes made up by offset: any number of them costs nothing. `zero_from`: only zeros from there on."""

    size: int
    seed: int = 0
    zero_from: int | None = None

    def fill(self, offset: int, view: memoryview) -> None:
        solid = len(view)
        if self.zero_from is not None:
            solid = min(max(self.zero_from - offset, 0), solid)
            view[solid:] = bytes(len(view) - solid)
        pattern = memoryview(_pattern(self.seed))
        at = 0
        while at < solid:
            begin = (offset + at) % _PATTERN
            count = min(_PATTERN - begin, solid - at)
            view[at : at + count] = pattern[begin : begin + count]
            at += count


@dataclass(frozen=True, slots=True)
class Sampled:
    """As Synthetic, but only the samples are ever written: for 4 GiB that are compared in a second."""

    size: int
    seed: int = 0

    def samples(self, offset: int, length: int) -> Iterator[tuple[int, int]]:
        """Return beginning and end of each sample in a range: 4 KiB in every MiB, and the last 64 KiB."""
        end = min(offset + length, self.size)
        for begin in range(offset - offset % _MIB, end, _MIB):
            if max(begin, offset) < min(begin + 4096, end):
                yield max(begin, offset), min(begin + 4096, end)
        if end > self.size - 65_536:
            yield max(offset, self.size - 65_536, 0), end

    def fill(self, offset: int, view: memoryview) -> None:
        truth = Synthetic(self.size, self.seed)
        for begin, end in self.samples(offset, len(view)):
            truth.fill(begin, view[begin - offset : end - offset])


@dataclass(frozen=True, slots=True)
class Part:
    """Some bytes of another content."""

    whole: Content
    begin: int
    size: int

    def fill(self, offset: int, view: memoryview) -> None:
        self.whole.fill(self.begin + offset, view)


@dataclass(frozen=True, slots=True)
class Joined:
    """Contents one after the other."""

    parts: tuple[Content, ...]

    @property
    def size(self) -> int:
        return sum(part.size for part in self.parts)

    def fill(self, offset: int, view: memoryview) -> None:
        at = 0
        for part in self.parts:
            if at < len(view) and offset < part.size:
                count = min(part.size - offset, len(view) - at)
                part.fill(offset, view[at : at + count])
                at, offset = at + count, 0
            else:
                offset -= min(offset, part.size)


def bytes_of(content: Content, offset: int = 0, length: int | None = None) -> bytes:
    """Return a content's bytes: the ground truth that tests compare with."""
    end = content.size if length is None else min(content.size, offset + length)
    made = bytearray(max(end - offset, 0))
    content.fill(offset, memoryview(made))
    return bytes(made)


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """A clip or a folder.

    `raw_name` is a string dataset sent as it stands in the name's place, length byte and all;
    `info_size`, `prop_size` and `info_parent` are what the camera says where it does not say the truth.
    """

    handle: int
    name: str
    content: Content = field(default_factory=lambda: Held(b""))
    parent: int = 0
    store: int = STORE
    format: int = MP4
    protection: int = 0
    created: str = ""
    modified: str = MODIFIED
    raw_name: bytes | None = None
    info_size: int | None = None
    prop_size: int | None = None
    info_parent: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Store:
    """A card, or the camera's own memory. `access`: 0 read and write, 1 read-only, 2 with deletion."""

    id: int = STORE
    description: str = "Internal storage"
    volume: str = "BWC"
    access: int = 2
    type: int = 4
    capacity: int = 1 << 36
    free: int = 1 << 35


@dataclass(kw_only=True, slots=True)
class Card:
    """All that the camera holds. Changes as the camera records, or as someone deletes."""

    stores: dict[int, Store] = field(default_factory=lambda: {STORE: Store()})
    items: dict[int, Item] = field(default_factory=dict)

    def children(self, parent: int) -> Sequence[int]:
        return [handle for handle, item in self.items.items() if item.parent == parent]

    def put(self, item: Item) -> Item:
        self.items[item.handle] = item
        return item

    def add(self, path: str, content: Content, *, modified: str = MODIFIED, store: int = STORE) -> Item:
        """Put a clip at a path, and the folders that it needs."""
        *folders, name = path.split("/")
        parent = 0
        for folder in folders:
            parent = self._folder(folder, parent, store)
        return self.put(
            Item(
                handle=self.fresh(),
                name=name,
                content=content,
                parent=parent,
                store=store,
                modified=modified,
            )
        )

    def find(self, path: str, store: int = STORE) -> Item:
        """Return what stands at a path."""
        parent, found = 0, None
        for name in path.split("/"):
            found = next(
                item
                for item in self.items.values()
                if (item.name, item.parent, item.store) == (name, parent, store)
            )
            parent = found.handle
        if found is None:
            raise KeyError(path)
        return found

    def fresh(self) -> int:
        return max(self.items, default=0) + 1

    def _folder(self, name: str, parent: int, store: int) -> int:
        for item in self.items.values():
            if (item.name, item.parent, item.store, item.format) == (name, parent, store, FOLDER):
                return item.handle
        made = Item(handle=self.fresh(), name=name, parent=parent, store=store, format=FOLDER)
        return self.put(made).handle


def card_with(files: Mapping[str, Content]) -> Card:
    """Make a card with one store and these files."""
    card = Card()
    for path, content in files.items():
        card.add(path, content)
    return card


@functools.cache
def _pattern(seed: int) -> bytes:
    return random.Random(seed).randbytes(_PATTERN)
