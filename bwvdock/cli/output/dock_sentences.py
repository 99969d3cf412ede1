"""How do the entries about the dock, a docking or a destination read to a person? One sentence for each kind.

They are part of a clip's story (core/custody/story.py). A sentence says what the entry records, and no more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bwvdock.cli.moments import when
from bwvdock.cli.output.checkout_sentences import CHECKOUT_SENTENCES
from bwvdock.cli.output.console import size
from bwvdock.cli.output.texts import Data, camera_clock, clock_set, clock_to_be_set, person, text
from bwvdock.core.clips.proof import ProofMethod
from bwvdock.core.custody.c2sp.signed_note import ED25519, read_verifier_key
from bwvdock.units import format_count

Sentence = Callable[[Data], str]


def _started(data: Data) -> str:
    return (
        f"dock {text(data, 'dock')} started: bwvdock {text(data, 'version')}, SQLite "
        f"{text(data, 'sqlite_version')}, configuration SHA-256 {text(data, 'config_sha256')}"
    )


def _unclean(data: Data) -> str:
    return (
        "UNCLEAN START: the journal does not say that the dock stopped after its start of "
        f"{when(text(data, 'started_at'))}; the last entry before this start was written "
        f"{when(text(data, 'last_entry_at'))}"
    )


def _reloaded(data: Data) -> str:
    waits = ", ".join(data.get("waits") or ())
    return (
        f"configuration file read again, SHA-256 {text(data, 'config_sha256')}"
        f"{f'; used only after the next start: {waits}' if waits else ''}"
    )


def _initialised(data: Data) -> str:
    reason = f": {person(data, 'reason')}" if data.get("reason", "") != "" else ""
    return f"dock {text(data, 'dock')} initialised by {person(data, 'actor')}{reason}"


def _clock_seen(data: Data) -> str:
    step = data["stepped_ms"]
    if step:
        return f"the dock's clock jumped by {step / 1000:+.1f} s since it was last checked"
    return (
        "the dock's clock was not synchronised"
        if not data["synchronised"]
        else "the dock's clock was checked"
    )


def _assigned(data: Data) -> str:
    until = when(data["valid_to"]) if data.get("valid_to") else "no end date"
    return (
        f"camera {text(data, 'camera')} assigned to officer {person(data, 'officer')}{_unit(data)} from "
        f"{when(text(data, 'valid_from'))} to {until}; entered by {person(data, 'actor')}"
    )


def _enrolled(data: Data) -> str:
    return f"camera {text(data, 'camera')} enrolled by {person(data, 'actor')}{_unit(data)}"


def _unit(data: Data) -> str:
    return f" (unit {text(data, 'unit')})" if data.get("unit", "") != "" else ""


def _assessed(data: Data) -> str:
    if data.get("method"):
        return (
            f"destination {text(data, 'destination')} was tried: copies there are proven by {data['method']}"
        )
    return f"destination {text(data, 'destination')} cannot prove a copy: {text(data, 'words')}"


def _lost(data: Data) -> str:
    return (
        f"OUTAGE: destination {text(data, 'destination')} did not accept uploads from "
        f"{when(text(data, 'since'))}: {text(data, 'reason')}"
    )


def _back(data: Data) -> str:
    times = f", {data['times']} times" if data["times"] != 1 else ""
    return (
        f"destination {text(data, 'destination')} answered again from {when(text(data, 'since'))} "
        f"(lost since {when(text(data, 'lost_since'))}{times})"
    )


def _consulted(data: Data) -> str:
    with_it = f"with `{text(data, 'command')}`{_for_request(data)}"
    return f"consulted by {person(data, 'actor')} {with_it}: {person(data, 'reason')}"


def _for_request(data: Data) -> str:
    return f" for request {data['request']}" if data.get("request") else ""


def _exported(data: Data) -> str:
    return (
        f"exported by {person(data, 'actor')}{_for_request(data)}: {person(data, 'reason')}; the package's "
        "tagmanifest has the "
        f"SHA-256 {text(data, 'tagmanifest_sha256')}"
    )


def _disclosed(data: Data) -> str:
    package = f"; package {data['package']}" if data["package"] else "; no package was named"
    known = "" if data["exported"] or not data["package"] else ", which was not exported here"
    request = f"; request {person(data, 'request')}" if data.get("request") != "" else ""
    return (
        f"recorded by {person(data, 'actor')} as handed to {person(data, 'recipient')}: "
        f"{person(data, 'reason')}{package}{known}{request}"
    )


def _drawn(data: Data) -> str:
    return (
        f"drawn at random for a review, with others, by {person(data, 'actor')}: {person(data, 'reason')}; "
        f"by the root of the journal's first {data['size']} entries"
    )


def _erased(data: Data) -> str:
    reason = f" ({person(data, 'reason')})" if data.get("reason") else ""
    values = format_count(len(data["commitments"]), "personal value")
    return (
        f"{values} of this clip, of the field {text(data, 'field')}, erased from the journal by "
        f"{person(data, 'actor')}, on the basis: {person(data, 'basis')}{reason}"
    )


def _attached(data: Data) -> str:
    model = f" ({data['model']})" if data.get("model") else ""
    return (
        f"camera {text(data, 'camera')}{model} docked in bay {text(data, 'bay')}, {text(data, 'transport')}, "
        f"docking {text(data, 'docking')}"
    )


def _identified(data: Data) -> str:
    return (
        f"the camera reported: {text(data, 'manufacturer')} {text(data, 'model')}, version "
        f"{text(data, 'version')}, serial {text(data, 'serial')}"
    )


def _detached(data: Data) -> str:
    residual = data["residual"]
    left = f"; {format_count(residual, 'clip')} seen without an outcome" if residual else ""
    return f"docking {text(data, 'docking')} ended: {text(data, 'reason')}{left}"


def _unlocked(data: Data) -> str:
    failure = data.get("failure")
    return f"the camera was NOT unlocked: {failure}" if failure else "the camera accepted the unlock steps"


_AGAIN: Mapping[str, str] = {
    ProofMethod.READ_BACK: "read back whole and hashed here",
    ProofMethod.STORE_COMPUTED: "the store reported the digest that it had computed",
    ProofMethod.PIECES_CHECKED: (
        "found there with its length; its content was compared by the store when it was received"
    ),
}


def _again(data: Data) -> str:
    method = text(data, "method")
    return (
        f"copy at {text(data, 'destination')} checked again ({method}: {_AGAIN.get(method, 'as before')}), "
        f"SHA-256 {text(data, 'sha256')}"
    )


_OUTCOMES: Mapping[str, str] = {
    "succeeded": "the last attempt succeeded",
    "failed": "the last attempt failed for good",
    "pending": "still to be tried again",
}


def _attempts(data: Data) -> str:
    count, again = data["attempts"], data["bytes_again"]
    causes = "; ".join(data.get("causes") or ()) or "none failed"
    last = f"; the last failure: {data['last_reason']}" if data.get("last_reason") else ""
    twice = f", {size(again)} of it more than once" if again else ""
    end = _OUTCOMES.get(text(data, "outcome"), text(data, "outcome"))
    return (
        f"{count} attempt{'s' if count != 1 else ''} to deliver to {text(data, 'destination')} between "
        f"{when(text(data, 'first_at'))} and {when(text(data, 'last_at'))}: {causes}{last}; "
        f"{size(data['bytes_passed'])} transferred{twice}; {end}"
    )


def _witness(data: Data) -> str:
    return text(data, "witness").partition("+")[0]


def _is_signer(data: Data) -> bool:
    """Return whether the signer is meant: its verifier key is of the kind that signs, not of a witness's."""
    try:
        return read_verifier_key(text(data, "witness")).kind == ED25519
    except ValueError:
        return False


def _not_as_witnessed(data: Data) -> str:
    signer = _is_signer(data)
    who, did = ("the signer", "signed") if signer else (f"the witness {_witness(data)}", "confirmed")
    named = f"; it had {did} {data['named']}" if data["named"] >= 0 else ""
    shown = (
        "a checkpoint that is signed with the journal's own key shows it"
        if data["proven"]
        else "nothing but its statement shows it"
    )
    return (
        f"{who} stated that the journal, {data['entries']} entries, does not continue what it had {did}"
        f"{named}; {shown}"
    )


def _as_witnessed(data: Data) -> str:
    if _is_signer(data):
        return f"the signer signed the journal, {data['entries']} entries, after it had contradicted it"
    return (
        f"the witness {_witness(data)} confirmed the journal, {data['entries']} entries, after it had "
        "contradicted it"
    )


def _compared(data: Data) -> str:
    if data["compared"]:
        return f"compared it with the {data['compared']} entries that it remembered"
    return "compared it with nothing, as it remembered nothing"


def _key_new(data: Data) -> str:
    before = f" in the place of {text(data, 'before')}" if data["before"] else ""
    return (
        f"the journal, {data['entries']} entries, was signed with the key {text(data, 'key')} for the first "
        f"time{before}; the signer {_compared(data)}"
    )


def _checked(data: Data) -> str:
    found = "no error" if data["fit"] else f"NOT fit for the shift: {', '.join(data['errors'])}"
    warned = f"; warnings: {', '.join(data['warnings'])}" if data["warnings"] else ""
    unseen = f"; not looked at: {', '.join(data['unseen'])}" if data["unseen"] else ""
    return f"the dock checked its installation: {found}{warned}{unseen}"


def _succeeded(data: Data) -> str:
    restored = f", put back from a backup of {when(text(data, 'backup_at'))}" if data.get("backup_at") else ""
    left = data.get("unproven")
    unproven = f"; {left} clips in that were not proven in every required store" if left else ""
    return (
        f"this journal took the place of journal {text(data, 'predecessor')[:12]}… ({data['entries']} "
        f"entries{restored}), by {person(data, 'actor')}: {person(data, 'reason')}{unproven}"
    )


def _backup(data: Data) -> str:
    footage = f" and {data['footage']} files of footage ({size(data['size'])})" if data["footage"] else ""
    without = f"; {data['left_out']} files of footage are not in it" if data["left_out"] else ""
    if data.get("moved"):
        return f"journal CLOSED for the move to another machine by {person(data, 'actor')}"
    return (
        f"backup made by {person(data, 'actor')}: the journal, {data['entries']} entries,{footage}{without}"
    )


def _taken_up(data: Data) -> str:
    if not text(data, "backup_at"):
        return "the move of the journal was given up: it is continued here"
    return (
        f"the journal, {data['entries']} entries, is continued from the backup of "
        f"{when(text(data, 'backup_at'))} that was made to move it"
    )


def _event(data: Data) -> str:
    officers, units = (len(data[name]) for name in ("officers", "units"))
    changed = f", changed: {', '.join(data['changed'])}" if data.get("changed") else ""
    sent = f"{format_count(officers, 'officer')} and {format_count(units, 'unit')} sent"
    return f"event {person(data, 'event')} entered by {person(data, 'actor')}: {sent}{changed}"


def _events_matched(data: Data) -> str:
    return (
        f"clips and events of the first {data['entries']:,} entries compared: from {data['before_s']} s "
        f"before officers were sent to {data['after_s']} s after they were cleared"
    )


SENTENCES: Mapping[str, Sentence] = CHECKOUT_SENTENCES | {
    "dock_started": _started,
    "dock_stopped": lambda _: "dock shut down",
    "unclean_start": _unclean,
    "config_reloaded": _reloaded,
    "dock_initialised": _initialised,
    "dock_checked": _checked,
    "dock_clock_seen": _clock_seen,
    "dock_paused": lambda data: f"dock PAUSED by {person(data, 'actor')}: nothing is copied or uploaded",
    "dock_resumed": lambda data: f"dock resumed by {person(data, 'actor')}",
    "camera_enrolled": _enrolled,
    "camera_revoked": lambda data: (
        f"camera {text(data, 'camera')} revoked by {person(data, 'actor')}: {person(data, 'reason')}"
    ),
    "camera_assigned": _assigned,
    "destination_assessed": _assessed,
    "store_lost": _lost,
    "store_back": _back,
    "footage_consulted": _consulted,
    "hold_opened": lambda data: (
        f"standing hold {text(data, 'hold')} placed by {person(data, 'actor')}: {person(data, 'reason')}"
    ),
    "hold_ended": lambda data: (
        f"standing hold {text(data, 'hold')} ended by {person(data, 'actor')}: {person(data, 'reason')}"
    ),
    "request_opened": lambda data: (
        f"request {text(data, 'request')} ({text(data, 'about')}) recorded by {person(data, 'actor')}"
    ),
    "request_corrected": lambda data: (
        f"request {text(data, 'request')} corrected by {person(data, 'actor')}: received on "
        f"{text(data, 'received')}, due {text(data, 'due') or 'on no date'} (before: "
        f"{text(data, 'received_before')}, {text(data, 'due_before') or 'no date'}): {person(data, 'reason')}"
    ),
    "request_closed": lambda data: (
        f"request {text(data, 'request')} closed by {person(data, 'actor')}: {person(data, 'reason')}"
    ),
    "footage_exported": _exported,
    "footage_disclosed": _disclosed,
    "sample_drawn": _drawn,
    "values_erased": _erased,
    "journal_not_as_witnessed": _not_as_witnessed,
    "journal_succeeded": _succeeded,
    "event_recorded": _event,
    "events_matched": _events_matched,
    "backup_made": _backup,
    "journal_taken_up": _taken_up,
    "journal_as_witnessed": _as_witnessed,
    "log_key_new": _key_new,
    "signer_forgot": lambda data: (
        f"the signer signed the journal, {data['entries']} entries, and {_compared(data)}; the journal shows "
        f"that {data['known']} had been signed"
    ),
    "camera_attached": _attached,
    "camera_authorised": lambda data: f"camera admitted ({text(data, 'rule')})",
    "camera_refused": lambda data: f"camera REFUSED: {text(data, 'reason')}",
    "unlock_intended": lambda data: f"the unlock steps of {text(data, 'profile')} are about to be sent",
    "unlock_ended": _unlocked,
    "camera_identified": _identified,
    "camera_clock_read": camera_clock,
    "camera_battery_read": lambda data: (
        f"the camera's battery is {data['percent']} % full, as "
        + ("a file on it says" if text(data, "source") == "file" else "it says itself")
    ),
    "clock_set_intended": clock_to_be_set,
    "clock_set_ended": clock_set,
    "camera_officer_differs": lambda _: (
        "the camera says another officer's id than that of the officer to whom it is assigned"
    ),
    "camera_settled": lambda data: f"nothing more was to be read in docking {text(data, 'docking')}",
    "camera_detached": _detached,
    "upload_attempts": _attempts,
    "verified_again": _again,
    "copies_asked": lambda data: (
        f"{', '.join(data['destinations'])} asked for every copy that was proven there, ordered by "
        f"{person(data, 'actor')}"
    ),
    "copies_drawn": lambda data: (
        f"{data['first'] + data['due'] + data['sample']} of {data['copies']} copies at "
        f"{text(data, 'destination')} to be asked for again in the night of {text(data, 'night')}: "
        f"{data['first']} for the first time, {data['due']} at the end of their cycle, {data['sample']} "
        f"drawn; {data['left']} that are due are left for another night"
    ),
}
