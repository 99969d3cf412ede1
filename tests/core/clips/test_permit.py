"""Who may in, and what may go."""

from __future__ import annotations

from typing import Any

import pytest

from bwvdock.core.clips.admission import Admission, admit, is_shared_serial, shown_refusal
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.permit import permit_erase
from bwvdock.core.clips.proof import ProofMethod, Receipt
from bwvdock.core.facts import SourceFile

KNOWN: dict[str, Any] = {"enrolled": False, "known_model": False, "revoked": None}


@pytest.mark.parametrize("mode", list(Admission))
def test_an_enrolled_camera_is_admitted_in_every_mode(mode: Admission) -> None:
    """Enrolment is the strongest rule but one."""
    assert admit("BWV-1", mode=mode, **KNOWN | {"enrolled": True}).admitted


@pytest.mark.parametrize("mode", list(Admission))
def test_a_revocation_beats_every_mode_and_says_why(mode: Admission) -> None:
    """Even an enrolled camera."""
    verdict = admit("BWV-1", mode=mode, enrolled=True, known_model=True, revoked="stolen")
    assert not verdict.admitted
    assert verdict.why == "revoked"
    assert shown_refusal(verdict.why, "stolen") == "revoked: stolen"
    assert shown_refusal(verdict.why, "") == "revoked", "the reason was erased"


def test_a_stranger_is_admitted_only_where_the_mode_says_so() -> None:
    """The three modes side by side."""
    assert not admit("BWV-1", mode=Admission.ENROLLED, **KNOWN).admitted
    assert not admit("BWV-1", mode=Admission.KNOWN_MODELS, **KNOWN).admitted
    assert admit("BWV-1", mode=Admission.KNOWN_MODELS, **KNOWN | {"known_model": True}).admitted
    assert admit("BWV-1", mode=Admission.ANY, **KNOWN).admitted


@pytest.mark.parametrize("serial", ["", "0123456789ABCDEF", "0000", "aaaaaaaa", " 0 ", "12"])
def test_a_serial_that_tells_nothing_admits_nobody(serial: str) -> None:
    """In any mode: two cameras would share one history."""
    assert is_shared_serial(serial)
    assert not admit(serial, mode=Admission.ANY, **KNOWN).admitted


@pytest.mark.parametrize("mode", list(Admission))
@pytest.mark.parametrize("serial", ["0123456789ABCDEF", "QQQQQQQQ", "QQQ", "QQQ-17"])
@pytest.mark.parametrize("revoked", [None, "QQ is a thief"])
def test_what_an_entry_says_of_a_decision_has_no_serial_and_no_words_of_a_person(
    mode: Admission, serial: str, revoked: str | None
) -> None:
    why = admit(serial, mode=mode, **KNOWN | {"revoked": revoked}).why
    assert "Q" not in why
    assert "0123" not in why


FILES = (
    SourceFile(path="A.MP4", size=2, mtime_ns=0, fingerprint="f"),
    SourceFile(path="A.THM", size=1, mtime_ns=0, fingerprint="s"),
)
GOOD: dict[str, Any] = {
    "clip": "c",
    "state": ClipState.VERIFIED,
    "taken": ((FILES[0], "ab"), (FILES[1], "ef")),
    "required": ("vault",),
    "receipts": {
        "vault": Receipt(
            destination="vault", object="o", version="", sha256="ab", method=ProofMethod.READ_BACK
        )
    },
    "reread": ("ab", "ef"),
    "reread_required": True,
    "held": False,
    "recorded": {"vault": 7},
    "witnessed": None,
}


def test_everything_proven_gives_the_permit() -> None:
    """For this clip, this digest and these files only, the footage last."""
    permit = permit_erase(**GOOD)
    assert permit is not None
    assert (permit.clip, permit.sha256, permit.files) == ("c", "ab", (FILES[1], FILES[0]))


@pytest.mark.parametrize("witnessed,permitted", [(None, True), (9, True), (8, True), (7, False), (0, False)])
def test_what_proves_it_is_confirmed_where_that_is_asked_for(witnessed: int | None, permitted: bool) -> None:
    """Entry 7 is the eighth."""
    assert (permit_erase(**GOOD | {"witnessed": witnessed}) is not None) is permitted


@pytest.mark.parametrize("reread", [("ab", None), (None, "ef"), (None, None)])
def test_what_is_gone_counts_only_once_erasing_has_begun(reread: tuple[str | None, ...]) -> None:
    """Before that it was not we who erased it."""
    assert permit_erase(**GOOD | {"reread": reread}) is None
    assert permit_erase(**GOOD | {"reread": reread, "state": ClipState.RELEASING}) is not None


@pytest.mark.parametrize("state", [ClipState.VERIFIED, ClipState.RELEASING])
def test_without_a_second_read_only_where_none_is_asked_for(state: ClipState) -> None:
    """The configuration decides."""
    asked = GOOD | {"reread": None, "state": state}
    assert permit_erase(**asked) is None
    assert permit_erase(**asked | {"reread_required": False}) is not None


WRONG_RECEIPT = Receipt(
    destination="vault", object="o", version="", sha256="cd", method=ProofMethod.READ_BACK
)


@pytest.mark.parametrize(
    "flaw",
    [
        {"state": ClipState.UPLOADED},
        {"state": ClipState.QUARANTINED},
        {"required": ()},
        {"receipts": {}},
        {"receipts": {"vault": WRONG_RECEIPT}},
        {"reread": None},
        {"reread": ("cd", "ef")},
        {"reread": ("ab", "cd")},
        {"reread": ("ab",)},
        {"reread": ("cd", "ef"), "reread_required": False},
        {"reread": ("cd", "ef"), "state": ClipState.RELEASING},
        {"taken": ((FILES[0], "ab"),)},
        {"taken": ((FILES[0], "ab"), (FILES[1], "")), "reread": ("ab", "")},
        {"taken": (), "reread": ()},
        {"held": True},
        {"required": ("vault", "mirror")},
        {"witnessed": 9, "recorded": {}},
        {"witnessed": 9, "recorded": {"mirror": 7}},
    ],
)
def test_one_flaw_is_enough_to_refuse_it(flaw: dict[str, Any]) -> None:
    """Each on its own."""
    assert permit_erase(**GOOD | flaw) is None
