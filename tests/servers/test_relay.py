"""Does the relay do to a connection what was ordered, and nothing else?"""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.servers.armed import ArmedFaults
from tests.servers.faults import (
    DOWN,
    UP,
    Bandwidth,
    BlackHole,
    Cut,
    Direction,
    Fault,
    Flip,
    HalfClose,
    Latency,
    LostResponse,
    Mark,
    Stall,
)
from tests.servers.http_requests import Requests
from tests.servers.process import HOST
from tests.servers.relay import Relay

PATIENCE = 10.0
A_MOMENT = 0.2  # seconds in which nothing must arrive


class Line:
    """A relay, and both ends of connections through it."""

    def __init__(self) -> None:
        self.listener = socket.create_server((HOST, 0))
        self.relay = Relay(self.listener.getsockname()[1])

    def ends(self) -> dict[Direction, socket.socket]:
        """Connect; give the two ends by the direction in which they send."""
        client = socket.create_connection((HOST, self.relay.port), PATIENCE)
        server, _ = self.listener.accept()
        server.settimeout(PATIENCE)
        return {UP: client, DOWN: server}


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    with line.listener, line.relay:
        yield line


def _other(direction: Direction) -> Direction:
    return DOWN if direction is UP else UP


def _receive(end: socket.socket, count: int) -> bytes:
    """Take so many bytes, or fewer if the sender ends."""
    with end.makefile("rb", buffering=0) as file:
        taken = b""
        while len(taken) < count and (data := file.read(count - len(taken))):
            taken += data
        return taken


@pytest.mark.parametrize("direction", Direction)
def test_without_a_fault_everything_passes_and_is_counted(line: Line, direction: Direction) -> None:
    ends = line.ends()
    with ends[UP], ends[DOWN]:
        data = bytes(range(256)) * 4000
        for start in range(0, len(data), 100_000):
            part = data[start : start + 100_000]
            ends[direction].sendall(part)
            assert _receive(ends[_other(direction)], len(part)) == part
        assert line.relay.bytes == {direction: len(data), _other(direction): 0}
        assert line.relay.fired == []


def test_an_end_is_passed_on_and_the_other_direction_goes_on(line: Line) -> None:
    ends = line.ends()
    with ends[UP], ends[DOWN]:
        ends[UP].shutdown(socket.SHUT_WR)
        assert _receive(ends[DOWN], 1) == b""
        ends[DOWN].sendall(b"answer")
        assert _receive(ends[UP], 6) == b"answer"


@pytest.mark.parametrize("direction", Direction)
def test_a_cut_comes_at_its_byte_and_both_see_a_reset(line: Line, direction: Direction) -> None:
    line.relay.arm(Cut(5, direction))
    ends = line.ends()
    with ends[UP], ends[DOWN]:
        ends[direction].sendall(b"0123456789")
        assert _receive(ends[_other(direction)], 5) == b"01234"
        for end in ends.values():
            with pytest.raises(ConnectionResetError):
                _receive(end, 1)
        assert line.relay.fired == [Cut(5, direction)]


def test_a_fault_waits_for_its_own_byte(line: Line) -> None:
    line.relay.arm(Cut(5))
    ends = line.ends()
    with ends[UP], ends[DOWN]:
        ends[UP].sendall(b"01234")
        assert _receive(ends[DOWN], 5) == b"01234"
        ends[DOWN].sendall(b"answer")
        assert _receive(ends[UP], 6) == b"answer"
        assert line.relay.fired == []
        ends[UP].sendall(b"5")
        with pytest.raises(ConnectionResetError):
            _receive(ends[UP], 1)


def test_bytes_are_counted_over_connections_and_a_fault_comes_as_often_as_it_says(line: Line) -> None:
    line.relay.arm(Cut(5, times=2))
    for sent, arriving in ((b"012", b"012"), (b"0123456789", b"01"), (b"0123456789", b"01234")):
        ends = line.ends()
        with ends[UP], ends[DOWN]:
            ends[UP].sendall(sent)
            assert _receive(ends[DOWN], len(arriving)) == arriving
            if sent != arriving:
                with pytest.raises(ConnectionResetError):
                    _receive(ends[UP], 1)
    ends = line.ends()
    with ends[UP], ends[DOWN]:
        ends[UP].sendall(b"0123456789")
        assert _receive(ends[DOWN], 10) == b"0123456789"
    assert line.relay.fired == [Cut(5, times=2)] * 2


@pytest.mark.parametrize("direction", Direction)
def test_one_byte_is_flipped_and_no_other(line: Line, direction: Direction) -> None:
    line.relay.arm(Flip(3, direction, times=2))
    ends = line.ends()
    with ends[UP], ends[DOWN]:
        ends[direction].sendall(b"0000000000")
        assert _receive(ends[_other(direction)], 10) == b"0001000100"


@pytest.mark.parametrize("direction", Direction)
def test_a_mark_is_noted_and_changes_nothing(line: Line, direction: Direction) -> None:
    mark = Mark(3, direction, times=2)
    line.relay.arm(mark)
    ends = line.ends()
    with ends[UP], ends[DOWN]:
        ends[direction].sendall(b"0123456789")
        assert _receive(ends[_other(direction)], 10) == b"0123456789"
        assert line.relay.fired == [mark, mark]


@pytest.mark.slow
@pytest.mark.parametrize("direction", Direction)
def test_a_stall_stops_its_direction_only(line: Line, direction: Direction) -> None:
    line.relay.arm(Stall(5, direction))
    ends = line.ends()
    with ends[UP], ends[DOWN]:
        ends[direction].sendall(b"0123456789")
        assert _receive(ends[_other(direction)], 5) == b"01234"
        ends[_other(direction)].sendall(b"other")
        assert _receive(ends[direction], 5) == b"other"
        _nothing_arrives(ends[_other(direction)])


@pytest.mark.slow
def test_a_sender_into_a_stall_is_blocked_in_the_end(line: Line) -> None:
    line.relay.arm(Stall(0))
    ends = line.ends()
    with ends[UP], ends[DOWN]:
        ends[UP].settimeout(A_MOMENT)
        with pytest.raises(TimeoutError):
            ends[UP].sendall(bytes(64 << 20))


@pytest.mark.slow
def test_nothing_comes_out_of_a_black_hole(line: Line) -> None:
    line.relay.arm(BlackHole(5))
    ends = line.ends()
    with ends[UP], ends[DOWN]:
        ends[UP].sendall(b"0123456789")
        assert _receive(ends[DOWN], 5) == b"01234"
        _nothing_arrives(ends[DOWN])
        ends[DOWN].sendall(b"answer")
        _nothing_arrives(ends[UP])


def _nothing_arrives(end: socket.socket) -> None:
    end.settimeout(A_MOMENT)
    with pytest.raises(TimeoutError):
        end.recv(1)


def test_a_half_close_ends_one_direction_only(line: Line) -> None:
    line.relay.arm(HalfClose(5))
    ends = line.ends()
    with ends[UP], ends[DOWN]:
        ends[UP].sendall(b"0123456789")
        assert _receive(ends[DOWN], 10) == b"01234"
        ends[DOWN].sendall(b"answer")
        assert _receive(ends[UP], 6) == b"answer"


def test_the_right_answer_is_lost_after_the_server_has_the_whole_request(line: Line) -> None:
    lost = LostResponse(2, "PATCH")
    line.relay.arm(lost)
    head, patch = b"HEAD /x HTTP/1.1\r\n\r\n", b"PATCH /x HTTP/1.1\r\ncontent-length: 6\r\n\r\nabcdef"
    ends = line.ends()
    with ends[UP], ends[DOWN]:
        for request in (head, patch, head):
            ends[UP].sendall(request)
            assert _receive(ends[DOWN], len(request)) == request
            ends[DOWN].sendall(b"answer")
            assert _receive(ends[UP], 6) == b"answer"
        assert line.relay.fired == []
        ends[UP].sendall(patch)
        assert _receive(ends[DOWN], len(patch)) == patch
        ends[DOWN].sendall(b"answer")
        with pytest.raises(ConnectionResetError):
            _receive(ends[UP], 6)
        assert line.relay.fired == [lost]


@pytest.mark.parametrize(
    "slow,a_little",
    [(Latency(3600.0), Latency(0.01)), (Bandwidth(0.001), Bandwidth(1e6))],
    ids=["latency", "bandwidth"],
)
def test_a_slow_line_holds_bytes_back_and_loses_none(line: Line, slow: Fault, a_little: Fault) -> None:
    line.relay.arm(slow)
    ends = line.ends()
    with ends[UP], ends[DOWN]:
        ends[UP].sendall(b"0123456789")
        _nothing_arrives(ends[DOWN])
    line.relay.arm(a_little)
    ends = line.ends()
    with ends[UP], ends[DOWN]:
        ends[UP].sendall(b"0123456789" * 5000)
        assert _receive(ends[DOWN], 50_000) == b"0123456789" * 5000


def test_a_network_that_is_down_refuses_and_one_that_is_up_again_passes(line: Line) -> None:
    ends = line.ends()
    with ends[UP], ends[DOWN]:
        line.relay.take_down()
        with pytest.raises(ConnectionResetError):
            _receive(ends[UP], 1)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, line.relay.port), PATIENCE)
    line.relay.bring_up()
    ends = line.ends()
    with ends[UP], ends[DOWN]:
        ends[UP].sendall(b"again")
        assert _receive(ends[DOWN], 5) == b"again"


def test_a_server_that_is_gone_shows_as_a_reset(line: Line) -> None:
    line.listener.close()
    with socket.socket() as client:
        client.settimeout(PATIENCE)
        with pytest.raises(ConnectionResetError):  # noqa: PT012 (it may come as early as that)
            client.connect((HOST, line.relay.port))
            _receive(client, 1)


def test_requests_are_known_however_their_bytes_are_cut() -> None:
    body = b"\r\n\r\n"
    stream = (
        b"POST /f HTTP/1.1\r\nContent-Length:0\r\n\r\nPATCH / HTTP/1.1\r\nContent-Length: 4\r\n\r\n" + body
    )
    stream += b"HEAD / HTTP/1.1\r\n\r\n"
    for size in range(1, len(stream)):
        requests = Requests()
        seen = [
            method
            for start in range(0, len(stream), size)
            for method in requests.feed(stream[start : start + size])
        ]
        assert seen == ["POST", "PATCH", "HEAD"]


@pytest.mark.parametrize("faults,first", [([Cut(7), Flip(3)], Flip(3)), ([Cut(2), Flip(3)], Cut(2))])
def test_the_nearest_fault_comes_first(faults: list[Fault], first: Fault) -> None:
    armed = ArmedFaults(faults).within(UP, 100)
    assert armed is not None
    assert armed.fault == first
