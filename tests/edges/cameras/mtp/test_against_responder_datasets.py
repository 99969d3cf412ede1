"""Do two codecs, written apart from one specification, mean the same by the same bytes?"""

from __future__ import annotations

import dataclasses
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.edges.cameras.mtp import wire
from tests.fakes.mtp import codec
from tests.fakes.mtp.contents import Item, Store, Synthetic

_UNITS = st.text(st.characters(exclude_characters="\0"), max_size=120)  # lone surrogates among them
_U32 = st.integers(0, 2**32 - 1)
_U64 = st.integers(0, 2**64 - 1)


_ITEMS = st.builds(
    Item,
    handle=_U32,
    name=_UNITS.filter(bool),
    content=st.builds(Synthetic, _U64),
    parent=_U32,
    store=_U32,
    protection=st.integers(0, 65535),
    created=_UNITS,
    modified=_UNITS,
)


@given(item=_ITEMS, samsung=st.booleans())
def test_what_describes_an_object(item: Item, *, samsung: bool) -> None:
    size = item.content.size
    info = wire.object_info(codec.object_info(item, samsung=samsung))
    assert (info.name, info.created, info.modified) == (item.name, item.created, item.modified)
    assert (info.store, info.parent, info.protection) == (item.store, item.parent, item.protection)
    assert info.format == item.format
    assert info.size == (size if samsung or size < 0xFFFF_FFFF else None)


@given(operations=st.frozensets(st.integers(0, 65535)), extension=_U32, description=_UNITS, serial=_UNITS)
def test_what_describes_a_camera(
    operations: frozenset[int], extension: int, description: str, serial: str
) -> None:
    info = wire.device_info(
        codec.device_info(operations=operations, extension=(extension, description), serial=serial)
    )
    assert (info.operations, info.extension_id, info.extension) == (operations, extension, description)
    assert (info.manufacturer, info.model, info.version, info.serial) == ("Example", "BWC-100", "1.0", serial)
    assert info.properties == {0x5011}


@given(description=_UNITS, volume=_UNITS, capacity=_U64, free=_U64, access=st.integers(0, 2))
def test_what_describes_a_store(description: str, volume: str, capacity: int, free: int, access: int) -> None:
    store = Store(description=description, volume=volume, capacity=capacity, free=free, access=access)
    info = wire.storage_info(codec.storage_info(store, 3))
    assert (info.description, info.volume, info.capacity, info.free, info.access) == (
        description,
        volume,
        capacity,
        free,
        access,
    )


@given(code=st.integers(0, 65535), tid=_U32, params=st.lists(_U32, max_size=5))
def test_containers(code: int, tid: int, params: list[int]) -> None:
    raw = wire.command(code, tid, tuple(params))
    assert dataclasses.astuple(codec.decode_command(raw)) == (len(raw), 1, code, tid, tuple(params))
    for made, understood in (
        (codec.response(code, tid, params), wire.response),
        (codec.event(code, params, tid), wire.event),
    ):
        found = understood(made)
        assert (found.code, found.transaction, found.params) == (code, tid, tuple(params))


@given(values=st.lists(_U32), words=_UNITS)
def test_arrays_and_strings(values: list[int], words: str) -> None:
    assert wire.handles(codec.array32(values)) == tuple(values)
    assert wire.text(codec.string(words)) == words


@pytest.mark.parametrize("size_bytes", [4, 8])
@given(size=_U64)
def test_the_size_as_a_property(size_bytes: int, size: int) -> None:
    value = codec.prop_value(Item(handle=1, name="a", content=Synthetic(size)), 0xDC04, size_bytes)
    assert value is not None
    assert wire.integer(value[1]) == (size if size_bytes == 8 else min(size, 0xFFFF_FFFF))


@given(
    raw=st.binary(max_size=80),
    at=st.integers(0, 200),
    samsung=st.booleans(),
)
def test_spoiled_bytes_are_refused_or_read_but_never_a_surprise(
    raw: bytes, at: int, *, samsung: bool
) -> None:
    item = Item(handle=1, name="A.MP4", content=Synthetic(5))
    whole = codec.object_info(item, samsung=samsung)
    for spoiled in (raw, whole[:at] + raw, whole[:at] + raw + whole[at + len(raw) :]):
        for decode in (
            wire.object_info,
            wire.device_info,
            wire.storage_info,
            wire.handles,
            wire.text,
            wire.integer,
            wire.response,
            wire.event,
            wire.header,
        ):
            with suppress(wire.WireError):
                decode(spoiled)
