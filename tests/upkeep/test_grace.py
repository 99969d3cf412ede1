"""Can a vault's copy be brought back for as long as the configuration says, and is it gone after that?"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from bwvdock.core.clips.classes.rules import RetentionRules
from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.facts import (
    ClipDescribed,
    ClipDisposed,
    ClipFound,
    ClipHeld,
    ClipRestored,
    ClipUnheld,
    CopyWithdrawn,
    DisposalIntended,
    RestoreIntended,
    VerificationFailed,
    VerifiedAgain,
)
from bwvdock.core.holdings.rules import Reverify
from bwvdock.core.moments import iso
from bwvdock.edges.destinations.vault_files import VaultFiles
from bwvdock.edges.journal import JournalReader
from bwvdock.edges.journal.verify.verify import verify_journal
from bwvdock.errors import UsageError
from bwvdock.operators.decisions import Decision
from bwvdock.operators.orders import decide
from bwvdock.operators.retention.requests import Restore
from bwvdock.upkeep.messages import Disposed
from tests.fakes.camera import camera_with
from tests.fakes.station import Station
from tests.upkeep.disposing_world import ThreeStores

DAY = 24 * 3600 * 1000
RULES = RetentionRules(days=31, grace_days=7)
AT = "dispose vault"


def station_with(root: Path, *, held_up: tuple[str, ...] = (), reverify: Reverify | None = None) -> Station:
    here = Station(root, retention=RULES, held_up=held_up, reverify=reverify)
    here.enrol()
    here.visit(camera_with({"DCIM/100TEST/A.MP4": b"footage", "DCIM/100TEST/A.GPS": b"here"}))
    return here


@pytest.fixture
def station(tmp_path: Path) -> Station:
    """A dock whose clip has been moved aside in the vault: its time was over an hour ago."""
    here = station_with(tmp_path)
    days(here, 32)
    return here


def days(station: Station, number: int) -> None:
    for _ in range(number):
        station.clock.pass_ms(DAY)
        station.turn()


def the_clip(station: Station) -> Clip:
    [found] = [fact for fact in station.facts if isinstance(fact, ClipFound)]
    clip = station.journal.clip(found.clip)
    assert clip is not None
    return clip


def files(station: Station) -> list[str]:
    """Return what is where in spool and vault, without days and ids."""
    vault, clip = station.root / "vault", the_clip(station).id
    there = [path.relative_to(vault).as_posix() for path in vault.rglob("*.*") if path.is_file()]
    there += [f"spool/{path.name}" for path in (station.root / "spool").iterdir()]
    said = [path.replace(clip, "C").replace("withdrawn/", "aside/") for path in there if clip in path]
    return sorted(f"{path[:5]} {path.rpartition('/')[2]}" for path in said)


def restored(station: Station) -> Decision:
    """Order it as the desk does, and let the dock work."""
    with JournalReader(station.root / "journal.sqlite3") as reader:
        made = decide(
            Restore(clips=(the_clip(station).id,), reason="complaint 12/26"),
            journal=station.journal,
            reader=reader,
            spool=station.spool,
            paused=False,
            actor="1000:sgt",
        )
    station.schedule.disposal.require_free(made.facts)
    station.ledger.record(made.facts)
    for fact in made.facts:
        if isinstance(fact, RestoreIntended):
            station.schedule.disposal.restore(fact)
    station.turn()
    return made


@pytest.mark.slow
def test_when_its_time_is_over_the_spools_copy_goes_and_the_vaults_is_moved_aside(station: Station) -> None:
    assert files(station) == ["aside C.0.mp4", "aside C.0.mp4.custody.json", "aside C.1.gps"]
    clip = the_clip(station)
    assert clip.state is ClipState.RETIRED
    assert (set(clip.disposed), set(clip.withdrawn)) == ({"spool"}, {"vault"})
    kinds = [f.kind for f in station.facts if getattr(f, "place", "") == "vault"]
    assert kinds == [DisposalIntended.kind, CopyWithdrawn.kind], "announced before it is moved"
    vault = VaultFiles(station.root / "vault", name="vault", marks=station.root / "marks")
    assert [vault.part(clip, n).sha256 for n in (0, 1)] == [part.sha256 for part in clip.parts]
    with JournalReader(station.root / "journal.sqlite3") as reader:
        assert next(iter(reader.kept_clips(until=station.clock.now()))).id == clip.id


@pytest.mark.slow
def test_after_the_days_of_grace_it_is_gone(station: Station) -> None:
    days(station, 6)
    assert len(files(station)) == 3
    days(station, 2)
    assert files(station) == ["2026/ C.tombstone.json"]
    assert isinstance([f for f in station.facts if getattr(f, "place", "") == "vault"][-1], ClipDisposed)
    assert verify_journal(station.root / "journal.sqlite3").ok
    with pytest.raises(UsageError, match="no vault has a copy that was moved aside"):
        restored(station)


@pytest.mark.slow
def test_it_is_brought_back_read_and_held_with_an_entry_before_and_after(station: Station) -> None:
    made = restored(station)
    assert [fact.kind for fact in made.facts] == [ClipHeld.kind, RestoreIntended.kind]
    assert files(station) == ["2026/ C.0.mp4", "2026/ C.0.mp4.custody.json", "2026/ C.1.gps"]
    clip = the_clip(station)
    assert (clip.held, dict(clip.withdrawn), set(clip.disposed)) == (True, {}, {"spool"})
    [back] = [fact for fact in station.facts if isinstance(fact, ClipRestored)]
    assert back.sha256 == clip.sha256
    days(station, 30)
    assert "2026/ C.0.mp4" in files(station)
    station.ledger.record([ClipUnheld(clip=clip.id, reason="closed", actor="1000:sgt")])
    station.turn()
    days(station, 1)
    assert "aside C.0.mp4" in files(station), "with all its days of grace again"
    days(station, 8)
    assert files(station) == ["2026/ C.tombstone.json"]
    assert verify_journal(station.root / "journal.sqlite3").ok


@pytest.mark.slow
def test_nothing_is_called_being_restored_in_a_vault_that_is_not_configured(tmp_path: Path) -> None:
    """It is refused before anything is recorded: nobody waits for a copy that nobody moves."""
    station = ThreeStores(tmp_path, retention=RULES)
    station.enrol()
    station.visit(camera_with({"DCIM/100TEST/A.MP4": b"footage"}))
    days(station, 32)
    station.configured = {"county": True}
    station.restart()
    with pytest.raises(UsageError, match="configuration has no vault vault, where the copy is"):
        restored(station)
    assert not the_clip(station).held
    station.configured = {"vault": True, "county": True}
    station.restart()
    restored(station)
    assert "2026/ C.0.mp4" in files(station)


@pytest.mark.slow
def test_a_hold_keeps_what_was_moved_aside(station: Station) -> None:
    station.ledger.record([ClipHeld(clip=the_clip(station).id, reason="r", actor="1000:sgt")])
    days(station, 30)
    assert "aside C.0.mp4" in files(station)


@pytest.mark.slow
def test_what_a_hold_keeps_aside_is_asked_for_where_it_is(tmp_path: Path) -> None:
    """It is neither called lost, nor is a second copy made."""
    station = station_with(tmp_path, reverify=Reverify(first=timedelta(hours=24), every=timedelta(days=10)))
    days(station, 32)
    station.ledger.record([ClipHeld(clip=the_clip(station).id, reason="r", actor="1000:sgt")])
    asked = station.kinds().count(VerifiedAgain.kind)
    days(station, 30)
    assert station.kinds().count(VerifiedAgain.kind) > asked
    assert VerificationFailed.kind not in station.kinds()
    assert "aside C.0.mp4" in files(station)
    assert "2026/ C.0.mp4" not in files(station)


@pytest.mark.slow
def test_the_document_that_says_held_is_the_one_beside_what_was_brought_back(station: Station) -> None:
    """It was written while the copy was aside, with the document of before beside it."""
    station.ledger.record([ClipHeld(clip=the_clip(station).id, reason="r", actor="1000:sgt")])
    station.turn()
    restored(station)
    [document] = (station.root / "vault/2026").rglob("*.custody.json")
    assert ClipHeld.kind in document.read_text()


@pytest.mark.slow
def test_what_is_not_what_was_taken_is_not_called_restored(station: Station) -> None:
    [path] = (station.root / "vault").rglob("*.1.gps")
    path.chmod(0o600)
    path.write_bytes(b"HERE")
    restored(station)
    assert not [fact for fact in station.facts if isinstance(fact, ClipRestored)]
    assert "does not match" in station.schedule.disposal.errors["vault"].message
    assert "vault" in the_clip(station).withdrawn


@pytest.mark.slow
def test_the_document_that_says_held_is_not_replaced_by_the_one_that_was_moved_aside(
    station: Station,
) -> None:
    """It was stored in the copy's usual place while the copy was aside."""
    clip = the_clip(station).id
    station.ledger.record([ClipHeld(clip=clip, reason="r", actor="1000:sgt")])
    days(station, 1)
    assert "2026/ C.0.mp4.custody.json" in files(station)
    restored(station)
    assert files(station) == ["2026/ C.0.mp4", "2026/ C.0.mp4.custody.json", "2026/ C.1.gps"]
    [document] = (station.root / "vault").rglob("*.custody.json")
    described = [fact for fact in station.facts if isinstance(fact, ClipDescribed)]
    assert hashlib.sha256(document.read_bytes()).hexdigest() == described[-1].sha256


@pytest.mark.slow
@pytest.mark.parametrize("bad", ["", "aside", "usual"])
def test_what_is_in_its_place_again_is_never_replaced_and_nothing_good_is_lost(
    station: Station, bad: str
) -> None:
    """A copy was made anew while the other was aside: whichever of the two is bad, a good one is left."""
    [aside] = (station.root / "vault" / "withdrawn").rglob("*.0.mp4")
    usual = station.root / "vault" / aside.relative_to(station.root / "vault" / "withdrawn")
    for path, name in ((aside, "aside"), (usual, "usual")):
        path.unlink(missing_ok=True)
        path.write_bytes(b"FOOTAGE" if name == bad else b"footage")
    restored(station)
    is_back = bool([fact for fact in station.facts if isinstance(fact, ClipRestored)])
    assert is_back == (bad != "usual")
    assert usual.read_bytes() == (b"FOOTAGE" if bad == "usual" else b"footage")
    assert aside.exists() == (bad == "usual")
    assert b"footage" in {path.read_bytes() for path in (usual, aside) if path.exists()}


@pytest.mark.slow
def test_less_grace_in_the_configuration_shortens_none_that_was_given(station: Station) -> None:
    station.schedule.change(non_evidential_days=31, rules=RetentionRules(days=31))
    days(station, 6)
    assert "aside C.0.mp4" in files(station)
    days(station, 2)
    assert files(station) == ["2026/ C.tombstone.json"]


def test_a_cut_between_the_moving_and_its_entry_is_made_good(tmp_path: Path) -> None:
    station = station_with(tmp_path, held_up=(AT,))
    station.clock.pass_ms(32 * DAY)
    station.turn()
    said: list[object] = []
    station.held_up[AT].do_next(said.append)
    assert isinstance(said[0], Disposed), "and nobody hears of it"
    assert "aside C.0.mp4" in files(station)
    station.restart()
    station.turn()
    station.held_up[AT].go_on(station.inbox.put)
    station.turn()
    assert "vault" in the_clip(station).withdrawn
    assert "aside C.0.mp4" in files(station)


@pytest.mark.slow
def test_the_time_until_then_is_in_the_entry(station: Station) -> None:
    [moved] = [fact for fact in station.facts if isinstance(fact, CopyWithdrawn)]
    assert iso(station.clock.now()) < moved.until
