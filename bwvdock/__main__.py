"""`python -m bwvdock` is `bwvdock`."""

from __future__ import annotations

import sys

from bwvdock.cli import main

if __name__ == "__main__":
    sys.exit(main())
