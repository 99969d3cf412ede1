"""Do the custody documents in the directory vaults name the entries and the roots that the journal has?

Each document was made when the journal had so many entries, and states their root: a journal that was
written anew later contradicts it. Whether a document is still the one that was stored, file_checks.py says.
"""

from __future__ import annotations

import json
import os
import stat
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bwvdock.config.settings import Config
from bwvdock.core.custody.c2sp.checkpoint import read_signed_checkpoint
from bwvdock.core.custody.document import VERSIONS, WHAT
from bwvdock.core.custody.verification import Problem
from bwvdock.core.visible_text import quoted
from bwvdock.edges.destinations.vault_files import VaultFiles
from bwvdock.edges.durable import read_small
from bwvdock.edges.journal.verify.checked import CheckedJournal
from bwvdock.edges.journal.verify.roots import Roots
from bwvdock.edges.rights import as_owner_of
from bwvdock.errors import (
    BwvdockError,
    DestinationUnavailableError,
    NotComparedError,
    UnexpectedError,
    words_of,
)

_MOST_BYTES = 64 * 2**20
_SUFFIX = ".custody.json"
_NO_DOCUMENT = "custody documents that cannot be read as such"


@dataclass(kw_only=True)
class Documents:
    """The result of comparing custody documents with the journal.

    `compared` matched it, `left_out` counts the others by the reason, `errors` say what could not be read.
    `places` has for each folder that was given why it was not read, "" if it was.
    """

    compared: int = 0
    problems: list[Problem] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    errors: list[BwvdockError] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)


def compare_documents(config: Config, roots: Roots) -> Documents:
    """Read every custody document in the directory vaults; return how they compare with the journal.

    Nothing ends it: what cannot be read is counted, with the reason.
    """
    found = Documents()
    for store in config.vaults:
        # Whichever mark it bears: what is in a directory by chance is of another dock.
        vault = VaultFiles(store.path, name=store.name, marks=config.vault_marks, proven=False)
        try:
            _compare_vault(vault, config.dock, roots, found)
        except DestinationUnavailableError:
            continue  # the coverage says so, and the check of the files where one must be there
        except Exception as error:  # noqa: BLE001 - the boundary: one vault fails, the others are read
            found.errors.append(_not_read(f"Custody documents in {vault.title}", error))
    return found


def compare_elsewhere(config: Config, folder: Path) -> Documents:
    """Read every custody document below a folder that is kept elsewhere; return how they compare.

    They are read with the rights of the caller, the journal with those of the state directory's owner.
    Nothing ends it, so that what was found before is shown. What cannot be read is among the errors.
    """
    found = Documents()
    try:
        with as_owner_of(config.state_dir):
            journal = CheckedJournal(config.journal)
        with journal:
            roots = Roots(journal)
            for path in _documents_below(folder, found):
                try:
                    _compare(read_small(str(path), _MOST_BYTES), str(path), config.dock, roots, found)
                except Exception as error:  # noqa: BLE001 - the boundary: one fails, the others are read
                    found.errors.append(_not_read(str(path), error))
    except Exception as error:  # noqa: BLE001 - the boundary: the journal cannot be opened
        found.errors.append(_not_read("The journal for --documents", error))
    found.places[str(folder)] = "not all of it could be read" if found.errors else ""
    return found


def _documents_below(folder: Path, found: Documents) -> Iterator[Path]:
    """Yield the regular files with a document's name, whatever folder they are in; links are not followed."""

    def unread(error: OSError) -> None:
        found.errors.append(
            NotComparedError(
                f"{error.filename} cannot be read: {words_of(error)}.",
                remedy=f"ls -ld {quoted(str(error.filename))}",
            )
        )

    for above, folders, names in os.walk(folder, onerror=unread):
        folders.sort()
        for path in (Path(above, name) for name in sorted(names) if name.endswith(_SUFFIX)):
            with suppress(OSError):
                if stat.S_ISREG(path.lstat().st_mode):
                    yield path


def _compare_vault(vault: VaultFiles, dock: str, roots: Roots, found: Documents) -> None:
    for folder, names in vault.folders():
        for name in names:
            if not name.endswith(_SUFFIX):
                continue
            path = f"{folder}/{name}"
            try:
                _compare(vault.read(path), f"{path} in {vault.title}", dock, roots, found)
            except Exception as error:  # noqa: BLE001 - the boundary: one document fails, the others are read
                found.errors.append(_not_read(f"{path} in {vault.title}", error))


def _compare(content: bytes, where: str, dock: str, roots: Roots, found: Documents) -> None:
    document = _parsed(content)
    if document is None:
        found.left_out[_NO_DOCUMENT] += 1
        return
    if document["dock"] != dock:
        found.left_out["custody documents of other docks"] += 1
        return
    if not roots.knows(document["clip"]):
        if roots.after_loss():
            found.left_out["custody documents of a journal that was lost"] += 1
        else:
            message = f"{where} is about a clip that the journal does not have"
            found.problems.append(Problem(code="document_journal", message=message))
        return
    wrong = _contradiction(document, roots)
    if wrong:
        message = f"{where} {wrong}"
        found.problems.append(Problem(code="document_journal", message=message, clip=document["clip"]))
    else:
        found.compared += 1


def _parsed(content: bytes) -> dict[str, Any] | None:
    """Return a document whose keys have the types that are read here; None for anything else."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return None
    match document:
        case {
            "what": what,
            "version": version,
            "dock": str(),
            "clip": str(),
            "tree": {"size": int(size), "root": str()},
            "entries": list(entries),
        } if what == WHAT and version in VERSIONS and 0 < size < 2**63:
            return document if all(map(_is_entry, entries)) else None
    return None


def _is_entry(entry: object) -> bool:
    match entry:
        case {"seq": int(seq), "leaf": str()}:
            return 0 <= seq < 2**63
    return False


def _contradiction(document: dict[str, Any], roots: Roots) -> str:
    """Return in what a document contradicts the journal, to end a sentence; "" if in nothing."""
    size, there = document["tree"]["size"], roots.size()
    if size > there:
        return f"was made when the journal had {size:,} entries; it has {there:,}"
    for entry in document["entries"]:
        if roots.text(entry["seq"]) != entry["leaf"]:
            return f"has another text of entry {entry['seq']} than the journal"
    if roots.root(size) != document["tree"]["root"]:
        return f"states another root over the first {size:,} entries than the journal gives"
    return _of_another_journal(document.get("checkpoint", ""), roots)


def _of_another_journal(note: object, roots: Roots) -> str:
    """Return in what a document's signed checkpoint contradicts the journal; "" if in nothing."""
    if note == "":
        return ""
    try:
        head = read_signed_checkpoint(str(note).encode()).checkpoint
    except ValueError:
        return "has a checkpoint that is not a signed note"
    if not 0 < head.size <= roots.size() or roots.root(head.size) != head.root.hex():
        return f"has a signed checkpoint of {head.size:,} entries that the journal contradicts"
    return ""


def _not_read(what: str, error: Exception) -> BwvdockError:
    if isinstance(error, BwvdockError):
        return error
    said = words_of(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
    return UnexpectedError(f"{what} could not be read: {said}.")
