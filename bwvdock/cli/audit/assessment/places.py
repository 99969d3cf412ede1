"""Where does each copy lie, and who may open it, according to the configuration and the journal?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from bwvdock.cli.audit.assessment.values import Known
from bwvdock.config.stores import DirectoryStore, S3Store, Store
from bwvdock.edges.journal.read.audit.observations import Copies

_NOTHING = Copies(destination="", receipts=0, left=0, method="", object_lock=False)
_HERE = "made for the dock's own user and root of this PC; its rights were not looked at"
_ELSEWHERE = "not seen: anyone whom that disk, share or store admits"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A place where copies lie; `opened_is_known` says whether it is known for whom it was made."""

    destination: str
    kind: str
    place: str
    required: bool
    copies: Copies
    opened_by: str
    opened_is_known: bool


def places(known: Known) -> Iterator[Place]:
    """Yield the spool, each destination, and each that has receipts and is in the configuration no more."""
    of = {copies.destination: copies for copies in known.seen.copies}
    yield Place(
        destination="spool",
        kind="spool",
        place=f"folder {known.config.spool}",
        required=False,
        copies=_NOTHING,
        opened_by=_HERE,
        opened_is_known=True,
    )
    for store in known.config.destinations:
        here = isinstance(store, DirectoryStore) and known.config.keeps(store)
        yield Place(
            destination=store.name,
            kind=store.kind,
            place=_place_of(store),
            required=store.required,
            copies=of.get(store.name, _NOTHING),
            opened_by=_HERE if here else _ELSEWHERE,
            opened_is_known=here,
        )
    configured = {store.name for store in known.config.destinations}
    for name, copies in of.items():
        if name not in configured and copies.receipts:
            yield Place(
                destination=name,
                kind="",
                place="not known: it is not in the configuration any more",
                required=False,
                copies=copies,
                opened_by="not known",
                opened_is_known=False,
            )


def said(place: Place) -> str:
    """Return where copies lie, how many have a receipt, and who may open them, in a sentence."""
    copies = place.copies
    counted = (
        f"{copies.left:,} clips with a receipt and not disposed of by this dock; " if copies.receipts else ""
    )
    lock = " Objects are locked." if copies.object_lock else ""
    return f"{place.destination}: {place.place}; {counted}opened by: {place.opened_by}.{lock}"


def _place_of(store: Store) -> str:
    """Return where a destination is, without anything that lets somebody in."""
    if isinstance(store, DirectoryStore):
        return f"folder {store.path}"
    if isinstance(store, S3Store):
        return f"bucket {store.bucket} at {_host(store.endpoint)}"
    return f"server {_host(store.url)}"


def _host(url: str) -> str:
    parts = urlsplit(url)
    plain = " (not encrypted on the way)" if parts.scheme == "http" else ""
    return f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{plain}"
