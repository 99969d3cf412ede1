"""Is every request answered, every hostile one refused, and nothing left open?"""

from __future__ import annotations

import array
import json
import logging
import os
import resource
import socket
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from bwvdock.edges.mounting import Mounter
from bwvdock.errors import MounterUnavailableError
from bwvdock.mounter.conversation import MAX_REQUEST_BYTES, OPERATIONS, PENDING_OF_ONE, Desk, converse, serve
from bwvdock.mounter.refusal import RefusalCode
from tests.mounter.machine import Machine, machine_with_card, no_descriptor_left

MOUNT = b'{"op": "mount", "device": "sda1"}'


@pytest.fixture(name="machine")
def _machine(tmp_path: Path) -> Machine:
    return machine_with_card(tmp_path)


@pytest.fixture(name="desk")
def _desk(machine: Machine) -> Desk:
    return Desk(system=machine.system(), allowed_uids=frozenset({os.getuid()}))


@pytest.fixture(autouse=True)
def _no_leak() -> Iterator[None]:
    with no_descriptor_left():
        yield


def ask(request: bytes, desk: Desk, *, with_fd: int | None = None) -> tuple[dict[str, object], list[int]]:
    """Hold one conversation and give the answer."""
    client, server = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with client:
        socket.send_fds(client, [request], [] if with_fd is None else [with_fd])
        converse(server, desk)
        answer, descriptors, _, _ = socket.recv_fds(client, 65536, 4)
    said = json.loads(answer)
    assert isinstance(said, dict)
    return said, descriptors


def code(request: bytes, desk: Desk) -> object:
    said, descriptors = ask(request, desk)
    assert set(said) == {"ok", "code", "message", "remedy"}
    assert (said["ok"], descriptors) == (False, [])
    assert said["message"]
    assert said["remedy"]
    return said["code"]


def test_the_answer_comes_with_the_volumes_root(machine: Machine, desk: Desk) -> None:
    said, [root] = ask(MOUNT, desk)
    assert os.fstat(root).st_ino == machine.root.stat().st_ino
    os.close(root)
    assert (said["ok"], said["fs"], said["read_only"], said["diskseq"]) == (True, "vfat", True, 17)


def test_nobody_but_the_daemon_and_root_is_answered(machine: Machine) -> None:
    stranger = Desk(system=machine.system(), allowed_uids=frozenset({os.getuid() + 1}))
    assert code(MOUNT, stranger) == "not_allowed"
    assert machine.kernel.mounts == []


@pytest.mark.few(6)
@pytest.mark.parametrize(
    "request_",
    [
        b" ",
        b"mount sda1",
        b"\xff\xfe",
        b"[" * MAX_REQUEST_BYTES,
        b"null",
        b"[]",
        b'"mount"',
        b"{}",
        b'{"op": "mount"}',
        b'{"op": "erase", "device": "sda1"}',
        b'{"op": ["mount"], "device": "sda1"}',
        b'{"op": "mount", "device": 1}',
        b'{"op": "mount", "device": ["sda1"]}',
        b'{"op": "mount", "device": "sda1", "options": "rw"}',
        MOUNT + b" " * MAX_REQUEST_BYTES,
        MOUNT + MOUNT,
    ],
)
def test_what_is_no_request_is_refused(machine: Machine, desk: Desk, request_: bytes) -> None:
    assert code(request_, desk) == "bad_request"
    assert machine.kernel.mounts == []


@pytest.mark.parametrize("device", ["../../etc", "sda\n", "", "x" * 300, "\ud800"])
def test_a_hostile_name_is_refused(machine: Machine, desk: Desk, device: str) -> None:
    assert code(json.dumps({"op": "mount", "device": device}).encode(), desk) == "bad_device"
    assert machine.kernel.mounts == []


def test_a_request_of_just_the_allowed_size_is_heard(desk: Desk) -> None:
    said, descriptors = ask(MOUNT.ljust(MAX_REQUEST_BYTES), desk)
    assert said["ok"] is True
    for fd in descriptors:
        os.close(fd)


def test_files_are_erased_through_the_same_door(machine: Machine, desk: Desk) -> None:
    machine.dock_config.write_text('[release]\nerase = "after-verified"\n')
    named = {"path": "gone.mp4", "size": 1, "mtime_ns": 0, "fingerprint": "00"}
    request = {"op": "erase", "device": "sda1", "dev": "8:1", "diskseq": 17, "files": [named]}
    said, descriptors = ask(json.dumps(request).encode(), desk)
    assert (said["ok"], descriptors) == (True, [])
    assert said["files"] == [{"outcome": "already_gone", "reason": ""}]


def test_descriptors_that_a_client_sends_are_dropped(desk: Desk) -> None:
    # The fixture sees whether one stayed.
    with open(os.devnull, "rb") as null:
        said, [root] = ask(MOUNT, desk, with_fd=null.fileno())
    os.close(root)
    assert said["ok"] is True


def test_a_mistake_of_our_own_is_told_and_ends_nothing(machine: Machine, desk: Desk) -> None:
    del machine.kernel.diskseqs["sda"]  # the fake now fails as only a mistake could
    assert code(MOUNT, desk) == "internal"


def test_a_client_that_left_before_the_answer_keeps_nothing_mounted(machine: Machine, desk: Desk) -> None:
    client, server = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    client.send(MOUNT)
    client.shutdown(socket.SHUT_RD)
    converse(server, desk)
    client.close()
    assert len(machine.kernel.mounts) == 1  # it was mounted; the fixture sees that nothing holds it


def test_a_client_that_says_nothing_is_no_trouble(machine: Machine, desk: Desk) -> None:
    client, server = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    client.close()
    converse(server, desk)
    assert machine.kernel.mounts == []


@pytest.mark.slow
def test_it_serves_many_at_once_then_ends_by_itself(tmp_path: Path, desk: Desk) -> None:
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(path))
        listener.listen()
        server = threading.Thread(target=serve, args=(listener, desk), kwargs={"idle_seconds": 0.2})
        clients = [socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(4)]
        for client in clients:
            client.connect(str(path))
        server.start()
        # The first to come says nothing yet; the others are answered all the same.
        for client in [*clients[1:], clients[0]]:
            client.send(MOUNT)
            answer, descriptors, _, _ = socket.recv_fds(client, 65536, 4)
            for fd in descriptors:
                os.close(fd)
            client.close()
            assert json.loads(answer)["ok"] is True
        server.join(60)
        assert not server.is_alive()


def answers(clients: Iterable[socket.socket]) -> Counter[object]:
    """Return how often each code was answered, "ok" for what was granted."""
    codes: Counter[object] = Counter()
    for client in clients:
        answer, descriptors, _, _ = socket.recv_fds(client, 65536, 4)
        for fd in descriptors:
            os.close(fd)
        said = json.loads(answer)
        codes["ok" if said["ok"] else said["code"]] += 1
    return codes


class Patient(socket.socket):
    """A listening socket on which it is never silent for too long before `over`, however slow the machine."""

    def __init__(self) -> None:
        super().__init__(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.over = threading.Event()

    def accept(self) -> tuple[socket.socket, Any]:
        while True:
            try:
                return super().accept()
            except TimeoutError:
                if self.over.is_set():
                    raise


@contextmanager
def served(path: Path, desk: Desk) -> Iterator[None]:
    """Serve on a socket that ends by itself soon after the last client; fail if it does not."""
    with Patient() as listener:
        listener.bind(str(path))
        listener.listen(128)
        server = threading.Thread(target=serve, args=(listener, desk), kwargs={"idle_seconds": 0.05})
        server.start()
        try:
            yield
        finally:
            listener.over.set()
            server.join(60)
        assert not server.is_alive()


def connected(path: Path, stack: ExitStack) -> socket.socket:
    client = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
    client.connect(str(path))
    return client


@pytest.mark.slow
def test_a_stranger_is_sent_away_before_he_says_anything(tmp_path: Path, machine: Machine) -> None:
    stranger = Desk(system=machine.system(), allowed_uids=frozenset())
    with served(tmp_path / "s", stranger), ExitStack() as stack:
        clients = [connected(tmp_path / "s", stack) for _ in range(100)]
        assert answers(clients) == {"not_allowed": 100}


@pytest.mark.slow
def test_a_refusal_is_read_also_by_who_has_sent_something_already(tmp_path: Path, machine: Machine) -> None:
    stranger = Desk(system=machine.system(), allowed_uids=frozenset())
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener, ExitStack() as stack:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        clients = [connected(tmp_path / "s", stack) for _ in range(3)]
        for requests, client in enumerate(clients):
            for _ in range(requests):
                client.send(MOUNT)
        serve(listener, stranger, idle_seconds=0.2)
        assert answers(clients) == {"not_allowed": 3}


def test_a_second_request_does_not_take_the_answer_away(tmp_path: Path, desk: Desk) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours:
        ours.send(MOUNT)
        ours.send(MOUNT)
        converse(theirs, desk)
        assert answers([ours]) == {"ok": 1}


@pytest.mark.slow
def test_the_daemon_hears_why_it_is_sent_away_whoever_is_faster(tmp_path: Path, machine: Machine) -> None:
    stranger = Desk(system=machine.system(), allowed_uids=frozenset())
    with served(tmp_path / "s", stranger):
        mounter = Mounter(tmp_path / "s")
        for _ in range(300):
            with pytest.raises(MounterUnavailableError, match="may not ask for anything"):
                mounter.mount("sda1")


@pytest.mark.slow
def test_silent_clients_beyond_a_bound_are_sent_away_and_the_others_answered(
    tmp_path: Path, desk: Desk
) -> None:
    with served(tmp_path / "s", desk), ExitStack() as stack:
        silent = [connected(tmp_path / "s", stack) for _ in range(PENDING_OF_ONE)]
        assert answers([connected(tmp_path / "s", stack) for _ in range(50)]) == {"crowded": 50}
        for client in silent:
            client.send(MOUNT)
        assert answers(silent) == {"ok": PENDING_OF_ONE}
        answer: Counter[object] = Counter()
        for _ in range(1000):  # a place is free a moment after its answer
            last = connected(tmp_path / "s", stack)
            with suppress(BrokenPipeError):  # it may have been sent away already
                last.send(MOUNT)
            answer = answers([last])
            if answer != {"crowded": 1}:
                break
        assert answer == {"ok": 1}


class Starved(logging.Handler):
    """Hears when nobody is let in any more."""

    def __init__(self) -> None:
        super().__init__()
        self.heard = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if "nobody is let in" in record.getMessage():
            self.heard.set()


@pytest.fixture
def starved() -> Iterator[Starved]:
    handler, logger = Starved(), logging.getLogger("bwvdock-mounter")
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


@pytest.mark.slow
def test_it_serves_on_when_there_were_no_descriptors_for_a_while(
    tmp_path: Path, desk: Desk, starved: Starved
) -> None:
    path = tmp_path / "s"
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with served(path, desk), ExitStack() as stack:
        clients = [
            stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)) for _ in range(3)
        ]
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(c.fileno() for c in clients) - 1, hard))
        try:
            for client in clients:
                client.connect(str(path))
            assert starved.heard.wait(60)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for client in clients:
            client.send(MOUNT)
        assert answers(clients) == {"ok": 3}


def test_every_code_has_a_remedy_and_every_operation_a_name() -> None:
    assert all(len(reason.value) > 10 for reason in RefusalCode)
    assert set(OPERATIONS) == {"mount", "probe", "erase"}


def test_the_kernel_says_who_asks_not_the_client(desk: Desk) -> None:
    # A client may send credentials along; what counts is who connected.
    client, server = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with client:
        claimed = array.array("i", [os.getpid(), os.getuid(), os.getgid()])
        client.sendmsg([MOUNT], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, claimed)])
        converse(server, Desk(system=desk.system, allowed_uids=frozenset()))
        assert json.loads(client.recv(65536))["code"] == "not_allowed"
