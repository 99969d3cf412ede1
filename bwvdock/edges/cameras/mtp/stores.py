"""Which stores does a camera show, and what is known about each?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bwvdock.edges.cameras.mtp import wire
from bwvdock.edges.cameras.mtp.codes import Op, ResponseCode
from bwvdock.edges.cameras.mtp.session import Session
from bwvdock.edges.cameras.mtp.transfer import RefusedError
from bwvdock.errors import LockedError

_LOCKED: Final = frozenset(
    {ResponseCode.INVALID_STORAGE, ResponseCode.STORE_NOT_AVAILABLE, ResponseCode.ACCESS_DENIED}
)
_NO_MEDIUM: Final = 0xFFFF  # a store whose lower half is 0 is a slot with nothing in it


@dataclass(frozen=True, kw_only=True, slots=True)
class Store:
    """A store that can be used. `info` is None where the camera does not describe it."""

    id: int
    info: wire.StorageInfo | None


def store_ids(session: Session) -> tuple[int, ...]:
    """Return the ids of the stores that have a medium.

    Raises:
        LockedError: there is none. A locked camera and one without a card look the same.
        CameraGoneError, UnreadableError, NotReadyError: see Session.
    """
    try:
        listed = wire.handles(session.ask(Op.GET_STORAGE_IDS))
    except RefusedError as error:
        if error.code in _LOCKED:
            raise locked() from error
        raise
    found = tuple(dict.fromkeys(store for store in listed if store & _NO_MEDIUM))
    if not found:
        raise locked()
    return found


def stores(session: Session) -> tuple[Store, ...]:
    """Return the stores that can be used.

    Raises:
        LockedError: there is none.
        CameraGoneError, UnreadableError, NotReadyError: see Session.
    """
    found = [store for number in store_ids(session) if (store := _described(session, number))]
    if not found:
        raise locked()
    return tuple(found)


def _described(session: Session, number: int) -> Store | None:
    """Return the description of a store; None if it is locked. A store without one can still be listed."""
    try:
        return Store(id=number, info=wire.storage_info(session.ask(Op.GET_STORAGE_INFO, number)))
    except RefusedError as error:
        return None if error.code in _LOCKED else Store(id=number, info=None)
    except wire.WireError:
        return Store(id=number, info=None)


def locked() -> LockedError:
    """Return the error for a camera that shows no store."""
    return LockedError(
        "The camera shows no storage: it is locked, or has no card.",
        remedy="Unlock the camera, or allow file transfer on its screen; the dock then continues by itself.",
    )
