"""How does an answer go over the wire? Containers as packets, with every convention and every fault."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.fakes.mtp import codec
from tests.fakes.mtp.contents import Content, Held, Joined, Part
from tests.fakes.mtp.knobs import Fault, Knobs, LargeLength, Trouble, Zlp
from tests.fakes.mtp.pipe import Act, Halt, Pause, Run, Silence, Step, Zero

OK = 0x2001


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What an operation comes to. `acts` happen when the host has read to a byte of the data."""

    code: int = OK
    params: tuple[int, ...] = ()
    data: Content | None = None
    acts: Sequence[tuple[int, Callable[[], None]]] = field(default_factory=tuple)


@dataclass(frozen=True, kw_only=True, slots=True)
class Happening:
    """What the wire tells the responder when the host has come to it."""

    hang: Callable[[Fault], None]
    stall: Callable[[], None]
    unplug: Callable[[], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """One transaction's answer, about to be cut into packets."""

    op: int
    tid: int
    answer: Answer
    fault: Fault | None
    packet: int
    owner: int


def steps(frame: Frame, knobs: Knobs, happening: Happening) -> list[Step]:
    """Return all that comes on the IN endpoint for one transaction."""
    made = _stale(frame, knobs)
    fault, answer = frame.fault, frame.answer
    if fault is not None and (fault.at is None or answer.data is None):
        if fault.trouble is Trouble.EARLY:
            return [*made, *_response(frame, knobs, fault.code, ())]
        made += _trouble(fault, happening)
        if fault.trouble is not Trouble.NAK:
            return made
        fault = None
    if answer.data is None:
        return [*made, *_response(frame, knobs, answer.code, answer.params)]
    return made + _data_phase(frame, knobs, fault, happening)


def _data_phase(frame: Frame, knobs: Knobs, fault: Fault | None, happening: Happening) -> list[Step]:
    data = frame.answer.data
    assert data is not None
    head = Held(data_header(frame, knobs, data.size))
    ends = _response(frame, knobs, frame.answer.code, frame.answer.params)
    whole: Content = Joined((head, data))
    if fault is not None and fault.at is not None and fault.at < whole.size:
        return _cut(frame, knobs, whole, fault, happening)
    acts = frame.answer.acts
    if knobs.split_header:
        runs = _runs(frame, head, ()) + _runs(frame, data, [(at - head.size, act) for at, act in acts])
        return runs + _terminator(knobs, data.size, frame.packet, data.size) + ends
    if knobs.glued_response and isinstance(ends[-1], Run):
        return _runs(frame, Joined((whole, ends[-1].content)), acts)
    return _runs(frame, whole, acts) + _terminator(knobs, whole.size, frame.packet, data.size) + ends


def data_header(frame: Frame, knobs: Knobs, size: int) -> bytes:
    """Return the twelve bytes before the data."""
    length = size + 12
    if length >= codec.UNKNOWN_LENGTH and knobs.large_length is LargeLength.MODULO:
        length &= 0xFFFF_FFFF
    elif length >= codec.UNKNOWN_LENGTH or (knobs.unknown_length_always and frame.op == 0x1009):
        length = codec.UNKNOWN_LENGTH
    if frame.op == 0x1009 and length != codec.UNKNOWN_LENGTH:
        length = max(length + knobs.length_error, 0) & 0xFFFF_FFFF
    code = frame.op if knobs.data_code is None else knobs.data_code
    return codec.header(length, knobs.data_type, code, frame.tid + knobs.data_tid_error)


def _cut(frame: Frame, knobs: Knobs, whole: Content, fault: Fault, happening: Happening) -> list[Step]:
    """Lay a data phase in whose midst something happens."""
    at = fault.at or 0
    if fault.trouble is Trouble.EARLY:
        early = _response(frame, knobs, fault.code, ())
        return [*_runs(frame, Part(whole, 0, at), frame.answer.acts), *early]
    at -= at % frame.packet  # packets come whole or not at all
    made = _runs(frame, Part(whole, 0, at), frame.answer.acts) + _trouble(fault, happening)
    if fault.trouble is not Trouble.NAK:
        return made
    rest = Part(whole, at, whole.size - at)
    made += _runs(frame, rest, ())
    ends = _response(frame, knobs, frame.answer.code, frame.answer.params)
    return made + _terminator(knobs, whole.size, frame.packet, whole.size - 12) + ends


def _trouble(fault: Fault, happening: Happening) -> list[Step]:
    match fault.trouble:
        case Trouble.NAK:
            return [Pause(fault.times)]
        case Trouble.HANG:
            return [Act(lambda: happening.hang(fault)), Silence()]
        case Trouble.STALL:
            return [Act(happening.stall), Halt()]
        case Trouble.GONE:
            return [Act(happening.unplug), Silence()]
        case Trouble.EARLY:
            return []


def _runs(frame: Frame, content: Content, acts: Sequence[tuple[int, Callable[[], None]]]) -> list[Step]:
    """Cut a content where something happens; packets stay whole."""
    made: list[Step] = []
    begin = 0
    for at, act in acts:
        end = min(max(at - at % frame.packet, begin), content.size)
        if at >= content.size:
            end = content.size
        if end > begin:
            made.append(Run(content=Part(content, begin, end - begin), owner=frame.owner))
        made.append(Act(act))
        begin = end
    if content.size > begin:
        made.append(Run(content=Part(content, begin, content.size - begin), owner=frame.owner))
    return made


def _terminator(knobs: Knobs, length: int, packet: int, data: int) -> list[Step]:
    aligned = length % packet == 0
    match knobs.zlp:
        case Zlp.WHEN_ALIGNED:
            return [Zero()] if aligned else []
        case Zlp.NEVER:
            return []
        case Zlp.SPURIOUS:
            return [Zero()]
        case Zlp.EXTRA_BYTE:
            return [Run(content=Held(b"\0"))] if aligned else []
        case Zlp.ONLY_UNKNOWN_LENGTH:
            return [Zero()] if aligned and data + 12 >= codec.UNKNOWN_LENGTH else []


def _response(frame: Frame, knobs: Knobs, code: int, params: Sequence[int]) -> list[Step]:
    made: list[Step] = []
    if knobs.junk_before_response and frame.answer.data is not None:
        made.append(Run(content=Held(knobs.junk_before_response), owner=-frame.owner))
    tid = frame.tid + knobs.response_tid_error
    if frame.op == 0x1003 and knobs.close_answers_tid_0:
        tid = 0
    made.append(Run(content=Held(codec.response(code, tid, params)), owner=-frame.owner))
    return made


def _stale(frame: Frame, knobs: Knobs) -> list[Step]:
    """What older transactions left behind. They must be older than this one to be stale."""
    made: list[Step] = []
    if knobs.stale_data and frame.tid > 1:
        old = codec.header(12 + 5, codec.DATA, 0x1008, frame.tid - 1) + b"stale"
        made.append(Run(content=Held(old), owner=-frame.owner))
    stale = range(min(knobs.stale_responses, max(frame.tid - 1, 0)), 0, -1)
    return made + [
        Run(content=Held(codec.response(OK, frame.tid - back)), owner=-frame.owner) for back in stale
    ]
