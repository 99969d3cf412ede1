"""What does the witness answer to a request? The protocol of C2SP tlog-witness, without its transport."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from bwvdock.core.custody.c2sp.checkpoint import SignedCheckpoint, read_signed_checkpoint
from bwvdock.core.custody.c2sp.signed_note import Note, Signature, Verify, signatures_of, signers
from bwvdock.core.custody.c2sp.submission import SIZE_TYPE, Submission, read_submission, size_answer
from bwvdock.edges import ed25519
from bwvdock.witness.identity import Identity
from bwvdock.witness.judge import Head, Refusal, judge
from bwvdock.witness.limits import RateLimits
from bwvdock.witness.store import Store
from bwvdock.witness.trusted import KnownLog, TrustedLogs

TEXT = "text/plain; charset=utf-8"

Say = Callable[[str], None]
"""A function: writes one line to the log."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status of HTTP, a body and its type."""

    status: HTTPStatus
    body: bytes
    kind: str = TEXT
    headers: Mapping[str, str] = field(default_factory=dict)


def _no(status: HTTPStatus, reason: str, **headers: str) -> Answer:
    return Answer(status, f"{reason}\n".encode(), headers=headers)


@dataclass(frozen=True, kw_only=True, slots=True)
class Witness:
    """A witness: who it is, which logs it knows, what it has cosigned."""

    identity: Identity
    logs: TrustedLogs
    store: Store
    say: Say = lambda _line: None
    limits: RateLimits = field(default_factory=RateLimits)
    now: Callable[[], float] = time.time
    verify: Verify = ed25519.verify

    def add_checkpoint(self, body: bytes, client: str) -> Answer:
        """Return the answer to a log's request that its checkpoint be cosigned.

        Args:
            body: what was sent.
            client: the address from which it came.

        Raises:
            StorageError: the list of logs or the database cannot be used; nothing was cosigned.
        """
        try:
            submission = read_submission(body)
            signed = read_signed_checkpoint(submission.checkpoint)
        except ValueError as error:
            return _no(HTTPStatus.BAD_REQUEST, f"not a request for a cosignature: {error}")
        log = self.logs.all().get(signed.checkpoint.origin)
        if log is None:
            return _no(HTTPStatus.NOT_FOUND, "this log is not known here")
        try:
            signed_by = signers(signed.note, log.keys, self.verify)
        except ValueError as error:
            return _no(HTTPStatus.FORBIDDEN, str(error))
        if not signed_by:
            return _no(HTTPStatus.FORBIDDEN, "no signature by a key that is known for this log")
        wait = self.limits.wait(signed.checkpoint.origin, client)
        if wait > 0:
            seconds = str(math.ceil(wait))
            return _no(
                HTTPStatus.TOO_MANY_REQUESTS, "too many requests for this log", **{"Retry-After": seconds}
            )
        lines = [line for key in signed_by for line in signatures_of(signed.note, key)]
        return self._decide(body, submission, signed, log, lines)

    def _decide(
        self,
        body: bytes,
        submission: Submission,
        signed: SignedCheckpoint,
        log: KnownLog,
        lines: list[Signature],
    ) -> Answer:
        head = signed.checkpoint
        with self.store.changing() as change:
            latest, last_time, note = change.latest(head.origin)
            refusal = judge(submission, head, latest)
            # Never before what was stated earlier: the clock may have been set back.
            now = max(int(self.now()), last_time, 1)
            made = ""
            if refusal is None:
                line = self.identity.cosign(signed.note.text, now)
                made = str(line)
                change.cosigned(head, str(Note(signed.note.text, (*lines, line))), now)
            elif refusal.status is not HTTPStatus.BAD_REQUEST:
                change.refused(head, refusal, body, note, now)
        if refusal is not None:
            return self._refuse(log, refusal, head.size, latest)
        self.say(f"cosigned: {log.name}, size {head.size}")
        return Answer(HTTPStatus.OK, made.encode())

    def _refuse(self, log: KnownLog, refusal: Refusal, size: int, latest: Head) -> Answer:
        kept = "; kept as evidence" if refusal.keep else ""
        self.say(f"refused with {int(refusal.status)}: {log.name}, size {size}: {refusal.reason}{kept}")
        if refusal.status is HTTPStatus.CONFLICT:
            return Answer(refusal.status, size_answer(latest.size), SIZE_TYPE)
        return _no(refusal.status, refusal.reason)

    def checkpoint(self, origin_hash: str) -> Answer:
        """Return the latest cosigned checkpoint of the log whose origin has this SHA-256 (hexadecimal).

        Raises:
            StorageError: the list of logs or the database cannot be used.
        """
        origin = self.logs.origin_of(origin_hash)
        note = self.store.note(origin) if origin else ""
        return Answer(HTTPStatus.OK, note.encode()) if note else _no(HTTPStatus.NOT_FOUND, "no checkpoint")
