"""Which settings has root made for this process?"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bwvdock.mounter.refusal import Refusal, RefusalCode


def read(path: Path, *, owner: int = 0) -> Mapping[str, Any] | None:
    """Read a TOML file; None if there is none.

    Raises:
        Refusal: it could have been written by somebody but its owner, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            about = os.fstat(file.fileno())
            said = tomllib.loads(file.read().decode("utf-8-sig"))  # as the daemon reads it
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise Refusal(RefusalCode.MISCONFIGURED, f"{path} cannot be read: {error}") from error
    if about.st_uid != owner or about.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise Refusal(RefusalCode.MISCONFIGURED, f"{path} must belong to root, and only root may write to it")
    return said


def let_erase(path: Path, *, owner: int = 0) -> None:
    """Check that the dock's configuration allows erasing cameras.

    Root's own file is asked, not the sender of a request: a daemon that fell into wrong hands cannot
    have anything erased on a dock whose operator never wanted it.

    Raises:
        Refusal: it does not, or it could have been written by somebody but its owner.
    """
    match read(path, owner=owner):
        case {"release": {"erase": "after-verified"}}:
            return
    raise Refusal(RefusalCode.ERASING_OFF, f"{path} does not allow erasing cameras")
