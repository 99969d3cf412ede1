"""Can somebody in the operators' group get at a clip of a restricted class that is not open to them?

Tried as an attacker would who knows its id: every question and every order there is, raw lines to the control
socket from a process of another user, prefixes, claims, consultations, classes that the configuration lost.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_args

import pytest

from bwvdock.core.clips.classes.given import classify
from bwvdock.core.clips.classes.rules import NO_CLASSES, RetentionClass, RetentionRules
from bwvdock.core.clips.classes.veil import Veil
from bwvdock.core.facts import BY_UNIT, ClipFlagged, ClipHeld
from bwvdock.core.plain_json import plain
from bwvdock.edges.control import ControlServer
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.edges.peer import Peer, peer_of
from bwvdock.errors import BwvdockError, UsageError
from bwvdock.operators.audit.disclosure import Disclose, DrawSample
from bwvdock.operators.checkout.requests import MarkOwnClip
from bwvdock.operators.daemon_client import answering
from bwvdock.operators.holds.requests import ExceptClips, OpenHold
from bwvdock.operators.orders import Order, decide
from bwvdock.operators.queries import QUERIES, SUMS, Queries
from bwvdock.operators.requests import Consult, Exported, Query, Request
from bwvdock.operators.retention.access import Access
from tests.cli.docks import CAMERA, QUARANTINED, VERIFIED, Dock
from tests.operators.restricted import (
    ARGUMENTS,
    BEGINS,
    FIREARMS,
    HOLD,
    OFFICER,
    PACKAGE,
    ROOT,
    SUBJECTS,
    TWIN,
    dock_with_a_restricted_clip,
)

OPERATORS, FIREARMS_TEAM, EVERYTHING = 5000, 5001, 5002
GROUPS = {"bwvdock-firearms": FIREARMS_TEAM, "bwvdock-all": EVERYTHING}
RULES = RetentionRules(classes=(FIREARMS,), groups=("bwvdock-all",))
ATTACKER = Peer(pid=100, uid=1000, groups=frozenset({OPERATORS}))


def seen_by(rules: RetentionRules = RULES, owner: int = 990) -> Access:
    return Access(rules, number=GROUPS.get, owner=owner)


@pytest.fixture
def dock(tmp_path: Path) -> Dock:
    return dock_with_a_restricted_clip(tmp_path)


ALL = (*SUBJECTS, "units", "all clips", "events", "officers", "disclosures", "holds", "requests")


def told(dock: Dock, peer: Peer, access: Access, what: str, **more: str) -> str:
    """Return all that the daemon answers to a question of somebody who had every consultation recorded."""
    queries = Queries(dock.config.journal, veil_of=access.veil_of)
    for subject in ALL:
        queries.consulted(peer, Consult(command="clips", subject=subject, reason="because I may"))
    try:
        return json.dumps(
            list(
                queries.answer(
                    Query(what=what, arguments=tuple({**ARGUMENTS.get(what, {}), **more}.items())), peer
                )
            )
        )
    except BwvdockError as error:
        return f"{error.message} {error.remedy}"


@pytest.mark.parametrize("what", sorted({*QUERIES} - {"summary"}))
def test_no_question_is_answered_with_it(dock: Dock, what: str) -> None:
    answer = told(dock, ATTACKER, seen_by(), what)
    if what == "resolve-clip":
        missing = told(dock, ATTACKER, seen_by(), what, prefix="01hqnothing")
        assert answer.replace(VERIFIED, "ID") == missing.replace("01hqnothing", "ID"), "as if there were none"
        return
    assert "cannot be understood" not in answer, "a new question needs its arguments above"
    assert VERIFIED not in answer
    assert "firearms" not in answer


@pytest.mark.slow
def test_the_questions_do_name_it_to_those_who_may_see_it(dock: Dock) -> None:
    """Otherwise the test above would show nothing."""
    may = [
        replace(ATTACKER, groups=frozenset({OPERATORS, FIREARMS_TEAM})),
        replace(ATTACKER, groups=frozenset({EVERYTHING})),
        replace(ATTACKER, uid=0, groups=frozenset()),
        replace(ATTACKER, uid=990),
    ]
    nothing = SUMS - {"summary"} | {
        "absences",
        "assignments",
        "camera-clock",
        "cameras",
        "dockings",
        "earlier-draws",
    }
    nothing |= {"enrolment", "seed", "serials-docked", "unit-spans", "unknown-names"}
    for peer in may:
        assert {what for what in QUERIES if VERIFIED in told(dock, peer, seen_by(), what)} == {
            *QUERIES
        } - nothing


@pytest.mark.slow
def test_sums_are_of_everything_whoever_asks(dock: Dock) -> None:
    """A figure that depends on who asks is none, and no event lacks footage that somebody may not see."""
    team = replace(ATTACKER, groups=frozenset({OPERATORS, FIREARMS_TEAM}))
    for what in sorted(SUMS):
        assert told(dock, ATTACKER, seen_by(), what) == told(dock, team, seen_by(), what), what
    assert '"certain": 1' in told(dock, ATTACKER, seen_by(), "events")
    assert told(dock, ATTACKER, seen_by(), "events", without_footage="yes") == "[]"


def test_the_alerts_of_a_dock_are_the_same_for_everybody(dock: Dock) -> None:
    """A copy that was lost is an alert for whoever watches; its clip's id is all that they learn."""
    said = json.loads(told(dock, ATTACKER, seen_by(), "summary"))[0][0]
    assert said["failed"]["vault"]["open"] == 1
    assert "firearms" not in json.dumps(said)


def test_what_names_others_too_still_names_them(dock: Dock) -> None:
    """Of what was handed over, exported, looked at or drawn with it, the others are left."""
    for what in ("disclosures", "event-clips", "held-clips", "request", "story"):
        assert QUARANTINED in told(dock, ATTACKER, seen_by(), what, clip=QUARANTINED), what
    story = told(dock, ATTACKER, seen_by(), "story", clip=QUARANTINED)
    assert all(kind in story for kind in ("footage_consulted", "footage_exported", "sample_drawn"))
    assert VERIFIED not in story
    twin = told(dock, ATTACKER, seen_by(), "story", clip=TWIN)
    assert "(restricted)" in twin
    assert VERIFIED not in twin
    assert told(dock, ATTACKER, seen_by(), "disclosures", clip=VERIFIED) == "[]", "one that names it alone"


def test_what_is_not_restricted_is_still_there(dock: Dock) -> None:
    assert QUARANTINED in told(dock, ATTACKER, seen_by(), "clips")
    assert QUARANTINED in told(dock, ATTACKER, seen_by(), "docking")
    assert QUARANTINED[-4:] in told(dock, ATTACKER, seen_by(), "history", clip=QUARANTINED)


def test_filters_and_prefixes_find_nothing_and_say_nothing(dock: Dock) -> None:
    for more in ({"of_class": "firearms"}, {"camera": CAMERA, "state": "verified"}, {"unreviewed": "True"}):
        assert VERIFIED not in told(dock, ATTACKER, seen_by(), "clips", **more)
    # Without the hidden one, what begins so is no longer ambiguous among fewer: only visible ones are named.
    assert VERIFIED not in told(dock, ATTACKER, seen_by(), "resolve-clip", prefix=VERIFIED[:10])


@pytest.mark.parametrize("what,hidden", [("class", FIREARMS.name), ("case", "C-7")])
def test_what_hidden_clips_alone_have_is_as_unknown_as_any_other_name(
    dock: Dock, what: str, hidden: str
) -> None:
    dock.record(ClipFlagged(clip=VERIFIED, reason="r", case="C-7", actor="0:root"), later=1000)

    def answer(peer: Peer, name: str) -> str:
        return told(dock, peer, seen_by(), "unknown-names", named=json.dumps({what: name}), subject="")

    assert answer(ATTACKER, hidden).replace(hidden, "IT") == answer(ATTACKER, "none").replace("none", "IT")
    assert hidden in answer(ATTACKER, hidden)
    assert hidden not in answer(replace(ATTACKER, groups=frozenset({FIREARMS_TEAM})), hidden)


@pytest.mark.parametrize(
    "rules",
    [
        RetentionRules(),
        RetentionRules(classes=(replace(FIREARMS, restricted=False, groups=()),)),
        RetentionRules(classes=(replace(FIREARMS, name="guns"),), groups=("bwvdock-all",)),
        RetentionRules(classes=(replace(FIREARMS, groups=("no-such-group",)),)),
    ],
    ids=["without classes", "no longer restricted", "renamed", "a group that is not there"],
)
def test_a_configuration_that_lost_the_class_opens_nothing(dock: Dock, rules: RetentionRules) -> None:
    team = replace(ATTACKER, groups=frozenset({OPERATORS, FIREARMS_TEAM}))
    assert VERIFIED not in told(dock, ATTACKER, seen_by(rules), "clips")
    assert VERIFIED not in told(dock, team, seen_by(rules), "clips")


def test_a_class_that_is_restricted_later_is_closed_from_then_on(dock: Dock) -> None:
    plainly = replace(FIREARMS, name="complaint", restricted=False, groups=())
    dock.record(classify(QUARANTINED, plainly, basis=BY_UNIT))
    now = RetentionRules(classes=(FIREARMS, replace(plainly, restricted=True, groups=("bwvdock-firearms",))))
    assert QUARANTINED in told(dock, ATTACKER, seen_by(), "clips")
    assert QUARANTINED not in told(dock, ATTACKER, seen_by(now), "clips")


def test_of_two_restricted_classes_both_must_be_open(dock: Dock) -> None:
    standards = RetentionClass(name="standards", days=90, restricted=True, groups=("bwvdock-psd",))
    dock.record(classify(VERIFIED, standards, basis=BY_UNIT))
    team = replace(ATTACKER, groups=frozenset({FIREARMS_TEAM}))
    assert VERIFIED not in told(dock, team, seen_by(replace(RULES, classes=(FIREARMS, standards))), "clips")


# --- orders ------------------------------------------------------------------------------------------


_SAID = {"reason", "basis", "command", "subject", "recipient", "per"}


def naming(clip: str) -> Iterator[Any]:
    """Yield every request that can name a clip, of each kind that there is."""
    for kind in get_args(Request):
        names = {field.name for field in fields(kind)}
        given: dict[str, Any] = dict.fromkeys(names & _SAID, "because")
        given |= dict.fromkeys(names & {"wanted", "size", "population"}, 1)
        if "clips" in names:
            given["clips"] = (clip,)
        elif "clip" in names and kind is not MarkOwnClip:  # of operators it is not taken at all
            given["clip"] = clip
        else:
            continue
        if kind is Exported:
            given["tagmanifest_sha256"] = "0" * 64
        given |= {"hold": HOLD} if kind is ExceptClips else {}
        given |= {"package": PACKAGE} if kind is Disclose else {}
        given |= {"root": ROOT, "since": BEGINS, "until": BEGINS} if kind is DrawSample else {}
        yield kind(**given)


class NoSpool:
    def check(self, _: object) -> None:
        raise AssertionError("the clip was read")


def ordered(dock: Dock, order: Order, veil: Veil | None, retention: RetentionRules = NO_CLASSES) -> str:
    from bwvdock.edges.journal import open_journal  # noqa: PLC0415
    from tests.fakes.clock import FakeClock  # noqa: PLC0415

    with (
        open_journal(dock.config.journal, FakeClock(ms=2_000_000)) as journal,
        JournalReader(dock.config.journal, veil=veil) as reader,
    ):
        try:
            made = decide(
                order,
                journal=journal,
                reader=reader,
                spool=NoSpool(),
                paused=False,
                actor="1000:eve",
                retention=retention,
            )
        except UsageError as error:
            return f"{error.message} {error.remedy}"
    return f"DECIDED {made.facts}"


@pytest.mark.slow
def test_no_order_can_name_it_not_even_to_hold_it(dock: Dock) -> None:
    veil = seen_by().veil_of(ATTACKER)
    orders = list(naming(VERIFIED))
    assert {type(order).__name__ for order in orders} >= {
        "Flag",
        "Hold",
        "Review",
        "Retry",
        "Hurry",
        "Consult",
        "ExceptClips",
        "Disclose",
        "DrawSample",
    }
    for order, nothing in zip(orders, naming("01hqnothing"), strict=True):
        answer = ordered(dock, order, veil)
        assert "DECIDED" not in answer, order
        assert answer.replace(VERIFIED, "ID") == ordered(dock, nothing, veil).replace("01hqnothing", "ID")
    assert "DECIDED" in ordered(dock, next(o for o in orders if type(o).__name__ == "Hold"), None)

    drawing = next(o for o in orders if type(o).__name__ == "DrawSample")
    assert "DECIDED" in ordered(dock, drawing, None), "it is refused for nothing but the clip"


def test_a_hold_by_query_may_keep_it_and_does_not_say_so(dock: Dock) -> None:
    """To hold is safe; the answer says of what matches it all that it says of what matches nothing."""
    veil = seen_by().veil_of(ATTACKER)
    answers = [ordered(dock, OpenHold(reason="r", officer=officer), veil) for officer in (OFFICER, "9999")]
    assert VERIFIED not in answers[0]
    assert "DECIDED" in answers[0]
    assert len(answers[0]) == len(answers[1])


# --- the control socket, from a process of another user --------------------------------------------------

_SCRIPT = """
import socket, sys
line = sys.argv[2].encode() + b"\\n"
with socket.socket(socket.AF_UNIX) as s:
    s.connect(sys.argv[1])
    s.sendall(line)
    sys.stdout.write(s.makefile().read())
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")


def asked_as(socket_path: Path, line: Mapping[str, Any], *groups: int) -> str:
    """Return what the socket answers to a raw line of a process that is in these groups."""
    ran = subprocess.run(
        ["/usr/bin/python3", "-c", _SCRIPT, str(socket_path), json.dumps(line)],
        user=65534,
        group=OPERATORS,
        extra_groups=list(groups),
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout


@as_root
@pytest.mark.slow
def test_a_process_is_what_the_kernel_says_and_not_what_it_says_itself(dock: Dock, tmp_path: Path) -> None:
    def answer(_request: Request, _actor: str) -> Mapping[str, Any]:
        raise AssertionError("somebody who may not see all was answered as if they did")

    def veiled(request: Request, _actor: str, veil: Veil) -> Mapping[str, Any]:
        return {"message": f"{request.name} {plain(veil)}"}

    access = seen_by()
    handle = answering(
        answer, Queries(dock.config.journal, veil_of=access.veil_of), veil_of=access.veil_of, veiled=veiled
    )
    folder = Path("/tmp") / f"bwvdock-{os.getpid()}"
    folder.mkdir()
    try:
        with ControlServer(folder / "s", handle):
            folder.chmod(0o755)
            os.chown(folder / "s", 0, OPERATORS)
            ask = {"request": "query", "what": "clips", "arguments": []}
            assert QUARANTINED in asked_as(folder / "s", ask)
            for claim in ({}, {"login_uid": 0}, {"login_uid": 990}):
                assert VERIFIED not in asked_as(folder / "s", {**ask, **claim})
            assert VERIFIED in asked_as(folder / "s", ask, FIREARMS_TEAM)
            assert VERIFIED in asked_as(folder / "s", ask, 7, 8, 9, EVERYTHING)
            hold = {"request": "hold", "clips": [VERIFIED], "reason": "r", "login_uid": 0}
            assert "firearms" in asked_as(folder / "s", hold), "it is carried out with what they may see"
    finally:
        folder.rmdir()


def test_the_groups_of_who_connects_are_those_of_its_process() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with ours, theirs:
        assert peer_of(ours).groups == {os.getgid(), *os.getgroups()}


def test_the_journal_can_be_read_by_its_owner_alone(dock: Dock) -> None:
    """What is in the file is hidden from nobody who can open it: its mode is the lock."""
    dock.record(ClipHeld(clip=VERIFIED, reason="r", actor="0:root"))
    for path in dock.config.state_dir.glob("journal.sqlite3*"):
        assert path.stat().st_mode & 0o077 == 0, path
