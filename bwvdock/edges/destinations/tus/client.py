"""One request of the tus protocol at a time: what is sent, and what each answer means for us."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

from bwvdock.core.ports import TransferControl
from bwvdock.edges.destinations.connections import BLOCK_BYTES, Reply
from bwvdock.edges.destinations.header_values import clocks_apart, words
from bwvdock.edges.destinations.http import Answer, Body, RequestBody, Web, answer_of
from bwvdock.edges.destinations.tus import answers
from bwvdock.errors import DestinationError, DestinationRefusedError, DestinationUnavailableError

_TUS = {"Tus-Resumable": answers.VERSION}
_BYTES = "application/offset+octet-stream"
_GONE = {404, 410}
_OUTSIDE = {401, 403, 407}
_LATER = {408, 423, 425, 429}
_LACKING = {405, 501}
_URL = "Correct `url`: it must be where the tus server creates uploads"
_PATHS = (
    "If a proxy removes a part of the path, configure the server with the path of `url`, or correct `url`"
)


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
    """A new upload. `url` may hold a secret; its path does not. `location` is what the server said it is.

    `offset` is what the server says that it holds of it already; None if it does not say.
    """

    url: str
    expires: str = ""
    location: str = ""
    offset: int | None = None


class TusClient:
    """The requests to one server. May be used from several threads."""

    def __init__(self, web: Web) -> None:
        """Speak to the endpoint that `web` was given."""
        self._web = web
        self.describes = True  # uploads are made with metadata
        self._by_post = False  # PATCH is not let through, POST with X-HTTP-Method-Override is

    def ask(self) -> answers.Offer | None:
        """Ask what the server can do (OPTIONS); None where something answers that says nothing of tus.

        Raises:
            DestinationUnavailableError: not now.
        """
        answer = self._web.ask("OPTIONS", self._web.url, {})
        if answer.status in _LACKING or (200 <= answer.status < 300 and not answers.speaks_tus(answer)):
            return (
                None  # proxies answer OPTIONS themselves, or let none through: what is made of a POST counts
            )
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
                remedy="Check the store's limits; then `bwvdock clips retry CLIP`",
            )
        return self._created(answer)

    def create_filled(self, content: Body, metadata: Mapping[str, str]) -> Created | None:
        """Make a new upload with all its bytes (the extension creation-with-upload); None if it is refused.

        Raises:
            LostAnswerError: it may have been made, and nobody knows where.
            DestinationUnavailableError: not now.
        """
        answer = self._create(len(content), metadata, content)
        if 400 <= answer.status < 500 and answer.status not in _OUTSIDE | _LATER:
            return None
        return self._created(answer)

    def head(self, url: str) -> Held | None:
        """Ask for the offset; None if whatever answers knows no such upload: see `require_sane`.

        Raises:
            DestinationUnavailableError: not now; the upload may well be there.
        """
        answer = self._web.ask("HEAD", url, {**_TUS, "Cache-Control": "no-cache"})
        if answer.status in _GONE:
            return None
        if answer.status in _LACKING:
            raise self._web.unavailable(
                f"it answers no HEAD ({answer.status}): no upload can resume there, nor be proven",
                remedy="Allow HEAD at the server, and at the proxy in front of it",
            )
        self._require_success(answer)
        offset = answers.number(answer, "Upload-Offset")
        if offset is None:
            raise self._odd("it does not report the offset of an upload", answer)
        length = answers.number(answer, "Upload-Length")
        return Held(offset=offset, length=length, expires=words(answer.said("Upload-Expires")))

    def patch(self, url: str, offset: int, body: RequestBody | bytes, sha256: str = "") -> Patched:
        """Send the bytes that follow on `offset`, with their digest where one is given.

        Raises:
            LostAnswerError: they may have arrived.
            DestinationRefusedError: it takes other uploads' bytes, but not these.
            DestinationUnavailableError: not now.
        """
        headers = {**_TUS, "Content-Type": _BYTES, "Upload-Offset": str(offset)}
        if sha256:
            headers["Upload-Checksum"] = answers.checksum(sha256)
        answer = self._ask_to_append(url, headers, body)
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
                remedy="Check the store's log; then `bwvdock clips retry CLIP`",
            )
        self._require_success(answer)
        return Patched(
            kind=AnswerKind.TAKEN,
            offset=answers.number(answer, "Upload-Offset"),
            expires=words(answer.said("Upload-Expires")),
        )

    def terminate(self, url: str) -> bool:
        """Take an upload of ours away that is of no use; say whether it is. What cannot be, expires."""
        with suppress(DestinationError):
            return self._web.ask("DELETE", url, _TUS).status < 300
        return False

    def sha256_of(self, url: str, size: int, transfer: TransferControl) -> str | None:
        """Read an upload back and hash it; None if this server gives no bytes.

        What is longer than `size` is read one byte beyond: it is other content then.

        Raises:
            DestinationUnavailableError: not now, or it broke off.
            HaltedError: it was halted.
        """
        digest = hashlib.sha256()
        return digest.hexdigest() if self.read(url, size, transfer, digest.update) is not None else None

    def read(
        self, url: str, size: int, transfer: TransferControl, take: Callable[[memoryview], object]
    ) -> int | None:
        """Read an upload back and pass on its bytes; return how many, None if this server gives none.

        Raises what `sha256_of` does.
        """
        with self._web.open("GET", url, _TUS) as reply:
            if reply.status >= 500 or reply.status in _OUTSIDE | _LATER:
                self._require_success(answer_of(reply))
            encoded = reply.headers.said("Content-Encoding").lower() not in {"", "identity"}
            if reply.status != 200 or encoded:
                return None
            count = 0
            for block in _blocks(reply, size + 1, transfer):
                take(memoryview(block))
                count += len(block)
            # Fewer bytes than it has are other content only if it said that there are no more.
            if count < size and answers.length(reply.headers) != count:
                raise self._web.unavailable(
                    f"it sent {count} of {size} bytes and stopped", remedy="The dock tries again by itself"
                )
            return count

    def require_sane(self) -> None:
        """Find out that uploads are made and found there: only then is one that is not found gone.

        Raises:
            DestinationUnavailableError: whatever answers there, it is not a tus server in working order.
        """
        made = self._created(self._create(1, canary_metadata()))
        held = self.head(made.url)
        self.terminate(made.url)
        if held is None or held.offset != 0:
            raise self.lost(made)

    def takes_metadata(self) -> None:
        """Find out whether uploads may be described; from then on they are, or are not.

        Raises:
            DestinationUnavailableError: not now; or none are made either way.
        """
        self.describes = True
        answer = self._create(1, canary_metadata())
        if 400 <= answer.status < 500 and answer.status not in _OUTSIDE | _LATER | _GONE | {412}:
            self.describes = False
            made = self._create(1, {})
            if not 200 <= made.status < 300:
                self.describes = True
            else:
                answer = made
        self.terminate(self._created(answer).url)

    def lost(self, made: Created) -> DestinationUnavailableError:
        """Make the error that says that an upload is not where the server has just said that it is."""
        return self._web.unavailable(
            f"it does not know an upload that it has just created: {self._web.shown(made.url)} was asked, "
            f"because its Location was {self._web.shown(made.location)}",
            remedy=_PATHS,
        )

    def unavailable(self, why: str) -> DestinationUnavailableError:
        """Make the error that says that this server is of no use just now."""
        return self._web.unavailable(why, remedy="The dock tries again by itself; check the store's log")

    def _ask_to_append(self, url: str, headers: Mapping[str, str], body: RequestBody | bytes) -> Answer:
        by_post = {**headers, "X-HTTP-Method-Override": "PATCH"}  # tus 1.0, core protocol: servers heed it
        if self._by_post:
            return self._web.ask("POST", url, by_post, body)
        answer = self._web.ask("PATCH", url, headers, body)
        if answer.status not in _LACKING:
            return answer
        again = self._web.ask("POST", url, by_post, body)
        self._by_post = again.status < 300 or again.status in {409, 460}
        if not self._by_post:
            raise self._web.unavailable(
                f"it takes no PATCH ({answer.status}): no bytes come to it",
                remedy="Allow PATCH at the server, and at the proxy in front of it",
            )
        return again

    # --- reading answers -------------------------------------------------------------------------

    def _create(self, size: int, metadata: Mapping[str, str], content: Body | None = None) -> Answer:
        headers = {**_TUS, "Upload-Length": str(size)}
        if content is not None:
            headers["Content-Type"] = _BYTES
        told = answers.metadata(metadata) if self.describes else ""
        if told:  # an empty header is a wrong one to some
            headers["Upload-Metadata"] = told
        return self._web.ask("POST", self._web.url, headers, content)

    def _created(self, answer: Answer) -> Created:
        if answer.status in _GONE:
            raise self._web.unavailable(f"no tus server creates uploads there ({_said(answer)})", remedy=_URL)
        if 400 <= answer.status < 500 and answer.status not in _OUTSIDE | _LATER | {412}:
            raise self._web.unavailable(f"it does not create uploads ({_said(answer)})", remedy=_URL)
        self._require_success(answer)
        location = answer.location
        url = answers.upload_url(self._web.url, location)
        if not url:
            raise self._odd(
                f"it does not say where a new upload is: its Location was {self._web.shown(location)}", answer
            )
        return Created(
            url=url,
            location=location,
            expires=words(answer.said("Upload-Expires")),
            offset=answers.number(answer, "Upload-Offset"),
        )

    def _require_success(self, answer: Answer) -> None:
        """Raise what anything but a tus server's success means for any request."""
        status = answer.status
        if status == 407:
            raise self._web.denied(f"a proxy in between asks for a login ({_said(answer)})", remedy=_PROXY)
        if status in _OUTSIDE:
            apart = clocks_apart(answer.said("Date"), now=self._web.now())
            raise self._web.denied(
                f"{_said(answer)}; {apart}" if apart else _said(answer),
                remedy="Set the dock's clock: see `timedatectl`"
                if apart
                else "Renew the token, the headers or the certificate that the configuration names",
            )
        if status in _LATER or status >= 500:
            why, remedy = _why_not_now(status)
            wait = answers.retry_after(answer, now=self._web.now())
            raise self._web.unavailable(f"{why} ({_said(answer)})", remedy=remedy, retry_after=wait)
        if status == 451:
            raise self._web.unavailable(f"it refuses for legal reasons ({_said(answer)})", remedy=_ASK)
        if status == 412:
            spoken = words(answer.said("Tus-Version"), 40) or "of no version that it names"
            raise self._web.unavailable(f"it speaks tus {spoken}, not {answers.VERSION}", remedy=_URL)
        if 300 <= status < 400:
            where = self._web.shown(answer.location)
            raise self._odd(
                f"it redirects {self._web.shown(answer.url)} to {where}; no request may become another one",
                answer,
            )
        if not 200 <= status < 300:
            raise self._odd("it refuses", answer)
        if not answers.speaks_tus(answer):
            raise self._odd("the server there is not a tus server, or a proxy removes Tus-Resumable", answer)

    def _odd(self, why: str, answer: Answer) -> DestinationUnavailableError:
        return self._web.unavailable(f"{why} ({_said(answer)})", remedy=_URL)


_PROXY = "Let the dock reach the store without a login at a proxy"
_ASK = "Ask those who run the store"


def canary_metadata() -> dict[str, str]:
    """Describe an upload that only tries something out; of two that are alike some servers make one."""
    name = f"bwvdock-canary-{secrets.token_hex(8)}"
    return {"filename": f"{name}.txt", "filetype": "text/plain", "canary": name}


def _why_not_now(status: int) -> tuple[str, str]:
    """Return what a status says of a server that may take the request later, and what to do."""
    match status:
        case 507:
            return "its disk is full", "Free space at the store"
        case 502 | 504:
            return (
                "a proxy in front of it gets no answer from it",
                "Check that the store behind the proxy runs",
            )
        case 503 | 429 | 408 | 423 | 425:
            return "it asks the dock to wait", "If it lasts, check the store's load and its log"
        case 511:
            return "the network asks for a login first", _PROXY
        case _:
            return "it reports an error of its own", "Look into the store's log"


def _blocks(reply: Reply, most: int, transfer: TransferControl) -> Iterator[bytes]:
    left = most
    while left > 0:
        transfer.take(min(BLOCK_BYTES, left))
        block = reply.block(min(BLOCK_BYTES, left))
        if not block:
            return
        left -= len(block)
        yield block


def _said(answer: Answer) -> str:
    """Return what a server said, fit to be shown: printable and short."""
    text = words(" ".join(answer.text.split()), 120)
    return f"{answer.status}: {text}" if text else f"{answer.status}"
