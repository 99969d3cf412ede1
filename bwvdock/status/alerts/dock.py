"""Which alerts are about the dock itself: its daemon, configuration, clock and mounter?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from bwvdock.config.toml_table import Mistake
from bwvdock.errors import BwvdockError, MounterUnavailableError, NotRunningError, SilentError
from bwvdock.status.alerts import Alert, AlertCode
from bwvdock.status.values import LiveFeed
from bwvdock.units import format_count


def daemon_not_running(
    silence: NotRunningError | None, *, running: bool, ended_orderly: bool, unset: Mistake | None
) -> Iterator[Alert]:
    """Return an alert if no daemon runs.

    Args:
        silence: what was seen of it; SilentError if it is there.
        running: whether it runs and answers.
        ended_orderly: whether the journal has its shutdown.
        unset: a value of the configuration that is to be set before it can run.
    """
    if running:
        return
    if isinstance(silence, SilentError):
        yield Alert.error(
            AlertCode.DAEMON_NOT_RUNNING,
            f"{silence.message} Whether cameras are being copied is not known.",
            "systemctl status bwvdock; journalctl -u bwvdock; if it does not answer later either: "
            "systemctl restart bwvdock",
        )
        return
    if unset:
        yield Alert.error(
            AlertCode.DAEMON_NOT_RUNNING,
            f"The daemon does not run before {unset.key} is set: {unset.message}.",
            f"In the configuration, {unset.remedy}; then: systemctl restart bwvdock",
        )
        return
    ended = "" if ended_orderly else " It did not shut down cleanly."
    seen = silence.message if silence else "The daemon is not running."
    yield Alert.error(
        AlertCode.DAEMON_NOT_RUNNING,
        f"{seen} Cameras are not being copied.{ended}",
        "systemctl status bwvdock; journalctl -u bwvdock; then: systemctl restart bwvdock",
    )


def paused(*, paused: bool) -> Iterator[Alert]:
    """Return an alert if an operator paused the dock."""
    if paused:
        yield Alert.warning(
            AlertCode.PAUSED, "The dock is paused: nothing is copied or uploaded.", "bwvdock resume"
        )


def config_rejected(*, rejected: bool) -> Iterator[Alert]:
    """Return an alert if the changed configuration was not taken over."""
    if rejected:
        yield Alert.warning(
            AlertCode.CONFIG_REJECTED,
            "The changed configuration is invalid; the previous one is still in force.",
            "bwvdock config check; then: systemctl reload bwvdock",
        )


def config_not_used(trouble: str, *, reported: bool) -> Iterator[Alert]:
    """Return an alert if the configuration's file cannot be used, unless the daemon reported so.

    `trouble` says why; it is empty if the file can be used.
    """
    if trouble and not reported:
        yield Alert.warning(
            AlertCode.CONFIG_REJECTED,
            f"{trouble}. The daemon continues with the configuration that it read at its start.",
            "bwvdock config check; then: systemctl reload bwvdock",
        )


def config_pending(tables: Collection[str]) -> Iterator[Alert]:
    """Return an alert if tables of the configuration were changed and wait for a restart."""
    if tables:
        yield Alert.warning(
            AlertCode.CONFIG_PENDING,
            f"The configuration was changed after the daemon read it: {', '.join(tables)}. The daemon "
            "continues with what it read, and so does this command.",
            "bwvdock config check; then, to apply the change: systemctl restart bwvdock",
        )


def dock_not_fit(errors: Collection[str], at: str) -> Iterator[Alert]:
    """Return an alert if the dock's last check of its own installation found errors.

    Args:
        errors: the ids of the checks that found some.
        at: when it was made (ISO 8601, UTC).
    """
    if errors:
        yield Alert.error(
            AlertCode.DOCK_NOT_FIT,
            f"The dock checked its installation at {at}, and is not fit for the shift: {', '.join(errors)}.",
            "sudo bwvdock doctor says what each of them means and what to type. The dock checks itself again "
            "every 15 min",
        )


def clock_not_synchronised(*, synchronised: bool) -> Iterator[Alert]:
    """Return an alert if nothing keeps the dock's clock right."""
    if not synchronised:
        yield Alert.warning(
            AlertCode.CLOCK_NOT_SYNCHRONISED,
            "The dock's clock is not synchronised, so the times in the journal may be wrong.",
            "timedatectl status; then: systemctl enable --now systemd-timesyncd (or chrony)",
        )


def mounter_unavailable(trouble: BwvdockError) -> Iterator[Alert]:
    """Return an alert if a card could not be mounted because the mounter does not answer."""
    if isinstance(trouble, MounterUnavailableError):
        yield Alert.error(AlertCode.MOUNTER_UNAVAILABLE, trouble.message, trouble.remedy)


def notify_failing(targets: Iterable[tuple[str, str, str]]) -> Iterator[Alert]:
    """Return an alert for each target of [notify] that takes no messages: its name, why, and what to do."""
    for name, why, remedy in targets:
        yield Alert.warning(
            AlertCode.NOTIFY_FAILING,
            f"Alerts do not reach {name}: {why}",
            remedy or f"bwvdock notify test {name}",
            subject=name,
        )


def feed_behind(feeds: Iterable[LiveFeed]) -> Iterator[Alert]:
    """Return an alert for each evidence system that does not acknowledge the journal's entries."""
    for feed in feeds:
        if feed.error:
            why = feed.error.removesuffix(".")
            count = feed.waiting or 0
            wait = "waits" if count == 1 else "wait"
            waiting = f" {format_count(count, 'entry', 'entries')} of it {wait}." if count else ""
            yield Alert.warning(
                AlertCode.FEED_BEHIND,
                f"Evidence system {feed.name} does not acknowledge the journal: {why}.{waiting}",
                feed.remedy or f"bwvdock feed test {feed.name}",
                subject=feed.name,
            )


def light_failing(lights: Iterable[tuple[str, str, str]]) -> Iterator[Alert]:
    """Return an alert for each way to set lights that fails: its key in [light], why, and what to do."""
    for kind, why, remedy in lights:
        yield Alert.warning(
            AlertCode.LIGHT_FAILING,
            f"What the lights at the bays show is not known: {why} Go by the screen and `bwvdock status`.",
            remedy,
            subject=kind,
        )
