"""Does `bwvdock doctor` see each thing that can be broken on a dock, say so, and see that it was mended?

One dock for all of it: something is broken, the row is looked at, and it is put right again.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bwvdock.doctor.findings import Check
from tests.servers.tls import Authority
from tests.vm.breaks import BREAKS, FAILING, KEPT, RESTORED, RULES, SET_BY_HARDWARE, Break
from tests.vm.cameras import MIB, CameraImage, make_vfat
from tests.vm.station import CONFIG, Station
from tests.vm.test_straight import FIXTURES
from tests.vm.usb import Hub, Storage

RELOAD = (
    "udevadm control --reload; udevadm trigger --subsystem-match=usb --subsystem-match=block; udevadm settle"
)
# USBDEVFS_RESET: the kernel writes that it reset the device, as it does for a bad cable.
RESET = """/usr/bin/python3 -c '
import fcntl, glob, os
for place in glob.glob("/sys/bus/usb/devices/*/serial"):
    if open(place).read().strip() == "SN-DOCTOR":
        above = os.path.dirname(place)
        bus, number = (int(open(f"{above}/{n}").read()) for n in ("busnum", "devnum"))
        fcntl.ioctl(os.open(f"/dev/bus/usb/{bus:03}/{number:03}", os.O_WRONLY), 0x5514)
'"""
# A store that lets nobody in, and whose clock is wrong by an hour.
STORE = """
import ssl, time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, HTTPServer
class Denying(BaseHTTPRequestHandler):
    def answer(self):
        self.send_response_only(401)
        self.send_header("Date", formatdate(time.time() + 3600, usegmt=True))
        self.send_header("Content-Length", "0")
        self.end_headers()
    do_HEAD = do_OPTIONS = do_POST = do_GET = answer
server = HTTPServer(("127.0.0.1", 8443), Denying)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/root/store.pem", "/root/store.key")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""
# A tus server that takes everything, also what has a wrong digest, and gives nothing back.
TAKING = """
from http.server import BaseHTTPRequestHandler, HTTPServer
kept = []
class Taking(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def say(self, status, **headers):
        self.send_response_only(status)
        for name, value in {"tus-resumable": "1.0.0", "content-length": 0, **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
    def taken(self):
        return len(self.rfile.read(int(self.headers.get("content-length", 0))))
    def do_OPTIONS(self):
        self.say(204, tus_version="1.0.0", tus_extension="creation")
    def do_POST(self):
        self.taken()
        kept.append([0, int(self.headers["upload-length"])])
        self.say(201, location=f"/files/{len(kept) - 1}")
    def do_HEAD(self):
        offset, length = kept[int(self.path.rpartition("/")[2])]
        self.say(200, upload_offset=offset, upload_length=length, cache_control="no-store")
    def do_PATCH(self):
        place = int(self.path.rpartition("/")[2])
        kept[place][0] += self.taken()
        self.say(204, upload_offset=kept[place][0])
    def do_GET(self):
        self.say(404)
HTTPServer(("127.0.0.1", 8444), Taking).serve_forever()
"""
BOROUGH = """
[[destination]]
name = "borough"
kind = "tus"
url = "http://localhost:8444/files/"
"""
COUNTY = """
[[destination]]
name = "county"
kind = "tus"
url = "https://localhost:8443/files/"
ca_file = "/etc/bwvdock/authority.pem"
"""


def rows(station: Station, check: str) -> list[dict[str, str]]:
    """Return what doctor says of one check, asked as root."""
    return [row for row in doctor(station)["checks"] if row["id"] == check]


def doctor(station: Station, *, rc: tuple[int, ...] = (0, 1, 78), user: str = "root") -> dict[str, Any]:
    ended = station.run("doctor --json", user=user, check=False)
    assert ended.rc in rc, ended.stderr
    assert "Traceback" not in ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


@pytest.fixture(scope="module", name="examined")
def _examined(new_station: Callable[..., Station]) -> Iterator[Station]:
    """A dock of its own: its clock is set, and its units are stopped."""
    station = new_station()
    station.dock.run(KEPT)
    station.dock.run(SET_BY_HARDWARE)
    station.dock.push("/root/smartctl", FAILING.encode(), mode=0o755)
    yield station
    station.dock.remove()


@pytest.fixture(scope="module")
def camera(workshop: Path) -> CameraImage:
    return make_vfat(workshop / "doctor.img", FIXTURES / "generic-dcf", size=48 * MIB)


def test_a_dock_as_it_is_installed_is_fit(examined: Station, remark: Callable[[str], None]) -> None:
    found = doctor(examined)
    assert [row for row in found["checks"] if row["result"] == "error"] == []
    assert found["fit"] is True
    by_id = {row["id"]: row for row in found["checks"]}
    assert by_id["disk-health"]["seen"] == "not looked at: smartctl is not installed"
    assert by_id["udev-applied"]["result"] == "not-looked-at"
    assert by_id["disk-encryption"]["result"] == "warning"  # the guest's disk is plain
    for check in ("units", "mounter", "signer", "udev-rules", "state-directory", "daemon", "file-system"):
        assert by_id[check]["result"] == "ok", by_id[check]
    others = sorted({f"{row['id']} {row['result']}" for row in found["checks"] if row["result"] != "ok"})
    remark(f"Not ok on a dock as installed: {', '.join(others)}")


# What no command in BREAKS breaks: the scenario that sees it red.
ELSEWHERE = {
    Check.DISK_ENCRYPTION: "test_a_dock_as_it_is_installed_is_fit",
    Check.DESTINATION_CERTIFICATE: "test_a_store_that_lets_nobody_in...",
    Check.DESTINATION_CLOCK: "the same",
    Check.DESTINATION_CREDENTIALS: "the same",
    Check.DESTINATION_REACH: "the same",
    Check.DESTINATION_TRIAL: "test_a_store_that_takes_everything_proves_nothing",
    Check.KERNEL_DISK: "test_bad_disk.py: test_a_disk_that_fails_below_journal_and_spool",
    Check.KERNEL_USB: "test_a_camera_shows_whether_the_rules_are_in_force_and_the_port_is_fast",
    Check.UDEV_APPLIED: "the same",
    Check.USB_PORTS: "test_a_camera_on_a_hub_of_usb_1_is_too_slow",
}


def test_every_check_is_seen_red() -> None:
    assert sorted([*{broken.check for broken in BREAKS}, *ELSEWHERE]) == sorted(Check)


@pytest.fixture(scope="module")
def mended(examined: Station) -> list[dict[str, Any]]:
    """All that doctor said, the latest last: what it says after one break is mended is so before the next."""
    return [doctor(examined)]


@pytest.mark.parametrize("broken", BREAKS, ids=lambda one: f"{one.check} {one.says}")
def test_what_is_broken_is_seen_and_that_it_was_mended(
    examined: Station, mended: list[dict[str, Any]], broken: Break
) -> None:
    def hits(found: dict[str, Any]) -> list[dict[str, str]]:
        of_check = [row for row in found["checks"] if row["id"] == broken.check]
        return [row for row in of_check if row["result"] == broken.result and broken.says in row["seen"]]

    assert hits(mended[-1]) == []
    examined.dock.run(broken.breaks, timeout=300)
    try:
        found = doctor(examined)
        for _ in range(1, broken.tries):
            if not hits(found):
                examined.dock.run(broken.breaks, timeout=300)
                found = doctor(examined)
        assert hits(found), [row for row in found["checks"] if row["id"] == broken.check]
        [hit, *_] = hits(found)
        assert hit["remedy"]
        assert hit["means"]
    finally:
        examined.dock.run(broken.mends, timeout=300)
        mended.append(doctor(examined))
    assert hits(mended[-1]) == []


def test_a_camera_shows_whether_the_rules_are_in_force_and_the_port_is_fast(
    examined: Station, camera: CameraImage
) -> None:
    examined.dock.run(f"mv {RULES} /root/; {RELOAD}")
    with examined.docked("SN-DOCTOR", camera, bay=3) as name:
        examined.dock.disk(name)
        [row] = rows(examined, "udev-applied")
        assert (row["result"], "not marked" in row["seen"]) == ("error", True)
        examined.dock.run(f"mv /root/60-bwvdock.rules {RULES}; touch {RULES}; {RELOAD}")
        [row] = rows(examined, "udev-applied")
        assert row["result"] == "ok"
        [row] = rows(examined, "usb-ports")
        assert row["result"] == "ok"
        assert [row["result"] for row in rows(examined, "kernel-usb")] == ["ok"]
        examined.dock.run(RESET)
        examined.dock.disk(name)
        [row] = rows(examined, "kernel-usb")
        assert (row["result"], "reset" in row["seen"]) == ("warning", True), row


def test_a_camera_on_a_hub_of_usb_1_is_too_slow(examined: Station, camera: CameraImage) -> None:
    """QEMU's hub is one of USB 1, with a power supply."""
    examined.dock.plug(Hub(name="hub", bay=5))
    try:
        slow = Storage(name="sn-slow", image=camera.path, serial="SN-SLOW", bay=5, hub_port=1)
        examined.dock.plug(slow)
        examined.dock.disk("sn-slow")
        [row] = rows(examined, "usb-ports")
        assert (row["result"], "12 Mbit/s" in row["seen"]) == ("warning", True), row
    finally:
        for name in ("sn-slow", "hub"):
            if name in examined.dock.plugged:
                examined.dock.unplug(name)


def test_a_store_that_lets_nobody_in_with_a_wrong_clock_and_an_old_certificate(
    examined: Station, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    store = authority.sign("store", days=9)
    dock = examined.dock
    dock.push("/etc/bwvdock/authority.pem", authority.ca_file.read_bytes())
    dock.push("/root/store.pem", store.certificate.read_bytes())
    dock.push("/root/store.key", store.key.read_bytes())
    dock.push("/root/store.py", STORE.encode())
    dock.push(CONFIG, dock.pull(CONFIG) + COUNTY.encode())
    try:
        dock.run("systemctl restart bwvdock", timeout=300)
        examined.wait(lambda: of_county(examined, "destination-reach")["result"] == "error", what="no store")
        dock.run("systemd-run --quiet --unit=store /usr/bin/python3 /root/store.py")
        examined.wait(lambda: of_county(examined, "destination-reach")["result"] == "ok", what="a store")
        certificate = of_county(examined, "destination-certificate")
        assert (certificate["result"], "days" in certificate["seen"]) == ("warning", True), certificate
        clock = of_county(examined, "destination-clock")
        assert (clock["result"], "ahead" in clock["seen"]) == ("error", True), clock
        assert of_county(examined, "destination-trial")["result"] == "not-looked-at"
        denied = "destination-credentials"
        examined.wait(lambda: of_county(examined, denied)["result"] == "error", what="it is denied")
    finally:
        dock.run(f"systemctl stop store; {RESTORED}; systemctl restart bwvdock", timeout=300)


def test_a_store_that_takes_everything_proves_nothing(examined: Station) -> None:
    dock = examined.dock
    dock.push("/root/taking.py", TAKING.encode())
    dock.push(CONFIG, dock.pull(CONFIG) + BOROUGH.encode())

    def trial() -> dict[str, str]:
        [row] = [row for row in rows(examined, "destination-trial") if row["subject"] == "borough"]
        return row

    try:
        dock.run("systemd-run --quiet --unit=taking /usr/bin/python3 /root/taking.py")
        dock.run("systemctl restart bwvdock", timeout=300)
        examined.wait(lambda: trial()["result"] == "error", what="it proves nothing")
        assert "cannot prove that a copy is complete" in trial()["seen"]
    finally:
        dock.run(f"systemctl stop taking; {RESTORED}; systemctl restart bwvdock", timeout=300)


def of_county(station: Station, check: str) -> dict[str, str]:
    [row] = [row for row in rows(station, check) if row["subject"] == "county"]
    return row


def test_whoever_asks_is_answered(examined: Station) -> None:
    """Ann is an operator; both see the dock running or not, as far as they may."""
    examined.dock.run("useradd -G bwvdock-operators ann")
    for command, running in (("start", True), ("stop", False)):
        examined.dock.run(f"systemctl {command} bwvdock", timeout=300)
        for user in ("ann", "nobody"):
            found = doctor(examined, rc=(0, 1), user=user)
            by_id = {row["id"]: row for row in found["checks"]}
            assert by_id["mounter"]["result"] == "not-looked-at"
            assert by_id["kernel-usb"]["result"] == "not-looked-at"
            if user == "ann":
                assert by_id["daemon"]["result"] == ("ok" if running else "error")
            else:
                assert by_id["daemon"]["result"] != "ok"
    examined.dock.run("systemctl start bwvdock", timeout=300)


def test_a_helper_that_starts_slowly_is_waited_for(examined: Station) -> None:
    """The first one to ask it has it started."""
    drop_in = "/run/systemd/system/bwvdock-mounter.service.d/slow.conf"
    unit = "[Service]\\nExecStartPre=/usr/bin/sleep 12\\n"
    examined.dock.run(f"mkdir -p $(dirname {drop_in}) && printf '{unit}' >{drop_in}")
    examined.dock.run("systemctl daemon-reload && systemctl stop bwvdock-mounter.service")
    try:
        assert [(row["result"], row["seen"]) for row in rows(examined, "mounter")] == [("ok", "it answers")]
    finally:
        examined.dock.run(f"rm {drop_in} && systemctl daemon-reload")


def test_the_daemon_checks_itself_raises_an_alert_and_ends_it(examined: Station) -> None:
    examined.dock.run("systemctl stop bwvdock-mounter.socket bwvdock-mounter.service")
    try:
        examined.systemctl("reload")  # a restart would start the socket again
        examined.wait(lambda: "dock-not-fit" in examined.alerts(), timeout=600, what="the alert")
        assert "mounter" in examined.alerts()["dock-not-fit"]["message"]
    finally:
        examined.dock.run("systemctl start bwvdock-mounter.socket")
    examined.systemctl("reload")
    examined.wait(lambda: "dock-not-fit" not in examined.alerts(), what="the alert is over")
    entries = examined.log("EVENT=dock_checked")
    assert [entry["FIT"] for entry in entries][-2:] == ["false", "true"]
    examined.prove_custody()
