"""A station whose cameras are checked out: badges, officers, and what a screen shows of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bwvdock.checkout.checkouts import Checkouts
from bwvdock.checkout.from_config import let_it_check_out
from bwvdock.core.checkout.badges import Badges, Holder
from bwvdock.core.checkout.choice import Rules
from bwvdock.core.clips.classes.rules import NO_CLASSES, RetentionRules
from bwvdock.core.clips.roster import Roster
from bwvdock.core.facts import CameraEnrolled, CameraTakenOtherwise, Fact
from bwvdock.core.moments import iso
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.service.assemble import Parts, live_view
from bwvdock.status.alerts import Alert, AlertCode
from bwvdock.status.for_screen import Advice, ForScreen, for_screen_from_json
from bwvdock.status.live import LiveView
from tests.fakes.camera import camera_with
from tests.fakes.station import Station

ACTOR = "997:bwvdock-screen"
KEY = b"k" * 64
ANN, BOB = "0012345678", "0087654321"
HOLDERS = [(ANN, Holder(officer="ann")), (BOB, Holder(officer="bob"))]


class Badged(Station):
    """One dock with a list of badges; its cameras' batteries are full unless a test says otherwise."""

    def __init__(
        self,
        root: Path,
        *,
        rules: Rules | None = None,
        holders: list[tuple[str, Holder]] | None = None,
        retention: RetentionRules = NO_CLASSES,
        random: Callable[[int], bytes] = bytes,
    ) -> None:
        self.check_out_rules = rules or Rules()
        self.holders = HOLDERS if holders is None else holders
        self.random = random
        self.checkouts: Checkouts
        self.last_entry_at = ""
        self.view: LiveView
        super().__init__(root, retention=retention)

    def outside(self, parts: Parts) -> Parts:
        """Look at the journal before the dock is started (Station)."""
        self.last_entry_at = self.journal.checkouts.last_entry_at()
        return parts

    def _build(self) -> None:
        super()._build()
        self.view = live_view(self.dock, self.spool, self.clock)
        made = let_it_check_out(self.ledger, self.dockings, self.journal, self.view, self.random)
        self.checkouts = self.view.checkouts = made
        made.last_entry_at = self.last_entry_at
        made.change(self.check_out_rules, Badges(self.holders, key=KEY), None)

    def put(
        self, serial: str, bay: str, *, battery: int | None = 100, unit: str = "", model: str = ""
    ) -> str:
        """Dock an enrolled camera with nothing new on it, and let it become safe."""
        self.ledger.record([CameraEnrolled(camera=serial, model=model, actor="0:root", unit=unit)])
        key = self.plug(camera_with({}), serial=serial, bay=bay)
        self.turn()
        self.bay(key).battery = battery
        self.clock.pass_ms(1000)
        return key

    def take(self, key: str) -> None:
        """Take the camera out, and let the dock see it."""
        self.pull(key)
        self.turn()

    def tap(self, badge: str) -> Mapping[str, Any]:
        """Return what the screen's process is answered to a badge."""
        return self.checkouts.tap(badge, ACTOR)

    def screen(self) -> ForScreen:
        """Return what a screen shows."""
        return for_screen_from_json(self.view.for_screen())

    def offered(self) -> list[str]:
        """Return the bays that a screen offers."""
        return [bay.bay for bay in self.screen().bays if bay.advice is Advice.TAKE]

    def view_alerts(self) -> dict[AlertCode, Alert]:
        """Return what the daemon would warn of."""
        return {alert.code: alert for alert in self.view.live().alerts}

    def shown(self) -> str:
        """Return what a screen says of the last badge or camera; "" for nothing."""
        shown = self.screen().checkout
        return shown.outcome if shown else ""

    def officer_of(self, serial: str) -> str:
        """Return who holds a camera now, as the journal's reader sees it."""
        with JournalReader(self.root / "journal.sqlite3") as reader:
            return Roster(reader.assignments(serial)).officer_at(iso(self.clock.now()))

    def otherwise(self) -> list[tuple[str, str]]:
        """Return (camera, how) of what was recorded as taken otherwise."""
        return [(f.camera, f.how) for f in self.facts if isinstance(f, CameraTakenOtherwise)]

    def of_kind(self, kind: type[Fact]) -> list[Any]:
        """Return the facts of a kind, in order."""
        return [fact for fact in self.facts if isinstance(fact, kind)]
