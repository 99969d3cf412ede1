"""What comes from dispatch to a simulated dock, and who had which camera then?"""

from __future__ import annotations

from datetime import timedelta

from bwvdock.core.moments import iso
from bwvdock.operators.events.requests import ImportEvents
from bwvdock.operators.requests import Assign
from tests.simulation.dock import SimulatedDock


def dispatch(dock: SimulatedDock) -> str:
    """An officer has a camera for some hours; dispatch has a list in which that officer is, or another."""
    chance, now = dock.chance, dock.clock.now()
    serial, officer = chance.choice(list(dock.cameras)), chance.choice(["4411", "4412"])
    begins = now - timedelta(minutes=chance.randrange(600))
    cleared = chance.choice(["", iso(begins + timedelta(minutes=chance.randrange(1, 500)))])
    sent = chance.choice([officer, officer, "4411;4412", "9999"])
    row = ("2", chance.choice("ABCD"), sent, "", iso(begins), cleared, "")
    orders: list[Assign | ImportEvents] = [
        Assign(rows=(("", serial, officer, iso(begins - timedelta(hours=1)), ""),)),
        ImportEvents(rows=(row,)),
    ]
    for one in chance.sample(orders, chance.randrange(1, 3)):
        dock.order(one)
    return f"camera {serial} is {officer}'s, and dispatch sent {sent} at {iso(begins)}"
