"""What is seen of the disks on which the dock keeps what is to be encrypted?

Not asked in the dock's own thread: a path's links are followed, which reads a disk.
"""

from __future__ import annotations

from dataclasses import replace

from bwvdock.config.disks import places_to_encrypt
from bwvdock.config.settings import Config
from bwvdock.edges.disk_encryption import disk_encryption
from bwvdock.status.alerts import disks
from bwvdock.status.values import StatusReport


def with_disks(status: StatusReport, config: Config) -> StatusReport:
    """Return a report with the alerts that follow from what is seen of the disks now."""
    seen = {what: disk_encryption(path) for what, path in places_to_encrypt(config).items()}
    alerts = *disks.disk_not_encrypted(seen), *disks.disk_encryption_unseen(seen)
    return replace(status, alerts=(*status.alerts, *alerts))  # warnings: errors stay first
