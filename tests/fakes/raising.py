"""How does any method of any port raise? Ports are wrapped by what their Protocols say, so a new one is too.

Whatever a port returns that is a port itself is wrapped likewise: a volume, an open file, a part of a clip.
"""

from __future__ import annotations

import importlib
import pkgutil
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cache
from typing import Any, Never, Self, get_args, get_origin, get_type_hints

from bwvdock.core import ports
from bwvdock.core.media.sightings import Sighting
from bwvdock.core.ports import CameraVolume
from bwvdock.core.ports.erasing import ErasableVolume
from bwvdock.operators import decisions
from bwvdock.runtime.jobs import attempt, carry_out
from bwvdock.service.assemble import Parts

_DUNDERS = frozenset({"__call__", "__enter__", "__exit__"})
_PEOPLE = decisions.__name__
_BOUNDARY = {carry_out.__code__, attempt.__code__}
_WIRE, _INNER, _WHOSE = "_wire", "_inner", "_whose"


class Moment(StrEnum):
    """When a call raises. An iterator raises in the middle: after the first of what it yields."""

    BEFORE = "before anything is done"
    AFTER = "after all was done"
    MIDDLE = "in the middle of what it yields"


@dataclass(kw_only=True)
class Fault:
    """Raises what it makes at calls of one method: at the `first`, counted from 1, and `times` in all.

    `whose`: only at calls for this bay, or of this store; "": at all.
    """

    method: str
    make: Callable[[], Exception]
    moment: Moment = Moment.BEFORE
    first: int = 1
    times: int = 1
    whose: str = ""
    raised: list[Exception] = field(default_factory=list)
    _seen: int = 0

    def __str__(self) -> str:
        """Return what it does, for whoever has to find out what went wrong."""
        where = f"call {self.first} of {self.method}" + (f" for {self.whose}" if self.whose else "")
        return f"{where}, {self.times} times, {self.moment}: {type(self.make()).__name__}"

    def due(self, method: str, whose: str) -> bool:
        """Count a call; return whether it is one that raises."""
        if method != self.method or (self.whose and whose != self.whose):
            return False
        self._seen += 1
        return self.first <= self._seen < self.first + self.times

    def strike(self) -> Never:
        """Raise."""
        self.raised.append(self.make())
        raise self.raised[-1]


@dataclass
class Wire:
    """Through which every call of every wrapped port passes. `calls` counts them by method and by whose.

    `bare`: the methods that were called outside of the boundary (bwvdock/runtime/jobs.py).
    """

    fault: Fault | None = None
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    bare: set[str] = field(default_factory=set)

    def pass_on(self, method: str, whose: str, call: Callable[[], Any]) -> Any:  # noqa: ANN401 - of any port
        """Carry a call out, unless it is to raise."""
        self.calls[method, whose] += 1
        self._look_for_boundary(method)
        fault = self.fault
        if fault is None or not fault.due(method, whose):
            result = call()
            return self._watched(method, result) if isinstance(result, Iterator) else result
        if fault.moment is Moment.BEFORE:
            fault.strike()
        result = None
        with suppress(Exception):  # what it raises of itself is overtaken
            result = call()
        if fault.moment is Moment.MIDDLE and isinstance(result, Iterator):
            return _broken_off(result, fault)
        return fault.strike()

    def _look_for_boundary(self, method: str) -> None:
        if not any(frame.f_code in _BOUNDARY for frame, _ in traceback.walk_stack(None)):
            self.bare.add(method)

    def _watched(self, method: str, items: Iterator[Any]) -> Iterator[Any]:
        """Return an iterator's items; what it raises it raises where they are taken, wherever it was made."""
        for item in items:
            self._look_for_boundary(method)
            yield item


def _broken_off(items: Iterator[Any], fault: Fault) -> Iterator[Any]:
    for item in items:
        yield item
        break
    fault.strike()


# --- which ports there are --------------------------------------------------------------------------


def members(protocol: type) -> dict[str, tuple[str, Any]]:
    """Return what a Protocol asks for, by name: the class that says so, and how."""
    found: dict[str, tuple[str, Any]] = {}
    for owner in reversed(protocol.__mro__):
        if not getattr(owner, "_is_protocol", False) or owner.__module__ == "typing":
            continue
        for name, member in vars(owner).items():
            if (callable(member) or isinstance(member, property)) and (
                not name.startswith("_") or name in _DUNDERS
            ):
                found[name] = (owner.__name__, member)
    return found


def is_port(kind: object) -> bool:
    """Return whether something is one of our Protocols."""
    return isinstance(kind, type) and getattr(kind, "_is_protocol", False)


def methods() -> set[str]:
    """Return every method of every port: of core/ports/, and of all that a dock is assembled from.

    What a dock is given that is a function is named by its field: `Parts.held`.
    """
    protocols = set()
    modules = [*(each.name for each in pkgutil.iter_modules(ports.__path__, f"{ports.__name__}.")), _PEOPLE]
    for module in modules:
        for kind in vars(importlib.import_module(module)).values():
            if is_port(kind) and kind.__module__ == module:
                protocols.add(kind)
    hints = get_type_hints(Parts)
    protocols |= {kind for kind in hints.values() if is_port(kind)}
    named = {f"{owner}.{name}" for kind in protocols for name, (owner, _) in members(kind).items()}
    return named | {f"Parts.{each.name}" for each in fields(Parts) if is_function(hints[each.name])}


def is_function(hint: object) -> bool:
    """Return whether a part of a dock is a function."""
    return get_origin(hint) is get_origin(Callable[[], None])


# --- wrapping -----------------------------------------------------------------------------------------


def guard(inner: Any, protocol: type, wire: Wire, whose: str = "") -> Any:  # noqa: ANN401 - any port
    """Return a port of which every call passes through the wire."""
    made = _guard_of(protocol)()
    for name, value in ((_WIRE, wire), (_INNER, inner), (_WHOSE, whose)):
        object.__setattr__(made, name, value)
    return made


def guard_function(inner: Callable[..., Any], name: str, wire: Wire) -> Callable[..., Any]:
    """Return a function of which every call passes through the wire."""
    return lambda *args, **named: wire.pass_on(name, "", lambda: inner(*args, **named))


class _Guard:
    """What all guards have in common: whatever the Protocol does not name is the port's own."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any attribute
        return getattr(object.__getattribute__(self, _INNER), name)


@cache
def _guard_of(protocol: type) -> type:
    made: dict[str, Any] = {}
    for name, (owner, member) in members(protocol).items():
        if isinstance(member, property):
            made[name] = property(_reading(f"{owner}.{name}", name, member))
        else:
            made[name] = _calling(f"{owner}.{name}", name, member)
    return type(f"{protocol.__name__}Guard", (_Guard,), made)


def _reading(method: str, name: str, member: property) -> Callable[[Any], Any]:
    def read(self: Any) -> Any:  # noqa: ANN401 - any port
        wire, inner, whose = getattr(self, _WIRE), getattr(self, _INNER), getattr(self, _WHOSE)
        return wire.pass_on(method, whose, lambda: getattr(inner, name))

    return read


def _calling(method: str, name: str, member: Callable[..., Any]) -> Callable[..., Any]:
    hint = get_type_hints(member).get("return")

    def call(self: Any, *args: Any, **named: Any) -> Any:  # noqa: ANN401 - any port
        wire, inner, whose = getattr(self, _WIRE), getattr(self, _INNER), getattr(self, _WHOSE)
        whose = whose or next((each.key for each in args if isinstance(each, Sighting)), "")
        result = wire.pass_on(method, whose, lambda: getattr(inner, name)(*args, **named))
        return self if hint is Self else _wrapped(result, hint, wire, whose)

    return call


def _wrapped(value: Any, hint: Any, wire: Wire, whose: str) -> Any:  # noqa: ANN401 - what any port returns
    if is_port(hint):
        erasable = hint is CameraVolume and isinstance(value, ErasableVolume)
        return guard(value, ErasableVolume if erasable else hint, wire, whose)
    if get_origin(hint) is tuple and isinstance(value, tuple):
        return tuple(
            _wrapped(each, kind, wire, whose) for each, kind in zip(value, get_args(hint), strict=True)
        )
    if isinstance(value, list | tuple) and any(map(is_port, get_args(hint))):
        return [_wrapped(each, get_args(hint)[0], wire, whose) for each in value]
    return value
