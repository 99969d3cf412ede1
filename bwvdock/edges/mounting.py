"""How does the daemon, which cannot mount anything, read a camera's volume?

It asks the privileged mounter over its socket for the root directory of one volume; the docstring of
bwvdock.mounter shows what is said.
"""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bwvdock.core.facts import SourceFile
from bwvdock.core.media.names import escape, unescape
from bwvdock.core.plain_json import object_of
from bwvdock.core.ports.erasing import EraseOutcome, Erasure
from bwvdock.errors import (
    BwvdockError,
    CameraGoneError,
    EraseRefusedError,
    MounterUnavailableError,
    NotPermittedError,
    UnreadableError,
    VolumeRefusedError,
)

_MAX_ANSWER_BYTES = 65536
_ERASE_SECONDS = 300.0  # a slow card frees the blocks of a long clip one after the other
_MAX_DESCRIPTORS = 4  # one is right; room for more, so that they are seen and closed
_NO_DEVICE = "no-such-device"
_START = "systemctl start bwvdock-mounter.socket; then: systemctl status bwvdock-mounter"

# What the mounter's codes mean for the camera; every other one is a refusal of this volume.
_ERRORS: Mapping[str, type[BwvdockError]] = {
    "gone": CameraGoneError,
    "no_medium": CameraGoneError,
    "io_error": UnreadableError,
    "not_permitted": NotPermittedError,
    "not_allowed": MounterUnavailableError,
    "bad_request": MounterUnavailableError,
    "crowded": MounterUnavailableError,
    "misconfigured": MounterUnavailableError,
    "internal": MounterUnavailableError,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class MountedVolume:
    """A volume that is mounted for as long as a descriptor into it is open.

    `root_fd` is its root directory, owned by the holder of this value. `major`, `minor` and `diskseq` say
    which medium it is: the same name with other numbers is another one. `label` is escaped, as
    core/media/names.py does.
    """

    root_fd: int
    device: str
    major: int
    minor: int
    diskseq: int
    fs: str
    label: str = ""

    def close(self) -> None:
        """Close it once, and only if nobody else took the descriptor over."""
        os.close(self.root_fd)


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedFile:
    """A file that is to be erased, as it was taken: `path` raw, from the volume's root."""

    path: bytes
    size: int
    mtime_ns: int
    fingerprint: str

    def as_asked(self) -> Mapping[str, str | int]:
        """Return it in the form of a request."""
        return {
            "path": self.path.decode("utf-8", "surrogateescape"),
            "size": self.size,
            "mtime_ns": self.mtime_ns,
            "fingerprint": self.fingerprint,
        }


class Mounter:
    """The client's side of the mounter's socket. May be used from any number of threads."""

    def __init__(
        self,
        socket_path: Path,
        timeout: float = 60.0,
        *,
        statvfs: Callable[[int], os.statvfs_result] = os.fstatvfs,
    ) -> None:
        """Prepare; nothing is connected yet.

        Args:
            socket_path: where systemd listens for the mounter.
            timeout: seconds to wait for an answer; a card that is woken up takes its time.
            statvfs: how a descriptor is asked whether its file system is read-only.
        """
        self._socket_path = socket_path
        self._timeout = timeout
        self._statvfs = statvfs

    def mount(self, device: str) -> MountedVolume:
        """Have a volume mounted, read-only, by the kernel's name of its device ("sda1").

        Raises:
            CameraGoneError: it is not there (any more), or there is no medium in it.
            UnreadableError: the medium gives errors.
            VolumeRefusedError: it may not or cannot be mounted.
            MounterUnavailableError: the mounter does not answer, or does not make sense.
        """
        answer, descriptors = self._ask({"op": "mount", "device": device})
        try:
            volume = _understand(answer, descriptors, device=device)
            self._see_read_only(volume)
        except BaseException:
            for fd in descriptors:
                os.close(fd)
            raise
        return volume

    def answers(self, volume: MountedVolume) -> bool:
        """Return whether the very medium that a volume was mounted from gives its bytes at this moment.

        Raises:
            MounterUnavailableError: the mounter does not answer, or does not make sense: it is not known.
        """
        answer, descriptors = self._ask({"op": "probe", "device": volume.device})
        for fd in descriptors:  # none belongs to this answer
            os.close(fd)
        try:
            said = _granted(answer)
        except (CameraGoneError, UnreadableError, VolumeRefusedError):
            return False
        there = (volume.device, f"{volume.major}:{volume.minor}", volume.diskseq)
        return (said.get("device"), said.get("dev"), said.get("diskseq")) == there

    def require_answer(self) -> None:
        """Check that the mounter answers, by asking for a device that never exists; nothing is mounted.

        Raises:
            MounterUnavailableError: it does not answer, or does not make sense.
        """
        answer, descriptors = self._ask({"op": "probe", "device": _NO_DEVICE})
        for fd in descriptors:  # none belongs to this answer
            os.close(fd)
        with suppress(CameraGoneError, VolumeRefusedError):
            _granted(answer)

    def erase(self, volume: MountedVolume, files: Sequence[NamedFile]) -> list[Erasure]:
        """Have files erased from the medium that a volume was mounted from; it must have been closed.

        What the mounter says of each file is in their order. Folders, and what is not exactly as it is named
        here, are refused there.

        Raises:
            CameraGoneError: that medium is not there any more. Some files may be gone.
            UnreadableError: the medium gives errors. Likewise.
            EraseRefusedError: nothing may or can be erased from it.
            MounterUnavailableError: the mounter does not answer, or does not make sense. Some may be gone.
        """
        asked = {
            "op": "erase",
            "device": volume.device,
            "dev": f"{volume.major}:{volume.minor}",
            "diskseq": volume.diskseq,
            "files": [file.as_asked() for file in files],
        }
        answer, descriptors = self._ask(asked, timeout=_ERASE_SECONDS)
        for fd in descriptors:  # none belongs to this answer
            os.close(fd)
        try:
            said = _granted(answer)
        except VolumeRefusedError as error:
            raise EraseRefusedError(error.message, remedy=error.remedy) from error
        match said:
            case {"device": volume.device, "diskseq": volume.diskseq, "files": [*told]} if len(told) == len(
                files
            ):
                return [_erasure(one) for one in told]
        raise _nonsense()

    def _ask(self, request: Mapping[str, Any], *, timeout: float = 0) -> tuple[bytes, list[int]]:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
                connection.settimeout(max(self._timeout, timeout))
                connection.connect(str(self._socket_path))
                with suppress(BrokenPipeError):  # refused before it was asked: the refusal can be read
                    connection.send(json.dumps(request).encode())
                answer, descriptors, _, _ = socket.recv_fds(connection, _MAX_ANSWER_BYTES, _MAX_DESCRIPTORS)
        except TimeoutError as error:
            words = (
                f"The mounter did not answer within {self._timeout:g} s when asked about {request['device']}."
            )
            raise MounterUnavailableError(words, remedy="See `journalctl -u bwvdock-mounter -k`.") from error
        except OSError as error:
            words = f"No card can be read: {self._socket_path} cannot be reached: {error.strerror}."
            raise MounterUnavailableError(words, remedy=_START) from error
        return answer, descriptors

    def _see_read_only(self, volume: MountedVolume) -> None:
        """See for ourselves: evidence is not left to a promise."""
        try:
            read_only = bool(self._statvfs(volume.root_fd).f_flag & os.ST_RDONLY)
        except OSError as error:  # EIO, if the camera left just now
            words = f"{volume.device} left while it was being mounted: {error.strerror}."
            raise CameraGoneError(words, remedy="Dock the camera again.") from error
        if not read_only:
            raise VolumeRefusedError(
                f"{volume.device} was mounted, but not read-only; it was unmounted at once.",
                remedy="Unplug the camera, and report this with `journalctl -u bwvdock-mounter -k`.",
            )


_MOST_FILES = 64  # in one request


class MounterEraser:
    """Erases from the medium of one mounted volume, and mounts it again (a CardEraser)."""

    def __init__(self, mounter: Mounter, volume: MountedVolume) -> None:
        """Its descriptor is another's."""
        self._mounter = mounter
        self._volume = volume

    def erase(self, files: Sequence[SourceFile]) -> list[Erasure]:
        """Have files erased, in their order."""
        named = [
            NamedFile(path=unescape(f.path), size=f.size, mtime_ns=f.mtime_ns, fingerprint=f.fingerprint)
            for f in files
        ]
        batches = [named[at : at + _MOST_FILES] for at in range(0, len(named), _MOST_FILES)]
        return [erasure for batch in batches for erasure in self._mounter.erase(self._volume, batch)]

    def mount_again(self) -> int:
        """Return the root of the same medium."""
        again = self._mounter.mount(self._volume.device)
        if (again.major, again.minor, again.diskseq) != (
            self._volume.major,
            self._volume.minor,
            self._volume.diskseq,
        ):
            again.close()
            raise CameraGoneError("Another card is in its place.", remedy="Dock the camera again.")
        return again.root_fd


def _understand(answer: bytes, descriptors: list[int], *, device: str) -> MountedVolume:
    match _granted(answer), descriptors:
        case {
            "device": str(name),
            "dev": str(dev),
            "diskseq": int(diskseq),
            "fs": str(fs),
            "label": str(label),
        }, [root_fd] if name == device and (numbers := re.fullmatch(r"(\d+):(\d+)", dev)):
            return MountedVolume(
                root_fd=root_fd,
                device=device,
                major=int(numbers[1]),
                minor=int(numbers[2]),
                diskseq=diskseq,
                fs=fs,
                label=_label(label),
            )
    raise _nonsense()


def _erasure(told: object) -> Erasure:
    match told:
        case {"outcome": str(outcome), "reason": str(reason)} if outcome in set(EraseOutcome):
            return Erasure(outcome=EraseOutcome(outcome), reason=reason)
    raise _nonsense()


def _granted(answer: bytes) -> Mapping[str, Any]:
    said = _object(answer)
    if said.get("ok") is not True:
        raise _error(said)
    return said


def _object(answer: bytes) -> Mapping[str, Any]:
    try:
        return object_of(answer)
    except ValueError as error:
        raise _nonsense() from error


def _error(said: Mapping[str, Any]) -> BwvdockError:
    match said:
        case {"ok": False, "code": str(code), "message": str(message), "remedy": str(remedy)}:
            kind = _ERRORS.get(code, VolumeRefusedError)
            return kind(f"The mounter refused: {message}.", remedy=remedy)
    return _nonsense()


def _nonsense() -> MounterUnavailableError:
    return MounterUnavailableError(
        "The mounter sent an invalid answer, which is ignored.",
        remedy="Check that both have the same version, then: systemctl restart bwvdock-mounter.socket "
        "bwvdock",
    )


def _label(encoded: str) -> str:
    r"""Turn udev's encoding of a label (``\x20`` for a blank) into ours."""
    raw = encoded.encode(errors="surrogateescape")
    return escape(re.sub(rb"\\x([0-9a-fA-F]{2})", lambda match: bytes([int(match[1], 16)]), raw))
