"""What does journald show of a fact? The sentence of the journal's story, and no name of a person or file."""

from __future__ import annotations

from bwvdock.cli.output.entry_sentences import happened
from bwvdock.core.custody.records import Entry
from bwvdock.core.facts import Fact
from bwvdock.core.facts.visibility.told import seen_of


def fact_sentence(fact: Fact) -> str:
    """Return a fact as a sentence, "" if it cannot be worded: the log has its canonical line then."""
    try:
        said = happened(Entry(seq=0, time="", kind=fact.kind, data=seen_of(fact), leaf_hash=""))
    except Exception:  # noqa: BLE001 - a dock that cannot word its log still takes footage
        return ""
    clip = getattr(fact, "clip", "")
    return f"Clip {clip}: {said}" if clip else said[:1].upper() + said[1:]
