"""The copyright file of the package, in Debian's machine-readable form."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inventory.distributions import LIBRARY, Distribution

_COPYRIGHT = re.compile(r"^\W*copyright\W+(?:\(c\)\W*)?(?=\d{4}|the )", re.IGNORECASE)
_COMMON = {
    re.compile(r"Apache License\s+Version 2\.0"): "Apache-2.0",
    re.compile(r"GNU LESSER GENERAL PUBLIC LICENSE\s+Version 2\.1"): "LGPL-2.1",
}
"""Licences whose text Debian has once for all, by what their text begins with."""


def stanzas(head: str, found: list[Distribution]) -> str:
    """Return the whole file: what stands at its head, then one stanza for each Python package."""
    return "\n".join([head.rstrip("\n") + "\n", *map(_stanza, found)])


def _stanza(distribution: Distribution) -> str:
    own = [text for text in distribution.licences.values() if not _common(text)]  # not who wrote the licence
    holders = sorted({line for text in own for line in _holders(text)})
    return (
        f"Files: {' '.join(_patterns(distribution))}\n"
        f"Copyright: {f'{chr(10)}           '.join(holders or [distribution.authors])}\n"
        f"License: {distribution.licence.replace(' OR ', ' or ').replace(' AND ', ' and ')}\n"
        f"{''.join(_texts(distribution))}"
    )


def _patterns(distribution: Distribution) -> Iterator[str]:
    for name in distribution.top:
        folder = any(file.startswith(f"{name}/") for file in distribution.files)
        yield f"{LIBRARY}/{name}/*" if folder else f"{LIBRARY}/{name}"


def _holders(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if _COPYRIGHT.match(line) and "notice" not in line.lower() and "[" not in line:
            yield _COPYRIGHT.sub("", line).strip().rstrip(".")


def _common(text: str) -> str:
    """Return Debian's name of a licence that it has the text of; "" for any other."""
    return next((name for begins, name in _COMMON.items() if begins.search(text)), "")


def _texts(distribution: Distribution) -> Iterator[str]:
    for file, text in distribution.licences.items():
        yield f" {file}:\n .\n"
        if common := _common(text):
            yield f" On Debian systems the full text is in /usr/share/common-licenses/{common}.\n .\n"
        else:
            yield "".join(f"  {line.rstrip()}\n" if line.strip() else " .\n" for line in text.splitlines())
            yield " .\n"
