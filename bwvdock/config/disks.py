"""On how many disks is footage stored, as the configuration has it?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bwvdock.config.settings import Config
from bwvdock.config.stores import DirectoryStore
from bwvdock.mounts import is_for_mounts, mount_of

ONE_DISK = "the spool and every required destination are on one disk, so a clip has one physical copy"
REMEDY = (
    "add a required destination on another disk or machine; or, to accept the risk, write "
    'single_disk = "accepted" under [release]'
)


def on_one_disk(config: Config) -> bool:
    """Return whether all copies that are required are on the disk that holds the spool."""
    spool = _disk(config.state_dir)
    required = [store for store in config.destinations if store.required]
    return all(isinstance(store, DirectoryStore) and _disk(store.path) == spool for store in required)


def forbids_erasing(config: Config) -> bool:
    """Return whether cameras would be erased while one disk has the only copies, and nobody accepted that."""
    wanted = config.erase == "after-verified" and config.single_disk != "accepted"
    return wanted and on_one_disk(config)


def sole_keeper(config: Config) -> str:
    """Return in words that one disk or one store has all required copies; "" where it is not so.

    One disk that was accepted (`release.single_disk`) is left out.
    """
    if on_one_disk(config):
        return "" if config.single_disk == "accepted" else ONE_DISK
    required = [store.name for store in config.destinations if store.required]
    if len(required) != 1:
        return ""
    return (
        f"{required[0]} is the only required destination, so it has the only proven copy of a clip once the "
        "spool's copy is gone"
    )


def made_on_mount(vault: DirectoryStore) -> bool:
    """Return whether a vault may be made only on a mounted disk or share: as written, or by its place."""
    return is_for_mounts(vault.path) if vault.must_be_mount is None else vault.must_be_mount


def places_to_encrypt(config: Config) -> Mapping[str, Path]:
    """Return what is to be on encrypted disks, in words, and where it is."""
    places = {}
    if config.disk_encryption == "expected":
        places[f"the journal in {config.state_dir}"] = config.state_dir
        places[f"the spool in {config.spool}"] = config.spool
    for vault in config.vaults:
        if (vault.disk_encryption or config.disk_encryption) == "expected":
            places[f"{vault.name} in {vault.path}"] = vault.path
    return places


def vaults_beside_spool(config: Config) -> tuple[str, ...]:
    """Return the vaults on the spool's file system, where a clip's copies share one file or its blocks."""
    spool = mount_of(config.state_dir).device
    return tuple(vault.name for vault in config.vaults if mount_of(vault.path).device == spool)


def _disk(path: Path) -> str:
    """Return what names the disk on which a path is, or would be.

    The partitions of one disk have one name. A share that does not answer is not waited for.
    """
    device = mount_of(path).device
    block = Path("/sys/dev/block") / device
    if not block.exists():
        return device  # a file system without a block device: a share, memory
    found = block.resolve()
    return str(found.parent if (found / "partition").exists() else found)
