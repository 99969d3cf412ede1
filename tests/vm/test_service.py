"""Is bwvdock a good service: does it stop, reload, log and report as systemd and operators expect?"""

import json
import random
from pathlib import Path

import pytest

from tests.vm import attempts
from tests.vm.cameras import MIB, make_vfat
from tests.vm.station import CONFIG, STATE, SYNCHRONISE_CLOCK, Station, footage
from tests.vm.test_straight import FIXTURES, make_tree
from tests.vm.test_torn import read_on


def test_stopped_in_mid_copy_it_ends_without_finishing_it_and_goes_on_after_the_start(
    station: Station, workshop: Path
) -> None:
    size = 40 * MIB
    clip = {"DCIM/100BWCAM/BWC_0001.MP4": random.Random(19).randbytes(size)}
    camera = make_vfat(workshop / "stopped.img", make_tree(workshop / "stopped", clip), size=48 * MIB)
    station.enrol("SN-STOPPED")
    with station.docked("SN-STOPPED", camera, bay=22, bytes_per_second=4 * MIB) as name:
        read_on(station, name, 20 * MIB)
        station.dock.throttle(name, MIB // 2)  # not done before it is stopped
        station.note_memory()
        station.systemctl("stop")
        # As systemd saw it: to run a command takes the emulated machine seconds at times.
        began, ended = (
            int(station.systemctl(f"show -p {when}TimestampMonotonic --value").stdout)
            for when in ("ActiveExit", "InactiveEnter")
        )
        # A dock takes less than 5 s; an emulated one on a busy machine longer, and the copy would take 40 s.
        assert 0 < ended - began < 15_000_000
        assert station.systemctl("show -p Result --value").stdout == "success\n"
        assert station.run("status", check=False).rc == 3
        station.dock.throttle(name, None)
        station.systemctl("start")
        station.wait_for_state("SN-STOPPED", "safe-to-remove")
        station.wait_until_stored("SN-STOPPED", 1)
    (stored,) = station.prove_stored("SN-STOPPED", footage(camera))
    (acquired,) = station.history(stored["id"], "clip_acquired")
    assert acquired["parts"][0]["resumed_at"] > 12 * MIB
    assert acquired["parts"][0]["resumed_at"] + acquired["parts"][0]["read_bytes"] == size
    station.prove_custody()


def test_reload_reads_admission_again_and_keeps_it_where_the_file_is_wrong(
    station: Station, workshop: Path
) -> None:
    before = station.daemon()
    camera = make_vfat(workshop / "reload.img", FIXTURES / "generic-dcf", size=48 * MIB)
    station.dock.run(f"cp {CONFIG} /root/right.toml; sed -i 's/^mode = .*/mode = \"any\"/' {CONFIG}")
    try:
        station.systemctl("reload")
        station.wait(lambda: station.log("EVENT=config_reloaded") != [], what="it was read again")
        with station.docked("SN-NEVER-ENROLLED", camera):
            station.wait_for_state("SN-NEVER-ENROLLED", "safe-to-remove")
        station.dock.run(f"echo 'nonsense' >>{CONFIG}")
        station.systemctl("reload")
        station.wait(lambda: station.log("EVENT=config_rejected") != [], what="the mistake is in the log")
        looked = station.run("status", check=False)  # by the daemon's configuration, which is said
        assert looked.rc in {0, 1}
        assert "config check" in looked.stderr
    finally:
        station.dock.run(f"cp /root/right.toml {CONFIG}")
        station.systemctl("reload")
    station.wait(lambda: "config-rejected" not in station.alerts(), what="the alert is over")
    with station.docked("SN-UNKNOWN-AGAIN", camera):
        station.wait_for_state("SN-UNKNOWN-AGAIN", "refused")
    assert station.daemon() == before
    station.wait_until_stored("SN-NEVER-ENROLLED", 5)
    station.prove_custody()


def test_every_event_of_a_clip_has_native_fields_in_the_log(station: Station, workshop: Path) -> None:
    camera = make_vfat(workshop / "logged.img", FIXTURES / "generic-dcf", size=48 * MIB)
    station.enrol("SN-LOGGED")
    with station.docked("SN-LOGGED", camera):
        station.wait_for_state("SN-LOGGED", "safe-to-remove")
        station.wait_until_stored("SN-LOGGED", 5)
    docking = station.dockings("SN-LOGGED")[0]["id"]
    for clip in station.clips("SN-LOGGED"):
        told = f"CLIP={clip['id']}"
        station.wait(lambda told=told: station.log(told, "EVENT=clip_described") != [], what="all is said")
        events = station.log(told)
        assert [e["EVENT"] for e in events] == [
            "clip_found",
            "copy_intended",
            "clip_acquired",
            "clip_dated",
            "clip_attributed",
            "upload_begun",
            "clip_uploaded",
            "clip_verified",
            "clip_described",
        ]
        facts = [e for e in events if e["EVENT"] != "upload_begun"]
        assert {(e["CAMERA"], e["DOCKING"]) for e in facts} == {("SN-LOGGED", docking)}
    ends = [e["EVENT"] for e in station.log("CAMERA=SN-LOGGED", f"DOCKING={docking}") if "CLIP" not in e]
    assert ends == [
        "camera_attached",
        "camera_authorised",
        "camera_listed",
        "camera_settled",
        "camera_detached",
    ]
    station.prove_custody()


def test_systemd_is_told_how_it_is_and_that_it_lives(station: Station) -> None:
    def told(what: str) -> str:
        return station.systemctl(f"show -p {what} --value").stdout.strip()

    first = told("WatchdogTimestampMonotonic")
    assert int(first) > 0
    station.wait(lambda: told("WatchdogTimestampMonotonic") != first, what="the watchdog is fed")
    station.wait(lambda: told("StatusText") != "", what="a line for systemctl status")
    assert "deliver" in told("StatusText")
    assert told("NRestarts") == "0"
    for unit in ("bwvdock", "bwvdock-mounter.socket", "bwvdock-signer.socket"):
        assert station.systemctl("is-active", unit).stdout == "active\n"
    assert station.dock.run("systemctl --failed --plain --no-legend").stdout == ""
    # Nothing that the daemon may do is more than it needs.
    assert told("User") == "bwvdock"
    status = station.dock.run(f"grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/{station.daemon()}/status")
    assert status.stdout.split() == ["CapEff:", "0" * 16, "NoNewPrivs:", "1", "Seccomp:", "2"]


# What each service may do of all that is attempted: what it is for, and files in memory, which the log needs.
MAY = {
    "bwvdock": {
        "write to the state directory",
        "read the journal",
        "see the interfaces of the network",
        "open an Internet socket",
        "open a netlink socket",
        "run from memory",
    },
    "bwvdock-verify": {"write to the state directory", "read the journal", "run from memory"},
    "bwvdock-witness": {"open an Internet socket", "run from memory"},
    "bwvdock-screen": {"open an Internet socket"},
    "bwvdock-badge-reader": set[str](),
    "bwvdock-mounter": {"open a camera's disk to write"},
    "bwvdock-signer": set[str](),
}
# What the user bwvdock may do where no unit confines it: these are refused by the unit alone.
UNCONFINED = {
    "see other processes",
    "attach to a process",
    "read the memory of a process",
    "compare processes",
    "make a user namespace",
    "mount a file system",
    "use io_uring",
    "use the keyring",
    "handle faults of memory",
    "change its personality",
    "set the clock",
    "set the set-user-id bit",
    "make memory that is written and run",
    "run what it wrote",
    "map what it wrote",
    "open a socket to the kernel's ciphers",
}
ATTEMPTS = "/usr/local/lib/attempts.py"
# What starts, awaits or repeats something else than the attempts.
NOT_THE_SANDBOX = "|".join(
    (
        *("Type", "NotifyAccess", "ExecStart", "ExecStartPre", "ExecStopPost", "ExecReload"),
        *("WatchdogSec", "Restart[A-Za-z]*", "SuccessExitStatus"),
    )
)


def attempted_in(station: Station, unit: str) -> set[str]:
    """What succeeds in the sandbox of a unit, for its user."""
    run = f"Type=oneshot\\nExecStart=/usr/bin/python3 -I {ATTEMPTS}\\nStandardOutput=truncate:/run/attempted"
    edit = f"sed -E -e '/^({NOT_THE_SANDBOX})=/d' -e 's|^\\[Service\\]|&\\n{run}|'"
    place = f"/run/systemd/system/attempts-{unit}.service"
    station.dock.run(f"{edit} /usr/lib/systemd/system/{unit}.service >{place} && systemctl daemon-reload")
    station.systemctl("start", f"attempts-{unit}")
    return set(json.loads(station.dock.run("cat /run/attempted").stdout))


def test_a_service_that_was_taken_over_may_do_what_it_is_for_and_nothing_else(
    station: Station, workshop: Path
) -> None:
    camera = make_vfat(workshop / "attempts.img", FIXTURES / "generic-dcf", size=48 * MIB)
    station.dock.push(ATTEMPTS, Path(attempts.__file__).read_bytes())
    with station.docked("SN-ATTEMPTS", camera) as name:
        assert station.dock.disk(name) == "sda"
        assert {unit: attempted_in(station, unit) for unit in MAY} == MAY
    swap = "/sys/fs/cgroup/system.slice/bwvdock.service/memory.swap.max"
    assert station.dock.run(f"cat {swap}").stdout == "0\n"
    alone = station.dock.run(f"runuser -u bwvdock -- /usr/bin/python3 -I {ATTEMPTS}").stdout
    assert set(json.loads(alone)) >= UNCONFINED


def test_the_journal_is_signed_with_a_key_that_the_daemon_cannot_read(station: Station) -> None:
    station.run("custody checkpoint --out /root/kept")
    assert "checkpoints-not-signed" not in station.alerts()
    verified = station.run("custody verify --journal-only --checkpoint /root/kept")
    assert "1 outside checkpoint agrees with the journal." in verified.stdout
    places = "/etc/credstore.encrypted/bwvdock-custody.key /var/lib/bwvdock-signer/custody.key"
    assert station.dock.run(f"ls {places} 2>/dev/null", check=False).stdout.count("\n") == 1, "one key"
    for place in places.split():
        assert station.dock.run(f"runuser -u bwvdock -- cat {place}", check=False).rc != 0
    user = station.dock.run("systemctl show -p User --value bwvdock-signer").stdout
    assert user == "bwvdock-signer\n"


def test_a_killed_daemon_leaves_no_light_that_says_safe(station: Station, workshop: Path) -> None:
    camera = make_vfat(workshop / "lit.img", FIXTURES / "generic-dcf", size=48 * MIB)
    told, program = f"{STATE}/lights", "/usr/local/bin/dock-light"
    drop_in = "/run/systemd/system/bwvdock.service.d"
    station.dock.push(program, f'#!/bin/sh\necho "$@" >>{told}\n'.encode(), mode=0o755)
    station.dock.run(f"cp {CONFIG} /root/unlit.toml; printf '[light]\\nexec = [\"{program}\"]\\n' >>{CONFIG}")

    def lines() -> list[str]:
        return station.dock.run(f"cat {told}", check=False).stdout.splitlines()

    station.enrol("SN-LIT")
    try:
        station.systemctl("restart")
        with station.docked("SN-LIT", camera):
            station.wait_for_state("SN-LIT", "safe-to-remove")
            station.wait(lambda: lines()[-1:] != [] and lines()[-1].endswith(" safe"), what="it says safe")
            before, killed = lines(), station.daemon()
            station.dock.run(f"mkdir -p {drop_in}; printf '[Service]\\nRestart=no\\n' >{drop_in}/once.conf")
            station.systemctl("daemon-reload", "")
            station.dock.run(f"kill -KILL {killed}")
            station.wait(lambda: lines() == [*before, "all not-known"], what="no light says anything")
            assert station.daemon() == 0
    finally:
        station.dock.run(f"rm -rf {drop_in}; cp /root/unlit.toml {CONFIG}")
        station.systemctl("daemon-reload", "")
        station.systemctl("restart")
    station.prove_custody()


@pytest.mark.extra
def test_switched_off_with_the_signer_the_last_checkpoint_is_signed(station: Station) -> None:
    everything = "bwvdock bwvdock-signer.socket bwvdock-signer bwvdock-mounter.socket bwvdock-mounter"
    station.note_memory()
    station.systemctl("stop", everything)  # at once, as when the machine is switched off
    try:
        assert "Dock shut down" in station.log_text()
        assert station.log("EVENT=checkpoint_failed") == []
        entries = json.loads(station.run("custody verify --journal-only --json").stdout)["entries"]
        signed = station.dock.run(
            "journalctl -q -b -u bwvdock-signer -o cat | grep '^signed: ' | tail -1"
        ).stdout
        assert signed.endswith(f" with {entries} entries\n")
    finally:
        station.systemctl("start", "bwvdock-signer.socket bwvdock-mounter.socket bwvdock")
    station.prove_custody()


def test_commands_with_their_modules_in_memory_end_as_those_that_a_shell_starts(station: Station) -> None:
    """What most scenarios rely on (guest/commands.py), for the sake of time."""
    for command in ("clips list --json", "config check", "clips show NONE", "status --no-such-option", ""):
        started = station.dock.run(f"bwvdock {command}", check=False)
        told = station.run(command, check=False)
        assert (told.rc, told.stdout, told.stderr) == (started.rc, started.stdout, started.stderr)


def test_the_service_may_ask_whether_the_clock_is_kept(station: Station) -> None:
    """Dates and disposal hang on it. This guest has no time service: the test says what one would say."""
    station.wait(lambda: "clock-not-synchronised" in station.alerts(), what="the clock is not kept")
    station.dock.run(SYNCHRONISE_CLOCK)
    station.wait(lambda: "clock-not-synchronised" not in station.alerts(), what="the service sees that it is")
