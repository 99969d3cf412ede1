"""Who signs this dock's checkpoints, and where is noted with which keys?"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from bwvdock.config.custody import keys_folder
from bwvdock.config.settings import Config
from bwvdock.core.ports.signing import CheckpointSigner
from bwvdock.edges.credentials import credentials_folder, read_credential, read_secret
from bwvdock.edges.journal.checkpoints import Enough
from bwvdock.edges.signing.known_keys import KeyFile
from bwvdock.edges.signing.own_signer import OwnSigner
from bwvdock.edges.signing.socket_signer import SocketSigner
from bwvdock.errors import BwvdockError, SignerUnavailableError, words_of
from bwvdock.upkeep.signing import Signing, read_extension, read_handed_out, read_root
from bwvdock.upkeep.time_stamps import Authority

SOCKET = Path("/run/bwvdock-signer.socket")
_MOST_KEY_BYTES = 4096


def signing_of(config: Config, enough: Enough) -> Signing:
    """Return what checkpoints of a dock are made with; nothing is opened or asked yet.

    `enough` says which witnesses are as many as the dock's policy asks for.
    """
    return Signing(
        signer=signer_of(config),
        origin=config.custody.origin,
        read=partial(read_extension, config.journal),
        root=partial(read_root, config.journal),
        handed_out=partial(read_handed_out, config.journal, enough),
        keys=KeyFile(keys_folder(config.state_dir)),
    )


def authority_of(config: Config) -> Authority | None:
    """Return the time-stamping authority, None where none is configured; nothing is contacted yet."""
    custody = config.custody
    if not custody.timestamp_url:
        return None
    from bwvdock.edges.signing.time_stamping import HttpTimeStamper  # noqa: PLC0415 - HTTP and TLS take 5 MB

    stamper = HttpTimeStamper(
        custody.timestamp_url, ca_file=custody.timestamp_ca_file, credentials=credentials_folder()
    )
    return Authority(custody.timestamp_url, stamper)


def signer_of(config: Config) -> CheckpointSigner:
    """Return the signer: a process of its own for an installed dock that names no key; otherwise this one."""
    if place := config.custody.signing_key_file:
        return OwnSigner(keys_folder(config.state_dir), key=partial(_read_key, place))
    installed = config.state_dir.is_relative_to("/var/lib")
    return SocketSigner(SOCKET) if installed else OwnSigner(keys_folder(config.state_dir))


def _read_key(place: str) -> bytes:
    try:
        if place.startswith("/"):
            return read_secret(Path(place), _MOST_KEY_BYTES)
        return read_credential(place, folder=credentials_folder(), most=_MOST_KEY_BYTES)
    except OSError as error:
        why, remedy = f"{place} cannot be read: {words_of(error)}", f"ls -l {place}"
    except BwvdockError as error:
        why, remedy = error.message.rstrip("."), error.remedy
    raise SignerUnavailableError(f"The signing key cannot be used: {why}.", remedy=remedy)
