"""What does somebody read who plans a dock, and what of an input that cannot be?"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.cli import main
from bwvdock.cli.output.console import cells
from bwvdock.cli.plan import values, words
from bwvdock.cli.plan.parser import OPTIONS
from bwvdock.core.planning import figures
from bwvdock.core.planning.station import StoreKind
from bwvdock.errors import UsageError
from tests.cli.scale_page import PAGE, commands, renewed
from tests.cli.terminals import typed

WRONG = values.Wrong("option", "8GB")

pytestmark = pytest.mark.usefixtures("without_configuration")


@pytest.fixture
def without_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Plan without what this machine's own dock is configured as."""
    monkeypatch.delenv("BWVDOCK_CONFIG", raising=False)


def planned(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str, str]:
    ended = main(["plan", *options])
    shown = capsys.readouterr()
    return ended, shown.out, shown.err


def as_json(capsys: pytest.CaptureFixture[str], *options: str) -> Any:  # noqa: ANN401 - any JSON
    ended, out, _ = planned(capsys, "--json", *options)
    document = json.loads(out)
    assert ended == (0 if document["works"] else 1)
    return document


# --- sizes and rates ---


@pytest.mark.parametrize(
    "text,size",
    [
        ("8GB", 8 * 10**9),
        ("8 GB", 8 * 10**9),
        ("5GiB", 5 * 2**30),
        ("1.5TB", 15 * 10**11),
        ("2PB", 2 * 10**15),
    ],
)
def test_sizes_as_they_are_sold(text: str, size: int) -> None:
    assert values.size(1)(text, WRONG) == size


@pytest.mark.parametrize(
    "text,rate",
    [
        ("100Mbit", 12_500_000),
        ("100 Mbit/s", 12_500_000),
        ("0.5Mbit", 62_500),
        ("40MB/s", 40 * 10**6),
        ("1Gbit", 125 * 10**6),
        ("10MiB/s", 10 * 2**20),
    ],
)
def test_rates_as_they_are_sold(text: str, rate: int) -> None:
    assert values.rate(text, WRONG) == rate


@pytest.mark.parametrize("text", ["100", "100M", "100Mb", "100Mb/s", "100Mbps", "1G", "100Mibit"])
def test_a_rate_that_may_be_bits_or_bytes_is_refused_with_what_to_type(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        values.rate(text, WRONG)
    [offered] = re.findall(r"--option (\S+)", caught.value.remedy)
    assert values.rate(offered, WRONG) > 0


@pytest.mark.parametrize("text", ["8", "8G", "8Gb", "8gb"])
def test_a_size_without_its_unit_is_refused_with_what_to_type(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        values.size(1)(text, WRONG)
    [offered] = re.findall(r"--option (\S+)", caught.value.remedy)
    assert values.size(1)(offered, WRONG) == 8 * 10**9


_HOSTILE = (
    *(
        "",
        " ",
        "0",
        "-1",
        "-8GB",
        "nan",
        "NaN",
        "inf",
        "1e9",
        "1e999",
        "9" * 400,
        "9" * 400 + "GB",
        "٤٠",
        "4_0",
    ),
    *(
        "\x1b[31m",
        "0GB",
        "0bit",
        "0.0Mbit",
        "101%",
        "-5%",
        "25:00",
        "07:00=0",
        "07:00=-1",
        "07:00=",
        "=5",
        "7",
    ),
    *(
        "22:00-22:00",
        "22:00",
        "-",
        "usb9",
        "s4",
        "None",
        "999999999999PB",
        "99999999Gbit",
        "1000000000",
        "1/0",
    ),
)


@pytest.mark.few(3)
@pytest.mark.parametrize("option", [option.name for option in OPTIONS])
def test_a_hostile_value_is_refused_with_what_to_type(
    capsys: pytest.CaptureFixture[str], option: str
) -> None:
    for text in _HOSTILE:
        if (option, text) in _ALLOWED:
            continue
        ended, out, err = planned(capsys, f"--{option}={text}")
        assert (ended, out) == (2, ""), text
        assert "bwvdock plan --" in err.splitlines()[-1], text
        assert "Traceback" not in err
        assert len(err) < 500
        assert "\x1b" not in err


_ALLOWED = {
    ("shift", "22:00"),
    *(("hub-ports", "0"), ("outage-days", "0"), ("evidence", "0"), ("evidence", "7"), ("min-free", "0GB")),
    *(
        (name, "7")
        for name in ("cameras", "ports", "hub-ports", "parallel", "retention-days", "evidence-days")
    ),
    *((name, "7") for name in ("outage-days", "docks")),
}


def remedy_of(read: Callable[[str, values.Wrong], object], text: str) -> str:
    try:
        read(text, WRONG)
    except UsageError as error:
        return error.remedy
    return "bwvdock plan"


@given(text=st.text(max_size=12))
def test_no_text_is_more_than_refused(text: str) -> None:
    readers = (values.size(1), values.rate, values.port_rate, values.whole(1, 9), values.percent, values.span)
    for read in (*readers, values.shift, values.hours, values.store):
        assert "bwvdock plan" in remedy_of(read, text)


def test_what_fits_no_dock_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for options in (
        ("--cameras", "100000", "--shift", "1:00"),
        ("--shift", "07:00", "--shift", "07:00"),
        ("--clip", "1kB", "--per-shift", "1TB"),
        (
            "--shift",
            "01:00",
            "--shift",
            "02:00",
            "--shift",
            "03:00",
            "--shift",
            "04:00",
            "--cameras",
            "100000",
        ),
        ("--svg", "/nowhere/at/all.svg"),
        ("--svg", "/"),
    ):
        ended, out, err = planned(capsys, *options)
        assert (ended, out) == (2, ""), options
        assert "bwvdock plan" in err


# --- what is said ---


@pytest.mark.slow
def test_a_plan_that_works(capsys: pytest.CaptureFixture[str]) -> None:
    ended, out, err = planned(capsys)
    assert (ended, err) == (0, "")
    assert out.splitlines()[-1] == "The plan works."


@pytest.mark.slow
def test_a_plan_that_does_not_work_says_what_would(capsys: pytest.CaptureFixture[str]) -> None:
    ended, out, _ = planned(capsys, "--uplink", "60Mbit", "--ports", "10", "--disk", "4TB")
    assert ended == 1
    assert "The uplink needs 35.6 hours for a day's footage and has 24" in out
    offered = re.findall(r"with (--[a-z]+) ([0-9.]*[0-9](?:[A-Za-z]+(?:/s)?)?)", out)
    assert [option for option, _ in offered] == ["--ports", "--uplink", "--disk"]
    ended, out, _ = planned(capsys, *[word for pair in offered for word in pair], "--outage-days", "0")
    assert (ended, out.splitlines()[-1]) == (0, "The plan works.")


@pytest.mark.slow
@pytest.mark.parametrize("columns", [80, 120])
def test_it_fits_a_terminal(columns: int) -> None:
    options = (
        "--ports",
        "20",
        "--hub-ports",
        "7",
        "--uplink-hours",
        "20:00-06:00",
        "--evidence",
        "10%",
        "--docks",
        "32",
    )
    ended, lines = typed(["plan", *options], columns)
    assert ended == 1
    assert [line for line in lines if cells(line) > columns] == []
    assert any("95 %" in line for line in lines)


def test_json_has_what_was_planned_and_where_each_figure_is_from(capsys: pytest.CaptureFixture[str]) -> None:
    document = as_json(capsys, "--cameras", "12", "--shift", "06:00", "--shift", "18:00=3")
    assert [(s["at"], s["cameras"]) for s in document["shifts"]] == [("06:00", 12), ("18:00", 3)]
    for shift in document["shifts"]:
        assert 0 < shift["first_safe"] <= shift["half_safe"] <= shift["safe_95_percent"] <= shift["last_safe"]
        assert shift["last_safe"] < shift["all_proven"]
    assert document["from"]["cameras"] == "typed"
    assert document["from"]["disk"] == "default"
    assert [figure["value"] for figure in document["figures"]] == [figure.value for figure in figures.ALL]


@pytest.mark.slow
def test_a_configuration_gives_defaults(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "bwvdock.toml"
    file.write_text(
        f"""[dock]
id = "LEW-03"
state_dir = "{tmp_path}"
[upload]
parallel = 5
limit = "80 Mbit/s"
[[upload.window]]
from = "22:00"
to = "06:00"
limit = "none"
[retention]
non_evidential_days = 10
[spool]
min_free = "1 GiB"
[[destination]]
name = "county"
kind = "tus"
url = "https://evidence.example.org/files/"
[[destination]]
name = "copy"
kind = "directory"
path = "/srv/copy"
required = false
"""
    )
    document = as_json(capsys, "--config", str(file), "--retention-days", "9", "--uplink", "400Mbit")
    station = document["planned"]
    assert station["stores"] == [StoreKind.TUS_READ_BACK]
    assert (station["parallel"], station["retention_days"], station["min_free"]) == (5, 9, 2**30)
    assert [(h["start"] // 3600, h["rate"]) for h in station["hours"]] == [
        (0, 50 * 10**6),
        (6, 10**7),
        (22, 50 * 10**6),
    ]
    assert document["configuration"] == str(file)
    assert {document["from"][name] for name in ("store", "parallel", "min_free", "disk")} == {"configuration"}
    assert document["from"]["retention_days"] == "typed"


def test_a_configuration_that_is_wrong_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert planned(capsys, "--config", str(tmp_path / "none.toml"))[0] == 78


@pytest.mark.slow
def test_the_picture_is_one_file_that_needs_no_other(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "plan.svg"
    assert planned(capsys, "--svg", str(file), "--ports", "9")[0] == 0
    text = file.read_text()
    root = ET.fromstring(text)  # noqa: S314 - our own
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert not re.search(r"href|url\(|@import|<script|http(?!://www.w3.org/2000/svg)", text)
    assert "prefers-color-scheme: dark" in text
    shown = "".join(root.itertext())
    for word in (
        "not safe yet",
        "not proven yet",
        "Bytes on the disk",
        "The plan works",
        "120 cameras a day",
    ):
        assert word in shown
    right = float(root.get("width", "0"))
    for path in root.iter("{http://www.w3.org/2000/svg}path"):
        numbers = [float(n) for n in re.findall(r"[MH]([0-9.]+)", path.get("d", ""))]
        assert all(0 <= n <= right for n in numbers)


@pytest.mark.parametrize(
    "seconds,shown",
    [(0, "0 s"), (99, "99 s"), (100, "2 min"), (5999, "100 min"), (6000, "1 h 40 min"), (259_200, "3 days")],
)
def test_times(seconds: int, shown: str) -> None:
    assert words.length(seconds) == shown


@given(rate=st.integers(1000, 10**12))
def test_what_would_do_is_enough_and_can_be_typed(rate: int) -> None:
    assert rate <= values.rate(words.least_line(rate), WRONG) <= rate * 1.11 + 1000 or rate > 9 * 10**11
    assert rate <= values.size(1)(words.least_disk(rate), WRONG) <= rate * 1.11 + 1000


# --- a force on paper ---


@pytest.mark.slow
def test_a_hundred_thousand_cameras_are_answered(capsys: pytest.CaptureFixture[str]) -> None:
    document = as_json(
        capsys, "--cameras", "100000", "--docks", "1", "--shift", "07:00", "--per-shift", "1MB"
    )
    assert document["shifts"][0]["cameras"] == 100_000


@pytest.mark.slow
def test_what_the_explanation_shows_is_what_the_command_prints() -> None:
    """`python -m tests.cli.scale_page` writes it anew."""
    page = PAGE.read_text(encoding="utf-8")
    assert len(commands(page)) == page.count("$ bwvdock plan") >= 5
    assert renewed(page) == page
    assert renewed(page.replace("SHIFT", "SHIFTS")) == page, "else it would be blind"
