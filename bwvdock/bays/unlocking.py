"""When is a camera unlocked so that it shows its disk, and what if it does not?

An unlocked camera leaves and comes back in the same socket as a disk, which is a new docking. One that comes
back locked, or rejected the secret, is not tried again until the daemon is restarted or its configuration is
reloaded: cameras lock up after a few wrong passwords, and some restart after each.
"""

from __future__ import annotations

from collections.abc import Sequence

from bwvdock.bays import jobs
from bwvdock.bays.bay import Bay
from bwvdock.bays.messages import Unlocked, UnlockReady
from bwvdock.bays.tools import BayTools
from bwvdock.core.facts import UnlockEnded, UnlockIntended
from bwvdock.core.media.profile import Profile
from bwvdock.core.media.sightings import Sighting, Transport
from bwvdock.core.media.unlock import UnlockRule
from bwvdock.core.ports import Clock
from bwvdock.errors import SecretMissingError, UnlockRefusedError, VolumeRefusedError
from bwvdock.runtime.ledger import Ledger

_WHY = "it first shows a configuration interface"
_RELOAD = "Correct the profile or the credential; then: systemctl restart bwvdock"


class Unlocking:
    """Cameras in their configuration mode. Owned by the thread that owns the ledger."""

    def __init__(self, ledger: Ledger, clock: Clock, bays: dict[str, Bay]) -> None:
        """Start with no attempts."""
        self._ledger = ledger
        self._clock = clock
        self._bays = bays
        self._asked: dict[str, tuple[str, UnlockRule, BayTools]] = {}
        self._tried: dict[str, str] = {}  # by serial: the socket where its disk is expected, "" if it refused

    def arrived(self, sighting: Sighting) -> None:
        """Note an arrival in a socket: if it is a disk, the camera unlocked there came back as expected."""
        if sighting.transport is not Transport.UNLOCK:
            self._tried = {serial: key for serial, key in self._tried.items() if key != sighting.key}

    def forget(self) -> None:
        """Allow new attempts, because the configuration was reloaded."""
        self._tried.clear()
        for bay in self._bays.values():
            if bay.sighting.transport is Transport.UNLOCK and bay.trouble is not None:
                bay.trouble, bay.opening = None, False

    def begin(self, bay: Bay, tools: BayTools, *, paused: bool) -> None:
        """Have it checked whether the bay's camera can be unlocked, unless that is running or done."""
        if bay.sighting.transport is not Transport.UNLOCK or bay.opening or paused or not bay.readable:
            return
        if bay.rests(self._clock):
            return
        bay.opening = True
        if bay.serial in self._tried:
            bay.trouble = UnlockRefusedError(
                "The camera was unlocked before and showed no disk. It is not tried again: cameras count "
                "wrong passwords.",
                remedy=_RELOAD,
            )
            return
        rules = _rules(bay.sighting, tools.profiles)
        if len(rules) != 1:
            bay.trouble = _undecided(bay.sighting, [name for name, _ in rules])
            return
        [(name, rule)] = rules
        self._asked[bay.docking] = (name, rule, tools)
        bay.worker.submit(jobs.AskSecret(bay.sighting, rule, tools))

    def heard(self, message: UnlockReady | Unlocked) -> None:
        """Take in what a bay's worker reports."""
        if isinstance(message, UnlockReady):
            self.ready(message)
        else:
            self.ended(message)

    def ready(self, message: UnlockReady) -> None:
        """Record that the camera is to be unlocked, and have it unlocked; or let it wait for its secret."""
        bay = self._bays.get(message.key)
        if bay is None or bay.docking not in self._asked:
            return
        name, rule, tools = self._asked.pop(bay.docking)
        bay.trouble = message.error
        if message.error is not None or not bay.readable:
            bay.opening = False
            bay.let_rest(self._clock)
            return
        self._tried[bay.serial] = bay.sighting.key
        self._ledger.record([UnlockIntended(docking=bay.docking, profile=name, reason=_WHY)])
        self._asked[bay.docking] = (name, rule, tools)
        bay.worker.submit(jobs.Unlock(bay.sighting, bay.docking, rule, tools))

    def ended(self, message: Unlocked) -> None:
        """Record how unlocking ended."""
        name = self._asked.pop(message.docking)[0]
        failure = message.error.message if message.error else ""
        self._ledger.record([UnlockEnded(docking=message.docking, profile=name, failure=failure)])
        bay = self._bays[message.key]  # its worker closes it after this, not before
        bay.trouble = message.error
        if isinstance(message.error, UnlockRefusedError):
            self._tried[bay.serial] = ""
        elif isinstance(message.error, SecretMissingError | VolumeRefusedError):
            self._tried.pop(bay.serial, None)  # nothing was sent
            bay.opening = not message.error.retryable
            bay.let_rest(self._clock)


def _rules(sighting: Sighting, profiles: Sequence[Profile]) -> Sequence[tuple[str, UnlockRule]]:
    return [
        (p.name, p.unlock)
        for p in profiles
        if p.unlock is not None and p.unlock.is_for(usb=sighting.usb, model=sighting.model)
    ]


def _undecided(sighting: Sighting, names: Sequence[str]) -> UnlockRefusedError:
    which = (
        f"{len(names)} profiles have an [unlock] table for it: {', '.join(names)}"
        if names
        else "no profile has an [unlock] table for it"
    )
    return UnlockRefusedError(
        f"Camera {sighting.usb} must be unlocked before it shows its disk, but {which}.",
        remedy="Make sure that exactly one file in /etc/bwvdock/profiles has an [unlock] table for it; then: "
        "systemctl reload bwvdock",
    )
