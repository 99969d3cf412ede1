"""How much did a verification of the files cover, and how is that said?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bwvdock.cli.document_checks import Documents
from bwvdock.cli.file_checks import Check
from bwvdock.core.custody.verification import Problem
from bwvdock.errors import BwvdockError
from bwvdock.service.unaccounted import Unaccounted, places
from bwvdock.units import format_count

_UNHASHED = "of clips that are still to be copied, or to be copied again"
_UNDESCRIBED = "custody documents of earlier copies or dates: a newer one is to replace them"


@dataclass(kw_only=True)
class Coverage:
    """The result of hashing the files again; its fields count as those of `Check`.

    `not_checked` has the reasons why files were not compared, `disposed` counts the copies that were disposed
    of, and `looked` says whether the files were looked at to the end. `compared` custody documents name
    entries and a root that the journal has. `stores` says for each place of copies why it was not read.
    """

    checked: int = 0
    bytes: int = 0
    matched: int = 0
    documents: int = 0
    differing: int = 0
    missing: int = 0
    disposed: int = 0
    looked: bool = False
    problems: list[Problem] = field(default_factory=list)
    errors: list[BwvdockError] = field(default_factory=list)
    not_checked: Counter[str] = field(default_factory=Counter)
    unaccounted: list[Unaccounted] = field(default_factory=list)
    compared: int = 0
    stores: dict[str, str] = field(default_factory=dict)

    def add(self, check: Check) -> None:
        """Count one check."""
        self.checked += check.files
        self.bytes += check.bytes
        self.matched += check.matched
        self.documents += check.documents
        self.differing += check.differing
        self.missing += check.missing
        if check.unread:
            self.not_checked[check.why_unread] += check.unread
        if check.problem is not None:
            self.problems.append(check.problem)
        if check.error is not None:
            self.errors.append(check.error)

    def add_unaccounted(self, found: Unaccounted) -> None:
        """Count the files of one place that belong to no entry."""
        self.unaccounted.append(found)
        for reason, count in ((_UNHASHED, found.unhashed), (_UNDESCRIBED, found.undescribed)):
            if count:
                self.not_checked[reason] += count

    def add_documents(self, found: Documents) -> None:
        """Count the custody documents that were compared with the journal."""
        self.compared += found.compared
        self.not_checked.update(found.left_out)
        self.problems.extend(found.problems)
        self.errors.extend(found.errors)
        self.stores.update(found.places)

    @property
    def places(self) -> tuple[tuple[str, int], ...] | None:
        """How many files belong to no entry, by the place; None if a place could not be searched.

        Vaults that other docks use too are left out.
        """
        return None if any(found.error for found in self.unaccounted) else places(self.unaccounted)

    @property
    def conclusive(self) -> bool:
        """Whether a problem was found, or everything was looked at that was to be looked at."""
        return bool(self.problems) or (self.looked and not self.errors)

    def sentences(self) -> list[str]:
        """Return the coverage in words, a line each."""
        return list(self._sentences())

    def _sentences(self) -> Iterator[str]:
        if not self.looked and not self.checked:
            yield "No files were checked."
            return
        missed = self.not_checked.total()
        why = "; ".join(f"{count:,} {reason}" for reason, count in sorted(self.not_checked.items()))
        others = f", {self.differing:,} not as taken" * bool(self.differing)
        others += f", {self.missing:,} missing" * bool(self.missing)
        matching = f"{format_count(self.matched, 'file')} {'matches' if self.matched == 1 else 'match'}"
        reasons = f" ({why})" if why else ""
        yield f"{matching} the hash taken at ingest{others}; {missed:,} not checked{reasons}."
        if not self.looked:
            yield "The check of the files stopped before its end."
        if self.documents:
            match = (
                "matches the hash recorded when it was"
                if self.documents == 1
                else ("match the hash recorded when they were")
            )
            yield f"{format_count(self.documents, 'custody document')} {match} stored."
        yield from self.of_documents()
        if self.disposed:
            disposed = format_count(self.disposed, "copy was", "copies were")
            yield f"{disposed} disposed of before, according to the journal."
        yield from self._unaccounted()
        yield from self.of_stores()

    def of_documents(self) -> Iterator[str]:
        """Yield how many custody documents were compared with the journal, in words."""
        if self.compared:
            name = "names" if self.compared == 1 else "name"
            documents = format_count(self.compared, "custody document")
            yield f"{documents} {name} entries and a root that the journal has."

    def of_stores(self) -> Iterator[str]:
        """Yield which places were read and which were not, in words."""
        read = [place for place, why in self.stores.items() if not why]
        unread = [f"{place} ({why})" for place, why in self.stores.items() if why]
        if read:
            yield f"Read: {', '.join(read)}."
        if unread:
            yield f"Not read: {', '.join(unread)}."

    def _unaccounted(self) -> Iterator[str]:
        total = sum(found.files for found in self.unaccounted)
        if any(not found.error for found in self.unaccounted):
            yield f"{format_count(total, 'file belongs', 'files belong')} to no entry of this journal."
        for found in self.unaccounted:
            if found.error is not None:
                yield f"  {found.title}: not searched ({found.error.message})"
            elif found.files:
                named = ", ".join(found.first)
                more = f", and {found.files - len(found.first):,} more" * (found.files > len(found.first))
                docks = ", ".join(found.other_docks)
                shared = f" (dock {docks} uses this vault too)" if docks else ""
                yield f"  {found.title}: {found.files:,}: {named}{more}{shared}"

    def document(self) -> dict[str, Any]:
        """Return what `--json` adds: the same in keys and numbers."""
        return {
            "files_matched": self.matched,
            "documents_matched": self.documents,
            "files_not_as_taken": self.differing,
            "files_missing": self.missing,
            "files_disposed": self.disposed,
            "documents_compared": self.compared,
            "stores_read": [place for place, why in self.stores.items() if not why],
            "stores_not_read": {place: why for place, why in self.stores.items() if why},
            "not_checked": dict(sorted(self.not_checked.items())),
            "files_without_entry": sum(found.files for found in self.unaccounted),
            "without_entry": [
                {
                    "place": found.title,
                    "files": found.files,
                    "first": list(found.first),
                    "other_docks": list(found.other_docks),
                    "error": found.error.message if found.error else "",
                }
                for found in self.unaccounted
            ],
            "errors": [error.message for error in self.errors],
        }
