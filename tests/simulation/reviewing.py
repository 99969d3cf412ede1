"""What do people of a simulated dock say of footage and ask of it, beside what is in operations.py?

They review clips, dispute whose they are, bring back what was moved aside, change the rules of retention, and
record requests with their holds, some of which end with the request.
"""

from __future__ import annotations

from bwvdock.core.clips.classes.rules import RetentionRules
from bwvdock.core.moments import iso
from bwvdock.edges.journal import JournalReader
from bwvdock.operators.attribution.requests import Dispute, Uphold
from bwvdock.operators.holds.requests import CloseRequest, ExceptClips, OpenHold, OpenRequest
from bwvdock.operators.requests import Request
from bwvdock.operators.retention.requests import Restore, Review
from tests.simulation.dock import SimulatedDock
from tests.simulation.retention import draw_retention


def review(dock: SimulatedDock) -> str:
    """Somebody reviews a clip, perhaps by rules that are changed meanwhile, or disputes whose it is."""
    known = [clip.id for clip in dock.clips()]
    if not known:
        return ""
    chance = dock.chance
    names = ["", *(one.name for one in dock.retention.classes), "unknown"]
    clips = (chance.choice(known),)
    reviewed = Review(
        clips=clips,
        of_class=chance.choice(names),
        reason=chance.choice(["", "seen"]),
        instead=chance.random() < 0.3,
    )
    orders: list[Request] = [*(reviewed,) * 4, Dispute(clips=clips, reason="on leave")]
    return _ordered(dock, chance.choice([*orders, Uphold(clips=clips, reason="seen")]))


def bring_back(dock: SimulatedDock) -> str:
    """Somebody wants back what was disposed of: what was moved aside, or now and then anything."""
    known = dock.clips()
    aside = [clip for clip in known if clip.withdrawn]
    if not (clips := aside if aside and dock.chance.random() < 0.9 else known):
        return ""
    return _ordered(dock, Restore(clips=(dock.chance.choice(clips).id,), reason="complaint"))


def rules_change(dock: SimulatedDock) -> str:
    """The configuration is loaded again."""
    dock.retention = draw_retention(dock.chance)
    kept_by = dock.breaks.retention(dock.retention)
    dock.dock.schedule.change(non_evidential_days=kept_by.days, rules=kept_by)
    return f"footage is kept by {_in_words(dock.retention)}"


def request(dock: SimulatedDock) -> str:
    """A request is recorded, with a hold or without, or closed, or a clip is taken out of a hold."""
    chance = dock.chance
    with JournalReader(dock.journal_file) as reader:
        opened = [row.id for row in reader.requests() if row.open]
    serial, now = chance.choice(list(dock.cameras)), iso(dock.clock.now())
    orders: list[Request] = [
        OpenRequest(about="complaint", by="A", reason="26/1", received=now[:10], camera=serial),
        OpenRequest(about="foi", by="B", reason="26/2", received=now[:10]),
        OpenHold(reason="inquest", event=chance.choice("ABCD")),
        *(CloseRequest(which=one, reason="done", end_holds=chance.random() < 0.5) for one in opened),
    ]
    orders += [
        ExceptClips(clips=(clip.id,), hold=hold, reason="another street")
        for clip in dock.clips()
        for hold in list(clip.standing)[:1]
    ][:2]
    return _ordered(dock, chance.choice(orders))


def _ordered(dock: SimulatedDock, order: Request) -> str:
    operations = dock.chance.choice([0, 0, 0, dock.chance.randrange(1, 30)])
    if operations:
        dock.after(operations, lambda: dock.order(order))
        return f"in {operations} operations an operator orders {order}"
    dock.order(order)
    return f"an operator orders {order}"


def _in_words(rules: RetentionRules) -> str:
    classes = ", ".join(f"{one.name} {one.days}" for one in rules.classes)
    return f"{rules.days} days, {rules.notice_days} of notice, {rules.grace_days} of grace; {classes}"
