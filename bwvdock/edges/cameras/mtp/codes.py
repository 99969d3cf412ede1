"""What do the numbers of PTP and MTP mean that bwvdock uses?

Source: PIMA 15740 (PTP), USB-IF Media Transfer Protocol 1.1, and Android's extension for 0x95C1.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

ROOT: Final = 0xFFFF_FFFF  # as the parent of GetObjectHandles: objects outside any folder
UNKNOWN: Final = 0xFFFF_FFFF  # as a length or a size: it does not fit
FOLDER: Final = 0x3001
READ_ONLY: Final = 0x0001  # protection status of an object
BATTERY_LEVEL: Final = 0x5001  # device property: how full the battery is, on a scale of the camera's own
DATE_TIME: Final = 0x5011  # device property: the camera's own clock
OBJECT_SIZE: Final = 0xDC04  # object property


class Op(IntEnum):
    """Operations."""

    GET_DEVICE_INFO = 0x1001
    OPEN_SESSION = 0x1002
    CLOSE_SESSION = 0x1003
    GET_STORAGE_IDS = 0x1004
    GET_STORAGE_INFO = 0x1005
    GET_OBJECT_HANDLES = 0x1007
    GET_OBJECT_INFO = 0x1008
    GET_OBJECT = 0x1009
    DELETE_OBJECT = 0x100B
    GET_DEVICE_PROP_DESC = 0x1014
    GET_DEVICE_PROP_VALUE = 0x1015
    SET_DEVICE_PROP_VALUE = 0x1016
    GET_PARTIAL_OBJECT = 0x101B
    GET_PARTIAL_OBJECT_64 = 0x95C1
    GET_OBJECT_PROP_VALUE = 0x9803


def title(op: int) -> str:
    """Return an operation's name as the specification writes it, for example "GetObject"."""
    return "".join(word.capitalize() for word in Op(op).name.split("_"))


class ResponseCode(IntEnum):
    """Response codes."""

    OK = 0x2001
    SESSION_NOT_OPEN = 0x2003
    INVALID_TRANSACTION = 0x2004
    OPERATION_NOT_SUPPORTED = 0x2005
    INCOMPLETE_TRANSFER = 0x2007
    INVALID_STORAGE = 0x2008
    INVALID_HANDLE = 0x2009
    WRITE_PROTECTED = 0x200D
    STORE_READ_ONLY = 0x200E
    ACCESS_DENIED = 0x200F
    STORE_NOT_AVAILABLE = 0x2013
    DEVICE_BUSY = 0x2019
    SESSION_ALREADY_OPEN = 0x201E


_WORDS: Final = {
    0x2002: "a general error",
    ResponseCode.SESSION_NOT_OPEN: "the session is not open",
    ResponseCode.INVALID_TRANSACTION: "it reports a wrong transaction number",
    ResponseCode.OPERATION_NOT_SUPPORTED: "it does not know the operation",
    0x2006: "it does not know a parameter",
    ResponseCode.INCOMPLETE_TRANSFER: "the transfer is incomplete",
    ResponseCode.INVALID_STORAGE: "the store does not exist",
    ResponseCode.INVALID_HANDLE: "the object does not exist",
    ResponseCode.WRITE_PROTECTED: "the object is write-protected",
    ResponseCode.STORE_READ_ONLY: "the store is read-only",
    ResponseCode.ACCESS_DENIED: "access is denied",
    0x2012: "only part of it was deleted",
    ResponseCode.STORE_NOT_AVAILABLE: "the store is not available",
    ResponseCode.DEVICE_BUSY: "it is busy",
    0x201F: "the transaction was cancelled",
}


def words(code: int) -> str:
    """Return what a response code means, with its number."""
    return f"{_WORDS.get(code, 'an error')} (0x{code:04X})"
