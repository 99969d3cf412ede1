"""Does `bwvdock doctor` say what it found to a person and to a program, whoever asks, whatever is broken?"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from bwvdock import __version__
from bwvdock.cli.doctor.command import examine
from bwvdock.cli.output.console import cells
from bwvdock.cli.output.terminal import safe_streams
from bwvdock.core.visible_text import quoted
from bwvdock.doctor.findings import Check
from bwvdock.doctor.machine import Machine
from bwvdock.doctor.services import UNITS
from bwvdock.edges.inspection.udev_rules import RULES, RulesFile
from bwvdock.errors import MounterUnavailableError, NotSeenError, SignerUnavailableError
from bwvdock.status.values import live_to_json
from tests.cli.docks import Dock
from tests.cli.terminals import typed
from tests.cli.test_status import daemon
from tests.doctor.docks import LIVE, well_dock
from tests.fakes.hostile import FORGED, HOSTILE_AT_ONCE, assert_seen
from tests.fakes.machine import FakeMachine, said, unit
from tests.places import code_for_all, open_to_all

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def well(tmp_path: Path) -> Dock:
    return well_dock(tmp_path)


def checked(dock: Dock, machine: Machine, capsys: Capture, *, quick: bool = False) -> tuple[int, Any]:
    arguments = Namespace(config=str(dock.config.file), json=True, quick=quick)
    with safe_streams():
        code = examine(arguments, machine)
    return code, json.loads(capsys.readouterr().out)


def shown(dock: Dock, machine: Machine, capsys: Capture) -> tuple[int, str]:
    arguments = Namespace(config=str(dock.config.file), json=False, quick=False)
    with safe_streams():
        code = examine(arguments, machine)
    return code, capsys.readouterr().out


def test_a_dock_on_which_all_is_well_is_fit(well: Dock, capsys: Capture) -> None:
    with daemon(well, live_to_json(LIVE)):
        code, found = checked(well, FakeMachine(), capsys)
    assert {row["id"]: row for row in found["checks"] if row["result"] == "error"} == {}
    assert (code, found["fit"], found["dock"], found["version"]) == (0, True, "LEW-03", __version__)
    assert {row["id"] for row in found["checks"]} == set(Check)
    keys = ["id", "subject", "result", "seen", "means", "remedy", "follows_from"]
    assert all(list(row) == keys for row in found["checks"])
    assert sum(found["counts"].values()) == len(found["checks"])


@pytest.mark.slow
def test_an_error_is_1_and_says_what_to_type(well: Dock, capsys: Capture) -> None:
    machine = FakeMachine(mounter=MounterUnavailableError("No answer.", remedy="systemctl start it"))
    with daemon(well, live_to_json(LIVE)):
        code, found = checked(well, machine, capsys)
        assert code == 1
        assert found["fit"] is False
        code, text = shown(well, machine, capsys)
    assert code == 1
    assert re.search(
        r"^ERROR +mounter +No answer\.\n +Only MTP .*\n +-> sudo systemctl start it$", text, re.MULTILINE
    )
    assert "NOT fit for the shift: 1 error (mounter)" in text


@pytest.mark.slow
def test_a_check_that_is_wrong_twice_is_named_once_and_one_that_could_not_look_says_why(
    well: Dock, capsys: Capture
) -> None:
    twice = [said("usb 1-2: device descriptor read/64, error -71"), said("usb 1-3: unable to enumerate")]
    machine = FakeMachine(
        health=NotSeenError("no smartctl", remedy="apt install it"), disks=("sda", "sdb"), log=twice
    )
    with daemon(well, live_to_json(LIVE)):
        _, text = shown(well, machine, capsys)
        _, found = checked(well, machine, capsys)
    unseen = [row["id"] for row in found["checks"] if row["result"] == "not-looked-at"]
    assert unseen.count("disk-health") == 2
    assert len(re.findall(r"^not looked at  disk-health +.*: no smartctl$", text, re.MULTILINE)) == 2
    looked = len({row["id"] for row in found["checks"] if row["result"] != "not-looked-at"})
    assert f"no error found in {looked} checks" in text
    assert f"{len(unseen)} not looked at" in text


def test_a_dock_whose_daemon_is_not_running_is_looked_at_and_is_not_fit(well: Dock, capsys: Capture) -> None:
    code, found = checked(well, FakeMachine(), capsys)
    assert code == 1
    by_id = {row["id"]: row["result"] for row in found["checks"]}
    assert (by_id["daemon"], by_id["destination-credentials"]) == ("error", "not-looked-at")
    assert by_id["udev-rules"] == "ok"


NO_RULES = tuple(RulesFile(name=name, there=False, changed=None) for name in RULES)
SILENT = {
    "mounter": MounterUnavailableError("No mounter.", remedy="systemctl start it"),
    "signer": SignerUnavailableError("No signer.", remedy="systemctl start it"),
}
STOPPED = {name: unit(name, active="inactive") for name in UNITS}
CAUSES: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "not installed": (
        {"users": (), "groups": {}, "rules_are": NO_RULES, "units_are": [], **SILENT},
        {
            "service-user": "",
            **dict.fromkeys(("daemon", "mounter", "signer", "operators", "udev-rules"), "service-user"),
        },
    ),
    "never started": (
        {"units_are": list(STOPPED.values()), **SILENT},
        {"units": "", "daemon": "units", "mounter": "units", "signer": "units"},
    ),
    "the service alone is stopped": (
        {"units_are": [STOPPED["bwvdock.service"]], **SILENT},
        {"units": "", "daemon": "units", "mounter": "", "signer": ""},
    ),
    "the users alone are gone": (
        {"users": (), **SILENT},
        {"service-user": "", "daemon": "", "mounter": "", "signer": ""},
    ),
    "the rules alone are gone": ({"rules_are": NO_RULES}, {"udev-rules": "", "daemon": ""}),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", CAUSES)
def test_what_has_one_cause_is_one_error_and_nothing_is_hidden(
    well: Dock, capsys: Capture, case: str
) -> None:
    fields, wanted = CAUSES[case]
    code, document = checked(well, FakeMachine(**fields), capsys)
    wrong = [row for row in document["checks"] if row["result"] == "error"]
    assert code == 1
    assert {row["id"]: row["follows_from"] for row in wrong} == {**wanted, "destination-reach": ""}
    code, text = shown(well, FakeMachine(**fields), capsys)
    assert code == 1
    assert document["counts"]["error"] == len(wrong)
    for row in wrong:
        assert row["seen"] in text
        assert (row["remedy"] in text) is not bool(row["follows_from"]) or row["remedy"] in str(
            [one["remedy"] for one in wrong if not one["follows_from"]]
        )
    own = sum(not row["follows_from"] for row in wrong)
    assert f"NOT fit for the shift: {own} error" in text
    assert (f"and {len(wrong) - own} that probably follow" in text) is (own < len(wrong))


def test_the_same_words_about_several_checks_are_said_once(well: Dock, capsys: Capture) -> None:
    machine = FakeMachine(log=NotSeenError("no log", remedy="become root"))
    with daemon(well, live_to_json(LIVE)):
        _, text = shown(well, machine, capsys)
    assert re.search(
        r"^not looked at  kernel-usb .*no log\nnot looked at  kernel-disk .*no log\n +-> ", text, re.MULTILINE
    )


@pytest.mark.parametrize(
    "text", ["nonsense", "[dock]\n", '[dock]\nid = "unset"\n', '[dock]\nid="A"\nx = 1\n']
)
def test_a_wrong_configuration_is_78_and_the_rest_is_looked_at(
    well: Dock, capsys: Capture, text: str
) -> None:
    well.config.file.write_text(text)
    code, found = checked(well, FakeMachine(), capsys)
    assert code == 78
    assert found["checks"][0]["id"] == "configuration"
    assert found["checks"][0]["result"] == "error"
    assert {row["id"] for row in found["checks"]} >= {Check.UDEV_RULES, Check.JOURNAL, Check.VERSIONS}


def test_without_a_configuration_no_folder_is_called_the_dock_s(well: Dock, capsys: Capture) -> None:
    well.config.file.write_text("nonsense")
    _, found = checked(well, FakeMachine(), capsys)
    lost = [row for row in found["checks"] if row["seen"].endswith("the configuration cannot be used")]
    assert {row["id"] for row in lost} >= {Check.STATE_DIRECTORY, Check.OPERATORS, Check.FILE_SYSTEM}
    assert all(quoted(str(well.config.file)) in row["remedy"] for row in lost)


def test_quick_contacts_no_store_and_asks_no_disk(well: Dock, capsys: Capture) -> None:
    class Unasked(FakeMachine):
        def contact(self, *_: Any, **__: Any) -> Any:  # noqa: ANN401
            raise AssertionError("a store was contacted")

        def smart(self, disk: str) -> Any:  # noqa: ANN401
            raise AssertionError("a disk was asked")

    with daemon(well, live_to_json(LIVE)):
        code, found = checked(well, Unasked(), capsys, quick=True)
    assert code == 0
    left_out = {row["id"] for row in found["checks"] if "--quick" in row["seen"]}
    again = f"sudo bwvdock doctor --config {quoted(str(well.config.file))}"
    assert {row["remedy"] for row in found["checks"] if "--quick" in row["seen"]} == {again}
    assert left_out >= {"disk-health", "kernel-usb", "destination-certificate"}
    assert {row["result"] for row in found["checks"] if row["id"] in left_out - {"destination-reach"}} == {
        "not-looked-at"
    }


@pytest.mark.slow
@pytest.mark.few(1)
@pytest.mark.parametrize("hostile", HOSTILE_AT_ONCE)
def test_nothing_that_a_probe_says_gets_its_way_with_a_terminal(
    well: Dock, capsys: Capture, hostile: str
) -> None:
    text = HOSTILE_AT_ONCE[hostile]
    machines = [
        FakeMachine(log=[said(f"usb 1-2: device descriptor read/64, error -71 {text}")]),
        FakeMachine(mounter=RuntimeError(text)),
        FakeMachine(mounter=MounterUnavailableError(text, remedy=text)),
        FakeMachine(health=NotSeenError(text, remedy=text)),
        FakeMachine(disks=(text,)),
        FakeMachine(strangers=(text,), groups={"bwvdock": (text,), "bwvdock-operators": (text,)}),
    ]
    for machine in machines:
        code, out = shown(well, machine, capsys)
        assert code == 1
        assert_seen(out)
        assert not re.search(rf"^{FORGED}", out, re.MULTILINE)
        code, document = checked(well, machine, capsys)
        assert code == 1
        assert len(document["checks"]) >= len(Check)


@pytest.mark.slow
@pytest.mark.parametrize("columns", [80, 120])
def test_what_is_shown_fits_the_terminal_but_for_commands(dock: Dock, columns: int) -> None:
    code, lines = typed(("doctor", "--config", str(dock.config.file)), columns)
    assert code == 1  # it is not installed here
    wide = [line for line in lines if cells(line) > columns and not line.lstrip().startswith("->")]
    wide = [line for line in wide if " " in line.strip()]  # a path is never broken
    assert wide == []
    assert "NOT fit for the shift" in "\n".join(lines)


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="to become nobody takes root")
def test_whoever_asks_gets_lines_and_no_traceback(well: Dock) -> None:
    well.config.file.chmod(0o600)
    with open_to_all() as folder:
        environment = code_for_all(folder)
        ended = subprocess.run(
            [sys.executable, "-m", "bwvdock", "doctor", "--json", "--config", str(well.config.file)],
            env=environment,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            user=65534,
            group=65534,
            extra_groups=[],
        )
    assert "Traceback" not in ended.stderr
    assert ended.returncode == 1
    found = json.loads(ended.stdout)
    assert {row["id"] for row in found["checks"]} == set(Check)
    assert found["checks"][0]["result"] == "not-looked-at"
