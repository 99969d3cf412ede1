"""Which versions are at work, is it the same one everywhere, and which faults are known of it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bwvdock import __version__
from bwvdock.doctor.findings import Check, Finding, ok, warning


def check_versions(others: Mapping[str, str], *, daemon: str) -> Iterator[Finding]:
    """Return which versions there are, and whether the daemon runs this one.

    Args:
        others: the versions of what bwvdock runs on, by name.
        daemon: the version of the running daemon; "" where none runs, or it does not say.
    """
    around = ", ".join(f"{name} {version}" for name, version in others.items())
    if daemon and daemon != __version__:
        yield warning(
            Check.VERSIONS,
            f"the running daemon is bwvdock {daemon}, this command is {__version__} ({around})",
            "The daemon was not restarted since the upgrade.",
            "sudo systemctl restart bwvdock",
        )
    else:
        same = ", as the running daemon" if daemon else ""
        yield ok(Check.VERSIONS, f"bwvdock {__version__}{same}; {around}")


def check_known_faults(faults: Sequence[str], reviewed: str) -> Iterator[Finding]:
    """Return which faults of this version were known when it was released.

    Args:
        faults: what goes wrong, one text each.
        reviewed: the day on which the list was last gone through (ISO 8601).
    """
    for fault in faults:
        yield warning(
            Check.KNOWN_FAULTS,
            f"bwvdock {__version__}: {fault}",
            "It may matter to footage or to entries: reports for a court name it.",
            "Upgrade: sudo apt install ./bwvdock_VERSION_amd64.deb",
        )
    if not faults:
        yield ok(
            Check.KNOWN_FAULTS, f"none of bwvdock {__version__} in the list of {reviewed} that came with it"
        )
