"""How does the virtual camera behave from one packet to the next? Sessions, halts, hangs and recoveries."""

from __future__ import annotations

import struct
from collections import deque
from threading import Condition

from tests.fakes.mtp import codec
from tests.fakes.mtp.contents import Card, Store, Synthetic
from tests.fakes.mtp.knobs import Fault, Knobs, Locked, Measure
from tests.fakes.mtp.operations import Camera, answer, take
from tests.fakes.mtp.pipe import Pipe, Run, Silence, gone, stalled, timed_out
from tests.fakes.mtp.record import Record, Transaction
from tests.fakes.mtp.wire import Answer, Frame, Happening, steps

IN, OUT, INTERRUPT = 0x81, 0x02, 0x83
OLD_DATA = 100_000
TAKES_DATA = frozenset({0x1016})


class Responder:
    """The camera's end of the cable. Every call holds `lock`; `gone` is set when it is pulled out."""

    def __init__(self, card: Card, knobs: Knobs | None = None, *, packet: int = 512) -> None:
        self.knobs = knobs or Knobs()
        self.packet = packet
        self.record = Record()
        self.pipe = Pipe(packet, self.record)
        self.lock = Condition()
        self.gone = False
        self.camera = Camera(knobs=self.knobs, card=card, record=self.record, locked=self.knobs.locked)
        self._out_halted = False
        self._events: deque[bytes] = deque()
        self._busy = dict(self.knobs.busy)
        self._met = [0] * len(self.knobs.faults)
        self._stalled_writes = self.knobs.stalled_writes
        self._deaf_writes = self.knobs.deaf_writes
        self._deaf_opens = self.knobs.deaf_opens
        self._hangs_until: Measure | None = None
        self._awaits_data: codec.Command | None = None
        self._busy_polls = 0
        self._open: Transaction | None = None
        if self.knobs.session_left_open or self.knobs.previous_host_died:
            self.camera.session = 0xC0FFEE
        if self.knobs.previous_host_died:
            self.pipe.push(Run(content=Synthetic(OLD_DATA, seed=99), owner=-99), Silence())
            self._out_halted = self.pipe.halted = True

    # --- what happens to it ---

    def unplug(self) -> None:
        """Pull it out: everything gives ENODEV from now on."""
        with self.lock:
            self.gone = True
            self.lock.notify_all()

    def turn(self, knobs: Knobs) -> None:
        """Turn the knobs of a camera that is in use; faults begin to count anew."""
        with self.lock:
            self.knobs = self.camera.knobs = knobs
            self._met = [0] * len(knobs.faults)
            self._busy = dict(knobs.busy)

    def unlock(self) -> None:
        """Unlock the camera; it tells of its stores."""
        with self.lock:
            self.camera.locked = Locked.NO
        for sid in self.camera.card.stores:
            self.send_event(codec.event(0x4004, (sid,)))

    def add_store(self, store: Store) -> None:
        """Put a card in."""
        with self.lock:
            self.camera.card.stores[store.id] = store
        self.send_event(codec.event(0x4004, (store.id,)))

    def send_event(self, raw: bytes) -> None:
        """Send bytes on the interrupt endpoint."""
        with self.lock:
            self._events.append(raw)
            self.lock.notify_all()

    @property
    def undrained(self) -> int:
        """The bytes on the IN endpoint that the host has not read."""
        return self.pipe.pending

    # --- bulk and interrupt ---

    def write(self, raw: bytes, timeout: int) -> int:
        """Take an OUT transfer."""
        self._alive()
        if self._deaf_writes or self._hangs_until is not None:
            self._deaf_writes = max(self._deaf_writes - 1, 0)
            self.record.waited_ms += timeout
            raise timed_out()
        if self._stalled_writes:
            self._stalled_writes -= 1
            self._out_halted = True
        if self._out_halted:
            raise stalled()
        if self._awaits_data is not None:
            self._data(raw)
        else:
            self._command(raw)
        return len(raw)

    def read(self, view: memoryview, timeout: int) -> int:
        """Return an IN transfer."""
        self._alive()
        try:
            count = self.pipe.read(view)
        except OSError as error:
            if error.errno == 110:
                self.record.waited_ms += timeout
            self._alive()
            raise
        if not self.pipe.busy:
            self._open = None
        return count

    def next_event(self, timeout: int) -> bytes:
        """Wait for an event as long as a host would."""
        with self.lock:
            self.lock.wait_for(lambda: self._events or self.gone, timeout / 1000)
            self._alive()
            if not self._events:
                raise timed_out()
            self.record.events_read += 1
            return self._events.popleft()

    def _alive(self) -> None:
        if self.gone:
            raise gone()

    def _command(self, raw: bytes) -> None:
        if len(raw) < 12 or (len(raw) - 12) % 4 or len(raw) > 32:
            self.record.violations.append(f"a command of {len(raw)} bytes")
            self._halt()
            raise stalled()
        command = codec.decode_command(raw)
        if command.length != len(raw) or command.kind != codec.COMMAND:
            self.record.violations.append("a command container that is none")
        if self._open is not None and self.pipe.busy:
            self.record.violations.append(f"{command.op:04x} sent before {self._open.op:04x} was answered")
            self._halt()
            raise stalled()
        if self.pipe.pending:
            self.record.violations.append(f"{command.op:04x} sent before what was cancelled was drained")
        if self._busy_polls and not self.knobs.status_empty and not self.knobs.status_stalls:
            self.record.violations.append(f"{command.op:04x} sent while the camera was busy cancelling")
        self._check_tid(command)
        transaction = Transaction(op=command.op, params=command.params, tid=command.tid)
        self.record.transactions.append(transaction)
        if command.op in TAKES_DATA:
            self._open, self._awaits_data = transaction, command
        else:
            self._answer(command, transaction)

    def _data(self, raw: bytes) -> None:
        command, self._awaits_data = self._awaits_data, None
        if command is None or raw[:12] != codec.header(len(raw), codec.DATA, command.op, command.tid):
            self.record.violations.append(f"no data of the operation, but {raw[:12].hex()}")
            self._halt()
            raise stalled()
        self._answer(command, self.record.transactions[-1], raw[12:])

    def _check_tid(self, command: codec.Command) -> None:
        if command.op in {0x1001, 0x1002} and not self.camera.session:
            if command.tid != 0:
                self.record.violations.append("a transaction id outside a session")
        elif command.tid in {0, 0xFFFF_FFFF} and command.op != 0x1002:
            self.record.violations.append(f"transaction id {command.tid:#x}")

    def _answer(self, command: codec.Command, transaction: Transaction, data: bytes | None = None) -> None:
        self._open = transaction
        if command.op == 0x1002 and self._deaf_opens:
            self._deaf_opens -= 1
            self._hangs_until = Measure.USB_RESET
            return
        if self._busy.get(command.op, 0):
            self._busy[command.op] -= 1
            found = Answer(code=0x2019)
        else:
            found = (
                answer(self.camera, command.op, command.params)
                if data is None
                else take(self.camera, command.op, command.params, data)
            )
        transaction.code = found.code
        transaction.data_bytes = 0 if found.data is None else found.data.size + 12
        frame = Frame(
            op=command.op,
            tid=command.tid,
            answer=found,
            fault=self._fault(command.op),
            packet=self.packet,
            owner=len(self.record.transactions),
        )
        happening = Happening(hang=self._hang, stall=self._halt, unplug=self._vanish)
        self.pipe.push(*steps(frame, self.knobs, happening))

    def _fault(self, op: int) -> Fault | None:
        for index, fault in enumerate(self.knobs.faults):
            if fault.op == op:
                met = self._met[index]
                self._met[index] += 1
                if fault.skip <= met < fault.skip + fault.count:
                    return fault
        return None

    def _hang(self, fault: Fault) -> None:
        self._hangs_until = fault.until

    def _halt(self) -> None:
        self.pipe.flush()
        self.pipe.halted = self._out_halted = True
        self._open = None

    def _vanish(self) -> None:
        self.gone = True
        self.lock.notify_all()
        raise gone()

    # --- recovery ---

    def clear_halt(self, endpoint: int) -> None:
        """Take CLEAR_FEATURE(ENDPOINT_HALT)."""
        self._alive()
        self.record.halts_cleared.append(endpoint)
        if endpoint == OUT:
            self._out_halted = False
        elif endpoint == IN:
            self.pipe.halted = False
        self._revive(Measure.CLEAR_HALT)

    def cancel(self, tid: int) -> None:
        """Take the class's cancel request: nothing comes any more but what is already on its way."""
        self.record.cancels.append(tid)
        self._busy_polls = self.knobs.busy_polls
        self._revive(Measure.CANCEL)
        if self._hangs_until is None:
            self.pipe.truncate(self.knobs.cancel_residue)
            self._open = None
        if self.knobs.cancel_halts:
            self._halt()

    def class_reset(self) -> None:
        """Take the class's reset request: the session is over."""
        self.record.class_resets += 1
        self._revive(Measure.CLASS_RESET)
        if self._hangs_until is None:
            self._start_anew()

    def usb_reset(self) -> None:
        """Take a reset of the port."""
        self.record.usb_resets += 1
        self._revive(Measure.USB_RESET)
        if self._hangs_until is None:
            self._start_anew()

    def status(self) -> bytes:
        """Answer GetDeviceStatus."""
        if self.knobs.status_stalls:
            raise stalled()
        if self.knobs.status_empty:
            return b""
        if self._busy_polls:
            self._busy_polls -= 1
            return struct.pack("<HH", 4, 0x2019)
        halted = [ep for ep, is_so in ((IN, self.pipe.halted), (OUT, self._out_halted)) if is_so]
        if halted:
            return struct.pack(f"<HH{len(halted)}I", 4 + 4 * len(halted), 0x201F, *halted)
        return struct.pack("<HH", 4, 0x2001)

    def _revive(self, measure: Measure) -> None:
        if self._hangs_until is not None and measure >= self._hangs_until:
            self._hangs_until = None
            self.pipe.flush()
            self._open = None

    def _start_anew(self) -> None:
        self.pipe.flush()
        self.pipe.halted = self._out_halted = False
        self.camera.session = 0
        self._open = None


__all__ = ["IN", "INTERRUPT", "OUT", "Responder"]
