"""Which edge implements each [[destination]] of the configuration?

The S3 libraries are loaded only if a bucket is configured: they are optional, and take 8 MB.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Any

from bwvdock.config.disks import made_on_mount
from bwvdock.config.settings import Config
from bwvdock.config.stores import DirectoryStore, S3Store, Store, TusStore
from bwvdock.core.clips.classes.routing import required_of
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.states import SPOOL
from bwvdock.core.custody.manifest import manifest
from bwvdock.core.facts import ClipQuarantined, ClipRetrieved, VerificationFailed, VerifiedAgain
from bwvdock.core.ports import Clock, Destination, Keeper, ReadableStore, Spool
from bwvdock.delivery.rate_limit import RateLimit, Transfer, limit_for
from bwvdock.edges.credentials import credentials_folder
from bwvdock.edges.destinations.directory import DirectoryDestination
from bwvdock.edges.destinations.upload_notes import Notes
from bwvdock.edges.destinations.vault import VaultRules
from bwvdock.edges.spool import FileSpool
from bwvdock.stages.ask_again import Ask, ask_again
from bwvdock.stages.retrieve import Fetch, retrieve
from bwvdock.stages.verify import ProveAgain, verify_again


@dataclass(frozen=True, kw_only=True, slots=True)
class _Site:
    """What every destination's edge needs."""

    config: Config
    spool: FileSpool
    clock: Clock
    stored: Collection[str]

    def tell(self, clip: Clip) -> Mapping[str, str]:
        """Return the description of a clip for a store."""
        days = self.config.unreviewed_days
        return manifest(clip, dock=self.config.dock, non_evidential_days=days)


@contextmanager
def open_destinations(
    config: Config, *, spool: FileSpool, clock: Clock, stored: Collection[str] = ()
) -> Iterator[list[Destination]]:
    """Return the edge of every configured destination, in order; none is contacted yet.

    Args:
        config: the configuration.
        spool: where clips come from.
        clock: the dock's clocks.
        stored: the names of destinations that hold footage already, as the journal has it.

    Raises:
        StorageError: the notes of uploads cannot be opened.
        ConfigError: a library that a kind of destination needs is not installed.
    """
    site = _Site(config=config, spool=spool, clock=clock, stored=stored)
    with ExitStack() as stack:
        yield [_open(store, site, stack.callback) for store in config.destinations]


def vault_rules(config: Config, store: DirectoryStore, *, stored: bool) -> VaultRules:
    """Return who may make a vault: the dock itself only a new one, in its state directory."""
    return VaultRules(
        made_at_first_use=config.keeps(store) and not stored,
        mount_to_make=made_on_mount(store),
        mount_always=bool(store.must_be_mount),
    )


def _open(store: Store, site: _Site, at_end: Callable[[Callable[[], None]], object]) -> Destination:
    if isinstance(store, DirectoryStore):
        rules = vault_rules(site.config, store, stored=store.name in site.stored)
        marks = site.config.vault_marks
        return DirectoryDestination(store.path, name=store.name, spool=site.spool, marks=marks, rules=rules)
    notes = Notes(site.config.upload_notes, destination=store.name)
    at_end(notes.close)
    if isinstance(store, TusStore):
        return _tus(store, site, notes, at_end)
    return _s3(store, site, notes, at_end)


def _tus(
    store: TusStore, site: _Site, notes: Notes, at_end: Callable[[Callable[[], None]], object]
) -> Destination:
    from bwvdock.edges.destinations.access import Access  # noqa: PLC0415 - only where it is used
    from bwvdock.edges.destinations.http import Web  # noqa: PLC0415
    from bwvdock.edges.destinations.tus.destination import TusDestination  # noqa: PLC0415

    access = Access(
        headers=store.headers,
        header_files=store.header_files,
        bearer_token_file=store.bearer_token_file,
        ca_file=store.tls.ca_file,
        client_cert=store.tls.client_cert,
        client_key=store.tls.client_key,
        proxy=store.proxy.url,
        proxy_credentials_file=store.proxy.credentials_file,
        credentials=credentials_folder(),
    )
    web = Web(store.url, access, name=store.name)
    at_end(web.close)
    return TusDestination(web, name=store.name, spool=site.spool, notes=notes, manifest=site.tell)


def _s3(
    store: S3Store, site: _Site, notes: Notes, at_end: Callable[[Callable[[], None]], object]
) -> Destination:
    from bwvdock.edges.destinations.s3 import Bucket, Surroundings, open_bucket  # noqa: PLC0415 - as above

    bucket = Bucket(
        endpoint=store.endpoint,
        bucket=store.bucket,
        access_key_file=store.access_key_file,
        secret_key_file=store.secret_key_file,
        region=store.region,
        prefix=store.prefix,
        ca_file=store.tls.ca_file,
        client_cert=store.tls.client_cert,
        client_key=store.tls.client_key,
        proxy=store.proxy.url,
        proxy_credentials_file=store.proxy.credentials_file,
        lock=store.object_lock,
    )
    around = Surroundings(
        name=store.name,
        dock=site.config.dock,
        spool=site.spool,
        notes=notes,
        manifest=site.tell,
        clock=site.clock,
        parallel=site.config.upload.parallel,
    )
    made = open_bucket(bucket, around)
    at_end(made.close)
    return made


def keepers(spool: FileSpool, destinations: Sequence[Destination]) -> Mapping[str, Keeper]:
    """Return the places that bwvdock itself disposes in."""
    vaults = {d.name: d for d in destinations if isinstance(d, DirectoryDestination)}
    return {SPOOL: spool, **vaults}


def prove_again(
    stores: Sequence[Destination], required: Collection[str], rate_limit: RateLimit | None
) -> ProveAgain:
    """Return what asks those of the stores for a clip that must have it; a vault's disk takes no uplink.

    Args:
        stores: all.
        required: the names of those that must have every clip whose classes name no others.
        rate_limit: of all uploads.
    """

    def ask(clip: Clip, halt: Event) -> Sequence[VerifiedAgain] | ClipQuarantined:
        names = required_of(clip, required)
        asked = [store for store in stores if store.name in names]
        return verify_again(
            clip, asked, lambda store: Transfer(halt=halt, rate_limit=limit_for(store.kind, rate_limit))
        )

    return ask


def asks_again(stores: Sequence[Destination], rate_limit: RateLimit | None) -> Ask:
    """Return what asks one of these stores for its copy of a clip now; a vault's disk takes no uplink."""
    by_name: Mapping[str, Any] = {store.name: store for store in stores}

    def ask(
        clip: Clip, destination: str, halt: Event, *, required: bool, scheduled: bool
    ) -> VerifiedAgain | VerificationFailed:
        store: ReadableStore = by_name[destination]
        transfer = Transfer(halt=halt, rate_limit=limit_for(store.kind, rate_limit))
        return ask_again(clip, store, transfer, required=required, scheduled=scheduled)

    return ask


def fetches(stores: Sequence[Destination], spool: Spool, rate_limit: RateLimit | None) -> Fetch:
    """Return what reads a clip from one of these stores into the spool."""
    by_name: Mapping[str, Any] = {store.name: store for store in stores}

    def fetch(clip: Clip, destination: str, halt: Event) -> ClipRetrieved:
        store: ReadableStore = by_name[destination]
        return retrieve(clip, store, spool, Transfer(halt=halt, rate_limit=limit_for(store.kind, rate_limit)))

    return fetch
