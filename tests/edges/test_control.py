"""Do orders reach the daemon, whoever else hangs on its socket?"""

from __future__ import annotations

import json
import os
import resource
import socket
import stat
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, get_args

import pytest

from bwvdock.edges import control
from bwvdock.edges.control import CLIENTS_OF_ONE, ControlServer
from bwvdock.edges.peer import actor_of, this_process
from bwvdock.errors import BwvdockError, CustodyError, NotRunningError, StorageError, UsageError
from bwvdock.operators.attribution.requests import Dispute, Uphold
from bwvdock.operators.audit.disclosure import Disclose, DrawSample
from bwvdock.operators.checkout.requests import CheckOut, GiveBack, MarkOwnClip, ShowOwnClips, Tap
from bwvdock.operators.daemon_client import answering, ask, claimed_login
from bwvdock.operators.events.requests import ImportEvents
from bwvdock.operators.holds.requests import (
    CloseRequest,
    CorrectRequest,
    EndHold,
    ExceptClips,
    OpenHold,
    OpenRequest,
)
from bwvdock.operators.observed import BackedUp, Verified
from bwvdock.operators.requests import (
    AskCopies,
    Assign,
    Consult,
    Dispose,
    Enrol,
    EnrolRows,
    EraseValues,
    Exported,
    Flag,
    Hold,
    Hurry,
    Pause,
    Request,
    Resume,
    Retry,
    Revoke,
    Screen,
    SignNow,
    Status,
    Unflag,
    Unhold,
)
from bwvdock.operators.retention.requests import Restore, Review

EVERY_REQUEST: tuple[Request, ...] = (
    Status(),
    Screen(),
    Tap(badge="0012345678"),
    CheckOut(officer="4411", camera="CAM-17"),
    GiveBack(serial="CAM-17"),
    ShowOwnClips(token="ab" * 32),
    MarkOwnClip(token="ab" * 32, clip="01kge4", act="evidence", reason="burglary", case="C-7"),
    Dispute(clips=("01kge4",), reason="on leave"),
    Uphold(clips=("01kge4",), reason="seen"),
    Pause(),
    Resume(),
    Enrol(serial="CAM-17", model="Fox \\u{7} 3"),
    EnrolRows(rows=(("2", "CAM-17", "", "Lewisham"),)),
    Revoke(serial="CAM-17", reason="lost\nagain"),
    Retry(clip="01kge4"),
    Assign(rows=(("17", "CAM-17", "4411", "2026-03-01T06:00:00.000Z", ""),), correct=True),
    ImportEvents(rows=(("2", "E1", "4411;4412", "", "2026-03-01T06:00:00.000Z", "", "x"),), dry_run=True),
    Flag(clips=("01kge4", "01kge5"), reason="burglary", case="C-7"),
    Unflag(clips=("01kge4",), reason="a mistake"),
    Hold(clips=("01kge4",), reason="inquiry"),
    Unhold(clips=("01kge4",), reason="it is over"),
    Hurry(clips=("01kge4",), reason="the custody clock runs"),
    Restore(clips=("01kge4",), reason="complaint 12/26"),
    Review(clips=("01kge4",), of_class="use-of-force", reason="r", instead=True),
    Dispose(),
    Consult(command="clips show", subject="01kge4", reason="disclosure", clips=("01kge4",)),
    Exported(clips=("01kge4",), tagmanifest_sha256="ab" * 32, reason="disclosure"),
    SignNow(),
    AskCopies(destination="county"),
    EraseValues(basis="DPA 2018 s.47", officer="4411"),
    Verified(
        entries=7,
        since=0,
        root="ab" * 32,
        copies=1,
        documents=1,
        problems=1,
        codes=("tree",),
        errors=0,
        seconds=1,
    ),
    BackedUp(entries=7, root="ab" * 32, footage=1, size=2, left_out=3),
    ImportEvents(rows=(("2", "E-1", "4411", "", "2026-03-01T06:00:00.000Z", "", "assault"),)),
    OpenHold(reason="inquiry", officer="4411", since="2026-03-01T06:00:00.000Z"),
    OpenRequest(about="foi", received="2026-03-14", by="Smith", reason="letter"),
    CorrectRequest(which="01kge4", reason="a slip", received="2026-03-01", due="2026-04-01", rule="as given"),
    CloseRequest(which="01kge4", reason="answered"),
    EndHold(hold="01kge4", reason="it is over"),
    ExceptClips(clips=("01kge4",), hold="01kge5", reason="another matter"),
    Disclose(clips=("01kge4",), recipient="CPS", reason="charge", package="ab" * 32, reference="FOI 12/26"),
    DrawSample(
        since="2026-03-01T00:00:00.000Z",
        until="2026-04-01T00:00:00.000Z",
        per="unit",
        wanted=5,
        size=7,
        root="ab" * 32,
        population=12,
        clips=("01kge4",),
        reason="review",
        unit="Team 7",
    ),
)


class Desk:
    """A daemon that notes what it is asked, and answers or raises what it was given."""

    def __init__(self, answer: Mapping[str, Any] | BwvdockError | None = None) -> None:
        self.asked: list[tuple[Request, str]] = []
        self._answer = answer if answer is not None else {"message": "done"}

    def __call__(self, request: Request, actor: str) -> Mapping[str, Any]:
        self.asked.append((request, actor))
        if isinstance(self._answer, BwvdockError):
            raise self._answer
        return self._answer


@contextmanager
def raw(path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(10)
        connection.connect(str(path))
        yield connection


def answer_to(path: Path, line: bytes) -> dict[str, Any]:
    with raw(path) as connection:
        connection.sendall(line)
        with connection.makefile("rb") as file:
            answer: dict[str, Any] = json.loads(file.readline())
    return answer


def test_every_kind_of_request_is_tried_here() -> None:
    assert {type(request) for request in EVERY_REQUEST} == set(get_args(Request))


@pytest.mark.slow
@pytest.mark.parametrize("request_", EVERY_REQUEST, ids=lambda r: r.name)
def test_a_request_arrives_as_it_was_and_with_who_asked(tmp_path: Path, request_: Request) -> None:
    desk = Desk({"message": "done", "recorded": []})
    with ControlServer(tmp_path / "s", answering(desk)):
        assert ask(tmp_path / "s", request_) == {"message": "done", "recorded": []}
    [(arrived, actor)] = desk.asked
    assert arrived == request_
    assert actor == actor_of(this_process(), claimed=claimed_login())
    assert actor.startswith(f"{os.getuid()}:")


@pytest.mark.parametrize("error", [UsageError("No.", remedy="Type better."), CustodyError("Broken.")])
def test_an_error_comes_back_as_what_it_was(tmp_path: Path, error: BwvdockError) -> None:
    with ControlServer(tmp_path / "s", answering(Desk(error))), pytest.raises(type(error)) as caught:
        ask(tmp_path / "s", Pause())
    assert (caught.value.message, caught.value.remedy) == (error.message, error.remedy)


def test_only_owner_and_group_may_ask(tmp_path: Path) -> None:
    with ControlServer(tmp_path / "s", answering(Desk())):
        assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o660


def test_nobody_there(tmp_path: Path) -> None:
    with pytest.raises(NotRunningError) as caught:
        ask(tmp_path / "s", Status())
    assert "systemctl status bwvdock" in caught.value.remedy
    (tmp_path / "file").touch()
    with pytest.raises(NotRunningError):
        ask(tmp_path / "file", Status())
    with pytest.raises(NotRunningError):
        ask(tmp_path / "file" / "s", Status())


def test_a_socket_left_by_a_killed_daemon_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
        dead.bind(str(path))
    with pytest.raises(NotRunningError):
        ask(path, Status())
    with ControlServer(path, answering(Desk())):
        assert ask(path, Status())


def test_closing_takes_the_socket_away(tmp_path: Path) -> None:
    path = tmp_path / "s"
    server = ControlServer(path, answering(Desk())).start()
    server.close()
    assert not path.exists()
    server.close()


def test_a_client_that_dawdles_keeps_nobody_waiting(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with ControlServer(path, answering(Desk())), raw(path) as slow:
        slow.sendall(b'{"request": ')
        assert ask(path, Status(), timeout=60) == {"message": "done"}


@pytest.mark.slow
def test_a_client_that_dawdles_is_sent_away(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with ControlServer(path, answering(Desk()), client_seconds=0.05), raw(path) as slow:
        slow.sendall(b'{"request": ')
        assert slow.recv(1) == b""


@pytest.mark.slow
def test_a_daemon_that_does_not_answer_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    let_go = threading.Event()

    def stuck(_request: Request, _actor: str) -> Mapping[str, Any]:
        let_go.wait(60)
        return {}

    with ControlServer(tmp_path / "s", answering(stuck)):
        with pytest.raises(NotRunningError, match="does not answer"):
            ask(tmp_path / "s", Status(), timeout=0.05)
        let_go.set()


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"hello\n",
        b"[]\n",
        b"null\n",
        b"{}\n",
        b'{"request": "format-disk"}\n',
        b'{"request": "enrol"}\n',
        b'{"request": "enrol", "serial": 7}\n',
        b'{"request": "enrol", "serial": ["x"]}\n',
        b'{"request": "pause", "colour": "red"}\n',
        b'{"request": ["pause"]}\n',
        b"\xff\xfe\n",
        b"[" * 20000 + b"\n",
    ],
)
def test_nonsense_is_refused_and_the_next_is_served(tmp_path: Path, line: bytes) -> None:
    desk = Desk()
    with ControlServer(tmp_path / "s", answering(desk)):
        answer = answer_to(tmp_path / "s", line)
        assert (answer["ok"], answer["error"]) == (False, "UsageError")
        assert desk.asked == []
        assert ask(tmp_path / "s", Status()) == {"message": "done"}


def test_a_request_without_end_is_cut_off(tmp_path: Path) -> None:
    desk = Desk()
    with ControlServer(tmp_path / "s", answering(desk)):
        answer = answer_to(tmp_path / "s", b"x" * (control.REQUEST_BYTES + 1))
        assert "too long" in answer["message"]
        assert "in parts" in answer["remedy"]
        assert ask(tmp_path / "s", Status())


def test_a_server_that_talks_nonsense_is_an_error_not_a_crash(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()

        def babble() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b'{"ok": "perh')

        thread = threading.Thread(target=babble)
        thread.start()
        with pytest.raises(NotRunningError, match="in the middle of its answer"):
            ask(tmp_path / "s", Status())
        thread.join()


@pytest.mark.slow
def test_a_users_silent_clients_are_no_traceback_and_pass(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with ControlServer(path, answering(Desk()), client_seconds=2), ExitStack() as silent:
        for _ in range(3 * CLIENTS_OF_ONE):
            silent.enter_context(raw(path))
        with pytest.raises(NotRunningError, match="too many commands"):
            ask(path, Status(), timeout=0.5)
        assert ask(path, Status(), timeout=60) == {"message": "done"}


def test_who_is_sent_away_hears_why_at_once(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with ControlServer(path, answering(Desk())), ExitStack() as silent:
        for _ in range(CLIENTS_OF_ONE):
            silent.enter_context(raw(path))
        assert answer_to(path, b"x" * 100_000)["error"] == "Busy"


def test_a_mistake_of_ours_is_told_and_ends_nothing(tmp_path: Path) -> None:
    survived: list[BaseException] = []

    def wrong(_request: Request, _actor: str) -> Mapping[str, Any]:
        raise ZeroDivisionError

    with ControlServer(tmp_path / "s", answering(wrong), trouble=lambda _, error: survived.append(error)):
        for _ in range(CLIENTS_OF_ONE + 1):
            with pytest.raises(BwvdockError, match="a mistake in it"):
                ask(tmp_path / "s", Status())
    assert {type(error) for error in survived} == {ZeroDivisionError}


def test_an_answer_that_is_no_json_ends_nothing(tmp_path: Path) -> None:
    with (
        ControlServer(tmp_path / "s", answering(Desk({"message": object()}))),
        pytest.raises(BwvdockError, match="a mistake in it"),
    ):
        ask(tmp_path / "s", Status())


@pytest.mark.slow
def test_it_listens_on_when_there_were_no_descriptors_for_a_while(tmp_path: Path) -> None:
    path, starved = tmp_path / "s", threading.Event()
    told: list[str] = []

    def trouble(what: str, error: BaseException) -> None:
        assert isinstance(error, OSError)
        told.append(what)
        starved.set()

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with (
        ControlServer(path, answering(Desk()), trouble=trouble),
        socket.socket(socket.AF_UNIX) as first,
        socket.socket(socket.AF_UNIX) as second,
    ):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(first.fileno(), second.fileno()) - 1, hard))
        try:
            first.connect(str(path))  # accept() has its descriptor already; the next has none
            second.connect(str(path))
            assert starved.wait(60)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        second.sendall(b'{"request": "status"}\n')
        with second.makefile("rb") as file:
            assert json.loads(file.readline())["ok"] is True
    assert len(told) == 1


def test_a_path_longer_than_an_address_may_be(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 90) / ("y" * 90)
    folder.mkdir(parents=True)
    with ControlServer(folder / "control.sock", answering(Desk())):
        assert ask(folder / "control.sock", Status()) == {"message": "done"}


def test_a_run_directory_that_is_not_there_has_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        ControlServer(tmp_path / "gone" / "s", answering(Desk()))
    assert "run_dir" in caught.value.remedy
