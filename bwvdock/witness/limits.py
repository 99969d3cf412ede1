"""How many requests may one client make for one log, and how many connections may there be?"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

BURST = 30
PER_SECOND = 1.0
_MOST_BUCKETS = 4096


def host_of(address: str) -> str:
    """Return what is counted as one client: an address of IPv4, or the /64 of one of IPv6.

    A host on IPv6 may use any address of its /64, so each of them would be another client.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(found), 64), strict=False))


@dataclass(slots=True)
class RateLimits:
    """A bucket of `burst` requests for each log and client, filled at `per_second`.

    By client, because a checkpoint is not secret: who sends a log's old ones again must not use up what the
    log itself may send. The least recently used buckets are forgotten.
    """

    burst: int = BURST
    per_second: float = PER_SECOND
    monotonic: Callable[[], float] = time.monotonic
    _buckets: OrderedDict[tuple[str, str], tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, origin: str, client: str) -> float:
        """Take one request; return 0 if it may pass, else the seconds until the next may."""
        client = host_of(client)
        with self._lock:
            now = self.monotonic()
            tokens, then = self._buckets.pop((origin, client), (float(self.burst), now))
            tokens = min(float(self.burst), tokens + (now - then) * self.per_second)
            passes = tokens >= 1
            self._buckets[origin, client] = (tokens - passes, now)
            while len(self._buckets) > _MOST_BUCKETS:
                self._buckets.popitem(last=False)
            return 0.0 if passes else (1 - tokens) / self.per_second


@dataclass(slots=True)
class Connections:
    """Counts connections: of all clients, and of each address that is not this machine's own."""

    most: int = 128
    most_of_one: int = 16
    _all: int = 0
    _of: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def one(self, address: str) -> Iterator[bool]:
        """Count one more while inside; say whether it may stay."""
        local = address in {"127.0.0.1", "::1", "::ffff:127.0.0.1"}  # a proxy, for all of its clients
        address = host_of(address)
        with self._lock:
            self._all += 1
            self._of[address] += 1
            stays = self._all <= self.most and (local or self._of[address] <= self.most_of_one)
        try:
            yield stays
        finally:
            with self._lock:
                self._all -= 1
                self._of[address] -= 1
                if not self._of[address]:
                    del self._of[address]
