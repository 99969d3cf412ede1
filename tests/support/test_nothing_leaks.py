"""Is any name, serial, path or secret of a dock in a support bundle, in whatever encoding?

Drawn texts are put wherever such a thing can be: in the configuration, in the status of a daemon, in the
journal, in every field of every line of the log, in what devices and checks say. Then every byte of the
unpacked bundle is searched for them.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import sqlite3
import tarfile
from base64 import b32encode, b64encode
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bwvdock.config.settings import Config, load
from bwvdock.core.facts import FACT_TYPES, CameraEnrolled
from bwvdock.doctor.findings import Check, Finding, Result
from bwvdock.edges.journal import open_journal
from bwvdock.edges.usbtree import UsbDevice, UsbInterface
from bwvdock.errors import StorageError
from bwvdock.status.alerts import Alert, AlertCode
from bwvdock.support import machine
from bwvdock.support.bundle import Bundle, archive, collect
from bwvdock.support.configuration import configuration
from bwvdock.support.journal import journal
from bwvdock.support.log_lines import log_lines
from bwvdock.support.status import doctor, status
from tests.cli.docks import take, used_dock
from tests.extent import EXTENT, Extent
from tests.fakes.clock import FakeClock
from tests.fakes.journals import lay_empty_journal

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ALPHABET = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
# Not a word of ours, whatever is drawn: hypothesis tries the words of the program, too.
SECRETS = st.lists(
    st.text(ALPHABET, min_size=9, max_size=24).map(lambda text: f"{text[:4]}7Q{text[4:]}"),
    min_size=12,
    max_size=12,
    unique_by=str.casefold,
)
EXAMPLES = {Extent.CHECK: 5, Extent.TEST: 30, Extent.NIGHTLY: 300}[EXTENT]


def encodings(value: str) -> Iterator[bytes]:
    """Return what somebody who looks for a value would look for."""
    raw = value.encode()
    for text in (value, value[::-1], value.upper(), value.lower(), json.dumps(value)[1:-1], quote(value)):
        yield from (text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be"))
    for data in (raw, value.encode("utf-16-le")):
        yield from (data.hex().encode(), data.hex().upper().encode(), b32encode(data).rstrip(b"="))
        for shift in range(3):  # base64 has three forms, by what comes before
            middle = b64encode(bytes(shift) + data)[4:-4]
            yield from ([middle] if len(middle) > 7 else [])
    for name in ("md5", "sha1", "sha256"):
        digest = hashlib.new(name, raw)
        yield from (digest.hexdigest().encode(), digest.digest())


def unpacked(bundle: Bundle) -> bytes:
    """Return every byte of a bundle as somebody has it who unpacks it: the archive, names and contents."""
    packed = archive(bundle, "bwvdock-support", now=NOW)
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        contents = [tar.extractfile(member) for member in tar.getmembers()]
        texts = [file.read() for file in contents if file is not None]
    return b"\0".join([packed, gzip.decompress(packed), *texts])


class Texts:
    """Gives drawn texts out, again and again."""

    def __init__(self, drawn: list[str]) -> None:
        self._drawn, self._next = drawn, 0

    def __call__(self) -> str:
        self._next += 1
        return self._drawn[self._next % len(self._drawn)]


def config_with(folder: Path, text: Texts) -> Config:
    """Return a configuration with a text in each place for one."""
    state = folder / f"state-{text()}"
    state.mkdir(parents=True, exist_ok=True)
    file = folder / f"{text()}.toml"
    file.write_text(
        f'[dock]\nid = "{text()}"\nsite = "{text()}"\nstate_dir = "{state}"\n'
        f'[[source]]\nkind = "folder"\npath = "/srv/{text()}"\nserial = "{text()}"\n'
        f'[[destination]]\nname = "{text()}a"\nkind = "tus"\n'
        f'url = "https://{text()}.example.org:8443/{text()}/"\nbearer_token_file = "/etc/{text()}"\n'
        f'headers = {{ X-Force = "{text()}" }}\n'
        f'[[destination]]\nname = "{text()}b"\nkind = "s3"\nendpoint = "https://{text()}.example.org"\n'
        f'bucket = "{text().lower()}"\nregion = "eu-west-2"\naccess_key_file = "/etc/{text()}"\n'
        f'secret_key_file = "/etc/{text()}"\nprefix = "{text()}/"\n'
        f'[[destination]]\nname = "{text()}c"\nkind = "directory"\npath = "{folder}/vault-{text()}"\n'
        f'[custody]\norigin = "police.example.org/{text()}"\npolicy = "/etc/{text()}"\n'
        f'timestamp_url = "https://{text()}.example.org/"\n'
        f'[metrics]\ntextfile = "/srv/{text()}.prom"\n',
        encoding="utf-8",
    )
    return load(file)


def status_with(text: Texts) -> dict[str, Any]:
    """Return a status document whose every text is one of the drawn."""
    from bwvdock.status import values  # noqa: PLC0415 - all its classes are asked for

    def filled(kind: type) -> dict[str, Any]:
        return {field.name: text() for field in fields(kind)} | {"state": "copying", "clips_total": 7}

    kinds = {
        "dock": values.DockStatus,
        "queue": values.Queue,
        "spool": values.SpoolUse,
        "journal": values.JournalStatus,
    }
    assert all(is_dataclass(kind) for kind in kinds.values())
    lists = {"cameras": values.LiveCamera, "destinations": values.LiveDestination, "alerts": Alert}
    return {
        **{name: filled(kind) for name, kind in kinds.items()},
        **{name: [filled(kind) for _ in range(3)] for name, kind in lists.items()},
        "clips": {text(): 3, "verified": 4},
        text(): text(),
    }


FIELDS = (
    "MESSAGE",
    "EVENT",
    "CODE",
    "SEVERITY",
    "REASON",
    "REMEDY",
    "CAMERA",
    "CLIP",
    "DOCKING",
    "DESTINATION",
    "SERIAL",
    "ACTOR",
    "OFFICER",
    "PATH",
    "PRIORITY",
    "_SYSTEMD_UNIT",
    "_HOSTNAME",
    "_CMDLINE",
    "_MACHINE_ID",
    "MESSAGE_ID",
    "UNIT",
)


def lines_with(text: Texts) -> Iterator[dict[str, Any]]:
    """Yield lines of a log with a drawn text in each field, and as a field's name."""
    for event in ("ready", "camera_attached", text()):
        line: dict[str, Any] = {name: text() for name in FIELDS}
        trace = "Traceback (most recent call last):\n"
        trace += f'  File "/srv/{text()}/bwvdock/log.py", line 7, in {text()}\n'
        trace += f'  File "/x/bwvdock/{text().lower()}.py", line 9, in main\nValueError: {text()}\n{text()}\n'
        figures = {
            "SIZE": "77",
            "BYTES": "78",
            "COUNT": text() + "x",
            "__REALTIME_TIMESTAMP": "1772366400000000",
        }
        yield line | {"EVENT": event, "EXCEPTION": trace, text(): text()} | figures


def devices_with(text: Texts) -> Iterator[UsbDevice]:
    interface = UsbInterface(number=0, code=text(), name=text(), driver=text(), endpoints=())
    for _ in range(2):
        yield UsbDevice(
            bay=text(),
            bus=1,
            number=2,
            usb=text(),
            serial=text(),
            manufacturer=text(),
            product=text(),
            speed="480",
            interfaces=(interface,),
            disks=(text(),),
        )


def journal_with(config: Config, text: Texts) -> None:
    lay_empty_journal(config.journal)
    with open_journal(config.journal, FakeClock()) as written:
        for _ in range(4):
            written.append([CameraEnrolled(camera=text(), model=text(), actor=f"0:{text()}")])
    (config.state_dir / "last-verification.json").write_text(
        json.dumps(
            {
                "journal": {
                    "at": NOW.isoformat(),
                    "problems": 1,
                    "first": f"{text()}: {text()}",
                    "journal": text(),
                    "clips": {text(): [text()]},
                },
                "files": None,
            }
        )
    )


def collected(folder: Path, text: Texts) -> Bundle:
    """Return a bundle of a dock that is full of drawn texts."""
    config = config_with(folder, text)
    journal_with(config, text)
    config.spool.mkdir()
    for name in (f"{text()}.0.mp4", f"{text()}.{text()}", text()):
        (config.spool / name).write_text(text())

    def fails(_: object) -> None:
        raise StorageError(f"{text()} is full", remedy=text())

    def fails_otherwise(_: object) -> None:
        raise type(text(), (Exception,), {})(text())

    found = Finding(
        check=Check.SIGNER, result=Result.ERROR, seen=text(), subject=text(), means=text(), remedy=text()
    )
    return collect(
        {
            "configuration": lambda names: configuration(config, names),
            "status": lambda names: status(status_with(text), names),
            "journal": lambda names: journal(config.state_dir, config.journal, names),
            "disks": lambda names: machine.disks(config, names),
            "spool": lambda _: machine.spool(config.spool),
            "usb": lambda names: list(machine.usb(names, devices_with(text))),
            "log": lambda names: list(log_lines(lines_with(text), names)),
            "doctor": lambda _: doctor([found]),
            "failed": fails,
            "failed_otherwise": fails_otherwise,
        },
        now=NOW,
    )


@pytest.mark.slow
@given(drawn=SECRETS)
@settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_was_put_in_comes_out(
    drawn: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    bundle = collected(tmp_path_factory.mktemp("dock"), Texts(drawn))
    assert bundle.not_read == ("failed", "failed_otherwise"), {
        name: bundle.files[f"{name}.json"] for name in bundle.not_read
    }
    found = unpacked(bundle)
    leaks = [value for value in drawn if any(form in found for form in encodings(value))]
    assert leaks == []


def test_what_is_searched_for_would_be_found() -> None:
    """Whoever looks for nothing finds nothing: each encoding is found where it is put."""
    told = "PcSmith4411"
    for form in encodings(told):
        assert form in b"some bytes " + form + b" and more"
    leak = Bundle(files={"a.json": json.dumps({"name": told}).encode()})
    assert any(form in unpacked(leak) for form in encodings(told))
    named = Bundle(files={f"{told}.json": b""})
    assert any(form in unpacked(named) for form in encodings(told))


@pytest.mark.slow
def test_names_are_the_same_for_the_same(tmp_path: Path) -> None:
    same = Texts(["OnlyOneName1"])
    found = collected(tmp_path, same)
    shown = {name: json.loads(content) for name, content in found.files.items() if name.endswith(".json")}
    assert {camera["serial"] for camera in shown["status.json"]["cameras"]} == {"camera-1"}
    assert {line["camera"] for line in shown["log.json"]} == {"camera-1"}
    assert {device["serial"] for device in shown["usb.json"]} == {"camera-1"}
    assert len({store["name"] for store in shown["configuration.json"]["destinations"]}) == 3


# --- what must be in it ------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_real_dock_s_bundle_says_what_support_asks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dock = used_dock(tmp_path)
    dock.record(*take(dock, "01hq00000000000007", b"footage"), later=1)
    target = tmp_path / "out.tar.gz"
    assert dock.run("support-bundle", "--to", str(target)) == 0
    said = capsys.readouterr()
    assert "Nothing was sent. Look at it before you send it" in said.err
    with tarfile.open(target) as tar:
        names = [member.name.partition("/")[2] for member in tar.getmembers()]
        assert all(name in said.out for name in names)
        assert {(member.uid, member.uname, member.mode) for member in tar.getmembers()} == {(0, "", 0o644)}
        read = {member.name.partition("/")[2]: tar.extractfile(member) for member in tar.getmembers()}
        shown = {name: json.load(file) for name, file in read.items() if file and name.endswith(".json")}
    assert names[0] == "README.txt"
    assert target.stat().st_mode & 0o777 == 0o600
    assert shown["versions.json"]["sqlite"] == sqlite3.sqlite_version
    assert shown["versions.json"]["bwvdock"]
    assert shown["journal.json"]["kinds"]["clip_acquired"] == 3
    assert shown["journal.json"]["latest"][0]["kind"] == "clip_verified"
    assert shown["configuration.json"]["release"]["erase"] == "never"
    assert "clips-quarantined" in {alert["code"] for alert in shown["status.json"]["alerts"]}
    assert shown["disks.json"][0]["free"] > 0
    assert shown["spool.json"]["mp4"]["files"] == 3
    with gzip.open(target) as file:
        whole = file.read()
    for private in (b"CAM-17", b"LEW-03", b"Lewisham", b"01hq0000", str(tmp_path).encode()):
        assert private not in whole


def test_an_event_keeps_its_figures_and_its_place_in_the_code() -> None:
    bundle = collect(
        {
            "log": lambda names: list(
                log_lines(
                    [
                        {
                            "EVENT": "job_failed",
                            "PRIORITY": "3",
                            "CODE": str(AlertCode.SPOOL_FULL),
                            "SIZE": "1200",
                            "_SYSTEMD_UNIT": "bwvdock.service",
                            "__REALTIME_TIMESTAMP": "1772366400000000",
                            "CLIP": "01kge4",
                            "EXCEPTION": "Traceback (most recent call last):\n"
                            '  File "/usr/lib/bwvdock/bwvdock/log.py", line 12, in message_of\n'
                            "bwvdock.errors.StorageError: PC Smith's disk\n",
                        }
                    ],
                    names,
                )
            )
        },
        now=NOW,
    )
    assert json.loads(bundle.files["log.json"]) == [
        {
            "at": "2026-03-01T12:00:00.000Z",
            "clip": "clip-1",
            "code": "spool-full",
            "event": "job_failed",
            "frames": ["bwvdock/log.py:12 message_of", "bwvdock.errors.StorageError"],
            "priority": "3",
            "size": 1200,
            "unit": "bwvdock.service",
        }
    ]


def test_of_a_check_it_keeps_which_one_it_is_and_how_it_ended() -> None:
    found = Finding(check=Check.SIGNER, result=Result.ERROR, seen="PC Smith's key", subject="SN-1")
    assert doctor([found]) == [{"id": "signer", "result": "error"}]


def test_every_kind_of_entry_may_be_named() -> None:
    assert all(kind.replace("_", "").isalpha() for kind in FACT_TYPES)


@pytest.mark.slow
def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    dock = used_dock(tmp_path)
    target = tmp_path / "mine"
    target.write_text("precious")
    assert dock.run("support-bundle", "--to", str(target)) == 2
    assert target.read_text() == "precious"
    assert dock.run("support-bundle", "--days", "many") == 2
