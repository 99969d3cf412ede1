"""Are other programs asked with a limit, and is what they answer read, also where they may not look?"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from bwvdock.edges.inspection.kernel_log import read_kernel_log
from bwvdock.edges.inspection.programs import Ran, installed, run
from bwvdock.edges.inspection.smart import read_smart
from bwvdock.edges.inspection.units import Unit, read_units
from bwvdock.errors import NotSeenError


def answering(out: str, *, code: int = 0) -> Callable[..., Ran]:
    return lambda *_, **__: Ran(code=code, out=out, err="")


# --- programs ------------------------------------------------------------------------------------


def test_a_program_is_run_in_plain_words_and_with_no_path_of_the_caller_s(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/evil")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    ran = run("env")
    assert ran.code == 0
    assert "PATH=/usr/sbin:/usr/bin:/sbin:/bin" in ran.out.split("\n")
    assert "LC_ALL=C.UTF-8" in ran.out


def test_a_program_that_is_not_installed_says_how_to_install_it() -> None:
    with pytest.raises(NotSeenError) as found:
        run("no-such-program", package="some-package")
    assert found.value.message == "no-such-program is not installed"
    assert "apt install some-package" in found.value.remedy
    assert installed("no-such-program") == ""


@pytest.mark.slow
def test_a_program_that_hangs_is_killed() -> None:
    with pytest.raises(NotSeenError, match="did not end within"):
        run("sleep", "60", seconds=0.05)


# --- smartctl ------------------------------------------------------------------------------------


def smart(**said: Any) -> str:  # noqa: ANN401 - JSON
    return json.dumps({"smartctl": {"exit_status": 0}, "smart_status": {"passed": True}, **said})


def test_a_sound_disk() -> None:
    found = read_smart("sda", ask=answering(smart()))
    assert (found.passed, found.sectors, found.worn, found.critical) == (True, {}, None, False)


def test_a_disk_that_fails_and_its_sectors() -> None:
    table = [
        {"id": 5, "raw": {"value": 3}},
        {"id": 9, "raw": {"value": 41_000}},  # hours
        {"id": 197, "raw": {"value": 8}},
        {"id": 198, "raw": {"value": 0}},
    ]
    said = smart(smart_status={"passed": False}, ata_smart_attributes={"table": table})
    found = read_smart("sda", ask=answering(said, code=8))
    assert not found.passed
    assert found.sectors == {"reallocated sectors": 3, "pending sectors": 8}


def test_an_nvme_disk() -> None:
    log = {"critical_warning": 4, "percentage_used": 97}
    found = read_smart("nvme0n1", ask=answering(smart(nvme_smart_health_information_log=log)))
    assert (found.critical, found.worn) == (True, 97)


@pytest.mark.parametrize(
    "out,code",
    [
        ("", 0),
        ("not JSON", 0),
        ("[]", 0),
        ("{}", 0),
        ("null", 0),
        ("[" * 100_000, 0),
        (json.dumps({"smart_status": 7}), 0),
        (json.dumps({"smartctl": {"messages": [{"string": "Permission denied"}]}}), 2),
        (json.dumps({"smartctl": {"messages": 7}}), 2),
        (json.dumps({"smartctl": 7}), 1),
    ],
)
def test_a_disk_that_says_nothing_of_itself_was_not_looked_at(out: str, code: int) -> None:
    with pytest.raises(NotSeenError) as found:
        read_smart("sda", ask=answering(out, code=code))
    assert found.value.remedy
    if "Permission" in out:
        assert "Permission denied" in found.value.message


# --- the kernel's log ----------------------------------------------------------------------------


def test_the_kernel_s_lines_with_their_times() -> None:
    out = (
        "1773469800.250000 dock kernel: Linux version 6.1.0\n"
        "1773469801.000000 dock kernel: usb 1-2: x: y kernel: z\n"
        "-- Boot 0123 --\nnonsense\nx dock kernel: y\n"
    )
    first, second = read_kernel_log(ask=answering(out))
    assert first.at == datetime(2026, 3, 14, 6, 30, 0, 250_000, tzinfo=UTC)
    assert (first.text, second.text) == ("Linux version 6.1.0", "usb 1-2: x: y kernel: z")


@pytest.mark.parametrize("out", ["", "-- No entries --\n", "1773469800.25 dock sshd[1]: x\n"])
def test_no_line_at_all_means_that_they_may_not_be_read(out: str) -> None:
    with pytest.raises(NotSeenError, match="may not read"):
        read_kernel_log(ask=answering(out))


# --- units ---------------------------------------------------------------------------------------


def test_units_are_in_the_order_that_they_were_asked_in() -> None:
    out = (
        "Id=b.timer\nLoadState=loaded\nActiveState=failed\nUnitFileState=disabled\nResult=exit-code\n"
        "NeedDaemonReload=yes\n\n"
        "Id=a.service\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\nResult=success\n"
        "NeedDaemonReload=no\n"
    )
    assert read_units(["a.service", "b.timer", "c.socket"], ask=answering(out)) == [
        Unit(name="a.service", load="loaded", active="active", enabled="enabled", result="success"),
        Unit(
            name="b.timer", load="loaded", active="failed", enabled="disabled", result="exit-code", stale=True
        ),
        Unit(name="c.socket", load="not-found", active="", enabled=""),
    ]


def test_where_systemd_does_not_answer_nothing_is_known() -> None:
    with pytest.raises(NotSeenError):
        read_units(["a.service"], ask=answering("", code=1))
