"""In which ways may a virtual camera be unlike what the specification says?

Every knob is something that a camera, or a piece of software in one, has been seen or is feared
to do. Left alone, they make a plain honest camera.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from tests.fakes.mtp.contents import Content


class Zlp(StrEnum):
    """What ends a data phase whose last packet is full."""

    WHEN_ALIGNED = "when-aligned"  # a packet of no bytes: what the specification wants
    NEVER = "never"
    SPURIOUS = "spurious"  # a packet of no bytes after every data phase, full last packet or not
    EXTRA_BYTE = "extra-byte"  # a packet of one byte instead
    ONLY_UNKNOWN_LENGTH = "only-unknown-length"  # only after a container with length 0xFFFFFFFF


class LargeLength(StrEnum):
    """What stands in the length of a container that does not fit 32 bits."""

    UNKNOWN = "unknown"  # 0xFFFFFFFF
    MODULO = "modulo"  # the low 32 bits


class Locked(StrEnum):
    """How a locked camera shows that it is locked."""

    NO = "no"
    NO_STORES = "no-stores"  # the list of stores is empty
    NO_MEDIUM = "no-medium"  # a store id whose low half is 0
    UNAVAILABLE = "unavailable"  # the store is listed, but any use of it gives 0x2013
    REFUSED = "refused"  # the list of stores itself gives 0x2013


class Measure(IntEnum):
    """What brings a camera that hangs to life again; a stronger measure helps too."""

    CANCEL = 1
    CLEAR_HALT = 2
    CLASS_RESET = 3
    USB_RESET = 4
    POWER = 5


class Trouble(StrEnum):
    """What happens in the midst of a transaction."""

    NAK = "nak"  # nothing comes for so many reads, then it goes on
    HANG = "hang"  # nothing comes any more until `until`
    STALL = "stall"  # the endpoint halts, the transaction is dropped
    GONE = "gone"  # pulled out
    EARLY = "early"  # the response comes here, with `code`, and no data after it


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """A trouble at byte `at` of the data container of one operation, its header counted.

    `at` None means instead of any data. Without a data phase it strikes before the response.
    `skip` transactions with that operation go well first, then `count` of them do not.
    `times` is the number of reads that a NAK lets time out.
    """

    op: int
    trouble: Trouble
    at: int | None = None
    code: int = 0x2002
    times: int = 1
    until: Measure = Measure.CANCEL
    skip: int = 0
    count: int = 1 << 30


class Moment(StrEnum):
    """When an object changes under the host's hands."""

    BEFORE_DATA = "before-data"  # after its info was asked, before GetObject is answered
    AT_BYTE = "at-byte"  # while its data is being read
    AFTER_DATA = "after-data"  # between its last byte and the response


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """An object gets other content or another date, or vanishes. Data under way stays as it was."""

    handle: int
    moment: Moment
    at: int = 0
    content: Content | None = None
    modified: str | None = None
    vanishes: bool = False


STANDARD_OPERATIONS = frozenset(
    {0x1001, 0x1002, 0x1003, 0x1004, 0x1005, 0x1006, 0x1007, 0x1008, 0x1009, 0x100B, 0x1014, 0x1015, 0x101B}
)
ALL_OPERATIONS = STANDARD_OPERATIONS | {0x95C1, 0x9803, 0x9805}
PLAIN_PTP = STANDARD_OPERATIONS - {0x101B}


@dataclass(frozen=True, kw_only=True, slots=True)
class Knobs:
    """All of them."""

    # --- containers ---
    zlp: Zlp = Zlp.WHEN_ALIGNED
    split_header: bool = False  # the header of a data container is a transfer of its own
    glued_response: bool = False  # the response begins in the data's last packet
    large_length: LargeLength = LargeLength.UNKNOWN
    unknown_length_always: bool = False  # 0xFFFFFFFF for small ones as well
    length_error: int = 0  # added to the length in the header of GetObject's data
    data_tid_error: int = 0
    data_code: int | None = None  # what stands for the operation's code in a data header
    data_type: int = 2
    response_tid_error: int = 0
    stale_responses: int = 0  # responses with lower transaction ids that come first
    stale_data: bool = False  # a data container of an older transaction that comes first
    junk_before_response: bytes = b""  # a packet of 1-4 bytes

    # --- trouble ---
    faults: tuple[Fault, ...] = ()
    busy: Mapping[int, int] = field(default_factory=dict)  # operation: how often it gives 0x2019 first
    enomem_above: int | None = None  # the kernel gives ENOMEM for reads of more bytes
    stalled_writes: int = 0  # the OUT endpoint halts at the first n commands
    deaf_writes: int = 0  # the first n commands time out

    # --- session and recovery ---
    session_left_open: bool = False
    previous_host_died: bool = False  # old data waits, both endpoints are halted, a session is open
    deaf_opens: int = 0  # OpenSession that never answers, until a reset
    close_answers_tid_0: bool = False
    cancel_residue: int = 0  # bytes still coming after a cancel
    cancel_halts: bool = False  # both endpoints halt at a cancel
    busy_polls: int = 0  # how often GetDeviceStatus says busy after a cancel
    status_empty: bool = False  # GetDeviceStatus gives no bytes
    status_stalls: bool = False
    reset_reenumerates: bool = False  # after a USB reset it comes back with another address

    # --- what it says of itself and of its objects ---
    operations: frozenset[int] = ALL_OPERATIONS
    phantom: frozenset[int] = frozenset()  # advertised, but give 0x2005
    device_info_serial: str = "BWC-0001"
    extension: tuple[int, str] = (6, "microsoft.com: 1.0; android.com: 1.0;")
    locked: Locked = Locked.NO
    unlocks_after_polls: int | None = None
    unlocks_in_session: int | None = None  # the number of the session in which it first shows its stores
    clock: str | None = "20260314T111502"  # 0x5011, or None: 0x200A
    properties: Mapping[int, bytes] = field(default_factory=dict)  # others, with the whole description
    extra_children: Mapping[int, tuple[int, ...]] = field(default_factory=dict)  # loops and duplicates
    samsung_size: bool = False  # a 64-bit size in ObjectInfo
    count_error: int = 0  # added to GetNumObjects
    zero_fill_from: int | None = None  # GetObject is all zeros from here on, and ends with 0x2007
    changes: tuple[Change, ...] = ()
    size_prop_bytes: int = 8  # 0xDC04 as u64 or u32
    props_absent: frozenset[int] = frozenset()
    proplist_omits: frozenset[int] = frozenset()
    proplist_sizes: Mapping[int, int] = field(default_factory=dict)
    proplist_count_error: int = 0

    # --- partial reads and deletion ---
    partial_short_by: int = 0  # bytes fewer than were asked for, and honest about it
    partial_at_most: int = 1 << 32  # bytes that it gives at once, and honest about it
    partial_extra: int = 0  # bytes more than were asked for
    partial_claim_error: int = 0  # added to the count in the response
    partial_from_start: bool = False  # the offset is not looked at
    partial_wraps: bool = False  # the offset's upper 32 bits are not looked at
    delete_code: int | None = None  # the refusal
    delete_lies: bool = False  # OK, and the object is still there
