"""Where is a file that the configuration names: an absolute path, or a credential of systemd?"""

from __future__ import annotations

from pathlib import Path

from bwvdock.errors import AccessDeniedError


def place_of(given: str, credentials: Path | None) -> Path:
    """Return the path of a file.

    Args:
        given: an absolute path, or the name of a credential.
        credentials: their folder; None where there are none.

    Raises:
        AccessDeniedError: there is no such credential.
    """
    if "/" in given:
        return Path(given)
    if credentials is None:
        raise AccessDeniedError(
            f"the systemd credential {given} does not exist here",
            remedy=f"systemctl edit bwvdock.service: [Service], LoadCredential={given}:/the/file",
        )
    return credentials / given
