"""How is a message signed, so that who takes it knows from whom it is? By Standard Webhooks, symmetrically.

https://www.standardwebhooks.com: over "id.timestamp.body", HMAC-SHA256, with the bytes that follow `whsec_`
in base64. While a secret is replaced, a file has both, a line each, and there is a signature by either.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from bwvdock.edges.credentials import read_secret
from bwvdock.errors import AccessDeniedError

_FORM = re.compile(r"whsec_([A-Za-z0-9+/]+={0,2})")
_LEAST, _MOST = 24, 64  # bytes of a secret
_MOST_SECRETS = 4
_MOST_FILE = 1024


def signed_headers(identifier: str, seconds: int, body: bytes, secrets: Sequence[bytes]) -> Mapping[str, str]:
    """Return the headers that sign a message.

    Args:
        identifier: the message's, the same at each attempt.
        seconds: since 1970, at this attempt.
        body: as it is sent.
        secrets: by which it is signed.
    """
    signed = b".".join((identifier.encode(), str(seconds).encode(), body))
    signatures = (base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()) for secret in secrets)
    return {
        "webhook-id": identifier,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{signature.decode()}" for signature in signatures),
    }


def read_secrets(path: Path) -> Sequence[bytes]:
    """Return the secrets in a file.

    Raises:
        AccessDeniedError: it cannot be read, or has something else.
    """
    try:
        lines = read_secret(path, _MOST_FILE + 1).decode("ascii", "replace").split()
    except OSError as error:
        raise _wrong(path, f"cannot be read ({error.strerror})") from error
    found = [_FORM.fullmatch(line) for line in lines]
    secrets = [base64.b64decode(form[1] + "==") for form in found if form is not None]
    if len(secrets) != len(lines) or not all(_LEAST <= len(secret) <= _MOST for secret in secrets):
        raise _wrong(path, "has something else than secrets of 24 to 64 bytes, each as whsec_ and base64")
    if not 1 <= len(secrets) <= _MOST_SECRETS:
        raise _wrong(path, f"does not have 1 to {_MOST_SECRETS} secrets, a line each")
    return secrets


def _wrong(path: Path, what: str) -> AccessDeniedError:
    return AccessDeniedError(
        f"the secret that messages are signed with, {path}, {what}",
        remedy=f'Make one, and give it to the receiver too: echo "whsec_$(openssl rand -base64 32)" > {path}',
    )
