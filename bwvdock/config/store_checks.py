"""Do the files that a destination's configuration names exist, and are they usable?

No store is contacted, and no part of a secret is shown or kept.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from bwvdock.config.stores import DirectoryStore, S3Store, Store, TusStore, is_header_value
from bwvdock.config.toml_table import Mistake
from bwvdock.mounts import mount_of

_MOST_BYTES = 8 * 1024
ANSWER_SECONDS = 5


def check_files(store: Store, where: str) -> Iterator[Mistake]:
    """Check the files of secrets and certificates; only the service can see systemd's credentials.

    Args:
        store: a destination in the configuration.
        where: its place there: "destination[1]".
    """
    if isinstance(store, DirectoryStore):
        return
    odd = set[str]()
    for key, place in {**secrets_of(store), **_certificates_of(store)}.items():
        if "/" in place and (why := why_not_read(Path(place))):
            odd.add(key)
            yield mistake(f"{where}.{key}", place, why, f"put a plain file on a local disk at {place}")
    for key, place in secrets_of(store).items():
        if key in odd or "/" not in place:
            continue
        if why := why_no_secret(
            Path(place), bearer=key == "bearer_token_file", proxy=key == "proxy_credentials_file"
        ):
            yield mistake(f"{where}.{key}", place, why, f"write the secret into {place}, on one line")
    yield from _check_certificates(store, where, odd)


def _certificates_of(store: S3Store | TusStore) -> dict[str, str]:
    tls = store.tls
    return {"ca_file": tls.ca_file, "client_cert": tls.client_cert, "client_key": tls.client_key}


def why_not_read(path: Path) -> str:
    """Return why a file is not even opened: it would be waited for; "" where nothing is against it."""
    if not answers(path):
        return f"does not answer within {ANSWER_SECONDS} s"
    with suppress(OSError):
        if not stat.S_ISREG(path.stat().st_mode):
            return "is not a plain file"
    return ""


def answers(path: Path) -> bool:
    """Return whether the file system of a path answers soon; a share whose server has gone never does."""
    if mount_of(path).is_local:
        return True

    def ask() -> None:
        with suppress(OSError):
            path.stat()

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(ANSWER_SECONDS)
    return not asking.is_alive()


def secrets_of(store: Store) -> dict[str, str]:
    """Return where a store's secrets are, by their keys; "" for one that is not named."""
    if isinstance(store, DirectoryStore):
        return {}
    proxy = {"proxy_credentials_file": store.proxy.credentials_file}
    if isinstance(store, S3Store):
        keys = {"access_key_file": store.access_key_file, "secret_key_file": store.secret_key_file}
        return {**keys, **proxy}
    headers = {f"header_files.{header}": place for header, place in store.header_files.items()}
    return {**headers, "bearer_token_file": store.bearer_token_file, **proxy}


def why_no_secret(path: Path, *, bearer: bool = False, proxy: bool = False) -> str:
    """Return why what a file has cannot be a secret; "" where it can, or may not be looked at."""
    if may_not_look(path):
        return ""
    try:
        secret = path.read_bytes()
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if not secret.strip():
        return "is empty"
    if len(secret) > _MOST_BYTES or len(secret.strip().splitlines()) > 1:
        return "has more than one line"
    if not is_header_value(secret.decode("latin-1").strip()):
        return "has characters that are not printable ASCII"
    return _why_not_for(secret.strip(), bearer=bearer, proxy=proxy)


def _why_not_for(secret: bytes, *, bearer: bool, proxy: bool) -> str:
    if proxy and b":" not in secret:
        return "does not have a user and a password with a colon between them"
    if bearer and secret.lower().startswith(b"bearer "):
        return 'begins with "Bearer", which the dock writes before it itself'
    return ""


def _check_certificates(store: S3Store | TusStore, where: str, odd: set[str]) -> Iterator[Mistake]:
    import ssl  # noqa: PLC0415 - 4 MB, for stores on the network alone

    tls = store.tls
    if "ca_file" not in odd and _is_seen(tls.ca_file):
        try:
            ssl.create_default_context(cafile=tls.ca_file)
        except (OSError, ssl.SSLError) as error:
            why = f"has no usable certificates: {_words(error)}"
            yield mistake(f"{where}.ca_file", tls.ca_file, why, "put the authority's PEM certificate there")
    both = tls.client_cert, tls.client_key
    if odd.isdisjoint({"client_cert", "client_key"}) and all(map(_is_seen, both)):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            context.load_cert_chain(tls.client_cert, tls.client_key, password=lambda: b"")
        except (OSError, ssl.SSLError, ValueError) as error:
            why = f"cannot be used with its client_key: {_words(error)}"
            yield mistake(f"{where}.client_cert", tls.client_cert, why, "give a PEM certificate and its key")


def _is_seen(place: str) -> bool:
    return "/" in place and not may_not_look(Path(place))


def may_not_look(path: Path) -> bool:
    """Return whether the file may exist and be readable to the service only: that is not a mistake."""
    with suppress(OSError):
        return path.exists() and not os.access(path, os.R_OK, effective_ids=True)
    return True  # not even the folder may be read


def _words(error: Exception) -> str:
    return getattr(error, "reason", "") or getattr(error, "strerror", "") or type(error).__name__


def mistake(key: str, place: str, what: str, remedy: str) -> Mistake:
    """Return what is wrong with a place that a key names."""
    return Mistake(key=key, value=f'"{place}"', message=what, remedy=remedy)
