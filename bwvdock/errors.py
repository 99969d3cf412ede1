"""What can go wrong, sorted by who must act.

    BwvdockError
      ConfigError              the configuration file is wrong        exit 78  the administrator
      UsageError               the command was called wrongly         exit 2   the caller
      NotComparedError         something from outside the dock cannot be read or compared  exit 1   the caller
      NotRunningError          the daemon cannot be asked             exit 3   ops
        SilentError              it is there, and does not answer
          NoAnswerError            it was asked, and did not answer in time; it may still do what it was asked
      AlreadyRunningError      another daemon holds this dock         exit 1   ops
      CustodyError             verification failed                    exit 4   an investigation
      JournalError             the journal cannot be read or written  exit 1   ops, at once
        JournalVersionError      it is of another version of bwvdock; it was not checked
        JournalLostError         there was a journal here, and it is gone or another one
        JournalEndedError        it is a backup's, or was moved to another machine: it is not continued here
        JournalFullError         its disk is full: nothing was recorded; asked again by itself
        JournalDamagedError      its file is damaged: nothing more is recorded, and nothing is taken
      StorageError             the dock's own disk                    exit 1   ops
        SpoolFullError           no room for another clip
        DurabilityError          an fsync failed or read-back differed; final, never retried in place
          NotAsAcquiredError       the dock's copy of a clip is missing, or has other bytes than at ingest
      CameraError              the camera or its card                 exit 1   usually nobody: dock it again
        CameraGoneError          it was unplugged; what was read since the last proof is not used
        VolumeRefusedError       the volume may not or cannot be mounted
          NotPermittedError      its device node is not the dock's (yet), as when udev rules come late; ops
        LockedError              it shows no storage: it waits to be unlocked
        SecretMissingError       the dock has no secret to unlock it with; ops
        UnlockRefusedError       it rejected the secret, or answered unexpectedly; ops
        UnreadableError          this file cannot be read from the card
          WithdrawnError         the camera reported after reading that the data is invalid; it is not used
        EraseRefusedError        it does not erase this file, or reports success and still has it
        NotReadyError            this file is still being written
      MounterUnavailableError  the privileged helper does not answer  exit 1   ops
      LightError               the lights at the bays cannot be set   exit 1   ops
      SignerUnavailableError   no checkpoint can be signed now        exit 1   ops
      SignerRefusedError       a checkpoint may not be signed         exit 4   an investigation
      HaltedError              a copy was asked to stop; never shown
      UnexpectedError          a job met what nobody was prepared for  exit 1   the maintainers
      NotSeenError             something of this machine cannot be looked at  exit 1   the caller
      DestinationError         an evidence store                      exit 1   ops
        DestinationUnavailableError  not reachable now; retried later
          AccessDeniedError            it rejects our credentials: a secret or a certificate is wrong
        DestinationRefusedError      it will never take this clip; the clip waits, sealed, for an operator
        ObjectConflictError          another object already has that name

`retryable` says whether trying again later can help without a person.
A bug in the thread that owns the journal is never one of these: it is a RuntimeError and ends the process.
A bug in a job fails that job's camera or destination (UnexpectedError; bwvdock/runtime/jobs.py).
"""

from __future__ import annotations

from typing import ClassVar, Self

from bwvdock.core.remedies import with_sudo
from bwvdock.core.visible_text import visible_lines


class BwvdockError(Exception):
    """The base class of all errors; not raised itself.

    Both may quote a camera or a store, so both are made visible here.

    Args:
        message: what happened and what it means, one sentence or two, for a person.
        remedy: what to type or do next.
    """

    exit_code: ClassVar[int] = 1
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, remedy: str = "") -> None:
        self.message = visible_lines(message)
        self.remedy = with_sudo(visible_lines(remedy))
        super().__init__(self.message)

    def without_frames(self) -> Self:
        """Return the error without its traceback frames, for errors that are kept.

        Frames keep local variables alive: for a failed copy, megabytes of buffers.
        """
        known: dict[int, BaseException] = {}  # a chain may lead back into itself
        link: BaseException | None = self
        while link is not None and id(link) not in known:
            known[id(link)] = link
            link.__traceback__ = None
            link = link.__context__ if link.__cause__ is None else link.__cause__
        return self


class ConfigError(BwvdockError):
    """The configuration is wrong; `message` lists every mistake, one per line."""

    exit_code = 78


class UsageError(BwvdockError):
    """A command was given something it cannot use."""

    exit_code = 2


class NotComparedError(BwvdockError):
    """Something that was kept outside of the dock cannot be read, or not be compared with the journal."""


class NotRunningError(BwvdockError):
    """The daemon is not running, or does not answer."""

    exit_code = 3


class SilentError(NotRunningError):
    """A daemon is there, and does not answer."""


class NoAnswerError(SilentError):
    """The daemon was asked, and did not answer in time. It may still do what it was asked."""


class AlreadyRunningError(BwvdockError):
    """Another process holds this dock's state directory."""


class CustodyError(BwvdockError):
    """The journal contradicts itself or the files that it describes."""

    exit_code = 4


class JournalError(BwvdockError):
    """The journal cannot be opened, read or written."""


class JournalVersionError(JournalError):
    """The journal is of another version of bwvdock, so it was not checked."""


class JournalEndedError(JournalError):
    """The journal may not be continued where it is: it is a backup's, or was moved to another machine."""


class JournalFullError(JournalError):
    """The journal's disk is full. Nothing was recorded; what is to be recorded is kept and tried again."""

    retryable = True


class JournalDamagedError(JournalError):
    """The journal's file is damaged. What it says cannot be relied upon, so nothing may follow from it."""


class JournalLostError(JournalError):
    """Something says that this dock had a journal, and that journal is not there.

    Args:
        message: what was found and what it means.
        remedy: what to type or do next.
        found: what says that there was one, a line each.
    """

    def __init__(self, message: str, *, remedy: str = "", found: tuple[str, ...] = ()) -> None:
        super().__init__(message, remedy=remedy)
        self.found = found


class StorageError(BwvdockError):
    """The dock's own disk reported an error."""


class SpoolFullError(StorageError):
    """There is no room for the clip; it stays on the camera until there is."""

    retryable = True


class DurabilityError(StorageError):
    """The disk did not keep what was written. Final: after a failed fsync the cache cannot be trusted."""


class NotAsAcquiredError(DurabilityError):
    """The dock's copy of a clip was looked for, and is missing, or was read and has other bytes."""


class CameraError(BwvdockError):
    """The camera or its card does not work as it should."""


class CameraGoneError(CameraError):
    """The camera was unplugged; the copy resumes when it is docked again."""

    retryable = True


class VolumeRefusedError(CameraError):
    """The volume may not, or cannot, be mounted."""


class UnreadableError(CameraError):
    """The card reports errors for this file."""


class NotPermittedError(VolumeRefusedError):
    """The dock, or its mounter, may not open the camera's device yet.

    What gives a node is udev, which may come late. The mounter is given devices when it is started, which it
    is anew once it was not needed for a minute.
    """

    retryable = True


class LockedError(CameraError):
    """The camera shows no storage, as it does while it waits for a PIN or for consent."""

    retryable = True


class SecretMissingError(CameraError):
    """The secret that would unlock the camera is not among the service's credentials: it is left alone."""

    retryable = True


class UnlockRefusedError(CameraError):
    """The camera was not unlocked. Final: cameras count wrong passwords."""


class WithdrawnError(UnreadableError):
    """The camera sent bytes and then reported that they were invalid.

    Nothing read from the file since it was opened is used, however much of it was kept.
    """


class EraseRefusedError(CameraError):
    """The camera does not erase a file, or reports success and still has it."""


class NotReadyError(CameraError):
    """The file is still being written, or vanished between listing and reading."""

    retryable = True


class MounterUnavailableError(BwvdockError):
    """The privileged mounter does not answer."""

    retryable = True


class ReaderUnavailableError(BwvdockError):
    """A badge reader was unplugged, or cannot be used."""

    retryable = True


class LightError(BwvdockError):
    """The lights at the bays cannot be set. Nothing depends on them."""

    retryable = True


class SignerUnavailableError(BwvdockError):
    """The signer does not answer, does not make sense, or has no key."""

    retryable = True


class SignerRefusedError(BwvdockError):
    """The signer does not sign a checkpoint: it is not proven to extend the one that was signed last.

    Args:
        message: what was refused, and why.
        remedy: what to type or do next.
        size: the number of entries signed last, where the proof began at another one; None otherwise.
        note: the checkpoint that was signed last, where the journal does not continue it; "" otherwise.
    """

    exit_code = 4

    def __init__(self, message: str, *, remedy: str = "", size: int | None = None, note: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.size = size
        self.note = note


class HaltedError(BwvdockError):
    """A copy was asked to stop between two chunks; what was copied is kept, and it resumes later."""

    retryable = True


class UnexpectedError(BwvdockError):
    """A job raised what nobody was prepared for; the log has the traceback."""


class NotSeenError(BwvdockError):
    """Something of this machine cannot be looked at, by this user or with the programs that are installed."""


class DestinationError(BwvdockError):
    """An evidence store reported an error."""


class DestinationUnavailableError(DestinationError):
    """The store cannot be reached now, or asks the dock to wait.

    Args:
        message: what happened and what it means.
        remedy: what to type or do next.
        retry_after: the least number of seconds that the store asks the dock to wait, 0 if it does not say.
    """

    retryable = True

    def __init__(self, message: str, *, remedy: str = "", retry_after: float = 0) -> None:
        super().__init__(message, remedy=remedy)
        self.retry_after = retry_after


class AccessDeniedError(DestinationUnavailableError):
    """The store rejects our credentials; part-finished uploads are kept and resumed later."""


class DestinationRefusedError(DestinationError):
    """The store permanently refuses this clip. The clip itself is intact, and goes to the other stores."""


class NotComparableError(DestinationError):
    """The object is there with its length, and this store compares content only while it receives it."""


class ObjectConflictError(DestinationError):
    """Another object already has this object's name; nothing was overwritten."""


def words_of(error: OSError) -> str:
    """Return what the system said, for a person: "/srv/vault: Not a directory", without a number."""
    if not error.strerror:
        return str(error)
    named = error.filename if isinstance(error.filename, str) and "/" in error.filename else ""
    return f"{named}: {error.strerror}" if named else error.strerror
