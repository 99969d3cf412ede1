"""Are the units as tight as we say?"""

from __future__ import annotations

import ipaddress
import re
import shutil
import subprocess

import pytest

from tests.architecture.tree import ROOT

# Exposure as systemd-analyze rates it, times ten. Lower is tighter; comparable daemons of Debian 12 stand
# between 29 (usbguard) and 96 (udisks2). The mounter holds CAP_SYS_ADMIN, which is what it is for.
LIMITS = {
    "bwvdock.service": 12,
    "bwvdock-mounter.service": 13,
    "bwvdock-signer.service": 4,
    "bwvdock-witness.service": 11,
    "bwvdock-screen.service": 11,
    "bwvdock-badge-reader.service": 6,
    "bwvdock-verify.service": 4,
}


def test_every_service_has_a_limit() -> None:
    assert {unit.name for unit in (ROOT / "systemd").glob("*.service")} == set(LIMITS)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
@pytest.mark.parametrize("unit", LIMITS)
def test_a_service_is_no_more_exposed_than_we_say(unit: str) -> None:
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={LIMITS[unit]}", unit],
        cwd=ROOT / "systemd",
        check=False,
        capture_output=True,
        text=True,
    )
    assert rated.returncode == 0, rated.stdout + rated.stderr


@pytest.mark.parametrize("unit", LIMITS)
def test_a_service_takes_no_more_of_the_machine_than_we_say(unit: str) -> None:
    """Whatever a camera, a store or a client makes it do."""
    lines = (ROOT / "systemd" / unit).read_text(encoding="utf-8").splitlines()
    said = {line.partition("=")[0] for line in lines}
    assert {"MemoryMax", "TasksMax", "LimitNOFILE"} <= said


@pytest.mark.parametrize("unit", LIMITS)
def test_what_no_rating_counts_is_there_too(unit: str) -> None:
    """In the virtual dock it is attempted; without one it is only read."""
    lines = (ROOT / "systemd" / unit).read_text(encoding="utf-8").splitlines()
    assert {"MemorySwapMax=0", "SystemCallErrorNumber=EPERM"} <= {*lines}
    refused = " ".join(line.partition("=~")[2] for line in lines if line.startswith("SystemCallFilter=~"))
    groups = {"@aio", "@keyring", "@setuid", "@chown", "@memlock", "@mount", "@debug"}
    assert groups <= {*refused.split()}


@pytest.mark.parametrize("unit", LIMITS)
def test_nothing_is_run_from_where_a_service_may_write(unit: str) -> None:
    """What a unit mounts by another line does not count as below /."""
    lines = (ROOT / "systemd" / unit).read_text(encoding="utf-8").splitlines()
    said = [(name, value) for name, _, value in (line.partition("=") for line in lines)]
    writable = {"/tmp", "/var/tmp"}
    if ("User", "root") not in said:  # whom ExecPaths= would let write to /usr
        assert ("ExecPaths", "/usr") in said
        writable.add("/")
    writable |= {f"/var/lib/{value}" for name, value in said if name == "StateDirectory"}
    writable |= {f"/run/{value}" for name, value in said if name == "RuntimeDirectory"}
    named = [path for name, value in said if name == "ReadWritePaths" for path in value.split()]
    writable |= {path.lstrip("-") for path in named}
    [refused] = [line.partition("=")[2].split() for line in lines if line.startswith("NoExecPaths=")]
    assert writable - {"/sys/devices"} == {path.lstrip("-") for path in refused}


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_understands_every_line() -> None:
    units = [path for kind in ("service", "socket", "timer") for path in (ROOT / "systemd").glob(f"*.{kind}")]
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, sorted(units))],
        check=False,
        capture_output=True,
        text=True,
    )
    wrong = [line for line in checked.stderr.splitlines() if "is not executable" not in line]
    assert wrong == []


def test_the_driver_of_disks_is_loaded_before_systemd_looks_up_which_the_mounter_may_open() -> None:
    """Otherwise a dock that starts from another kind of disk refuses its first camera."""
    lines = (ROOT / "systemd" / "bwvdock-mounter.service").read_text(encoding="utf-8").splitlines()
    assert "DeviceAllow=block-sd rw" in lines
    assert {"Wants=modprobe@sd_mod.service", "After=modprobe@sd_mod.service"} <= {*lines}


@pytest.mark.parametrize("unit", LIMITS)
def test_no_core_of_a_service_is_ever_written(unit: str) -> None:
    """It would hold footage, personal data and the stores' secrets."""
    lines = (ROOT / "systemd" / unit).read_text(encoding="utf-8").splitlines()
    assert "LimitCORE=0" in lines


def test_figures_reach_the_node_exporters_folder_and_this_machine() -> None:
    """`[metrics]`: the file that the documentation shows, and a loopback address."""
    lines = (ROOT / "systemd" / "bwvdock.service").read_text(encoding="utf-8").splitlines()
    said = [line.partition("=")[::2] for line in lines if "=" in line and not line.startswith("#")]
    shown = (ROOT / "packaging" / "bwvdock.toml").read_text(encoding="utf-8")
    [textfile] = re.findall(r'^# textfile = "(.*)/[^/]*\.prom"$', shown, re.MULTILINE)
    assert f"-{textfile}" in [
        path for key, value in said if key == "ReadWritePaths" for path in value.split()
    ]
    families = [value.split() for key, value in said if key == "RestrictAddressFamilies"]
    assert {"AF_INET", "AF_INET6"} <= set(families[0])
    allowed = [
        ipaddress.ip_network(n) for key, value in said if key == "IPAddressAllow" for n in value.split()
    ]
    for address in ("127.0.0.1", "::1"):
        assert any(ipaddress.ip_address(address) in network for network in allowed)
    assert not [key for key, _ in said if key.startswith("SocketBind")]
