"""One request of the tus protocol at a time: what is sent, and what each answer means for us."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

import requests

from bwvdock.core.ports import TransferControl
from bwvdock.edges.destinations.http import BLOCK_BYTES, Answer, RequestBody, Web
from bwvdock.edges.destinations.tus import answers
from bwvdock.errors import DestinationError, DestinationRefusedError, DestinationUnavailableError

_TUS = {"Tus-Resumable": answers.VERSION}
_GONE = {404, 410}
_OUTSIDE = {401, 403, 407}
_LATER = {408, 423, 425, 429}
_URL = "Correct `url`: it must be the one where the tus server creates uploads"


class AnswerKind(Enum):
    """What came of a PATCH."""

    TAKEN = "taken"
    CONFLICT = "conflict"  # 409: it is at another offset
    MISMATCH = "mismatch"  # 460: the bytes that arrived do not have the digest
    TOO_LARGE = "too large"  # 413: from the server, or from something before it
    GONE = "gone"


@dataclass(frozen=True, kw_only=True, slots=True)
class Patched:
    """What a PATCH came to; `offset` is the server's, None if it did not say."""

    kind: AnswerKind
    offset: int | None = None
    expires: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """What a server says that it holds of an upload."""

    offset: int
    length: int | None
    expires: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Created:
    """A new upload. `url` may hold a secret; its path does not."""

    url: str
    expires: str = ""


class TusClient:
    """The requests to one server. May be used from several threads."""

    def __init__(self, web: Web) -> None:
        """Speak to the endpoint that `web` was given."""
        self._web = web

    def ask(self) -> answers.Offer:
        """Ask what the server can do (OPTIONS).

        Raises:
            DestinationUnavailableError: not now, or no tus server answers there.
        """
        answer = self._web.ask("OPTIONS", self._web.url, {})
        self._require_success(answer)
        return answers.offer(answer)

    def create(self, size: int, metadata: Mapping[str, str]) -> Created:
        """Make a new, empty upload.

        Raises:
            DestinationRefusedError: it makes others, but not this one.
            DestinationUnavailableError: not now.
        """
        answer = self._create(size, metadata)
        if 400 <= answer.status < 500 and answer.status not in _OUTSIDE | _LATER | _GONE | {412}:
            self.require_sane()
            raise DestinationRefusedError(
                f"the store does not create an upload of {size} bytes ({_said(answer)})",
                remedy="Check the store's limits; then `bwvdock clips retry`",
            )
        return self._created(answer)

    def head(self, url: str) -> Held | None:
        """Ask for the offset; None if whatever answers knows no such upload: see `require_sane`.

        Raises:
            DestinationUnavailableError: not now; the upload may well be there.
        """
        answer = self._web.ask("HEAD", url, {**_TUS, "Cache-Control": "no-cache"})
        if answer.status in _GONE:
            return None
        self._require_success(answer)
        offset = answers.number(answer, "Upload-Offset")
        if offset is None:
            raise self._odd("it does not report the offset of an upload", answer)
        length = answers.number(answer, "Upload-Length")
        return Held(offset=offset, length=length, expires=answer.headers.get("Upload-Expires", ""))

    def patch(self, url: str, offset: int, body: RequestBody | bytes, sha256: str = "") -> Patched:
        """Send the bytes that follow on `offset`, with their digest where one is given.

        Raises:
            LostAnswerError: they may have arrived.
            DestinationRefusedError: it takes other uploads' bytes, but not these.
            DestinationUnavailableError: not now.
        """
        headers = {**_TUS, "Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
        if sha256:
            headers["Upload-Checksum"] = answers.checksum(sha256)
        answer = self._web.ask("PATCH", url, headers, body)
        kinds = {
            409: AnswerKind.CONFLICT,
            460: AnswerKind.MISMATCH,
            413: AnswerKind.TOO_LARGE,
            404: AnswerKind.GONE,
            410: AnswerKind.GONE,
        }
        if answer.status in kinds:
            return Patched(kind=kinds[answer.status])
        if 400 <= answer.status < 500 and answer.status not in _OUTSIDE | _LATER | {412}:
            self.require_sane()
            raise DestinationRefusedError(
                f"the store does not accept these bytes ({_said(answer)})",
                remedy="Check the store's log; then `bwvdock clips retry`",
            )
        self._require_success(answer)
        return Patched(
            kind=AnswerKind.TAKEN,
            offset=answers.number(answer, "Upload-Offset"),
            expires=answer.headers.get("Upload-Expires", ""),
        )

    def terminate(self, url: str) -> None:
        """Take an upload of ours away that is of no use; what cannot be removed expires."""
        with suppress(DestinationError):
            self._web.ask("DELETE", url, _TUS)

    def sha256_of(self, url: str, size: int, transfer: TransferControl) -> str | None:
        """Read an upload back and hash it; None if this server gives no bytes.

        What is longer than `size` is read one byte beyond: it is other content then.

        Raises:
            DestinationUnavailableError: not now, or it broke off.
            HaltedError: it was halted.
        """
        with self._web.open("GET", url, _TUS) as response:
            if response.status_code >= 500 or response.status_code in _OUTSIDE | _LATER:
                self._require_success(self._bare(response))
            encoded = response.headers.get("Content-Encoding", "identity").strip().lower() != "identity"
            if response.status_code != 200 or encoded:
                return None
            digest, count = hashlib.sha256(), 0
            for block in _blocks(response, size + 1, transfer):
                digest.update(block)
                count += len(block)
            # Fewer bytes than it has are other content only if it said that there are no more.
            if count < size and response.headers.get("Content-Length") != str(count):
                raise self._web.unavailable(
                    f"it sent {count} of {size} bytes and stopped", remedy="The dock tries again by itself"
                )
            return digest.hexdigest()

    def require_sane(self) -> None:
        """Find out that uploads are made and found there: only then is one that is not found gone.

        Raises:
            DestinationUnavailableError: whatever answers there, it is not a tus server in working order.
        """
        made = self._created(self._create(1, canary_metadata()))
        held = self.head(made.url)
        self.terminate(made.url)
        if held is None or held.offset != 0:
            raise self._web.unavailable("it does not know an upload that it has just created", remedy=_URL)

    def unavailable(self, why: str) -> DestinationUnavailableError:
        """Make the error that says that this server is of no use just now."""
        return self._web.unavailable(why, remedy="The dock tries again by itself; check the store's log")

    # --- reading answers -------------------------------------------------------------------------

    def _create(self, size: int, metadata: Mapping[str, str]) -> Answer:
        headers = {**_TUS, "Upload-Length": str(size), "Content-Length": "0"}
        told = answers.metadata(metadata)
        if told:  # an empty header is a wrong one to some
            headers["Upload-Metadata"] = told
        return self._web.ask("POST", self._web.url, headers)

    def _created(self, answer: Answer) -> Created:
        if answer.status in _GONE:
            raise self._web.unavailable(f"no tus server creates uploads there ({_said(answer)})", remedy=_URL)
        if 400 <= answer.status < 500 and answer.status not in _OUTSIDE | _LATER | {412}:
            raise self._web.unavailable(f"it does not create uploads ({_said(answer)})", remedy=_URL)
        self._require_success(answer)
        url = answers.upload_url(self._web.url, answer.headers.get("Location", ""))
        if not url:
            raise self._odd("it does not report the URL of a new upload", answer)
        return Created(url=url, expires=answer.headers.get("Upload-Expires", ""))

    def _require_success(self, answer: Answer) -> None:
        """Raise what anything but a tus server's success means for any request."""
        status = answer.status
        if status in _OUTSIDE:
            raise self._web.denied(
                _said(answer),
                remedy="Renew the token, the headers or the certificate that the configuration names",
            )
        if status in _LATER or status >= 500:
            why = "its disk is full" if status == 507 else f"it asks the dock to wait ({_said(answer)})"
            wait = answers.retry_after(answer, now=datetime.now(UTC))
            raise self._web.unavailable(why, remedy="The dock tries again by itself", retry_after=wait)
        if status == 412:
            spoken = answer.headers.get("Tus-Version", "an unnamed version")
            raise self._web.unavailable(f"it speaks tus {spoken[:40]}, not {answers.VERSION}", remedy=_URL)
        if 300 <= status < 400:
            raise self._odd("it redirects, which is not followed", answer)
        if not 200 <= status < 300:
            raise self._odd("it refuses", answer)
        if not answers.speaks_tus(answer):
            raise self._odd("the server there is not a tus server", answer)

    def _odd(self, why: str, answer: Answer) -> DestinationUnavailableError:
        return self._web.unavailable(f"{why} ({_said(answer)})", remedy=_URL)

    def _bare(self, response: requests.Response) -> Answer:
        return Answer(status=response.status_code, headers=response.headers)


def canary_metadata() -> dict[str, str]:
    """Describe an upload that only tries something out; of two that are alike some servers make one."""
    name = f"bwvdock-canary-{secrets.token_hex(8)}"
    return {"filename": f"{name}.txt", "filetype": "text/plain", "canary": name}


def _blocks(response: requests.Response, most: int, transfer: TransferControl) -> Iterator[bytes]:
    left = most
    while left > 0:
        transfer.take(min(BLOCK_BYTES, left))
        block = response.raw.read(min(BLOCK_BYTES, left), decode_content=False)
        if not block:
            return
        left -= len(block)
        yield block


def _said(answer: Answer) -> str:
    """Return what a server said, fit to be shown: printable and short."""
    words = "".join(c if c.isprintable() else " " for c in answer.text).strip()[:120]
    return f"{answer.status}: {words}" if words else f"{answer.status}"
