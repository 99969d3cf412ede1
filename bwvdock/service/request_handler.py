"""How is an operator's request answered, in the thread that owns the journal?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from bwvdock.checkout.checkouts import Checkouts
from bwvdock.checkout.own import Act, OwnClipsAtDock
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.facts import (
    CameraEnrolled,
    ClipHeld,
    ClipHurried,
    ClipRecalled,
    ClipRetried,
    DeliveryResumed,
    DockPaused,
    DockResumed,
    EventRecorded,
    HoldOpened,
    RestoreIntended,
)
from bwvdock.core.ports import Spool
from bwvdock.edges.journal import Journal
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.errors import (
    BwvdockError,
    JournalDamagedError,
    JournalError,
    JournalFullError,
    UsageError,
)
from bwvdock.operators import orders
from bwvdock.operators.checkout.requests import CheckoutRequest, OwnClipsRequest, ShowOwnClips
from bwvdock.operators.decisions import Checker, Decision
from bwvdock.operators.messages import Answer, Asked, Checked
from bwvdock.operators.requests import (
    AskCopies,
    Dispose,
    Enrol,
    EnrolRows,
    Retry,
    Revoke,
    Screen,
    SignNow,
    Status,
)
from bwvdock.operators.roster_import import Import, is_import
from bwvdock.runtime.jobs import Post, attempt
from bwvdock.service.loop import Dock
from bwvdock.status.live import LiveView
from bwvdock.units import format_count


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestHandler:
    """Answers operators' requests, in the thread that owns the journal."""

    dock: Dock
    journal: Journal
    journal_file: Path
    reader: JournalReader
    spool: Spool
    live_view: LiveView
    checkouts: Checkouts | None = None

    def asked(self, asked: Asked) -> None:
        """Answer at once, or after a worker has read what the answer depends on."""
        if isinstance(asked.request, Status):
            asked.answer(attempt(self.live_view.document, self.dock.unexpected))
        elif isinstance(asked.request, Screen):
            asked.answer(attempt(self.live_view.for_screen, self.dock.unexpected))
        elif isinstance(self.dock.trouble, JournalDamagedError):
            asked.answer(self.dock.trouble)
        elif isinstance(asked.request, Dispose):
            asked.answer(self._free() if asked.request.proven else self._dispose())
        elif isinstance(asked.request, SignNow):
            self._sign(asked)
        elif isinstance(asked.request, AskCopies):
            asked.answer(self._ask_copies(asked.request, asked.actor))
        elif isinstance(asked.request, Retry):
            self._check_first(asked, asked.request)
        elif isinstance(asked.request, CheckoutRequest | OwnClipsRequest):
            asked.answer(self._after_a_badge(asked, asked.request))
        elif is_import(asked.request):
            self.dock.desk.submit(Import(asked, asked.request, self.journal_file))
        else:
            asked.answer(self._carry_out(asked, spool=self.spool))

    def _sign(self, asked: Asked) -> None:
        """Answer with a checkpoint, once it is signed; nothing is recorded."""
        checkpoints = self.dock.checkpoints
        if checkpoints is None:
            asked.answer(UsageError("This dock signs no checkpoints.", remedy="bwvdock status"))
            return
        checkpoints.sign_now(
            lambda made: asked.answer(
                made.error or {"note": made.note, "key": made.key, "size": made.size, "root": made.root.hex()}
            )
        )

    def _ask_copies(self, request: AskCopies, actor: str) -> Answer:
        """Have stores asked for all that they have proven; what they have is recorded as it is found."""
        holdings = self.dock.holdings
        if self.dock.dockings.paused:
            return UsageError("The dock is paused, so no store is asked.", remedy="bwvdock resume")
        if holdings is None:
            return UsageError(
                "This dock asks no store again.",
                remedy="write every = 90 under [reverify], and restart bwvdock",
            )
        try:
            began = holdings.ask_for_all(request.destination, actor)
        except BwvdockError as error:
            return error
        return {"message": "The stores are asked.", "began": began}

    def _after_a_badge(self, asked: Asked, request: CheckoutRequest | OwnClipsRequest) -> Answer:
        """Answer what is asked about cameras that are checked out, and about officers' own clips."""
        if self.checkouts is None:
            return UsageError("No cameras are checked out on this dock.")
        if isinstance(request, OwnClipsRequest):
            return self._own_clips(self.checkouts.own, asked, request)
        try:
            return attempt(
                partial(self.checkouts.asked, request, asked.actor, asked.veil), self.dock.unexpected
            )
        except JournalDamagedError as error:
            self.dock.journal_damaged(error)
            return error
        except JournalFullError as error:
            return error

    def _own_clips(self, own: OwnClipsAtDock, asked: Asked, request: OwnClipsRequest) -> Answer:
        """Answer what is asked and ordered at the screen after a badge: decided as an operator's order is."""
        begun = attempt(partial(own.begin, request), self.dock.unexpected)
        if not isinstance(begun, Act):
            return begun
        order = replace(asked, request=begun.order, actor=begun.actor, veil=own.veil())
        done = self._carry_out(order, spool=self.spool)
        if isinstance(done, BwvdockError):
            return done
        if isinstance(request, ShowOwnClips):
            return attempt(own.listed, self.dock.unexpected)
        return {"outcome": "recorded" if done["recorded"] else "unchanged"}

    def _dispose(self) -> Answer:
        """Dispose at once of what is due, as is done every minute anyway; only disposals are recorded."""
        schedule = self.dock.schedule
        if self.dock.dockings.paused:
            return UsageError("The dock is paused, so nothing is disposed of.", remedy="bwvdock resume")
        schedule.round()
        if schedule.disposal.waits and schedule.waits_for_a_leap():
            return UsageError(
                "Footage is due by the dock's clock, which was set forward by a day or more. Nothing is "
                "disposed of until the clock has kept that time for a day.",
                remedy="timedatectl status; if that time is wrong, correct it before the day is over",
            )
        if schedule.disposal.waits:
            return UsageError(
                "Footage appears to be due, but the clock is not synchronised, so nothing is disposed of.",
                remedy="timedatectl status; then: systemctl enable --now systemd-timesyncd (or chrony)",
            )
        begun = schedule.disposal.waiting()
        message = f"{begun:,} copies are being disposed of." if begun else "Nothing is due."
        if schedule.disposal.some_due and not begun:
            message = "Nothing is disposed of now. What is past its date, and why it stays: "
            message += "bwvdock dispose --dry-run"
        return {"message": message, "copies": begun}

    def _free(self) -> Answer:
        """Free the spool of its proven copies, part by part; only disposals are recorded."""
        disposal = self.dock.schedule.disposal
        if self.dock.dockings.paused:
            return UsageError("The dock is paused, so nothing is disposed of.", remedy="bwvdock resume")
        disposal.free()
        begun = disposal.waiting()
        empty = attempt(self.spool.is_empty, self.dock.unexpected)
        if isinstance(empty, BwvdockError):
            return empty
        if empty:
            message = "Nothing can be freed: the spool holds no footage."
        elif not begun and not disposal.freeing():
            message = (
                "Nothing can be freed: what is in the spool is on hold, evidence, not proven yet, or not "
                "verified again since it was."
            )
        else:
            more = ", and more after them" if disposal.freeing() else ""
            are = "is" if begun == 1 else "are"
            message = f"{format_count(begun, 'copy', 'copies')} {are} being disposed of in the spool{more}."
        return {"message": message, "copies": begun}

    @contextmanager
    def _reader(self, asked: Asked) -> Iterator[JournalReader]:
        """Return what the journal is read with for somebody: one who may not see a clip cannot name it."""
        if asked.veil is None:
            yield self.reader
            return
        with JournalReader(self.journal_file, veil=asked.veil) as reader:
            yield reader

    def _resolved(self, asked: Asked, prefix: str) -> Clip | None:
        with self._reader(asked) as reader:
            return self.journal.clip(reader.resolve_clip(prefix))

    def _check_first(self, asked: Asked, request: Retry) -> None:
        # Reading a whole clip takes time; the journal's thread must not wait for it.
        try:
            clip = attempt(partial(self._resolved, asked, request.clip), self.dock.unexpected)
        except JournalError as error:
            clip = error
        if isinstance(clip, BwvdockError):
            asked.answer(clip)
        elif clip is not None and clip.state is ClipState.QUARANTINED:
            self.dock.desk.submit(_CheckSpool(asked, clip, self.spool))
        else:
            asked.answer(self._carry_out(asked, spool=self.spool))

    def checked(self, message: Checked) -> None:
        """Continue with an order, now that the spool's copy was checked."""
        message.asked.answer(self._carry_out(message.asked, spool=_Known(message.error)))

    def _carry_out(self, asked: Asked, *, spool: Checker) -> Answer:
        request = asked.request
        try:
            decision = self._record(asked, spool)
        except JournalDamagedError as error:
            self.dock.journal_damaged(error)
            return error
        except JournalFullError as error:
            return error
        except JournalError:
            raise
        except BwvdockError as error:
            return error
        self._follow(decision)
        if isinstance(request, Enrol | Revoke):
            self.dock.dockings.judge_again(request.serial)
        for fact in decision.facts if isinstance(request, EnrolRows) else ():
            if isinstance(fact, CameraEnrolled):
                self.dock.dockings.judge_again(fact.camera)
        return decision.answer()

    def _follow(self, decision: Decision) -> None:
        """Pass a decision on to those whose work it changes."""
        for fact in decision.facts:
            if isinstance(fact, DockPaused | DockResumed):
                self.dock.dockings.set_paused(paused=isinstance(fact, DockPaused))
            elif isinstance(fact, DeliveryResumed | ClipRetried):
                self.dock.delivery.resume(fact.clip)
            elif isinstance(fact, ClipRecalled):
                self.dock.rechecks.recalled(fact)
            elif isinstance(fact, RestoreIntended):
                self.dock.schedule.disposal.restore(fact)
            elif isinstance(fact, ClipHeld | HoldOpened):
                self.dock.dockings.erasing.think_again()
            elif isinstance(fact, EventRecorded) and self.dock.surveys.matching:
                self.dock.surveys.matching.soon()
            elif isinstance(fact, ClipHurried):
                self.dock.delivery.resume(fact.clip)
                self._copy_first(fact.clip)

    def _copy_first(self, clip_id: str) -> None:
        if (clip := self.dock.ledger.clip(clip_id)) is not None:
            for bay in self.dock.dockings.bays.values():
                bay.prefer(clip)

    def _record(self, asked: Asked, spool: Checker) -> Decision:
        """Decide about an order, and record what follows; nobody waits for room in the journal."""
        request = asked.request
        if isinstance(
            request, Status | Screen | Dispose | SignNow | AskCopies | CheckoutRequest | OwnClipsRequest
        ):
            raise TypeError(f"{request.name} is not an order")
        with self._reader(asked) as reader:
            decide = partial(
                orders.decide,
                request,
                journal=self.journal,
                reader=reader,
                spool=spool,
                paused=self.dock.dockings.paused,
                actor=asked.actor,
                parked=self.dock.delivery.parked,
                retention=self.dock.schedule.notices.rules,
            )
            decision = attempt(decide, self.dock.unexpected)
        if isinstance(decision, BwvdockError):
            raise decision
        self.dock.schedule.disposal.require_free(decision.facts)
        self.dock.ledger.record(decision.facts, patient=False)
        return decision


@dataclass(frozen=True, slots=True)
class _CheckSpool:
    """Read the spool's copy that an order depends on."""

    asked: Asked
    clip: Clip
    spool: Spool

    def work(self, _: Post) -> Checked:
        """Read the spool's copy of the clip."""
        self.spool.check(self.clip)
        return Checked(self.asked, None)

    def failed(self, error: BwvdockError) -> Checked:
        """Report what is wrong with it."""
        return Checked(self.asked, error)


@dataclass(frozen=True, slots=True)
class _Known:
    """Stands in for the spool, with the result of a worker's check."""

    error: BwvdockError | None

    def check(self, clip: Clip) -> None:  # noqa: ARG002 - the port's signature
        """Raise the error that the check raised, if any."""
        if self.error is not None:
            raise self.error
