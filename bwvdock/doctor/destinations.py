"""Can each destination be reached, does it let the dock in, does it prove copies, and is its clock right?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from bwvdock.config.stores import DirectoryStore, S3Store, Store
from bwvdock.doctor.findings import Check, Finding, about, error, of_alerts, ok, unseen, warning
from bwvdock.edges.inspection.store_contact import Contact
from bwvdock.errors import AccessDeniedError, DestinationError
from bwvdock.status.alerts.destinations import cause_of, destination_proves_nothing
from bwvdock.status.values import LiveDestination, StatusReport

_RENEW = timedelta(days=21)
_SKEW_WARNING, _SKEW_ERROR = 60, 900  # seconds; S3 refuses what is signed more than 15 minutes off
_STAYS = "Footage stays in the spool; the dock retries by itself"
NETWORK = (Check.DESTINATION_REACH, Check.DESTINATION_CERTIFICATE, Check.DESTINATION_CLOCK)


def url_of(store: Store) -> str:
    """Return the address of a store on a network; "" of a folder."""
    if isinstance(store, DirectoryStore):
        return ""
    return store.endpoint if isinstance(store, S3Store) else store.url


def live_of(store: Store, status: StatusReport | None) -> LiveDestination | None:
    """Return what the running daemon says of a destination; None where none runs."""
    if status is None or not status.dock.running:
        return None
    return next((live for live in status.destinations if live.name == store.name), None)


def check_vault(store: Store, live: LiveDestination | None, probe: Callable[[], None]) -> Iterator[Finding]:
    """Return whether a vault is there and can be written to: as the daemon has it, or seen from here.

    Args:
        store: the destination.
        live: what the running daemon says; None if none runs.
        probe: looks itself; raises DestinationError, or NotSeenError.
    """
    if live is not None:
        yield _as_daemon_says(live)
        return
    try:
        probe()
    except DestinationError as trouble:
        yield error(
            Check.DESTINATION_REACH, trouble.message, f"{_STAYS}.", trouble.remedy, subject=store.name
        )
    else:
        yield ok(Check.DESTINATION_REACH, "the vault is there, and can be written to", subject=store.name)


def _as_daemon_says(live: LiveDestination) -> Finding:
    if live.reachable is None:
        return unseen(
            Check.DESTINATION_REACH,
            "the daemon has not used it since its start",
            "Try again in a minute",
            subject=live.name,
        )
    if live.reachable:
        return ok(Check.DESTINATION_REACH, "the daemon reaches it", subject=live.name)
    return error(
        Check.DESTINATION_REACH,
        f"the daemon does not reach it: {cause_of(live)}",
        f"{_STAYS}.",
        live.remedy or "bwvdock status",
        subject=live.name,
    )


def check_network_store(store: Store, now: datetime, contact: Callable[[], Contact]) -> Iterator[Finding]:
    """Return whether a store on a network answers, until when its certificate is valid, and how its clock is.

    Args:
        store: the destination.
        now: the time, in UTC.
        contact: asks it, without a secret; raises DestinationError.
    """
    try:
        shown = contact()
    except AccessDeniedError as trouble:  # a certificate of ours
        yield error(
            Check.DESTINATION_REACH, trouble.message, f"{_STAYS}.", trouble.remedy, subject=store.name
        )
        yield from _no_answer(store)
        return
    except DestinationError as trouble:
        yield error(
            Check.DESTINATION_REACH, trouble.message, f"{_STAYS}.", trouble.remedy, subject=store.name
        )
        yield from _no_answer(store)
        return
    if shown.status >= 500:
        yield warning(
            Check.DESTINATION_REACH,
            f"it answers, with status {shown.status}",
            "The server, or a proxy before it, has a trouble of its own.",
            "Ask those who run the store",
            subject=store.name,
        )
    else:
        seen = f"it answers (status {shown.status}, without a secret)"
        yield ok(Check.DESTINATION_REACH, seen, subject=store.name)
    yield _certificate(store, shown.valid_until, now)
    if shown.refused_later:
        yield _refused_later(store, shown.refused_later)
    yield _clock(store, shown.ahead_seconds)


def check_own_certificate(store: Store, until: datetime | None, now: datetime) -> Finding:
    """Return until when the certificate is valid that the dock shows to a store.

    Args:
        store: the destination.
        until: when it ends; None where that cannot be read from it.
        now: the time, in UTC.
    """
    return _valid_until(store, until, now, "the dock's own certificate", "Renew client_cert and client_key")


def _no_answer(store: Store) -> Iterator[Finding]:
    for check in NETWORK[1:]:
        yield unseen(check, "it does not answer", "bwvdock status", subject=store.name)


def _certificate(store: Store, until: datetime | None, now: datetime) -> Finding:
    check, name = Check.DESTINATION_CERTIFICATE, store.name
    if not url_of(store).startswith("https:"):
        remedy = "Write https:// in the configuration if the store has it"
        return unseen(check, "it is reached without TLS, so there is no certificate", remedy, subject=name)
    renew = "Ask those who run the store to renew its certificate"
    return _valid_until(store, until, now, "its certificate", renew)


def _refused_later(store: Store, why: str) -> Finding:
    from bwvdock.edges.destinations.causes import STRICT  # noqa: PLC0415 - it loads TLS, which is in use now

    seen = f"Python 3.13 (Debian 13) will not accept its certificate: {why}"
    means = "Uploads stop with the upgrade of this dock to Debian 13."
    return warning(Check.DESTINATION_CERTIFICATE, seen, means, STRICT, subject=store.name)


def _valid_until(store: Store, until: datetime | None, now: datetime, what: str, renew: str) -> Finding:
    check, name = Check.DESTINATION_CERTIFICATE, store.name
    if until is None:
        why = f"until when {what} is valid cannot be read from it"
        return unseen(check, why, "openssl x509 -noout -dates", subject=name)
    left = until - now
    day = until.strftime("%Y-%m-%d %H:%M UTC")
    if left < timedelta(0):
        return error(check, f"{what} ended at {day}", f"{_STAYS}.", renew, subject=name)
    if left < _RENEW:
        seen = f"{what} ends at {day}, in {left.days} days"
        return warning(check, seen, "Uploads stop then.", renew, subject=name)
    return ok(check, f"{what} is valid until {day}", subject=name)


def _clock(store: Store, ahead: float | None) -> Finding:
    check, name = Check.DESTINATION_CLOCK, store.name
    if ahead is None:
        remedy = "The store's own logs say which time it has"
        return unseen(check, "it does not say its time (no header Date)", remedy, subject=name)
    off = f"its clock is {abs(ahead):,.0f} s {'ahead of' if ahead > 0 else 'behind'} this dock's"
    remedy = "timedatectl; if this dock's clock is right, ask those who run the store"
    if abs(ahead) > _SKEW_ERROR:
        means = "Stores refuse requests whose time is wrong by more than 15 minutes, and so do certificates."
        return error(check, off, means, remedy, subject=name)
    if abs(ahead) > _SKEW_WARNING:
        return warning(check, off, "Times here and there do not fit together.", remedy, subject=name)
    return ok(check, f"within {_SKEW_WARNING} s of this dock's", subject=name)


def check_credentials(
    store: Store, live: LiveDestination | None, status: StatusReport | None
) -> Iterator[Finding]:
    """Return whether a store lets the dock in, as the running daemon has it: only it has all secrets."""
    alerts = status.alerts if status else ()
    named = f" {store.name} "
    denied = [a for a in about(Check.DESTINATION_CREDENTIALS, alerts) if named in a.message]
    if denied:
        yield from of_alerts(Check.DESTINATION_CREDENTIALS, denied, well="", subject=store.name)
    elif live is None:
        yield unseen(
            Check.DESTINATION_CREDENTIALS,
            "the daemon uses them, and it is not running",
            "sudo systemctl start bwvdock; then: bwvdock doctor",
            subject=store.name,
        )
    elif live.reachable:
        yield ok(Check.DESTINATION_CREDENTIALS, "the store lets the daemon in", subject=store.name)
    else:
        why = "the daemon has not used them since its start" if live.reachable is None else cause_of(live)
        remedy = live.remedy or "Try again in a minute"
        yield unseen(Check.DESTINATION_CREDENTIALS, why, remedy, subject=store.name)


def check_trial(store: Store, live: LiveDestination | None) -> Iterator[Finding]:
    """Return what the daemon's last trial of a store showed that its acknowledgement proves."""
    if live is None or live.method is None:
        why = "the daemon assesses it, and is not running" if live is None else "it was not assessed yet"
        remedy = "sudo systemctl start bwvdock" if live is None else "Try again when the store is reachable"
        yield unseen(Check.DESTINATION_TRIAL, why, remedy, subject=store.name)
        return
    at = f", tried {live.assessed_at}" if live.assessed_at else ""
    yield from of_alerts(
        Check.DESTINATION_TRIAL,
        destination_proves_nothing(live, required=store.required),
        well=f"copies are proven by {live.method}{at}",
        subject=store.name,
    )
