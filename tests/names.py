"""Which names are in a text? Ids and hashes may have any four digits within: those are no name."""

from __future__ import annotations

import re
from collections.abc import Iterable


def names_in(text: str, names: Iterable[str]) -> list[str]:
    """Return those of the names that stand in a text by themselves."""
    return [one for one in names if re.search(rf"(?<![0-9a-z]){re.escape(one)}(?![0-9a-z])", text)]
