"""How much is free in the dock's vaults? A share that hangs keeps nobody waiting for long.

Each vault is asked in a thread of its own, and not again before that has ended.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from bwvdock.config.settings import Config
from bwvdock.config.stores import DirectoryStore
from bwvdock.edges.destinations.vault import Vault, VaultRules
from bwvdock.errors import BwvdockError

ANSWER_SECONDS = 2.0


class Vaults:
    """The vaults of a configuration, as seen by who publishes figures: nothing in them is changed."""

    def __init__(self, config: Config, *, seconds: float = ANSWER_SECONDS) -> None:
        """Describe them; all of them together are waited for so many seconds."""
        self._seconds = seconds
        self._probes = [_Probe(_vault(config, store)) for store in config.vaults]

    def free(self) -> Mapping[str, int]:
        """Return the free bytes of the vaults that are there and answer, by name."""
        until = time.monotonic() + self._seconds
        for probe in self._probes:
            probe.begin()
        return {p.vault.name: free for p in self._probes if (free := p.end(until)) is not None}


def _vault(config: Config, store: DirectoryStore) -> Vault:
    # It makes no vault, wherever the dock itself might.
    rules = VaultRules(mount_always=bool(store.must_be_mount))
    return Vault(store.path, name=store.name, marks=config.vault_marks, rules=rules)


@dataclass(slots=True)
class _Probe:
    vault: Vault
    thread: threading.Thread | None = None
    free: int | None = None

    def begin(self) -> None:
        if self.thread and self.thread.is_alive():
            return
        self.free = None
        self.thread = threading.Thread(target=self._look, name=f"free of {self.vault.name}", daemon=True)
        self.thread.start()

    def end(self, until: float) -> int | None:
        if self.thread is None:
            return None
        self.thread.join(max(0.0, until - time.monotonic()))
        return None if self.thread.is_alive() else self.free

    def _look(self) -> None:
        try:
            with self.vault.open() as vault:
                disk = os.fstatvfs(vault)
        except (BwvdockError, OSError):
            return
        self.free = disk.f_bavail * disk.f_frsize
