"""Does footage reach servers elsewhere, all of it and by itself, whatever happens on the way?

The servers run on the host, on loopback, each behind a relay that slows it down and counts; the guest
reaches them at 10.0.2.2. What came of it is read from the servers' own disks.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import pytest

from tests.servers.faults import DOWN, UP, Bandwidth
from tests.servers.process import HOST
from tests.servers.relay import Relay
from tests.servers.s3_swift import S3Swift
from tests.servers.tus import TusServer
from tests.servers.tus_node import TusNode
from tests.servers.tus_python import TusPython
from tests.vm.cameras import MIB, CameraImage, make_vfat
from tests.vm.station import CONFIG, MEMORY_LIMIT, Station
from tests.vm.test_straight import make_tree

HOST_AS_SEEN = "10.0.2.2"
SLOW = 1 * MIB  # bytes per second, of one connection
PIECE = 16 * MIB
PARALLEL = 2
# What each store's acknowledgement is worth: docs/reference/uploads.md
METHODS = {"county": "pieces-checked", "reference": "read-back"}
# KiB beyond the limit of a dock whose footage stays in its vault: what the libraries alone take.
TUS_LIBRARIES = 8 * 1024  # http.client, ssl
S3_LIBRARIES = 24 * 1024  # botocore, with its model of the whole of S3
OVERRIDES = "/etc/systemd/system/bwvdock.service.d"

DOCK = '[dock]\nid = "dock-vm"\n'
# The secret is a credential, whose file is for root's eyes only.
TUS = """
[[destination]]
name = "county"
kind = "tus"
url = "{county}"
bearer_token_file = "county-token"

[[destination]]
name = "reference"
kind = "tus"
url = "{reference}"

[upload]
parallel = {parallel}
"""
# One of the two in a file that the service may read, one as a credential.
S3 = """
[[destination]]
name = "archive"
kind = "s3"
endpoint = "{url}"
bucket = "evidence"
prefix = "bwv"
access_key_file = "/etc/bwvdock/archive.access"
secret_key_file = "archive-secret"
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Store:
    """A tus server and the relay before it."""

    server: TusServer
    relay: Relay

    @property
    def url(self) -> str:
        """Where the guest finds it."""
        return self.relay.through(self.server.url).replace(HOST, HOST_AS_SEEN)

    def sha256(self, found: str) -> str:
        """What stands on its disk under a receipt's object."""
        return self.server.stored_sha256(urljoin(self.server.url, found))

    def held(self) -> int:
        """How many bytes of uploads stand on its disk, whole or not."""
        files = [path for path in self.server.directory.iterdir() if path.suffix not in {".json", ".info"}]
        return sum(path.stat().st_size for path in files)


@pytest.fixture(scope="module")
def stores() -> Iterator[dict[str, Store]]:
    with (
        TusPython() as county,
        TusNode() as reference,
        Relay(county.port) as first,
        Relay(reference.port) as second,
    ):
        yield {
            "county": Store(server=county, relay=first),
            "reference": Store(server=reference, relay=second),
        }


@pytest.fixture(scope="module")
def networked(new_station: Callable[..., Station]) -> Iterator[Station]:
    """A dock with a cable."""
    station = new_station(network=True)
    yield station
    station.dock.remove()


def configure(station: Station, text: str, credentials: dict[str, str]) -> None:
    """Gives a dock another configuration, and secrets by systemd."""
    station.dock.push(CONFIG, (DOCK + text).encode())
    station.dock.run(f"mkdir -p {OVERRIDES}")
    lines = ["[Service]"]
    for name, secret in credentials.items():
        station.dock.push(f"/etc/bwvdock/{name}", f"{secret}\n".encode(), mode=0o600)
        lines.append(f"LoadCredential={name}:/etc/bwvdock/{name}")
    station.dock.push(f"{OVERRIDES}/stores.conf", "\n".join(lines).encode())
    station.dock.run("systemctl daemon-reload && systemctl restart bwvdock", timeout=300)


def make_camera(workshop: Path, name: str, *sizes: int, seed: int) -> CameraImage:
    rng = random.Random(seed)
    clips = {f"DCIM/100BWCAM/BWC_{n:04}.MP4": rng.randbytes(size) for n, size in enumerate(sizes)}
    return make_vfat(workshop / f"{name}.img", make_tree(workshop / name, clips), size=48 * MIB)


def told(station: Station, key: str) -> dict[str, object]:
    """What `status` says of each store."""
    return {store["name"]: store[key] for store in station.status()["destinations"]}


def sent(stores: dict[str, Store]) -> dict[str, int]:
    return {name: store.relay.sent for name, store in stores.items()}


def test_network_lost_then_the_power_cut_in_mid_upload(
    networked: Station, stores: dict[str, Store], workshop: Path, remark: Callable[[str], None]
) -> None:
    station = networked
    station.memory_limit = MEMORY_LIMIT + TUS_LIBRARIES
    urls = {name: store.url for name, store in stores.items()}
    configure(station, TUS.format(parallel=PARALLEL, **urls), {"county-token": "a-token"})
    cameras = {
        "SN-UP-1": make_camera(workshop, "up-1", 21 * MIB + 5, 3 * MIB, seed=41),
        "SN-UP-2": make_camera(workshop, "up-2", 18 * MIB + 7, 2 * MIB + 1, seed=42),
    }
    needed = sum(file.size for camera in cameras.values() for file in camera.files.values())
    for serial in cameras:
        station.enrol(serial)
    station.wait(lambda: told(station, "method") == METHODS, what="both stores were tried out")
    for store in stores.values():
        store.relay.arm(Bandwidth(SLOW, UP), Bandwidth(4 * SLOW, DOWN))
    began = sent(stores)
    with (
        station.docked("SN-UP-1", cameras["SN-UP-1"], bay=1),
        station.docked("SN-UP-2", cameras["SN-UP-2"], bay=20),
    ):
        wait_for_more(station, stores, began, 2 * MIB)
        station.dock.cable(plugged=False)
        for serial in cameras:  # nobody waits for the network
            station.wait_for_state(serial, "safe-to-remove")
        station.wait(lambda: not any(told(station, "reachable").values()), what="both stores are missed")
        assert "destination-unreachable" in station.alerts()
        station.note_memory()
        station.dock.cable(plugged=True)
        wait_for_more(station, stores, sent(stores), 2 * MIB)
        station.dock.power_cut()
        assert any(MIB < store.held() < needed for store in stores.values())  # in mid-upload it was
        for store in stores.values():
            store.relay.arm()
        station.dock.start()
        for serial, camera in cameras.items():
            station.wait_until_stored(serial, len(camera.files))
    for serial, camera in cameras.items():
        prove_everywhere(station, stores, serial, camera)
    for name, bytes_sent in sent(stores).items():
        ratio = (bytes_sent - began[name]) / needed
        remark(f"Sent to {name}, over a lost network and a power cut: {ratio:.2f} of what was needed")
        # Each of the two costs what was under way, a piece for each thread; custody documents come on top.
        assert bytes_sent < needed + 2 * PARALLEL * PIECE + MIB
    station.prove_custody()


def wait_for_more(station: Station, stores: dict[str, Store], before: dict[str, int], more: int) -> None:
    """Waits until every store was sent so many bytes more."""
    station.wait(
        lambda: all(count > before[name] + more for name, count in sent(stores).items()),
        timeout=300,
        what="something more is sent to every store",
    )


def prove_everywhere(station: Station, stores: dict[str, Store], serial: str, camera: CameraImage) -> None:
    """Every file of a camera stands at every store, byte by byte, and its receipts say how that is known."""
    clips = station.clips(serial)
    methods: dict[str, set[str]] = {name: set() for name in METHODS}
    assert sorted(clip["path"] for clip in clips) == sorted(camera.files)
    for clip in clips:
        truth = camera.files[clip["path"]].sha256
        receipts = {receipt["destination"]: receipt for receipt in clip["receipts"]}
        assert sorted(receipts) == sorted(METHODS)
        for name, receipt in receipts.items():
            methods[name].add(receipt["method"])
            assert stores[name].sha256(receipt["object"]) == receipt["sha256"] == clip["sha256"] == truth
    for name, used in methods.items():  # bytes of which the power cut left nothing known are read back
        assert METHODS[name] in used <= {METHODS[name], "read-back"}, (name, used)


def test_a_clip_goes_to_a_bucket_with_what_the_package_brings(networked: Station, workshop: Path) -> None:
    station = networked
    camera = make_camera(workshop, "bucket", 17 * MIB + 3, seed=43)
    with S3Swift() as server:
        server.client().create_bucket(Bucket="evidence")
        station.dock.push("/etc/bwvdock/archive.access", f"{server.access_key}\n".encode(), mode=0o640)
        station.dock.run("chgrp bwvdock /etc/bwvdock/archive.access")
        url = server.url.replace(HOST, HOST_AS_SEEN)
        configure(station, S3.format(url=url), {"archive-secret": server.secret_key})
        station.memory_limit = MEMORY_LIMIT + S3_LIBRARIES
        station.enrol("SN-BUCKET")
        with station.docked("SN-BUCKET", camera, bay=3):
            station.wait_until_stored("SN-BUCKET", 1)
        (clip,) = station.clips("SN-BUCKET")
        (receipt,) = clip["receipts"]
        (truth,) = camera.files.values()
        assert (receipt["destination"], receipt["method"]) == ("archive", "pieces-checked")
        assert server.stored_sha256("evidence", receipt["object"]) == truth.sha256 == receipt["sha256"]
    station.prove_custody()
