"""What can go wrong, sorted by who must act.

    BwvdockError
      ConfigError              the configuration file is wrong        exit 78  the administrator
      UsageError               the command was called wrongly         exit 2   whoever typed it
      NotRunningError          the daemon does not answer             exit 3   ops
      AlreadyRunningError      another daemon holds this dock         exit 1   ops
      CustodyError             the journal does not verify            exit 4   an investigation
      JournalError             the journal cannot be read or written  exit 1   ops, at once
        JournalVersionError      of another version of bwvdock: that says nothing against it
        JournalLostError         there was a journal here, and it is gone or another one
        JournalFullError         its disk is full: nothing was recorded; asked again by itself
        JournalDamagedError      its file is damaged: nothing more is recorded, and nothing is taken
      StorageError             the dock's own disk                    exit 1   ops
        SpoolFullError           no room for another clip
        DurabilityError          an fsync failed or read-back differed; final, never retried in place
      CameraError              the camera or its card                 exit 1   usually nobody: dock it again
        CameraGoneError          it was pulled out; nothing read since the last proof counts
        VolumeRefusedError       the volume may not or cannot be mounted
        LockedError              it shows none of its stores: it waits for somebody to unlock it
        SecretMissingError       the dock has no secret to unlock it with; ops
        UnlockRefusedError       it did not take the secret, or did not answer as it should; ops
        UnreadableError          this file cannot be read from the card
          WithdrawnError         it was read, and then the camera said that it was not: nothing of it counts
        EraseRefusedError        it does not erase this file, or says so and keeps it
        NotReadyError            this file is still being written
      MounterUnavailableError  the privileged helper does not answer  exit 1   ops
      HaltedError              a copy was told to stop; shown to nobody
      UnexpectedError          a job met what nobody was prepared for  exit 1   the maintainers
      DestinationError         an evidence store                      exit 1   ops
        DestinationUnavailableError  not reachable now; asked again later
          AccessDeniedError            it does not know us (any more): a secret or a certificate is wrong
        DestinationRefusedError      it will never take this clip; the clip waits, sealed, for an operator
        ObjectConflictError          something else already stands under that name

`retryable` says whether asking again later can help without a person.
A bug in the thread that owns the journal is never one of these: it is a RuntimeError and ends the process.
A bug in a job fails that job's camera or destination (UnexpectedError; bwvdock/runtime/jobs.py).
"""

from __future__ import annotations

from typing import ClassVar, Self


class BwvdockError(Exception):
    """The base of all of them; never raised itself.

    Args:
        message: what happened and what it means, one sentence or two, for a person.
        remedy: what to type or do next.
    """

    exit_code: ClassVar[int] = 1
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def without_frames(self) -> Self:
        """Let go of the frames that it came through, and give it; for errors that are kept.

        Frames hold what was in hand: of a copy that failed, megabytes of buffers, for as long as somebody
        wants to know why it failed.
        """
        link: BaseException | None = self
        while link is not None:
            link.__traceback__ = None
            link = link.__cause__ or link.__context__
        return self


class ConfigError(BwvdockError):
    """The configuration is wrong; `message` lists every mistake, one per line."""

    exit_code = 78


class UsageError(BwvdockError):
    """A command was given something it cannot use."""

    exit_code = 2


class NotRunningError(BwvdockError):
    """The daemon is not running, or does not answer."""

    exit_code = 3


class AlreadyRunningError(BwvdockError):
    """Another process holds this dock's state directory."""


class CustodyError(BwvdockError):
    """The journal contradicts itself or the files it speaks of."""

    exit_code = 4


class JournalError(BwvdockError):
    """The journal cannot be opened, read or written."""


class JournalVersionError(JournalError):
    """The journal is one of another version of bwvdock. It was not looked at, so nothing is said of it."""


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
    """The dock's own disk refuses something."""


class SpoolFullError(StorageError):
    """There is no room for the clip; it stays on the camera until there is."""

    retryable = True


class DurabilityError(StorageError):
    """The disk did not keep what it was given. Final: after a failed fsync the cache lies."""


class CameraError(BwvdockError):
    """The camera or its card does not do what it should."""


class CameraGoneError(CameraError):
    """The camera was pulled out; the clip goes on when it is docked again."""

    retryable = True


class VolumeRefusedError(CameraError):
    """The volume may not, or cannot, be mounted."""


class UnreadableError(CameraError):
    """The card gives errors for this file."""


class LockedError(CameraError):
    """The camera shows none of its stores, as one does that waits for a PIN or for consent."""

    retryable = True


class SecretMissingError(CameraError):
    """The secret that would unlock the camera is not among the service's credentials: it is left alone."""

    retryable = True


class UnlockRefusedError(CameraError):
    """The camera was not unlocked. Final: cameras count wrong passwords."""


class WithdrawnError(UnreadableError):
    """The camera gave bytes and then said that they were not the file's.

    Nothing that was read of the file since it was opened counts, however much of it was kept.
    """


class EraseRefusedError(CameraError):
    """The camera does not erase a file, or says that it did and still has it."""


class NotReadyError(CameraError):
    """The file is still being written, or vanished between listing and reading."""

    retryable = True


class MounterUnavailableError(BwvdockError):
    """The privileged mounter does not answer."""

    retryable = True


class HaltedError(BwvdockError):
    """A copy was told to stop between two chunks; what is on the disk is kept and goes on later."""

    retryable = True


class UnexpectedError(BwvdockError):
    """A job raised what nobody was prepared for; the log has the traceback."""


class DestinationError(BwvdockError):
    """An evidence store refuses something."""


class DestinationUnavailableError(DestinationError):
    """The store cannot be reached now, or asks to be left alone for a while.

    Args:
        message: what happened and what it means.
        remedy: what to type or do next.
        retry_after: the seconds for which the store asks to be left alone; a floor, 0 if it does not say.
    """

    retryable = True

    def __init__(self, message: str, *, remedy: str = "", retry_after: float = 0) -> None:
        super().__init__(message, remedy=remedy)
        self.retry_after = retry_after


class AccessDeniedError(DestinationUnavailableError):
    """The store does not let us in; what it holds of an upload is kept, and asked for again."""


class DestinationRefusedError(DestinationError):
    """The store will never take this clip as it is. The clip itself is sound, and goes to the others."""


class ObjectConflictError(DestinationError):
    """Something else already stands under the object's name; nothing was overwritten."""
