"""Is a dock's disk encrypted, and opened by its TPM at each start, with what the how-to has typed?

A PC with a TPM (swtpm) and a second disk. Each block of the page is typed as it is written, and each question
that a command asks is answered as the page says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.docs.order import Step, steps
from tests.docs.terminal import Answer
from tests.vm.cameras import MIB, CameraImage, make_vfat
from tests.vm.reader import Answers, Reader
from tests.vm.station import CONFIG, STATE, Station, footage
from tests.vm.test_straight import FIXTURES
from tests.vm.tpm import Tpm

pytestmark = pytest.mark.extra  # two cold starts of the guest, and Argon2 on an emulated processor

PAGE = "docs/how-to/encrypt-the-disk.md"
SERIAL, ALERT = "SN-SEALED", "disk-not-encrypted"
DISK = "/dev/sdb1"  # as the page has it
PASSPHRASE = "for an hour"  # noqa: S105 - of nobody
RECOVERY_KEY = re.compile(r"\b(?:[cbdefghijklnrtuv]{8}-){7}[cbdefghijklnrtuv]{8}\b")  # modhex
WRITTEN_DOWN: list[str] = []  # the recovery key
# A store that writes down what it is given for a name, and takes nothing.
STORE = """
from http.server import BaseHTTPRequestHandler, HTTPServer
class Asking(BaseHTTPRequestHandler):
    def answer(self):
        with open("/run/authorizations", "a") as file:
            file.write(self.headers.get("Authorization", "none") + "\\n")
        self.send_response(503)
        self.end_headers()
    do_HEAD = do_OPTIONS = do_POST = do_GET = answer
HTTPServer(("127.0.0.1", 8080), Asking).serve_forever()
"""
COUNTY = """
[[destination]]
name = "vault"
kind = "directory"
path = "/var/lib/bwvdock/vault"

[[destination]]
name = "county"
kind = "tus"
url = "http://127.0.0.1:8080/files/"
bearer_token_file = "county-token"
"""


@pytest.fixture(scope="module", name="sealed")
def _sealed(new_station: Callable[..., Station], workshop: Path) -> Iterator[Station]:
    """A dock with a TPM, and with two more disks: the second is the page's."""
    disks = (workshop / "other.disk", workshop / "sealed.disk")
    for disk in disks:
        with disk.open("wb") as file:
            file.truncate(12 * 1024 * MIB)  # sparse; 5 GiB of it are kept free
    station = new_station(more_disks=disks, tpm=Tpm(workshop / "tpm"))
    station.dock.run("echo ',,L' | sfdisk --quiet /dev/sdb && udevadm settle")
    station.enrol(SERIAL)
    yield station
    station.dock.remove()


@pytest.fixture(scope="module")
def camera(workshop: Path) -> CameraImage:
    return make_vfat(workshop / "sealed.img", FIXTURES / "generic-dcf", size=48 * MIB)


@pytest.fixture(scope="module")
def reader(sealed: Station) -> Reader:
    reader = Reader(sealed.dock)
    sealed.dock.run("adduser ann bwvdock-operators")
    return reader


# A part of each block of the page, in its order.
BLOCKS = (
    "luksFormat",
    "--test-passphrase",
    "/etc/crypttab",
    "cp -a /var/lib/bwvdock/.",
    "--wipe-slot=tpm2",
    "luksAddKey",
    "systemd-creds encrypt",
    "systemd-creds decrypt",
    "sudo rm /etc/bwvdock/county.token",
)


def test_all_blocks_of_the_page_are_typed_here() -> None:
    assert [s.block for s in steps(PAGE)] == [step_with(part).block for part in BLOCKS]


def step_with(command: str) -> Step:
    """Return the one step of the page in which something is typed."""
    assert command in BLOCKS
    [found] = [s for s in steps(PAGE) if s.block and command in s.block.text]
    return found


def typed(reader: Reader, command: str, answers: Answers | None = None) -> str:
    """Type a block of the page as it is written; return what it shows."""
    faults = reader.faults(step_with(command), answers)
    if faults:
        pytest.fail("\n\n".join(faults), pytrace=False)
    return reader.said


def hidden(question: str, answer: str) -> list[Answer]:
    return [(question, answer, True)]


def test_as_the_page_says_it_is_encrypted_opened_and_used(
    sealed: Station, reader: Reader, camera: CameraImage
) -> None:
    assert ALERT in sealed.alerts()
    current = hidden("current passphrase", PASSPHRASE)
    new = [
        ("Are you sure", "YES", False),
        *hidden("Enter passphrase", PASSPHRASE),
        *hidden("Verify passphrase", PASSPHRASE),
    ]
    shown = typed(
        reader,
        "luksFormat",
        {"luksFormat": new, "--recovery-key": current, "--tpm2-device": current},
    )
    found = RECOVERY_KEY.search(shown)
    assert found, shown
    key = found[0]
    WRITTEN_DOWN.append(key)
    typed(reader, "--test-passphrase", {"--test-passphrase": hidden("Enter passphrase", key)})
    assert sorted(tokens(sealed)) == ["systemd-recovery", "systemd-tpm2"]
    uuid = sealed.dock.run(f"cryptsetup luksUUID {DISK}").stdout.strip()
    reader.knows({"THE-UUID": uuid}, ())
    typed(reader, "/etc/crypttab")
    typed(reader, "cp -a /var/lib/bwvdock/.")
    assert sealed.dock.run(f"findmnt -n -o SOURCE {STATE}").stdout.strip() == "/dev/mapper/bwvdock-state"
    sealed.wait(lambda: ALERT not in sealed.alerts(), what="the alert has gone")
    with sealed.docked(SERIAL, camera):
        sealed.wait_for_state(SERIAL, "safe-to-remove")
        sealed.wait_until_stored(SERIAL, 5)
    sealed.prove_stored(SERIAL, footage(camera, "DCIM/"))
    errors = [row for row in sealed.ask("doctor --quick")["checks"] if row["result"] == "error"]
    assert [row for row in errors if row["id"] in {"disk-encryption", "disk-room"}] == []
    sealed.dock.run("sync")

    sealed.dock.power_cut()
    sealed.dock.start()
    sealed.wait(lambda: sealed.daemon() > 0, what="the daemon runs")
    assert sealed.dock.run(f"findmnt -n -o SOURCE {STATE}").stdout.strip() == "/dev/mapper/bwvdock-state"
    assert ALERT not in sealed.alerts()
    sealed.prove_stored(SERIAL, footage(camera, "DCIM/"))
    sealed.prove_custody()

    # The TPM is enrolled again, with what was written down.
    before = tokens(sealed)["systemd-tpm2"]
    typed(reader, "--wipe-slot=tpm2", {"--tpm2-device": hidden("current passphrase", key)})
    assert tokens(sealed)["systemd-tpm2"]["tpm2-blob"] != before["tpm2-blob"]
    check = f"cryptsetup open --test-passphrase --disable-external-tokens {DISK}"
    assert sealed.dock.run(f"echo wrong | {check}", check=False, timeout=300).rc == 2


def test_without_a_tpm_a_key_in_a_file_opens_it(sealed: Station, reader: Reader) -> None:
    """After the scenario above, with the recovery key that was written down there."""
    [key] = WRITTEN_DOWN
    typed(reader, "luksAddKey", {"luksAddKey": hidden("existing passphrase", key)})
    file = "/etc/cryptsetup-keys.d/bwvdock-state.key"
    sealed.dock.run(f"cryptsetup open --test-passphrase --key-file {file} {DISK}", timeout=300)


def tokens(station: Station) -> dict[str, dict[str, str]]:
    """Return who opens the disk beside passphrases, by the kind."""
    shown = json.loads(station.dock.run(f"cryptsetup luksDump --dump-json-metadata {DISK}").stdout)
    return {token["type"]: token for token in shown["tokens"].values()}


@pytest.mark.parametrize("chip", ["tpm", "no-tpm"])
def test_a_stores_secret_that_this_machine_alone_can_read_is_what_the_daemon_sends(
    request: pytest.FixtureRequest, new_station: Callable[..., Station], chip: str
) -> None:
    """With the TPM, and with the key in a file on the machine."""
    station = request.getfixturevalue("sealed") if chip == "tpm" else new_station()
    reader = request.getfixturevalue("reader") if chip == "tpm" else Reader(station.dock)
    dock = station.dock
    dock.push("/root/store.py", STORE.encode())
    dock.run("systemd-run --quiet --unit=store /usr/bin/python3 /root/store.py")
    dock.run("echo secret-of-the-county >/etc/bwvdock/county.token && adduser ann bwvdock-operators")
    dock.push(CONFIG, dock.pull(CONFIG) + COUNTY.encode())
    typed(reader, "systemd-creds encrypt")
    sealed_secret = dock.pull("/etc/credstore.encrypted/county-token")
    assert b"secret-of-the-county" not in sealed_secret
    if chip == "tpm":  # systemd takes it by itself where the firmware has one too, which QEMU's has not
        by_tpm = "systemd-creds encrypt --with-key=tpm2 --name=county-token"
        dock.run(f"{by_tpm} /etc/bwvdock/county.token /etc/credstore.encrypted/county-token")
    typed(reader, "systemd-creds decrypt")
    typed(reader, "sudo rm /etc/bwvdock/county.token")
    dock.run("systemctl restart bwvdock", timeout=300)
    dock.run("rm -f /run/authorizations")
    station.wait(
        lambda: "secret" in dock.run("cat /run/authorizations", check=False).stdout, what="the store is asked"
    )
    assert set(dock.run("cat /run/authorizations").stdout.split("\n")) == {"Bearer secret-of-the-county", ""}
    if chip == "no-tpm":
        dock.remove()
