"""Is a destination that stops in the middle of a clip said to hang, even if it answers probes?"""

from __future__ import annotations

from pathlib import Path

from bwvdock.delivery.jobs import DeliveryJob
from bwvdock.delivery.messages import Begun
from bwvdock.log import Events
from tests.delivery.test_destination_queue import a_docked, a_station, events


def test_a_vault_that_answers_probes_and_hangs_in_mid_copy_is_said_to_hang(tmp_path: Path) -> None:
    """A file system that is frozen, or a share's server that lists and does not write."""
    station = a_station(tmp_path, True, held_up=("upload store0",))
    a_docked(station)
    job = station.held_up["upload store0"].jobs[0]
    assert isinstance(job, DeliveryJob)
    station.delivery.hear(Begun(clip=job.clip.id, destination="store0", step=job.step))
    for _ in range(3):  # bytes pass, however slowly
        job.transfer.take(1)
        station.turn()
        station.clock.pass_ms(300_000)
    station.turn()
    station.delivery.probe()
    assert station.delivery.errors == {}
    station.clock.pass_ms(1)
    station.turn()
    assert "has not answered for more than five minutes" in station.delivery.errors["store0"].message
    assert station.delivery.queues["store0"].breaker.reachable is False
    assert events(station, Events.DESTINATION_LOST) == 1
    job.transfer.take(1)
    station.turn()
    assert station.delivery.errors == {}
    assert events(station, Events.DESTINATION_BACK) == 1
