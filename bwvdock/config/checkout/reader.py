"""Which badge reader does the configuration name?"""

from __future__ import annotations

import re
from pathlib import Path

from bwvdock.config.toml_table import instead, line

_IDS = re.compile(r"([0-9a-fA-F]{4}):([0-9a-fA-F]{4})")
_NODES = "/dev/input/"


def reader(value: object) -> tuple[int, int] | Path:
    """Parse a reader's ids of vendor and product, as lsusb shows them, or the path of its node."""
    given = line(value)
    ids = _IDS.fullmatch(given)
    if ids is not None:
        return int(ids[1], 16), int(ids[2], 16)
    if given.startswith(_NODES) and ".." not in given.split("/") and not given.endswith("/"):
        return Path(given)
    raise instead(
        'write the ids that lsusb shows, such as "08ff:0009", or a path such as "/dev/input/by-path/..."'
    )
