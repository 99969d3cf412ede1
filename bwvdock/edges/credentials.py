"""Where are the secrets that systemd passes to the service?

In a folder in memory that only the service may read: LoadCredential= in systemd.exec(5). A secret is read
when it is wanted, handed on as bytes and kept nowhere; no message and no error has a byte of it.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from bwvdock.errors import SecretMissingError

_UNIT = "bwvdock.service"


def credentials_folder() -> Path | None:
    """Return the folder of this service's credentials; None where it was given none."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    return Path(folder) if folder else None


def read_secret(path: Path, most: int) -> bytes:
    """Return the first `most` bytes of a secret's file, to which a link may lead.

    Raises:
        OSError: it cannot be read, or is not a plain file: nobody waits for a FIFO.
    """
    require_plain(path)
    with open(path, "rb") as file:
        return file.read(most)


def require_plain(path: Path) -> None:
    """Check that a path leads to a plain file.

    Raises:
        OSError: it does not, or that cannot be seen.
    """
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError(errno.EINVAL, "it is not a plain file", str(path))


def read_credential(name: str, *, folder: Path | None, most: int) -> bytes:
    """Return a secret, without the line ending that an editor adds.

    Args:
        name: the credential's name.
        folder: where they are.
        most: the most bytes that it may have.

    Raises:
        SecretMissingError: it is not there, is empty, or is longer than that.
    """
    if folder is None:
        raise _missing(name, "does not exist")
    try:
        secret = read_secret(folder / name, most + 3).removesuffix(b"\n").removesuffix(b"\r")
    except OSError as error:
        raise _missing(name, f"cannot be read ({error.strerror})") from error
    if not secret:
        raise _missing(name, "is empty")
    if len(secret) > most:
        raise _missing(name, f"is longer than {most} bytes")
    return secret


def _missing(name: str, what: str) -> SecretMissingError:
    return SecretMissingError(
        f"The systemd credential {name} {what} (LoadCredential={name}:FILE).",
        remedy=f"systemctl edit {_UNIT}: [Service], LoadCredential={name}:/the/file/with/the/secret; "
        f"then: systemctl restart {_UNIT}",
    )
