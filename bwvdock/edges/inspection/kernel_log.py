"""What did the kernel write since it started? Read from journald, which lets few users see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bwvdock.edges.inspection.programs import Ran, run
from bwvdock.errors import NotSeenError

_MOST_LINES = 20_000
_SECONDS = 20.0


@dataclass(frozen=True, kw_only=True, slots=True)
class KernelLine:
    """One line of the kernel's log, and when it was written (UTC). It may quote a device."""

    at: datetime
    text: str


def read_kernel_log(*, ask: Callable[..., Ran] = run) -> Sequence[KernelLine]:
    """Return the lines of this boot, the latest if there are very many; never none at all.

    Raises:
        NotSeenError: they may not be read. A kernel that started has always written something, so an empty
            answer means that too.
    """
    ran = ask(
        "journalctl",
        *("--dmesg", "--boot", "--quiet", "--no-pager"),
        *("-o", "short-unix", "-n", str(_MOST_LINES)),
        seconds=_SECONDS,
    )
    lines = [line for text in ran.out.split("\n") if (line := _line(text)) is not None]
    if not lines:
        raise NotSeenError(
            "this user may not read the kernel's log, or journald keeps none",
            remedy="sudo bwvdock doctor",
        )
    return lines


def _line(text: str) -> KernelLine | None:
    """Return a line as journalctl writes it: "1772355600.123456 HOST kernel: usb 1-2: ..."."""
    at, _, rest = text.partition(" ")
    _, found, said = rest.partition(" kernel: ")
    try:
        return KernelLine(at=datetime.fromtimestamp(float(at), UTC), text=said) if found else None
    except (ValueError, OverflowError, OSError):
        return None
