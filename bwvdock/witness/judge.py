"""May a submitted checkpoint be cosigned, by what this witness cosigned before?

The checks of C2SP tlog-witness (read at commit 5ba5ee8) in their order, once the checkpoint's signature is
known to be the log's own. Where roots of the same size differ, version 1.0.0 answers 409; since then it is
422.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from bwvdock.core.custody.c2sp.checkpoint import Checkpoint
from bwvdock.core.custody.c2sp.submission import Submission
from bwvdock.core.custody.consistency import verify_consistency
from bwvdock.core.custody.merkle import EMPTY_ROOT

TWO_ROOTS = "a checkpoint of the same size had another root"
"""The reason that proves a fork to anybody: the log signed two roots for one size."""


@dataclass(frozen=True, slots=True)
class Head:
    """The latest checkpoint of a log that was cosigned; the empty tree before the first."""

    size: int = 0
    root: bytes = EMPTY_ROOT


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a checkpoint is not cosigned, as a status of HTTP and in words.

    `keep`: the log signed something that this witness cannot fit to what the log signed before. That may
    show a fork, so the request is kept.
    """

    status: HTTPStatus
    reason: str
    keep: bool = False


def judge(submission: Submission, head: Checkpoint, latest: Head) -> Refusal | None:
    """Return why a checkpoint that its log signed may not be cosigned, or None if it may."""
    if submission.old > head.size:
        return Refusal(HTTPStatus.BAD_REQUEST, "the old size is larger than the checkpoint")
    if submission.old != latest.size:
        behind = head.size <= latest.size and (head.size, head.root) != (latest.size, latest.root)
        reason = (
            TWO_ROOTS
            if behind and head.size == latest.size
            else f"the latest checkpoint has size {latest.size}"
        )
        return Refusal(HTTPStatus.CONFLICT, reason, keep=behind)
    if head.size == 0 and head.root != EMPTY_ROOT:
        return Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "the empty tree has another root", keep=True)
    if head.size == latest.size and head.root != latest.root:
        return Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, TWO_ROOTS, keep=True)
    proven = verify_consistency(
        old=latest.size, new=head.size, proof=submission.proof, old_root=latest.root, new_root=head.root
    )
    if not proven:
        return Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "the proof does not lead from the latest checkpoint", keep=True
        )
    return None


def weight(status: int, reason: str) -> int:
    """Return how much a kept request shows: 2 a fork, 1 what may be one, 0 an older checkpoint.

    Anybody who has an old checkpoint can send it again, and one that the log made later with a wrong proof;
    only the log can sign two roots for one size.
    """
    return 2 if reason == TWO_ROOTS else int(status == HTTPStatus.UNPROCESSABLE_ENTITY)
