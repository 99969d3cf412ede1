"""How does one content come to a tus server whole, over any number of cuts?

The server's offset is the truth. Where the server compares digests one rule more holds, because only what was
compared is proven: an offset that is not the one it has acknowledged is believed when it is seen again
later, at rest. Such servers take back a piece that was cut, and are seen in the middle of that.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NoReturn

from bwvdock.core.ports import PIECE_BYTES, TransferControl
from bwvdock.edges.destinations.http import LostAnswerError, Web
from bwvdock.edges.destinations.tus.client import AnswerKind, Held, Patched, TusClient
from bwvdock.edges.destinations.tus.content import (
    Content,
    PieceCheck,
    Stretch,
    StretchDigests,
    Whole,
    require_piece,
)
from bwvdock.edges.destinations.tus.progress import ProgressStore
from bwvdock.edges.destinations.tus.request_size import RequestSize
from bwvdock.errors import DurabilityError, HaltedError

MOST_UPLOADS = 3  # made in one call for one content: the second or third means that something is wrong there
MOST_IDLE = 3  # requests in a row without progress
MOST_MISHAPS = 50  # requests in one call that went wrong, progress or not
_REST = 2.0  # seconds for a server to come to rest


@dataclass(frozen=True, kw_only=True, slots=True)
class Traits:
    """What a server was found to do, by trying it out.

    Attributes:
        compares: it refuses bytes that do not have the SHA-256 that came with them.
        gives_back: it gives the bytes of a finished upload.
        orderly: it refuses bytes for another offset than its own, and has never kept what it had refused.
        most_bytes: the longest upload that it says it takes.
        terminates: it supports removing uploads.
        options: it says what it can do when it is asked for its options.
        keeps: it knows of an upload when that is finished.
        at_once: it makes an upload with its bytes in one request, and says how many it took.
    """

    compares: bool
    gives_back: bool
    orderly: bool
    most_bytes: int | None = None
    terminates: bool = False
    options: bool = True
    keeps: bool = True
    at_once: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """One server as all uploads to it see it."""

    web: Web
    client: TusClient
    traits: Traits
    request_size: RequestSize
    clock: Callable[[], float] = time.monotonic


class TusUpload:
    """Brings one content to a server. For one thread."""

    def __init__(
        self, server: Server, content: Content, memory: ProgressStore, transfer: TransferControl
    ) -> None:
        """Prepare; nothing is sent yet.

        Args:
            server: where to.
            content: what.
            memory: remembers how far it has come.
            transfer: paces what is sent.
        """
        self._server = server
        self._client = server.client
        self._content = content
        self._memory = memory
        self._transfer = transfer
        self._left = memory.recall(content.sha256, content.size)
        self._check = None if server.traits.compares else PieceCheck(content)
        self._digests = StretchDigests(content)
        self._fresh = False  # it was just made, and nothing has been sent to it
        self._idle = 0
        self._mishaps = 0
        self._mismatches = 0

    def bring(self, metadata: Mapping[str, str], *, before: int = 0) -> str:
        """Upload what is missing; return the upload's URL.

        Args:
            metadata: sent when the upload is created.
            before: bytes of the same clip that the server holds besides.

        Raises:
            DestinationUnavailableError: not now; what it holds is remembered.
            DestinationRefusedError: it will never take this.
            DurabilityError: the content is not what was acquired.
            HaltedError: it was halted.
        """
        for _ in range(MOST_UPLOADS):
            if not self._left.url and self._fits_one_request() and self._bring_at_once(metadata):
                self._transfer.reached(before + self._content.size)
                return self._left.url
            if not self._left.url:
                self._create(metadata)
            if self._fill(before):
                return self._left.url
        return self._give_up("it created an upload three times and lost it each time")

    # --- the upload itself -----------------------------------------------------------------------

    def _fits_one_request(self) -> bool:
        left, server = self._left, self._server
        unhurt = not left.creating and not left.orphans  # else it goes step by step, which loses less
        return unhurt and server.traits.at_once and 0 < self._content.size <= server.request_size.at_once

    def _bring_at_once(self, metadata: Mapping[str, str]) -> bool:
        """Make the upload with all its bytes; False if more is to be done, or it is to be made otherwise.

        Nothing is noted before: what is lost by that is an upload of a few megabytes, made twice.
        """
        left, size = self._left, self._content.size
        content = Whole(self._content, self._transfer)
        begun = self._server.clock()
        try:
            made = self._client.create_filled(content, metadata)
        except (LostAnswerError, HaltedError) as error:
            if isinstance(error, LostAnswerError):
                self._server.request_size.broke_off(size)
            left.creating = True  # it may have been made
            self._remember()
            raise
        if made is None:
            return False
        left.url, left.expires, left.whole = made.url, made.expires, False
        if made.offset is not None and made.offset > size:
            self._abandon(None)  # it put our bytes behind others
            return False
        self._remember(lasting=False)
        if made.offset == size:
            self._server.request_size.went_through(size, self._server.clock() - begun)
        return made.offset == size

    def _create(self, metadata: Mapping[str, str]) -> None:
        left = self._left
        # Making an upload cannot be repeated without making two: an answer that is lost leaves an orphan.
        left.orphans += left.creating
        left.creating = True
        self._remember(lasting=False)
        # Some servers make one upload of two that are described alike; the one before may be spoiled.
        again = {"attempt": str(left.orphans)} if left.orphans else {}
        made = self._client.create(self._content.size, {**metadata, **again})
        left.url, left.expires, left.creating = made.url, made.expires, False
        left.whole = self._server.traits.compares
        left.under_way = self._end_of_next(0)
        self._fresh = True
        self._remember()

    def _abandon(self, held: Held | None) -> None:
        """Begin anew; take the old one away unless it is complete or was proven: it may be evidence."""
        partial = held is not None and held.offset < self._content.size and not self._left.proven
        if partial and self._server.traits.terminates:
            self._client.terminate(self._left.url)
        self._left.begin_anew()
        self._remember()

    def _remember(self, *, lasting: bool = True) -> None:
        self._memory.keep(self._left, lasting=lasting)

    # --- how far it is ---------------------------------------------------------------------------

    def _fill(self, before: int) -> bool:
        """Send until all is there; False if the upload is of no use (any more).

        A new upload is empty, and a server that refuses bytes for another offset says so if it is not.
        """
        offset = 0 if self._fresh and self._server.traits.orderly else self._ask()
        while offset is not None and offset < self._content.size:
            self._transfer.reached(before + offset)
            offset = self._step(offset)
        if offset is not None:
            self._transfer.reached(before + offset)
        return offset is not None

    def _ask(self) -> int | None:
        """Return the next offset; None if the upload was abandoned."""
        held, fresh = self._client.head(self._left.url), self._fresh
        self._fresh = False
        if held is None:
            self._client.require_sane()
        if held is None or not self._is_ours(held, fresh=fresh):
            self._abandon(held)
            return None
        self._left.expires = held.expires or self._left.expires
        return self._explained(held)

    def _is_ours(self, held: Held, *, fresh: bool) -> bool:
        size = self._content.size
        if held.length not in {None, size} or held.offset > size or self._left.doubtful:
            return False
        if self._left.proven and held.offset < size:
            return False  # it lost bytes, or something on the way gives old answers: nothing is sent to it
        return held.offset == 0 or not fresh  # a new upload that holds something is an old one

    def _explained(self, held: Held) -> int | None:
        left, traits = self._left, self._server.traits
        if not traits.compares or (not left.whole and traits.gives_back):
            left.whole = left.whole and held.offset == 0 == left.compared
            return held.offset
        if left.whole and held.offset == left.compared:
            left.seen = -1
            return held.offset
        if left.whole and held.offset != left.seen:
            left.seen = held.offset
            self._remember()
            self._backoff("it is still processing an interrupted request")
        return self._believed(held)

    def _believed(self, held: Held) -> int | None:
        """Take an offset that was never acknowledged for what it is: it was seen twice."""
        left, traits = self._left, self._server.traits
        left.seen = -1
        if left.whole and traits.orderly and held.offset == left.under_way > left.compared:
            # A whole request whose answer was lost. It bore its digest, the server is known to refuse bytes
            # that do not have theirs, and it has come to rest since.
            left.compared = held.offset
        elif traits.gives_back:
            left.whole = False  # all of it will be read back
        else:
            # Bytes of a cut request that nobody compared, and that nobody can ever compare.
            self._abandon(held)
            return None
        self._remember()
        return held.offset

    # --- one request -----------------------------------------------------------------------------

    def _step(self, offset: int) -> int | None:
        """Send one stretch; return the next offset, None if the upload was abandoned."""
        server, left = self._server, self._left
        end = self._end_of_next(offset)
        sha256 = self._digests.of(offset, end) if server.traits.compares else ""
        if server.traits.compares and left.under_way != end:
            left.under_way = end
            self._remember()
        stretch = Stretch(self._content, offset, end, self._transfer, self._check)
        fresh, self._fresh = self._fresh, False
        begun = server.clock()
        try:
            patched = self._client.patch(left.url, offset, stretch, sha256)
        except LostAnswerError as lost:
            return self._after_loss(lost, offset, stretch)
        except DurabilityError:
            if self._check is not None:  # it has the beginning of a piece that is lost
                self._abandon(Held(offset=offset, length=None))
            raise
        self._fresh = fresh and patched.kind is AnswerKind.CONFLICT
        if patched.kind is AnswerKind.TAKEN and patched.offset is None:  # a success that does not say how far
            last = end == self._content.size and not server.traits.keeps  # nobody will know of it any more
            patched = replace(patched, offset=end if last else self._offset_now())
        if patched.kind is AnswerKind.TAKEN and patched.offset == end:
            server.request_size.went_through(end - offset, server.clock() - begun)
            return self._acknowledged(offset, end, patched, compared=bool(sha256))
        return self._after_trouble(patched, offset, end)

    def _end_of_next(self, offset: int) -> int:
        server = self._server
        return server.request_size.end(offset, self._content.size, to_grid=server.traits.compares)

    def _offset_now(self) -> int | None:
        held = self._client.head(self._left.url)
        return None if held is None else held.offset

    def _acknowledged(self, offset: int, end: int, patched: Patched, *, compared: bool) -> int:
        left = self._left
        self._idle = self._mismatches = 0
        news = bool(patched.expires and not left.expires)
        left.expires = patched.expires or left.expires
        if compared and left.whole and left.compared == offset:
            left.compared = end
        else:
            news = news or left.whole
            left.whole = False
        left.under_way = self._end_of_next(end)
        if compared or news:  # else the server's offset is all that counts
            self._remember()
        return end

    def _after_loss(self, lost: LostAnswerError, offset: int, stretch: Stretch) -> int | None:
        traits, sizes = self._server.traits, self._server.request_size
        if traits.compares:
            sizes.broke_off(len(stretch))
            # The old request may still be at work there, or be taken back: nothing is sent beside it.
            if lost.silent and not traits.orderly:
                self._left.doubtful = True
                self._remember()
            raise lost
        now: int | None = offset
        try:
            now = self._ask_for_progress(offset, lost)
        finally:
            kept = now is not None and now > offset and 2 * (now - offset) >= stretch.given
            sizes.broke_off(len(stretch), kept=kept)
        return now

    def _after_trouble(self, patched: Patched, offset: int, end: int) -> int | None:
        match patched.kind:
            case AnswerKind.MISMATCH:
                self._after_mismatch(offset)
            case AnswerKind.TOO_LARGE if self._server.request_size.too_large(end - offset):
                return self._ask()
            case AnswerKind.TOO_LARGE:
                self._give_up(f"something on the way does not accept a request of {end - offset} bytes (413)")
            case AnswerKind.TAKEN if patched.offset is not None and patched.offset > end:
                # It put our bytes behind others: its content is now another.
                self._abandon(Held(offset=0, length=None))
                return None
            case AnswerKind.TAKEN:
                self._server.request_size.broke_off(end - offset)
        return self._ask_for_progress(offset, None)

    def _after_mismatch(self, offset: int) -> None:
        require_piece(self._content, offset // PIECE_BYTES)  # raises if it is the spool that has lost it
        self._left.under_way = 0  # if the server has kept them all the same, they are not what was sent
        self._remember()
        self._mismatches += 1
        if self._mismatches >= MOST_IDLE:
            self._give_up("bytes are changed in transit (460), although the spool's copy is intact")

    def _ask_for_progress(self, offset: int, lost: LostAnswerError | None) -> int | None:
        now = self._ask()
        self._mishaps += 1
        self._idle = 0 if now is not None and now > offset else self._idle + 1
        if self._idle >= MOST_IDLE or self._mishaps >= MOST_MISHAPS:
            if lost is not None:
                raise lost
            self._give_up("it accepts no more bytes, or a proxy repeats old answers")
        return now

    def _backoff(self, why: str) -> NoReturn:
        raise self._server.web.unavailable(why, remedy="The dock tries again by itself", retry_after=_REST)

    def _give_up(self, why: str) -> NoReturn:
        raise self._server.web.unavailable(why, remedy="Check the store's log, and any proxy before it")
