"""What "safe to remove" means: every combination of what can be seen of a camera."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

from bwvdock.core.clips.history import fold
from bwvdock.core.clips.safety import Observed, Safety, is_in_doubt, is_whole, judge, remark
from bwvdock.core.clips.states import SPOOL
from bwvdock.core.facts import ClipDisposed, ClipFact, ClipHeld, DisposalIntended, ReleaseIntended
from tests.core.clips.test_clip import ACQUIRED, FOUND, ROT, UPLOADED, VERIFIED

TABLE = {
    # (listed, wanted, settling) -> what it is, whatever was left
    (False, 0, 0): Safety.NOT_LISTED,
    (False, 0, 1): Safety.NOT_LISTED,
    (False, 2, 0): Safety.NOT_LISTED,
    (False, 2, 1): Safety.NOT_LISTED,
    (True, 0, 0): Safety.SAFE,
    (True, 0, 1): Safety.SETTLING,
    (True, 2, 0): Safety.COPYING,
    (True, 2, 1): Safety.COPYING,
}


def test_every_combination_is_in_the_table_and_only_one_is_safe() -> None:
    for (listed, wanted, settling), left, unknown in product(TABLE, (0, 1, 3), (0, 1, 3)):
        seen = Observed(listed=listed, wanted=wanted, settling=settling, left=left, unknown=unknown)
        assert judge(seen) is TABLE[listed, wanted, settling], seen
        assert (judge(seen) is Safety.SAFE) is (listed and not wanted and not settling), seen
        assert is_whole(seen) is (judge(seen) is Safety.SAFE and not left and not unknown), seen


def test_whatever_was_not_taken_is_said() -> None:
    for settling, left, unknown in product((0, 1, 3), repeat=3):
        said = remark(Observed(listed=True, settling=settling, left=left, unknown=unknown))
        assert bool(said) is bool(settling or left or unknown)
        assert ("still being written" in said) is bool(settling)
        assert said.count("NOT taken") == bool(left) + bool(unknown)
        for number in {settling, left, unknown} - {0}:
            assert f"{number} file" in said


def test_one_is_one() -> None:
    assert remark(Observed(listed=True, settling=1)) == "1 file is still being written"
    assert remark(Observed(listed=True, left=2)) == "2 files were NOT taken"
    assert remark(Observed(listed=True, unknown=1)) == "1 file of unknown kind was NOT taken"


def test_a_copy_is_in_doubt_where_no_required_store_has_a_proven_one() -> None:
    lives: dict[tuple[ClipFact, ...], bool] = {
        (FOUND, ACQUIRED): False,
        (FOUND, ROT): False,  # it was never copied, and counts as such
        (FOUND, ACQUIRED, ROT): True,
        (FOUND, ACQUIRED, UPLOADED, ROT): True,
        (FOUND, ACQUIRED, UPLOADED, VERIFIED, ROT): False,
        (FOUND, ACQUIRED, UPLOADED, VERIFIED, replace(ROT, place="vault")): True,
        (FOUND, ACQUIRED, UPLOADED, VERIFIED, ReleaseIntended(clip="c"), replace(ROT, place="vault")): False,
    }
    for life, doubtful in lives.items():
        clip = fold(life)
        assert clip is not None
        assert is_in_doubt(clip, ["vault", "archive"]) is doubtful, life
        assert is_in_doubt(clip, ["archive"]) is (
            doubtful or (VERIFIED in life and ReleaseIntended(clip="c") not in life)
        )


def test_of_what_was_disposed_of_everywhere_no_copy_is_in_doubt() -> None:
    """Where something is left, or the spool's copy went early and the store's was found bad, one is."""
    proven = (FOUND, ACQUIRED, UPLOADED, VERIFIED)
    gone = {place: ClipDisposed(clip="c", place=place, sha256="") for place in (SPOOL, "vault", "archive")}
    early = DisposalIntended(clip="c", place=SPOOL, reason="proven", early=True, stay=("vault",))
    lives: dict[tuple[ClipFact, ...], bool] = {
        (*proven, gone[SPOOL], gone["vault"], ROT): False,
        (*proven, gone[SPOOL], gone["vault"], gone["archive"], ROT): False,
        (*proven, early, gone[SPOOL], gone["vault"], ROT): False,
        (*proven, gone[SPOOL], gone["vault"], ClipHeld(clip="c", reason="r", actor="1:a"), ROT): True,
        (*proven, gone[SPOOL], ROT): False,  # the store has it
        (*proven, gone["vault"], ROT): True,
        (*proven, gone["archive"], gone["vault"], ROT): True,
        (*proven, gone[SPOOL], replace(ROT, place="vault")): True,
        (*proven, early, gone[SPOOL], replace(ROT, place="vault")): True,
    }
    for life, doubtful in lives.items():
        clip = fold(life)
        assert clip is not None
        assert is_in_doubt(clip, ["vault"]) is doubtful, life
    clip = fold((*proven, gone[SPOOL], gone["vault"], ROT))
    assert clip is not None
    assert is_in_doubt(clip, ["vault", "archive"]), "one of them has not disposed of it"
