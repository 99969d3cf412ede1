"""What does a tus server hold of one upload? Found out, never believed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from bwvdock.core.ports import FoundPart, Take, TransferControl
from bwvdock.edges.destinations.tus.answers import path_of
from bwvdock.edges.destinations.tus.canary import keeps_finished
from bwvdock.edges.destinations.tus.progress import UploadProgress
from bwvdock.edges.destinations.tus.upload import Server
from bwvdock.errors import DestinationError, DestinationUnavailableError, NotComparableError


class GoneError(DestinationError):
    """An upload is not there, though the server keeps others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """What was found; `by_pieces` says that the server compared all of it, else it was read back."""

    url: str
    sha256: str
    by_pieces: bool
    words: str


def find_out(server: Server, left: UploadProgress, transfer: TransferControl) -> Proof:
    """Find out what a server holds of the upload that `left` speaks of.

    Raises:
        DestinationUnavailableError: not now; nothing has been learnt.
        DestinationError: it is not there whole, or nothing can prove it; the message begins with a verb.
        HaltedError: it was halted.
    """
    found = _read_at_once(server, left, transfer)
    if found == left.sha256:
        said = f"GET: {left.size} bytes"
        return Proof(url=left.url, sha256=found, by_pieces=False, words=said)
    held = server.client.head(left.url) if left.url else None
    if held is None:
        require_kept(server, transfer)
        raise GoneError("is not there")
    if held.offset != left.size or held.length not in {None, left.size}:
        raise DestinationError(f"has {held.offset} bytes instead of {left.size}")
    # Sound, because the digests that the server compared are those that were taken at ingest, and it is known
    # to refuse bytes that do not have theirs: where all was compared, it holds what was acquired.
    by_pieces = server.traits.compares and left.whole and left.compared == left.size
    return Proof(
        url=left.url,
        sha256=left.sha256 if by_pieces else found or _read_back(server, left, transfer),
        by_pieces=by_pieces,
        words=f"Upload-Offset: {held.offset}, Upload-Length: {held.length}",
    )


def look(server: Server, url: str, size: int, transfer: TransferControl, take: Take) -> FoundPart | None:
    """Read a finished upload whole, if it has this many bytes; None where the server does not have it.

    Raises:
        DestinationUnavailableError: not now; nothing has been learnt.
        HaltedError: it was halted.
    """
    held = server.client.head(url)
    if held is None:
        require_kept(server, transfer)
        return None
    said = f"Upload-Offset: {held.offset}, Upload-Length: {held.length}"
    if held.offset != size or held.length not in {None, size}:
        return FoundPart(object=path_of(url), size=held.offset, words=said, given=False)
    read = server.client.read(url, size, transfer, take) if server.traits.gives_back else None
    if read is None and server.traits.gives_back:
        said = f"{said}; GET gives nothing"
        return FoundPart(object=path_of(url), size=0, words=said, given=False)
    return FoundPart(
        object=path_of(url), size=held.offset if read is None else read, words=said, given=read == size
    )


def require_kept(server: Server, transfer: TransferControl) -> None:
    """Find out that uploads are made, found and kept there: only then is one that is not found gone.

    Raises:
        DestinationUnavailableError: they are not, or not now.
    """
    server.client.require_sane()
    if not keeps_finished(server.client, transfer):
        raise server.web.unavailable(
            "it removes finished uploads, so that nothing proves what it has",
            remedy="Make the server keep finished uploads; then: systemctl reload bwvdock",
        )


def _read_at_once(server: Server, left: UploadProgress, transfer: TransferControl) -> str | None:
    """Return the digest of a short upload that must be read back anyway; None of any other.

    The right bytes need no word of the server beside them; where they are not right, the word is asked for.
    """
    short = left.size <= server.request_size.at_once
    if not left.url or server.traits.compares or not server.traits.gives_back or not short:
        return None
    with suppress(DestinationUnavailableError):
        return server.client.sha256_of(left.url, left.size, transfer)
    return None


def _read_back(server: Server, left: UploadProgress, transfer: TransferControl) -> str:
    found = server.client.sha256_of(left.url, left.size, transfer) if server.traits.gives_back else None
    if found is None and not server.traits.compares:
        raise server.web.unavailable(
            "cannot be proven: the server neither compares digests nor allows downloads",
            remedy="Make the server compare sha256 checksums, or allow downloads (GET)",
        )
    if found is None and server.traits.gives_back:
        raise DestinationError("is complete by the server's account, but cannot be downloaded")
    if found is None:
        raise NotComparableError("was not compared completely, and cannot be downloaded")
    return found
