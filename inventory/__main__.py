"""Writes the bill of materials and the copyright file: `python -m inventory TREE WHEELS HEAD`.

TREE is the package's files, WHEELS the folder of wheels that they were unpacked from, HEAD what the copyright
file begins with. The environment says the rest, as build-deb.sh sets it: VERSION, TARGET_PYTHON,
TARGET_MACHINE and SOURCE_DATE_EPOCH.
"""

import os
import sys
from pathlib import Path

from inventory.bill import bill
from inventory.copyright import stanzas
from inventory.distributions import Target, distributions


def main(tree: Path, wheels: Path, head: Path) -> None:
    """Write both into the package's documentation."""
    target = Target(python=os.environ["TARGET_PYTHON"], machine=os.environ["TARGET_MACHINE"])
    found = distributions(tree, wheels, target)
    doc = tree / "usr/share/doc/bwvdock"
    made_at = int(os.environ["SOURCE_DATE_EPOCH"])
    (doc / "sbom.cdx.json").write_text(bill(tree, os.environ["VERSION"], made_at, found), encoding="utf-8")
    (doc / "copyright").write_text(stanzas(head.read_text(encoding="utf-8"), found), encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
