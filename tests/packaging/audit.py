"""Do the pinned libraries have known vulnerabilities? `make audit` asks OSV (https://google.github.io/osv.dev/api).

It ends with 0 if OSV was asked about every library of the locks and knows of nothing, 1 if it knows of
something, 2 if it could not be asked, which says nothing about the libraries. OSV is also asked about a
version that has known vulnerabilities: if it names none, nothing that it says counts.
"""

from __future__ import annotations

import json
import re
import sys
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

OSV = "https://api.osv.dev"
LOCKS = (
    "requirements/runtime.txt",
    "requirements/manual.txt",
    "requirements/inventory.txt",
    "requirements/ansible.txt",
    "requirements/dev.txt",
)
_PIN = re.compile(r"^([a-zA-Z0-9._-]+)==([^\s;]+)", re.MULTILINE)
_SECONDS = 60
_MOST_PAGES = 100


class Library(NamedTuple):
    """A library at a version."""

    name: str
    version: str


CONTROL = Library("urllib3", "1.26.4")  # CVE-2021-33503 and others


class CouldNotAskError(Exception):
    """OSV did not answer, or not about everything."""


def pinned(locks: Iterable[Path]) -> Mapping[Library, Sequence[str]]:
    """Return each pinned library, and the names of the locks that pin it.

    Raises:
        CouldNotAskError: a lock cannot be read, or pins nothing.
    """
    found: dict[Library, list[str]] = {}
    for lock in locks:
        try:
            pins = _PIN.findall(lock.read_text(encoding="utf-8"))
        except OSError as error:
            raise CouldNotAskError(f"{lock} cannot be read: {error.strerror}") from error
        if not pins:
            raise CouldNotAskError(f"{lock} pins nothing")
        for pin in pins:
            found.setdefault(Library(*pin), []).append(lock.name)
    return found


def vulnerabilities(libraries: Iterable[Library], osv: str = OSV) -> Mapping[Library, Sequence[str]]:
    """Return the ids of what OSV knows of each library that has any.

    Raises:
        CouldNotAskError: it did not answer about all of them, or does not know the one it must know.
    """
    found: dict[Library, list[str]] = {}
    asked: list[tuple[Library, str]] = [(library, "") for library in {CONTROL, *libraries}]
    for _ in range(_MOST_PAGES):
        if not asked:
            break
        answers = _ask(osv, asked)
        for (library, _token), answer in zip(asked, answers, strict=True):
            found.setdefault(library, []).extend(str(vuln["id"]) for vuln in answer.get("vulns", []))
        asked = [
            (library, str(answer["next_page_token"]))
            for (library, _token), answer in zip(asked, answers, strict=True)
            if answer.get("next_page_token")
        ]
    else:
        raise CouldNotAskError("its answer does not end")
    if not found[CONTROL]:
        raise CouldNotAskError(f"it names nothing in {CONTROL.name} {CONTROL.version}, which has much")
    wanted = set(libraries)
    return {library: sorted(ids) for library, ids in found.items() if ids and library in wanted}


def _ask(osv: str, asked: Sequence[tuple[Library, str]]) -> Sequence[Mapping[str, Any]]:
    """Return one answer for each question."""
    queries = [
        {"package": {"name": library.name, "ecosystem": "PyPI"}, "version": library.version}
        | ({"page_token": token} if token else {})
        for library, token in asked
    ]
    request = urllib.request.Request(  # noqa: S310 - the address is ours
        f"{osv}/v1/querybatch",
        data=json.dumps({"queries": queries}).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - as above
            results = json.load(answer)["results"]
        if len(results) != len(queries) or not all(_is_answer(result) for result in results):
            raise CouldNotAskError("its answer is not about what was asked")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CouldNotAskError(f"{type(error).__name__}: {error}") from error
    return list(results)


def _is_answer(result: object) -> bool:
    if not isinstance(result, Mapping):
        return False
    vulns = result.get("vulns", [])
    return isinstance(vulns, list) and all(isinstance(vuln, Mapping) and "id" in vuln for vuln in vulns)


def main(locks: Sequence[Path], osv: str = OSV) -> int:
    """Print what OSV knows about the locks; return the exit code."""
    try:
        libraries = pinned(locks)
        found = vulnerabilities(libraries, osv)
    except CouldNotAskError as error:
        sys.stderr.write(f"COULD NOT ASK {osv}: {error}.\nNothing is known about the pinned libraries.\n")
        return 2
    for library, ids in sorted(found.items()):
        sys.stdout.write(f"{library.name} {library.version} ({', '.join(libraries[library])}):\n")
        sys.stdout.writelines(f"  https://osv.dev/vulnerability/{name}\n" for name in ids)
    sys.stdout.write(f"{len(libraries)} pinned libraries, {len(found)} with known vulnerabilities.\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main([Path(lock) for lock in LOCKS]))
