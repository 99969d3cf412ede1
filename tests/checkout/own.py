"""A station at which officers see and mark their own clips: cameras with footage, badges, and orders."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bwvdock.core.checkout.choice import Rules
from bwvdock.core.clips.classes.rules import RetentionClass, RetentionRules
from bwvdock.core.facts import (
    BY_PERSON,
    AttributionDisputed,
    CameraAssigned,
    CameraEnrolled,
    ClipClassified,
    ClipFlagged,
    ClipUnflagged,
    FootageConsulted,
)
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.errors import BwvdockError
from bwvdock.operators.checkout.requests import MarkOwnClip, ShowOwnClips
from bwvdock.operators.messages import Answer, Asked
from bwvdock.operators.requests import Request
from bwvdock.service.request_handler import RequestHandler
from tests.checkout.badged import ACTOR, Badged
from tests.fakes.camera import camera_with

CLASSES = (
    RetentionClass(name="use-of-force", days=365),
    RetentionClass(name="standards", days=365, restricted=True, groups=("psd",)),
    RetentionClass(name="nobody-looked", days=90, until_reviewed=True),
)
RETENTION = RetentionRules(classes=CLASSES)
LONG_AGO = "2020-01-01T00:00:00.000Z"
SAID = (ClipFlagged, ClipUnflagged, ClipClassified, AttributionDisputed, FootageConsulted)


class OwnDock(Badged):
    """A dock that shows officers their clips; a camera is assigned to whom it is named after ("CAM-ann")."""

    def __init__(self, root: Path, *, wanted: bool = True) -> None:
        self.wanted = wanted
        self._tokens = itertools.count(1)
        self._bytes = itertools.count()
        super().__init__(root, rules=Rules(min_battery=0), retention=RETENTION, random=self._random)

    def _random(self, count: int) -> bytes:
        return next(self._tokens).to_bytes(count, "big")

    def _build(self) -> None:
        super()._build()
        self.checkouts.own.change(wanted=self.wanted)

    def bring(self, serial: str, bay: str, clips: int = 1, *, officer: str = "") -> tuple[str, list[str]]:
        """Dock a camera with so many new clips, and let them be copied; return its key and their ids."""
        if officer:
            self.ledger.record(
                [
                    CameraEnrolled(camera=serial, model="", actor="0:root"),
                    CameraAssigned(
                        camera=serial, officer=officer, valid_from=LONG_AGO, valid_to="", actor="0:root"
                    ),
                ]
            )
        before = len(self.facts)
        numbers = [next(self._bytes) for _ in range(clips)]
        card = camera_with({f"DCIM/100TEST/{number}.MP4": b"%d " % number * 50 for number in numbers})
        key = self.plug(card, serial=serial, bay=bay)
        self.turn()
        found = [getattr(fact, "clip", "") for fact in self.facts[before:] if fact.kind == "clip_found"]
        return key, found

    def ask(self, request: Request, actor: str = ACTOR) -> Answer:
        """Return what the daemon answers."""
        said: list[Answer] = []
        with JournalReader(self.root / "journal.sqlite3") as reader:
            handler = RequestHandler(
                dock=self.dock,
                journal=self.journal,
                journal_file=self.root / "journal.sqlite3",
                reader=reader,
                spool=self.spool,
                live_view=self.view,
                checkouts=self.checkouts,
            )
            handler.asked(Asked(request, actor, said.append))
        [answer] = said
        return answer

    def show(self, token: str = "") -> Mapping[str, Any]:
        """Return what a browser is answered that asks for the clips."""
        answer = self.ask(ShowOwnClips(token=token))
        assert not isinstance(answer, BwvdockError), answer
        return answer

    def mark(self, token: str, clip: str, act: str, **more: str) -> str:
        """Return what came of an order; "refused" where the daemon says why in an error."""
        answer = self.ask(MarkOwnClip(token=token, clip=clip, act=act, **more))
        return "refused" if isinstance(answer, BwvdockError) else str(answer["outcome"])

    def acts(self) -> list[tuple[str, ...]]:
        """Return what was recorded because of officers: kind, clip and actor, in order."""
        said = [fact for fact in self.facts if isinstance(fact, SAID)]
        return [
            (fact.kind, getattr(fact, "clip", ""), fact.actor)
            for fact in said
            if not (isinstance(fact, ClipClassified) and fact.basis != BY_PERSON)
        ]
