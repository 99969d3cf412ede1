"""Which keys does the table [metrics] have, and are their values valid?

They say where the dock's figures are published for a monitoring system. Without the table they are not.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path

from bwvdock.config.stores import absolute
from bwvdock.config.toml_table import Table, instead, line, whole

Address = tuple[str, int]
"""An IP address and a port."""

_SUFFIX = ".prom"  # what the node exporter reads in its folder
_FORM = re.compile(r"(?:\[([0-9a-fA-F:]+)\]|([0-9.]+)):([0-9]{1,5})")


@dataclass(frozen=True, kw_only=True, slots=True)
class MetricsSettings:
    """Where figures are published, and after how many seconds anew; None for what is not given."""

    textfile: Path | None = None
    listen: Address | None = None
    interval_seconds: int = 15

    @property
    def wanted(self) -> bool:
        """Whether figures are published anywhere."""
        return self.textfile is not None or self.listen is not None


NO_METRICS = MetricsSettings()


def read_metrics(table: Table, state_dir: Path) -> MetricsSettings:
    """Return what [metrics] says; mistakes are recorded in the table.

    Args:
        table: the table in the file.
        state_dir: the dock's own folder, which nobody else may read and nothing else is written to.
    """
    metrics = MetricsSettings(
        textfile=table.take("textfile", textfile, None),
        listen=table.take("listen", loopback, None),
        interval_seconds=table.take("interval_seconds", whole(5, 3600), 15),
    )
    if metrics.textfile and metrics.textfile.is_relative_to(state_dir):
        table.wrong("textfile", "is in the state directory, which others may not read", "use another folder")
    table.nothing_else()
    return metrics


def textfile(value: object) -> Path:
    """Parse the path of a file that the node exporter reads."""
    path = absolute(value)
    if path.suffix != _SUFFIX or path.name == _SUFFIX:
        raise instead(f"end the file's name with {_SUFFIX}: the node exporter reads no other file")
    return path


def loopback(value: object) -> Address:
    """Parse an address of this machine alone, and a port."""
    wrong = instead('write a loopback address and a port, such as "127.0.0.1:9632" or "[::1]:9632"')
    found = _FORM.fullmatch(line(value))
    if not found:
        raise wrong
    try:
        address = ipaddress.ip_address(found[1] or found[2])
    except ValueError:
        raise wrong from None
    port = int(found[3])
    if not address.is_loopback or not 1 <= port <= 65535:
        raise wrong
    return str(address), port
