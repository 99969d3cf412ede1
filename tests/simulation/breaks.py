"""Which parts can a simulated dock be given that are broken on purpose, to see that the checks find it?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar, cast

from bwvdock.bays.bay import tell_nobody
from bwvdock.bays.erasing import EraseRules
from bwvdock.checkout.checkouts import Checkouts
from bwvdock.core.checkout.offers import Left, Offers
from bwvdock.core.clips.classes.rules import RetentionRules
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.permit import ErasePermit
from bwvdock.core.clips.proof import ProofMethod, Receipt
from bwvdock.core.clips.retention import DisposalPermit
from bwvdock.core.clips.states import ClipState, Holder
from bwvdock.core.custody.witnessing import Contradiction
from bwvdock.core.facts import Fact
from bwvdock.core.ports import CameraFile, Destination, FileStatus, Keeper, TransferControl
from bwvdock.core.ports.erasing import Erasure
from bwvdock.delivery.messages import Delivered
from bwvdock.errors import JournalFullError
from bwvdock.runtime.jobs import Post
from bwvdock.service.assemble import DockJournal
from bwvdock.stages.find import Held
from bwvdock.upkeep.messages import CheckpointSigned, ClipsCompared
from bwvdock.witnessing.messages import Fed
from tests.fakes.camera import FakeSource
from tests.fakes.disk import FakeDisk
from tests.fakes.power import PoweredJournal
from tests.fakes.spool import FakeIncoming, FakeSpool
from tests.simulation.edges import FaultyFolder, FaultyStore, FaultyVolume
from tests.simulation.mtp import Cable
from tests.simulation.parts import Breaks

Part = TypeVar("Part")


class _Wrapped(Generic[Part]):
    """A part of which something is done otherwise."""

    def __init__(self, honest: Part) -> None:
        self._honest = honest

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the part has
        return getattr(self._honest, name)


# --- a spool that says durable without syncing ------------------------------------------------------


class _Unsynced(FakeIncoming):
    def seal(self) -> None:
        self._worth_keeping = True


class _UnsyncedSpool(FakeSpool):
    def _open(self, stem: str, size: int) -> FakeIncoming:
        return _Unsynced(self.disk, stem, size)


class SpoolDoesNotSync(Breaks):
    def spool(self, disk: FakeDisk) -> FakeSpool:
        return _UnsyncedSpool(disk)


class _TrustedSpool(FakeSpool):
    def check(self, clip: Clip) -> None:
        pass


class SpoolIsTrusted(Breaks):
    def spool(self, disk: FakeDisk) -> FakeSpool:
        return _TrustedSpool(disk)


# --- permits that are not heeded --------------------------------------------------------------------


@dataclass(kw_only=True, slots=True)
class _EmptiedVolume(FaultyVolume):
    def erase(self, permit: ErasePermit) -> Sequence[Erasure]:
        done = FaultyVolume.erase(self, permit)
        self.files.clear()
        return done


class EraseTakesTheWholeCard(Breaks):
    def volume(self, **fields: Any) -> FaultyVolume:  # noqa: ANN401 - of a volume
        return _EmptiedVolume(**fields)


class _MixingUpCable(Cable):
    """Deletes another object than was ordered, where it has one."""

    def deletes(self, path: str) -> str:
        return next((other for other in self.volume.files if other != path), path)


class MtpErasesAnother(Breaks):
    def cable(self, volume: FaultyVolume) -> Cable:
        return _MixingUpCable(volume)


@dataclass(frozen=True)
class _EmptyingKeeper:
    spool: FakeSpool

    def dispose(self, clip: Clip, permit: DisposalPermit) -> None:
        self.spool.dispose(clip, permit)
        for name in list(self.spool.disk.names):
            self.spool.disk.remove(name)
        self.spool.disk.sync_names()


class DisposalTakesTheWholeSpool(Breaks):
    def keeper(self, spool: FakeSpool) -> Keeper:
        return _EmptyingKeeper(spool)


@dataclass(kw_only=True, slots=True)
class _EagerVolume(FaultyVolume):
    def open(self, file: CameraFile, *, offset: int = 0) -> FakeSource:
        source = FaultyVolume.open(self, file, offset=offset)
        if self.bytes_read.get(file.path, 0) >= file.size:
            del self.files[file.path]
        return source


class ErasesWhatWasReadTwice(Breaks):
    def volume(self, **fields: Any) -> FaultyVolume:  # noqa: ANN401 - of a volume
        return _EagerVolume(**fields)


class ErasesWithoutASecondRead(Breaks):
    def erasing(self, rules: EraseRules) -> EraseRules:
        return replace(rules, reread=False)


@dataclass(kw_only=True, slots=True)
class _BelievedVolume(FaultyVolume):
    """One that keeps what it says that it erased, and shows nothing of it."""

    def erase(self, permit: ErasePermit) -> Sequence[Erasure]:
        self.lies.keeps, self.lies.hides = len(permit.files), False
        done = FaultyVolume.erase(self, permit)
        self.hidden.update(file.path for file in permit.files)
        return done


class ErasingIsBelieved(Breaks):
    def volume(self, **fields: Any) -> FaultyVolume:  # noqa: ANN401 - of a volume
        return _BelievedVolume(**fields)


# --- what is not settled, or not known, counts as safe ----------------------------------------------


@dataclass(kw_only=True, slots=True)
class _HastyVolume(FaultyVolume):
    def list(self) -> Sequence[CameraFile]:
        return [file for file in FaultyVolume.list(self) if file.status is not FileStatus.NOT_READY]


@dataclass(kw_only=True, slots=True)
class _HastyFolder(FaultyFolder):
    def list(self) -> Sequence[CameraFile]:
        return [file for file in FaultyFolder.list(self) if file.status is not FileStatus.NOT_READY]


class UnsettledFilesAreIgnored(Breaks):
    def volume(self, **fields: Any) -> FaultyVolume:  # noqa: ANN401 - of a volume
        return _HastyVolume(**fields)


class FilesOfAFolderNeedNotSettle(Breaks):
    def folder(self, **fields: Any) -> FaultyVolume:  # noqa: ANN401 - of a volume
        return _HastyFolder(**fields)


class EverythingIsKnown(Breaks):
    def held(self, held: Held) -> Held:
        return lambda identities: {
            **dict.fromkeys(identities, Holder("01kknxf5500000000z", ClipState.VERIFIED, footage=True)),
            **held(identities),
        }


# --- a store that is believed, a queue that forgets -------------------------------------------------


class _Believed(_Wrapped[FaultyStore]):
    """A store that is taken at its word."""

    def prove(self, clip: Clip, transfer: TransferControl) -> Receipt:
        return Receipt(
            destination=self._honest.name,
            object=f"{clip.id}.0",
            version="",
            sha256=clip.sha256,
            method=ProofMethod.STORE_COMPUTED,
        )


class StoreIsBelieved(Breaks):
    def store(self, store: FaultyStore) -> Destination:
        return cast("Destination", _Believed(store))


class _BegunAnew(_Wrapped[FaultyStore]):
    """A store from which a clip is removed before it is stored."""

    def store(self, clip: Clip, transfer: TransferControl) -> str:
        for number in range(len(clip.parts)):
            self._honest.own.objects.pop(f"{clip.id}.{number}", None)
        return self._honest.store(clip, transfer)


class EveryUploadBeginsAnew(Breaks):
    def store(self, store: FaultyStore) -> Destination:
        return cast("Destination", _BegunAnew(store))


class AnotherVaultIsAccepted(Breaks):
    def store(self, store: FaultyStore) -> Destination:
        store.heeds_its_mark = False
        return store


class QueueForgetsWhatFailed(Breaks):
    def post(self, post: Post) -> Post:
        def heard(message: object) -> None:
            if not (isinstance(message, Delivered) and message.error is not None):
                post(message)

        return heard


# --- a journal that takes nothing and says that it did ----------------------------------------------


class _Forgetful(_Wrapped[PoweredJournal]):
    def append(self, facts: Sequence[Fact]) -> Sequence[int]:
        try:
            return self._honest.append(facts)
        except JournalFullError:
            return ()

    def settle(self) -> None:
        with suppress(JournalFullError):
            self._honest.settle()


class _Silent(_Wrapped[PoweredJournal]):
    """A journal into which nothing of one kind comes."""

    def __init__(self, honest: PoweredJournal, kind: str) -> None:
        super().__init__(honest)
        self._kind = kind

    def append(self, facts: Sequence[Fact]) -> Sequence[int]:
        return self._honest.append([fact for fact in facts if fact.kind != self._kind])


class NoNoticeIsGiven(Breaks):
    def retention(self, rules: RetentionRules) -> RetentionRules:
        return replace(rules, notice_days=0)


@dataclass(frozen=True)
class IsNotTold(Breaks):
    kind: str

    def journal(self, journal: PoweredJournal) -> DockJournal:
        return cast("DockJournal", _Silent(journal, self.kind))


class ErasesBeforeItIsConfirmed(Breaks):
    def erasing(self, rules: EraseRules) -> EraseRules:
        return replace(rules, needs_witness=False)


class LostAnswersContradict(Breaks):
    """A witness that does not answer is heard as one that contradicts."""

    def post(self, post: Post) -> Post:
        def heard(message: object) -> None:
            if isinstance(message, Fed) and message.error is not None:
                stated = Contradiction(witness=message.witness, origin=f"x/{'0' * 16}", size=message.size)
                message = replace(message, error=None, contradiction=stated)
            post(message)

        return heard


class SignaturesAreLost(Breaks):
    """What the signer answered is not heard the first time, and then it is not asked again."""

    def post(self, post: Post) -> Post:
        return lambda message: None if isinstance(message, CheckpointSigned) else post(message)


class MatchesAreLost(Breaks):
    def post(self, post: Post) -> Post:
        def heard(message: object) -> None:
            post(replace(message, facts=()) if isinstance(message, ClipsCompared) else message)

        return heard


class JournalForgetsWhatHasNoRoom(Breaks):
    def journal(self, journal: PoweredJournal) -> DockJournal:
        return cast("DockJournal", _Forgetful(journal))


# --- a camera that somebody has of whom that was not seen --------------------------------------------


class _AnyCamera(Offers):
    """Takes whatever leaves for what is offered."""

    def left(self, serial: str, *, pool: bool, at_ms: int) -> Left | None:
        self.passes(at_ms)
        if self.offer is not None:
            self.offer = replace(self.offer, serial=serial)
        return Offers.left(self, serial, pool=pool, at_ms=at_ms)


class _Endless(Offers):
    def passes(self, at_ms: int) -> None:
        pass


@dataclass(frozen=True)
class OffersAreWrong(Breaks):
    make: Callable[[], Offers]

    def checkouts(self, checkouts: Checkouts) -> Checkouts:
        return replace(checkouts, _offers=self.make())


class ReturnsAreNotSeen(Breaks):
    def checkouts(self, checkouts: Checkouts) -> Checkouts:
        checkouts.dockings.came = tell_nobody
        return checkouts


_SAID_TOO_EARLY = "is called safe to remove|is called complete without"
_GONE = "nothing announced it|is called safe to remove"
_FORGOTTEN = "the dock's thread ended|is called safe to remove"

BROKEN: dict[str, tuple[Breaks, str]] = {
    "a spool that says durable without syncing": (SpoolDoesNotSync(), "not on the platter"),
    "a copy in doubt that is not read again": (
        SpoolIsTrusted(),
        "is called safe to remove|is not in|copy is not what was acquired",
    ),
    "an erasure that takes the whole card": (EraseTakesTheWholeCard(), "nothing announced it"),
    "an erasure over MTP of another object": (MtpErasesAnother(), "is being erased, and"),
    "a disposal that takes the whole spool": (DisposalTakesTheWholeSpool(), _GONE),
    "an erasure before it is announced": (ErasesWhatWasReadTwice(), "nothing announced it"),
    "an erasure without a second read": (ErasesWithoutASecondRead(), "was not read again"),
    "an erasure that is believed": (ErasingIsBelieved(), "is called released"),
    "files that are still written are ignored": (UnsettledFilesAreIgnored(), _SAID_TOO_EARLY),
    "files that a folder is given are ignored": (FilesOfAFolderNeedNotSettle(), _SAID_TOO_EARLY),
    "every file counts as known": (EverythingIsKnown(), _SAID_TOO_EARLY),
    "a store that is believed without proof": (StoreIsBelieved(), "and has not"),
    "an upload that begins anew": (EveryUploadBeginsAnew(), "nothing announced it"),
    "another vault is accepted": (AnotherVaultIsAccepted(), "was changed all the same"),
    "a queue that forgets what failed": (QueueForgetsWhatFailed(), "is (acquired|uploaded): |is not in"),
    "a journal that forgets what has no room": (JournalForgetsWhatHasNoRoom(), _FORGOTTEN),
    "an outage that is not told": (IsNotTold("store_lost"), "accepted no uploads"),
    "an erasure that waits for no witness": (ErasesBeforeItIsConfirmed(), "the quorum has not confirmed"),
    "a lost answer that counts as a contradiction": (LostAnswersContradict(), "a false alarm"),
    "a signature that is not heard": (SignaturesAreLost(), "are signed and confirmed"),
    "a match that is not recorded": (MatchesAreLost(), "the matches of clip"),
    "a disposal without notice": (NoNoticeIsGiven(), "which nobody reviewed, without notice"),
    "an offer that any camera takes": (OffersAreWrong(_AnyCamera), "the last badge was answered"),
    "an offer that does not end": (OffersAreWrong(_Endless), "that was offered too long ago"),
    "a camera that comes back unseen": (ReturnsAreNotSeen(), "is docked in .*, and is"),
    "an unclean start that is not told": (IsNotTold("unclean_start"), "had not stopped before"),
}
"""Each break, and what is said when it is found: a regular expression."""
