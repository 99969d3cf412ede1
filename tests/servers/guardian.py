"""Ends what a test run has started when the run itself is gone, however it went: SIGKILL lets nobody tidy up.

Reads lines from standard input: `+GROUP` and `-GROUP` for process groups that begin and end, `FOLDER` for one
that is to be removed. The end of the input is the end of the run.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from contextlib import suppress


def main() -> None:
    """Listen until the run ends, then tidy up."""
    groups: set[int] = set()
    folders: list[str] = []
    for line in sys.stdin:
        match line[0], line.strip():
            case "+", word:
                groups.add(int(word))
            case "-", word:
                groups.discard(-int(word))
            case _, folder:
                folders.append(folder)
    for group in groups:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


main()
