"""Write everything under a folder, at the places where a Debian package has it: `python -m manual FOLDER`.

The same commit gives the same bytes: the date in the pages is that of $SOURCE_DATE_EPOCH, or none.
"""

from __future__ import annotations

import gzip
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from manual.catalogue import catalogue
from manual.completion import completions
from manual.pages import pages

CATALOGUE = "usr/lib/systemd/catalog/bwvdock.catalog"


def files(date: str) -> Iterator[tuple[str, bytes]]:
    """Return the path and the content of each file."""
    for name, page in pages(date).items():
        section = name.rpartition(".")[2]
        yield f"usr/share/man/man{section}/{name}.gz", gzip.compress(page.encode(), 9, mtime=0)
    for path, script in completions().items():
        yield path, script.encode()
    yield CATALOGUE, catalogue().encode()


def main() -> int:
    """Write the files; return the exit code."""
    if len(sys.argv) != 2:
        print("usage: python -m manual FOLDER", file=sys.stderr)
        return 2
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    date = datetime.fromtimestamp(int(epoch), UTC).strftime("%Y-%m-%d") if epoch else ""
    for path, content in files(date):
        file = Path(sys.argv[1], path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
