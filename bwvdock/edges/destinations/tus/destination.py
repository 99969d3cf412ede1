"""The destination port on a tus 1.0 server.

Each part of a clip is an upload of its own, and so is its custody document; the server names them. Their
metadata shows what belongs together. An object here is an upload's path on the server.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from mimetypes import guess_type
from urllib.parse import urlsplit

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.proof import Assessment, ProofMethod, Receipt
from bwvdock.core.media.part_names import part_name
from bwvdock.core.ports import FoundPart, Take, TransferControl
from bwvdock.edges.destinations.http import Web
from bwvdock.edges.destinations.tus.answers import path_of, upload_url
from bwvdock.edges.destinations.tus.canary import try_out
from bwvdock.edges.destinations.tus.client import TusClient
from bwvdock.edges.destinations.tus.content import Document, SpooledPart
from bwvdock.edges.destinations.tus.progress import Forgetful, Note, UploadProgress
from bwvdock.edges.destinations.tus.proof import GoneError, Proof, find_out, look
from bwvdock.edges.destinations.tus.request_size import RequestSize
from bwvdock.edges.destinations.tus.upload import MOST_UPLOADS, Server, Traits, TusUpload
from bwvdock.edges.destinations.upload_notes import Notes, note_key
from bwvdock.edges.spool import FileSpool
from bwvdock.errors import (
    DestinationError,
    DestinationRefusedError,
    NotComparableError,
    ObjectConflictError,
)

Manifest = Callable[[Clip], Mapping[str, str]]


class TusDestination:
    """The destination port on a tus server. May be used from several threads, each with clips of its own."""

    kind = "tus"

    def __init__(self, web: Web, *, name: str, spool: FileSpool, notes: Notes, manifest: Manifest) -> None:
        """Describe it; nothing is asked yet.

        Args:
            web: how the server is reached.
            name: as the configuration has it.
            spool: where clips come from.
            notes: where uploads left off.
            manifest: returns the metadata of a clip for the server.
        """
        self.name = name
        self._web = web
        self._client = TusClient(web)
        self._spool = spool
        self._notes = notes
        self._manifest = manifest
        self._request_size = RequestSize()
        self._traits: Traits | None = None
        self._trying_out = threading.Lock()

    def close(self) -> None:
        """Close connections and notes."""
        self._web.close()
        self._notes.close()

    # --- the port ------------------------------------------------------------------------------

    def store(self, clip: Clip, transfer: TransferControl) -> str:
        """Upload every part of a clip; return the footage's path."""
        server, before, url = self._server(transfer), 0, ""
        self._require_room(clip, server.traits)
        # The footage comes last: if it is complete, its sidecars are too.
        for number in reversed(range(len(clip.parts))):
            with SpooledPart(self._spool, clip, number) as part:
                upload = TusUpload(server, part, self._note(clip, number), transfer)
                url = upload.bring(self._metadata(clip, number), before=before)
            before += clip.parts[number].size
        return path_of(url)

    def prove(self, clip: Clip, transfer: TransferControl) -> Receipt:
        """Find out what the server has of every part; of one that was proven before, where it is known.

        The journal names the place of the footage. Those of sidecars are in the notes alone, which go once
        the clip is described.
        """
        server = self._server(transfer)
        numbers = [n for n in range(len(clip.parts)) if self._is_known(clip, n)]
        proofs = {number: self._prove_part(server, clip, number, transfer) for number in numbers}
        for number in numbers[1:]:
            if proofs[number].sha256 != clip.parts[number].sha256:
                raise ObjectConflictError(
                    f"store {self.name}: sidecar {part_name(clip, number)} does not match the hash taken at "
                    "ingest: "
                    f"SHA-256 {proofs[number].sha256} instead of {clip.parts[number].sha256}",
                    remedy=_look_at(clip),
                )
        by_pieces = all(proof.by_pieces for proof in proofs.values())
        return Receipt(
            destination=self.name,
            object=path_of(proofs[0].url),
            version="",
            sha256=proofs[0].sha256,
            method=ProofMethod.PIECES_CHECKED if by_pieces else ProofMethod.READ_BACK,
            words=proofs[0].words,
        )

    def parts_there(self, clip: Clip) -> Sequence[int]:
        """Return the footage, and the sidecars whose notes are still there."""
        return [n for n in range(len(clip.parts)) if n == 0 or self._url(clip, n)]

    def read_part(self, clip: Clip, number: int, transfer: TransferControl, take: Take) -> FoundPart | None:
        """Read a part's upload whole."""
        url, size = self._url(clip, number), clip.parts[number].size
        return look(self._server(transfer), url, size, transfer, take) if url else None

    def _url(self, clip: Clip, number: int) -> str:
        stored = clip.uploaded.get(self.name)
        if number == 0 and stored:
            return upload_url(self._web.url, urlsplit(stored).path)
        part = clip.parts[number]
        return self._note(clip, number).recall(part.sha256, part.size).url

    def describe(self, clip: Clip, document: bytes, transfer: TransferControl) -> str:
        """Lay the custody document there as an upload of its own, which names the clip's.

        A tus server replaces nothing: an earlier one stays, and the date shows which is newer.
        """
        text = Document(document)
        told = {
            "filename": f"{part_name(clip, 0)}.custody.json",
            "filetype": "application/json",
            "clip": clip.id,
            "part": "custody",
            "object": clip.uploaded.get(self.name, ""),
            "sha256": text.sha256,
        }
        url = TusUpload(self._server(transfer), text, Forgetful(), transfer).bring(told)
        if self.name in clip.receipts:  # the journal now has what the notes were for
            for number in range(len(clip.parts)):
                self._notes.forget(note_key(clip.id, number))
        return path_of(url)

    def assess(self, transfer: TransferControl) -> Assessment:
        """Test whether it compares digests, gives bytes back and keeps order."""
        self._traits, assessment = try_out(self._client, transfer)
        return assessment

    def probe(self) -> None:
        """Ask what it offers; of one that never says so any answer will do."""
        if self._client.ask() is None and (self._traits is None or self._traits.options):
            raise self._web.unavailable(
                "the server there is not a tus server, or a proxy removes Tus-Resumable",
                remedy="Correct `url`: it must be where the tus server creates uploads",
            )

    # --- what is known ---------------------------------------------------------------------------

    def _server(self, transfer: TransferControl) -> Server:
        with self._trying_out:
            if self._traits is None:
                self.assess(transfer)
            traits = self._traits
        if traits is None:
            raise RuntimeError("an assessment gave no traits")
        return Server(web=self._web, client=self._client, traits=traits, request_size=self._request_size)

    def _is_known(self, clip: Clip, number: int) -> bool:
        if number == 0 or self.name not in clip.receipts:
            return True
        part = clip.parts[number]
        return bool(self._note(clip, number).recall(part.sha256, part.size).url)

    def _prove_part(self, server: Server, clip: Clip, number: int, transfer: TransferControl) -> Proof:
        part, key = clip.parts[number], note_key(clip.id, number)
        left = self._note(clip, number).recall(part.sha256, part.size)
        if not left.url and number == 0 and clip.uploaded.get(self.name):
            # The note is lost, but the journal knows where the footage is. What was compared, nobody knows.
            left.url, left.whole = upload_url(self._web.url, urlsplit(clip.uploaded[self.name]).path), False
        try:
            proof = self._found(server, clip, number, left, transfer)
        except DestinationError as error:
            if error.retryable:
                raise
            self._notes.forget(key)
            kind = NotComparableError if isinstance(error, NotComparableError) else DestinationError
            raise kind(
                f"store {self.name}: {part_name(clip, number)} {error.message}", remedy=_look_at(clip)
            ) from None
        if proof.sha256 != part.sha256:
            self._notes.forget(key)  # uploaded again, it is a new upload; this one stays for inspection
        else:
            self._remember_proof(clip, number, proof)
        return proof

    def _remember_proof(self, clip: Clip, number: int, proof: Proof) -> None:
        note, part = self._note(clip, number), clip.parts[number]
        left = note.recall(part.sha256, part.size)
        if left.url == proof.url and not left.proven:
            left.proven = True
            note.keep(left, lasting=proof.by_pieces)

    def _found(
        self, server: Server, clip: Clip, number: int, left: UploadProgress, transfer: TransferControl
    ) -> Proof:
        """Find out what became of a part; one that expired, as the server had said, is uploaded anew."""
        try:
            return find_out(server, left, transfer)
        except GoneError:
            if not left.expires or self.name in clip.receipts:
                raise
        if left.orphans >= MOST_UPLOADS:
            raise self._web.unavailable(
                f"it has removed {part_name(clip, number)} {left.orphans + 1} times before it was proven "
                f"(Upload-Expires: {left.expires})",
                remedy="Make the server keep finished uploads for longer; then: systemctl reload bwvdock",
            )
        note = self._note(clip, number)
        left.begin_anew()
        note.keep(left)
        with SpooledPart(self._spool, clip, number) as part:
            TusUpload(server, part, note, transfer).bring(self._metadata(clip, number))
        return find_out(server, note.recall(left.sha256, left.size), transfer)

    def _require_room(self, clip: Clip, traits: Traits) -> None:
        longest = max(part.size for part in clip.parts)
        if traits.most_bytes is not None and longest > traits.most_bytes:
            raise DestinationRefusedError(
                f"store {self.name} does not accept {longest} bytes, only {traits.most_bytes}",
                remedy="Raise the store's limit; then `bwvdock clips retry CLIP`",
            )

    def _note(self, clip: Clip, number: int) -> Note:
        # Where the footage is will be in the journal; where a sidecar is, only its note says.
        return Note(self._notes, note_key(clip.id, number), alone=number > 0)

    def _metadata(self, clip: Clip, number: int) -> dict[str, str]:
        name = part_name(clip, number)
        told = {"filename": name, "filetype": guess_type(name)[0] or "application/octet-stream"}
        about = {**self._manifest(clip), "sha256": clip.parts[number].sha256, "part": str(number)}
        return {**told, **{key: value for key, value in about.items() if value}}


def _look_at(clip: Clip) -> str:
    again = f"`bwvdock clips retry {clip.id}`"
    return f"See its history with `bwvdock clips show {clip.id}`; upload it again with {again}"
