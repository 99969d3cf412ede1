"""What does each operation answer? The camera's side of MTP, without the wire."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from tests.fakes.mtp import codec
from tests.fakes.mtp.contents import ROOT, Card, Content, Held, Item, Joined, Part, Synthetic
from tests.fakes.mtp.knobs import Knobs, Locked, Moment
from tests.fakes.mtp.record import Record
from tests.fakes.mtp.wire import Answer

Params = tuple[int, ...]


@dataclass(kw_only=True, slots=True)
class Camera:
    """The state that operations work on."""

    knobs: Knobs
    card: Card
    record: Record
    session: int = 0
    sessions: int = 0  # that were opened
    clock_set: list[str] = field(default_factory=list)  # what it was given as the time
    locked: Locked = Locked.NO
    polls: int = 0
    changed: set[int] = field(default_factory=set)  # indexes into knobs.changes


def answer(camera: Camera, op: int, params: Params) -> Answer:
    """Return an operation's answer, as a camera in a session does."""
    padded = (*params, 0, 0, 0, 0, 0)[:5]
    handler = _HANDLERS.get(op)
    if handler is None or op not in camera.knobs.operations or op in camera.knobs.phantom:
        return Answer(code=0x2005)
    if op not in {0x1001, 0x1002} and not camera.session:
        return Answer(code=0x2003)
    return handler(camera, padded)


def _device_info(camera: Camera, _: Params) -> Answer:
    knobs = camera.knobs
    data = codec.device_info(
        operations=knobs.operations,
        extension=knobs.extension,
        serial=knobs.device_info_serial,
        properties=knobs.properties,
    )
    return Answer(data=Held(data))


def _open_session(camera: Camera, params: Params) -> Answer:
    if not params[0]:
        return Answer(code=0x201D)
    if camera.session:
        return Answer(code=0x201E, params=(camera.session,))
    camera.session = params[0]
    camera.sessions += 1
    if camera.sessions == camera.knobs.unlocks_in_session:
        camera.locked = Locked.NO
    return Answer()


def _close_session(camera: Camera, _: Params) -> Answer:
    camera.session = 0
    return Answer()


def _storage_ids(camera: Camera, _: Params) -> Answer:
    camera.polls += 1
    limit = camera.knobs.unlocks_after_polls
    if limit is not None and camera.polls > limit:
        camera.locked = Locked.NO
    if camera.locked is Locked.REFUSED:
        return Answer(code=0x2013)
    ids = [] if camera.locked is Locked.NO_STORES else list(camera.card.stores)
    if camera.locked is Locked.NO_MEDIUM:
        ids = [sid & 0xFFFF_0000 for sid in ids]
    return Answer(data=Held(codec.array32(ids)))


def _store_trouble(camera: Camera, sid: int) -> int:
    if camera.locked is not Locked.NO:
        return 0x2013
    return 0 if sid == ROOT or sid in camera.card.stores else 0x2008


def _storage_info(camera: Camera, params: Params) -> Answer:
    if trouble := _store_trouble(camera, params[0]):
        return Answer(code=trouble)
    store = camera.card.stores.get(params[0])
    if store is None:
        return Answer(code=0x2008)
    return Answer(data=Held(codec.storage_info(store, len(camera.card.items))))


def _handles(camera: Camera, params: Params) -> list[int] | int:
    """Return the handles a query is for, or the response code that refuses it."""
    sid, form, parent = params[:3]
    if trouble := _store_trouble(camera, sid):
        return trouble
    items = camera.card.items
    if parent not in {0, ROOT} and parent not in items and parent not in camera.knobs.extra_children:
        return 0x201A
    found = list(items) if parent == 0 else list(camera.card.children(0 if parent == ROOT else parent))
    known = [
        handle
        for handle in found
        if (sid == ROOT or items[handle].store == sid) and form in {0, items[handle].format}
    ]
    return known + list(camera.knobs.extra_children.get(parent, ()))


def _num_objects(camera: Camera, params: Params) -> Answer:
    found = _handles(camera, params)
    if isinstance(found, int):
        return Answer(code=found)
    return Answer(params=(len(found) + camera.knobs.count_error,))


def _object_handles(camera: Camera, params: Params) -> Answer:
    found = _handles(camera, params)
    if isinstance(found, int):
        return Answer(code=found)
    return Answer(data=Held(codec.array32(found)))


def _reach(camera: Camera, handle: int) -> Item | None:
    return None if camera.locked is not Locked.NO else camera.card.items.get(handle)


def _object_info(camera: Camera, params: Params) -> Answer:
    item = _reach(camera, params[0])
    if item is None:
        return Answer(code=0x2009)
    return Answer(data=Held(codec.object_info(item, samsung=camera.knobs.samsung_size)))


def _get_object(camera: Camera, params: Params) -> Answer:
    for index, change in enumerate(camera.knobs.changes):
        if change.moment is Moment.BEFORE_DATA and change.handle == params[0]:
            _change(camera, index)
    item = _reach(camera, params[0])
    if item is None:
        return Answer(code=0x2009)
    acts = [
        (12 + (change.at if change.moment is Moment.AT_BYTE else item.content.size), _later(camera, index))
        for index, change in enumerate(camera.knobs.changes)
        if change.handle == item.handle and change.moment is not Moment.BEFORE_DATA
    ]
    data = item.content
    if camera.knobs.zero_fill_from is None:
        return Answer(data=data, acts=acts)
    return Answer(code=0x2007, data=_zeroed(data, camera.knobs.zero_fill_from), acts=acts)


def _zeroed(data: Content, begin: int) -> Content:
    """Return a content that is zeros from a byte on: a file cut short under a camera that counts."""
    kept = min(begin, data.size)
    zeros = Synthetic(data.size - kept, zero_from=0)
    return Joined((Part(data, 0, kept), zeros))


def _later(camera: Camera, index: int) -> Callable[[], None]:
    return lambda: _change(camera, index)


def _change(camera: Camera, index: int) -> None:
    change, card = camera.knobs.changes[index], camera.card
    if index in camera.changed or change.handle not in card.items:
        return
    camera.changed.add(index)
    item = card.items[change.handle]
    if change.vanishes:
        del card.items[change.handle]
        return
    card.items[change.handle] = replace(
        item,
        content=change.content or item.content,
        modified=item.modified if change.modified is None else change.modified,
    )


def _delete(camera: Camera, params: Params) -> Answer:
    handle, knobs = params[0], camera.knobs
    if handle == ROOT:
        camera.record.violations.append("asked to delete everything")
        return Answer(code=0x200F)
    item = _reach(camera, handle)
    if item is None:
        return Answer(code=0x2009)
    if item.format == 0x3001:
        camera.record.violations.append("asked to delete a folder")
        return Answer(code=0x200F)
    if knobs.delete_code is not None:
        return Answer(code=knobs.delete_code)
    if item.protection:
        return Answer(code=0x200D)
    if camera.card.stores[item.store].access == 1:
        return Answer(code=0x200E)
    if not knobs.delete_lies:
        del camera.card.items[handle]
        camera.record.deleted.append(handle)
    return Answer()


def _partial(camera: Camera, params: Params) -> Answer:
    return _piece(camera, params[0], params[1], params[2])


def _partial_64(camera: Camera, params: Params) -> Answer:
    offset = params[1] if camera.knobs.partial_wraps else params[1] | params[2] << 32
    return _piece(camera, params[0], offset, params[3])


def _piece(camera: Camera, handle: int, offset: int, wanted: int) -> Answer:
    item, knobs = _reach(camera, handle), camera.knobs
    if item is None:
        return Answer(code=0x2009)
    if offset + wanted > item.content.size:
        camera.record.violations.append("asked for bytes past the end of an object")
    if offset > item.content.size:
        return Answer(code=0x201D)
    begin = 0 if knobs.partial_from_start else offset
    given = min(wanted, knobs.partial_at_most) - knobs.partial_short_by + knobs.partial_extra
    count = max(min(given, item.content.size - begin), 0)
    return Answer(
        params=(count + knobs.partial_claim_error,), data=Part(_with_zeros(knobs, item.content), begin, count)
    )


def _with_zeros(knobs: Knobs, data: Content) -> Content:
    return data if knobs.zero_fill_from is None else _zeroed(data, knobs.zero_fill_from)


def _prop_value(camera: Camera, params: Params) -> Answer:
    item = _reach(camera, params[0])
    if item is None:
        return Answer(code=0x2009)
    value = codec.prop_value(item, params[1], camera.knobs.size_prop_bytes)
    if value is None or params[1] in camera.knobs.props_absent:
        return Answer(code=0xA801)
    return Answer(data=Held(value[1]))


def _prop_list(camera: Camera, params: Params) -> Answer:
    handle, form, prop, group, depth = params
    knobs, items = camera.knobs, camera.card.items
    if group or form:
        return Answer(code=0xA807)
    if ROOT in {depth, handle}:
        handles = list(items)
    elif depth == 1:
        handles = list(camera.card.children(handle))
    elif depth == 0:
        handles = [handle]
    else:
        return Answer(code=0xA808)
    if any(each not in items for each in handles):
        return Answer(code=0x2009)
    props = codec.PROPS if prop == ROOT else (prop,)
    entries = []
    for each in handles:
        item = replace(items[each], prop_size=knobs.proplist_sizes.get(each, items[each].prop_size))
        for code in props if each not in knobs.proplist_omits else ():
            value = codec.prop_value(item, code, knobs.size_prop_bytes)
            if value is not None and code not in knobs.props_absent:
                entries.append((each, code, *value))
    return Answer(data=Held(codec.prop_list(entries, knobs.proplist_count_error)))


def _device_prop(camera: Camera, params: Params) -> Answer:
    if params[0] != 0x5011 or camera.knobs.clock is None:
        return Answer(code=0x200A)
    return Answer(data=Held(codec.string([camera.knobs.clock, *camera.clock_set][-1])))


def _device_prop_desc(camera: Camera, params: Params) -> Answer:
    if params[0] in camera.knobs.properties:
        return Answer(data=Held(camera.knobs.properties[params[0]]))
    if params[0] != 0x5011 or camera.knobs.clock is None:
        return Answer(code=0x200A)
    value = codec.string(camera.knobs.clock)
    return Answer(data=Held(struct.pack("<HHB", 0x5011, codec.STR, 1) + value + value + b"\0"))


def take(camera: Camera, op: int, params: Params, data: bytes) -> Answer:
    """Return the answer to an operation that brings data with it."""
    if op not in camera.knobs.operations or op in camera.knobs.phantom:
        return Answer(code=0x2005)
    if params != (0x5011,) or camera.knobs.clock is None:
        return Answer(code=0x200A)
    units = data[1:]
    if not data or len(units) != 2 * data[0] or units[-2:] != b"\0\0":
        camera.record.violations.append(f"no string: {data.hex()}")
        return Answer(code=0x201C)
    camera.clock_set.append(units.decode("utf-16-le")[:-1])
    return Answer()


_HANDLERS: Mapping[int, Callable[[Camera, Params], Answer]] = {
    0x1001: _device_info,
    0x1002: _open_session,
    0x1003: _close_session,
    0x1004: _storage_ids,
    0x1005: _storage_info,
    0x1006: _num_objects,
    0x1007: _object_handles,
    0x1008: _object_info,
    0x1009: _get_object,
    0x100B: _delete,
    0x1014: _device_prop_desc,
    0x1015: _device_prop,
    0x101B: _partial,
    0x95C1: _partial_64,
    0x9803: _prop_value,
    0x9805: _prop_list,
}
