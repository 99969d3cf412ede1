"""Is nothing ever signed twice for one log that does not agree, whatever is asked in which order?"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.custody.c2sp.checkpoint import Checkpoint, read_signed_checkpoint
from bwvdock.core.custody.c2sp.submission import read_submission
from bwvdock.errors import SignerRefusedError
from tests.fakes.signer import FakeSigner
from tests.signer.logs import Log

TRUE, FORGED = Log().grow(40), Log()
FORGED.leaves = [*TRUE.leaves[:17], *Log(words="forged").grow(40).leaves[17:]]  # one history until the 17th


@st.composite
def submissions(draw: st.DrawFn) -> bytes:
    """Draw a request: honest, forged, or with bytes changed on the way."""
    log = draw(st.sampled_from([TRUE, FORGED]))
    old, new = sorted((draw(st.integers(0, 40)), draw(st.integers(1, 40))))
    sent = bytearray(log.submission(old, new or 1))
    for _ in range(draw(st.integers(0, 1))):
        sent[draw(st.integers(0, len(sent) - 1))] = draw(st.integers(0, 255))
    return bytes(sent)


@given(st.lists(submissions(), max_size=30))
def test_all_that_was_signed_is_of_one_history(asked: list[bytes]) -> None:
    signer = FakeSigner()
    signed: dict[str, list[Checkpoint]] = {}
    for submission in asked:
        try:
            note = signer.sign(submission)
        except SignerRefusedError:
            continue
        head = read_signed_checkpoint(note.encode()).checkpoint
        last = signed.setdefault(head.origin, [])
        assert not last or last[-1].size <= head.size
        last.append(head)
    for heads in signed.values():
        # The first is compared with nothing; one with a changed byte is of neither history, and nothing
        # extends it.
        histories = [[log.checkpoint(head.size).root for head in heads] for log in (TRUE, FORGED)]
        assert [head.root for head in heads] in histories or len({(h.size, h.root) for h in heads}) == 1


@given(st.lists(st.integers(0, 20), min_size=1, max_size=12))
def test_an_honest_log_is_always_signed(growth: list[int]) -> None:
    signer, log, old = FakeSigner(), Log().grow(1), 0
    for count in growth:
        submission = log.grow(count).submission(old)
        head = read_signed_checkpoint(signer.sign(submission).encode()).checkpoint
        assert head == log.checkpoint()
        assert read_submission(submission).old == old
        old = head.size
