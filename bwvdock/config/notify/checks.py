"""Do the files and commands that [notify] names exist, and are they usable?

Nobody is called, and no part of a secret is shown or kept. Only the service can see systemd's credentials.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from bwvdock.config.notify.targets import Email, Exec, NotifyTarget, Webhook
from bwvdock.config.store_checks import may_not_look, mistake, why_no_secret, why_not_read
from bwvdock.config.toml_table import Mistake


def numbered(targets: Sequence[NotifyTarget]) -> Iterator[tuple[str, NotifyTarget]]:
    """Return the targets, each with its place in the file: "notify.webhook[1]"."""
    counts: dict[str, int] = {}
    for target in targets:
        counts[target.kind] = counts.get(target.kind, 0) + 1
        yield f"notify.{target.kind}[{counts[target.kind]}]", target


def check_notify(targets: Sequence[NotifyTarget]) -> Iterator[Mistake]:
    """Return what is wrong with what the targets name."""
    for where, target in numbered(targets):
        for key, place in secrets_of(target).items():
            yield from check_file(f"{where}.{key}", place, secret=True)
        if not isinstance(target, Exec) and target.ca_file:
            yield from check_file(f"{where}.ca_file", target.ca_file, secret=False)
        if isinstance(target, Exec) and target.command:
            yield from _check_command(f"{where}.command", target.command[0])


def secrets_of(target: NotifyTarget) -> dict[str, str]:
    """Return where a target's secrets are, by their keys."""
    match target:
        case Webhook():
            found = {
                "secret_file": target.secret_file,
                "proxy_credentials_file": target.proxy.credentials_file,
            }
            return {key: place for key, place in found.items() if place}
        case Email(password_file=place) if place:
            return {"password_file": place}
    return {}


def check_file(key: str, place: str, *, secret: bool) -> Iterator[Mistake]:
    """Return what is wrong with a file that the key names: a secret, or an authority's certificate."""
    path = Path(place)
    if "/" not in place:
        return
    if why := why_not_read(path):
        yield mistake(key, place, why, f"put a plain file on a local disk at {place}")
    elif secret and key.endswith(".secret_file") and not may_not_look(path):
        yield from _check_webhook_secret(key, path)
    elif secret and (why := why_no_secret(path, proxy=key.endswith("proxy_credentials_file"))):
        yield mistake(key, place, why, f"write the secret into {place}, on one line")
    elif not secret and not may_not_look(path) and not path.exists():
        yield mistake(key, place, "is not there", "put the authority's PEM certificate there")


def _check_webhook_secret(key: str, path: Path) -> Iterator[Mistake]:
    try:
        lines = path.read_bytes().split()
    except OSError as error:
        yield mistake(key, str(path), f"cannot be read: {error.strerror}", f"write the secret into {path}")
        return
    if not lines or not all(line.startswith(b"whsec_") for line in lines):
        make = f'echo "whsec_$(openssl rand -base64 32)" > {path}'
        yield mistake(key, str(path), "has something else than secrets that begin with whsec_", make)


def _check_command(key: str, program: str) -> Iterator[Mistake]:
    path = Path(program)
    if not path.is_file():
        if not may_not_look(path):
            yield mistake(key, program, "is not a file", "give the absolute path of a program")
    elif not os.access(path, os.X_OK, effective_ids=True):
        yield mistake(key, program, "cannot be run", f"chmod 0755 {program}")
