"""How does a process that runs thousands of tests stay small?

The collector counts objects, and footage in memory is one object however long it is: what is in a cycle may
hold gigabytes before it has seen enough of them to look.
"""

from __future__ import annotations

import gc
import os
from pathlib import Path

_STEP = 96 * 2**20
_PAGE = os.sysconf("SC_PAGE_SIZE")
_left = 0


def collect_if_grown() -> None:
    """Collect garbage if this process has become much larger since that was last done."""
    global _left  # noqa: PLW0603 - of the process, as what it is about
    size = _size()
    if size - _left >= _STEP:
        gc.collect()
        _left = size = _size()
    _left = min(_left, size)


def _size() -> int:
    return int(Path("/proc/self/statm").read_bytes().split()[1]) * _PAGE
