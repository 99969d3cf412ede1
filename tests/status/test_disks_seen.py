"""Is it an alert where a disk is not encrypted, or that cannot be seen, and only where it was to be?"""

from __future__ import annotations

import json
import tomllib
from itertools import product
from pathlib import Path
from types import MappingProxyType

import pytest

from bwvdock.config.disks import places_to_encrypt
from bwvdock.config.settings import load, parse
from bwvdock.edges.disk_encryption import DiskEncryption, Encrypted, disk_encryption
from bwvdock.metrics.source import Source
from bwvdock.runtime.turn_times import TurnTimes
from bwvdock.status.alert_log import standing_alerts
from bwvdock.status.alerts import AlertCode
from bwvdock.status.alerts.disks import disk_encryption_unseen, disk_not_encrypted
from bwvdock.status.values import live_to_json
from tests.cli.docks import used_dock
from tests.fakes.clock import FakeClock
from tests.status.test_status import LIVE

CODES = MappingProxyType(
    {
        Encrypted.YES: set[str](),
        Encrypted.NO: {AlertCode.DISK_NOT_ENCRYPTED},
        Encrypted.UNSEEN: {AlertCode.DISK_ENCRYPTION_UNSEEN},
    }
)
EXPECTED, NOT_NEEDED = 'disk_encryption = "expected"', 'disk_encryption = "not-needed"'


def test_each_place_is_named_by_the_alert_of_its_state_and_by_no_other() -> None:
    places = ("the journal in /a", "the spool in /b", "nas in /c")
    for states in product(Encrypted, repeat=len(places)):
        seen = {
            place: DiskEncryption(state, f"because {n}")
            for n, (place, state) in enumerate(zip(places, states, strict=True))
        }
        for made, state in ((disk_not_encrypted, Encrypted.NO), (disk_encryption_unseen, Encrypted.UNSEEN)):
            said = " ".join(alert.message for alert in made(seen))
            for place, disk in seen.items():
                named = disk.state is state
                assert (place in said, disk.why in said) == (named, named)


@pytest.mark.parametrize(
    "dock,vault,expected",
    [
        ("", "", {"journal", "spool", "nas", "own"}),
        (EXPECTED, NOT_NEEDED, {"journal", "spool", "own"}),
        (NOT_NEEDED, "", set()),
        (NOT_NEEDED, EXPECTED, {"nas"}),
        ('state_dir = "/srv/dock"', "", set()),
        (f'state_dir = "/srv/dock"\n{EXPECTED}', "", {"journal", "spool", "nas", "own"}),
    ],
)
def test_what_is_to_be_encrypted(dock: str, vault: str, expected: set[str]) -> None:
    text = (
        f'[dock]\nid = "D-1"\n{dock}\n'
        f'[[destination]]\nname = "nas"\nkind = "directory"\npath = "/srv/nas"\n{vault}\n'
        '[[destination]]\nname = "own"\nkind = "directory"\n'
        '[[destination]]\nname = "far"\nkind = "tus"\nurl = "https://x.example/"\n'
    )
    config = parse(tomllib.loads(text), file=Path("x.toml"), content=text.encode())
    assert {what.removeprefix("the ").split()[0] for what in places_to_encrypt(config)} == expected


@pytest.mark.parametrize("said", [NOT_NEEDED, EXPECTED])
def test_status_log_and_figures_say_of_this_machine_s_disk_what_is_seen_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], said: str
) -> None:
    dock = used_dock(tmp_path)
    file = dock.config.file
    file.write_text(file.read_text().replace("[dock]\n", f"[dock]\n{said}\n"))
    dock.run("status", "--json")
    shown = {alert["code"] for alert in json.loads(capsys.readouterr().out)["alerts"]}
    live = live_to_json(LIVE)
    logged = {alert.code for alert in standing_alerts(load(file), FakeClock(), lambda *_: live)}
    taken = Source(load(file), lambda: live, TurnTimes(), now=FakeClock().now).take()
    counted = {alert.code for alert in taken.status.alerts}
    expected = CODES[disk_encryption(dock.config.state_dir).state] if said == EXPECTED else set[str]()
    both = {AlertCode.DISK_NOT_ENCRYPTED, AlertCode.DISK_ENCRYPTION_UNSEEN}
    assert [codes & both for codes in (shown, logged, counted)] == [expected] * 3
