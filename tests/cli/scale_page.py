"""docs/explanation/scale.md shows what `bwvdock plan` prints: `python -m tests.cli.scale_page` writes it."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

from bwvdock.cli import main

PAGE = Path(__file__).resolve().parents[2] / "docs" / "explanation" / "scale.md"
_SHOWN = re.compile(
    r"^    \$ bwvdock (plan(?:.*\\\n)*.*)\n((?:(?:    .*)?\n(?=    |\n    ))*(?:    .*\n)?)", re.MULTILINE
)


def printed(command: str) -> str:
    """Return what a command prints, as the page shows it."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        main(command.replace("\\\n", " ").split())
    return "".join(f"    {line}".rstrip() + "\n" for line in out.getvalue().splitlines())


def renewed(page: str) -> str:
    """Return the page with what its commands print now."""
    return _SHOWN.sub(lambda shown: f"    $ bwvdock {shown[1]}\n{printed(shown[1])}", page)


def commands(page: str) -> list[str]:
    """Return the commands that the page shows."""
    return [shown[1] for shown in _SHOWN.finditer(page)]


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
