"""Does the role for Ansible make a dock of a Debian, and change nothing the second time?

Ansible itself runs in the guest, with its own files beside it; there is no network.
"""

import io
import json
import re
import tarfile
from pathlib import Path

import pytest

from tests.vm.cameras import MIB, make_vfat
from tests.vm.dock import VirtualDock
from tests.vm.image import VirtualDockError
from tests.vm.install import built_deb
from tests.vm.station import Station
from tests.vm.test_straight import FIXTURES

ROOT = Path(__file__).parents[2]
SITE_PACKAGES = ROOT / "build/ansible/venv/lib/python3.11/site-packages"
# ansible-core and what it needs to run a play without a vault.
MODULES = ("ansible", "jinja2", "markupsafe", "yaml", "_yaml", "packaging", "resolvelib")
ROLE = ROOT / "packaging/ansible/bwvdock"
PLAY = ROOT / "tests/packaging/ansible/play.yml"
RUN = """cd /opt/ansible && export HOME=/root LC_ALL=C.UTF-8 PYTHONPATH=/opt/ansible/lib && \
python3 -m ansible.cli.playbook -i localhost, -e ansible_python_interpreter=/usr/bin/python3 \
-e bwvdock_package=/root/{deb} play.yml 2>&1"""


def put_ansible(dock: VirtualDock) -> None:
    """Put Ansible, the role, a play and the package on a dock."""
    if not SITE_PACKAGES.exists():
        raise VirtualDockError("Ansible is not installed; type: make build/ansible/.is-in")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as archive:
        for name in MODULES:
            archive.add(SITE_PACKAGES / name, f"lib/{name}")
        for metadata in SITE_PACKAGES.glob("*.dist-info"):  # Ansible asks which version of Jinja it has
            archive.add(metadata, f"lib/{metadata.name}")
        archive.add(ROLE, "roles/bwvdock")
        archive.add(PLAY, "play.yml")
    dock.push("/root/ansible.tar.gz", packed.getvalue())
    dock.run(
        "mkdir /opt/ansible && tar -xzf /root/ansible.tar.gz --no-same-owner -C /opt/ansible", timeout=300
    )
    dock.push(f"/root/{built_deb().name}", built_deb().read_bytes())


def play(dock: VirtualDock) -> int:
    """Have the play carried out; return how much it changed."""
    said = dock.run(RUN.format(deb=built_deb().name), timeout=1800, check=False)
    assert said.rc == 0, said.stdout
    [changed] = re.findall(r"changed=(\d+) .*failed=0", said.stdout)
    return int(changed)


@pytest.mark.extra
def test_a_role_makes_a_dock_once(bare_dock: VirtualDock, workshop: Path) -> None:
    dock, station = bare_dock, Station(bare_dock)
    put_ansible(dock)
    dock.run("useradd ann")
    assert play(dock) >= 8
    shown = station.status()["dock"]
    assert (shown["id"], shown["site"], shown["running"]) == ("LEW-03", "Lewisham", True)
    modes = dock.run("stat -c '%a %U %G' /etc/bwvdock/county.token /srv/vault").stdout.splitlines()
    assert modes[0] == "640 root bwvdock"
    assert "bwvdock-operators" in dock.run("id -nG ann").stdout.split()

    camera = make_vfat(workshop / "role.img", FIXTURES / "generic-dcf", size=48 * MIB)
    with station.docked("BC3-0017542", camera, bay=3):
        station.wait_for_state("BC3-0017542", "safe-to-remove")
        station.wait_until_stored("BC3-0017542", 5)

    dock.run("bwvdock cameras revoke BC3-0017543 --reason lost")
    before = station.daemon()
    assert play(dock) == 0
    assert station.daemon() == before  # it was not restarted
    rows = {row["serial"]: row for row in json.loads(dock.run("bwvdock cameras list --json").stdout)}
    assert rows["BC3-0017543"]["revoked"] == "lost"
    assert dock.run("grep -r secret-of-the-county /var/log /tmp", check=False).stdout == ""
