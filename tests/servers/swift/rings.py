"""Writes Swift's three rings: one copy of everything, on one device. Runs in the servers' environment.

Arguments: folder, host, then KIND=PORT for each ring.
"""

from __future__ import annotations

import sys

from swift.common.ring import RingBuilder

folder, host, *rings = sys.argv[1:]
for kind, port in (ring.split("=") for ring in rings):
    builder = RingBuilder(part_power=4, replicas=1, min_part_hours=0)
    device = {"region": 1, "zone": 1, "ip": host, "port": int(port), "device": "sda1", "weight": 1.0}
    builder.add_dev(device | {"replication_ip": host, "replication_port": int(port), "meta": ""})
    builder.rebalance()
    builder.get_ring().save(f"{folder}/{kind}.ring.gz")
