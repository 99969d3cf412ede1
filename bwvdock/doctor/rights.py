"""Do the dock's folders, users and groups have the owners and rights that the package gives them?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bwvdock.config.warnings import SERVICE
from bwvdock.core.visible_text import quoted
from bwvdock.doctor.findings import Check, Finding, error, ok, unseen, warning
from bwvdock.edges.inspection.accounts import Owner

OPERATORS = "bwvdock-operators"
SIGNER = "bwvdock-signer"
_OTHERS = 0o077
_WRITABLE = 0o022
_REINSTALL = "sudo apt install --reinstall bwvdock"
_CLOSE = "sudo systemd-tmpfiles --create bwvdock.conf"


def check_service_user(there: dict[str, bool], group: Sequence[str] | None) -> Iterator[Finding]:
    """Return whether the users of the services exist and nobody else is in the service's own group.

    Args:
        there: for each user of a service, whether it exists.
        group: the members of the service's group; None if there is no such group.
    """
    missing = [name for name, exists in there.items() if not exists]
    if missing or group is None:
        names = " and no user ".join(missing)
        yield error(
            Check.SERVICE_USER,
            f"there is no user {names}" if missing else f"there is no group {SERVICE}",
            "The services run as these users, and cannot start without them.",
            f"sudo systemd-sysusers bwvdock.conf; if it does not know them: {_REINSTALL}",
        )
        return
    strangers = [member for member in group if member not in there]
    if strangers:
        yield error(
            Check.SERVICE_USER,
            f"{', '.join(strangers)} in the group {SERVICE}",
            "Who is in that group may read what the service may: secrets of stores, and cameras.",
            f"sudo gpasswd --delete {quoted(strangers[0])} {SERVICE}; who gives orders to the dock belongs "
            f"into {OPERATORS}",
        )
        return
    yield ok(Check.SERVICE_USER, f"users {', '.join(there)}; nobody else is in the group {SERVICE}")


def check_operators(group: Sequence[str] | None, run_dir: Owner | None, path: Path) -> Iterator[Finding]:
    """Return whether operators can reach the daemon's socket, and nobody else.

    Args:
        group: the members of the operators' group; None if there is no such group.
        run_dir: to whom the folder of the socket belongs; None if there is none.
        path: of that folder.
    """
    if group is None:
        yield error(
            Check.OPERATORS,
            f"there is no group {OPERATORS}",
            "Nobody but root can ask the dock or give it orders.",
            f"sudo systemd-sysusers bwvdock.conf; if it does not know the group: {_REINSTALL}",
        )
        return
    if run_dir is not None and (
        run_dir.group != OPERATORS or run_dir.mode & 0o007 or not run_dir.mode & 0o010
    ):
        yield error(
            Check.OPERATORS,
            f"{path} belongs to {run_dir.user}:{run_dir.group}, mode {run_dir.mode:04o}",
            f"The control socket is in it, for root and the group {OPERATORS} alone.",
            f"{_CLOSE}; then: sudo systemctl restart bwvdock",
        )
        return
    if not group:
        yield warning(
            Check.OPERATORS,
            f"the group {OPERATORS} has no members",
            "Only root can ask the dock or give it orders.",
            f"sudo adduser NAME {OPERATORS}; the person then logs in again",
        )
        return
    where = f"; {path} is theirs" if run_dir is not None else ""
    yield ok(Check.OPERATORS, f"{OPERATORS}: {', '.join(group)}{where}")


def check_state_directory(owner: Owner | None, path: Path) -> Iterator[Finding]:
    """Return whether the folder of journal and footage is the service's alone.

    Args:
        owner: to whom it belongs; None if there is none.
        path: of the folder.
    """
    place = quoted(str(path))
    make = f"sudo install -d -o {SERVICE} -g {SERVICE} -m 0700 {place}"
    if owner is None:
        yield error(
            Check.STATE_DIRECTORY, f"{path} does not exist", "Journal and footage have no place.", make
        )
    elif owner.kind != "folder":
        what = (
            "is not a folder" if owner.kind == "file" else "is a link or something else that is not a folder"
        )
        yield error(
            Check.STATE_DIRECTORY,
            f"{path} {what}",
            "The daemon does not use it: somebody put it there.",
            f"ls -ld {place}; name the folder itself as state_dir",
        )
    elif owner.user != SERVICE:
        yield error(
            Check.STATE_DIRECTORY,
            f"{path} belongs to {owner.user}, not to {SERVICE}",
            "The service cannot write its journal or footage there.",
            f"sudo chown {SERVICE}:{SERVICE} {place}; then: sudo systemctl restart bwvdock",
        )
    elif owner.mode & _OTHERS:
        yield error(
            Check.STATE_DIRECTORY,
            f"{path} is open to others (mode {owner.mode:04o})",
            "Others on this machine may read footage and officers' names, or replace them.",
            f"sudo chmod 0700 {place}",
        )
    else:
        yield ok(Check.STATE_DIRECTORY, f"{path} belongs to {SERVICE} alone (mode {owner.mode:04o})")


def check_contents(strangers: Sequence[str], path: Path) -> Iterator[Finding]:
    """Return whether something in the state directory belongs to another user; nothing if not."""
    if strangers:
        names = ", ".join(strangers)
        yield error(
            Check.STATE_DIRECTORY,
            f"in {path} these belong to another user: {names}",
            "The service cannot write to them. A command that ran as another user may have made them.",
            f"ls -l {quoted(str(path))}; then: sudo chown -h {SERVICE}:{SERVICE} "
            f"{quoted(str(path / strangers[0]))}",
            subject="contents",
        )


def check_file(owner: Owner | None, path: Path) -> Iterator[Finding]:
    """Return whether anybody but root may change the configuration; nothing if not."""
    if owner is None:
        return
    if owner.user != "root" or owner.mode & _WRITABLE:
        yield warning(
            Check.CONFIGURATION,
            f"{path} belongs to {owner.user}:{owner.group}, mode {owner.mode:04o}",
            "Who may change this file decides where footage goes and whether cameras are erased.",
            f"sudo chown root:root {quoted(str(path))} && sudo chmod 0644 {quoted(str(path))}",
            subject="file",
        )


def not_listed(path: Path) -> Finding:
    """Return that what is in the state directory was not looked at."""
    return unseen(
        Check.STATE_DIRECTORY,
        f"only root and {SERVICE} may list {path}",
        "sudo bwvdock doctor",
        subject="contents",
    )
