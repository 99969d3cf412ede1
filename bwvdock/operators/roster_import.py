"""How is a list of a hundred thousand rows recorded while the dock keeps copying and uploading?

The desk's thread checks every row first; one wrong row stops the import. Then it asks the thread that owns
the journal to record one part after the other, so that other work is done between them. A power cut between
two parts leaves whole parts: importing the same file again completes them.
"""

from __future__ import annotations

import queue
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

from bwvdock.edges.journal import JournalReader
from bwvdock.errors import BwvdockError, UsageError
from bwvdock.operators.decisions import Decision
from bwvdock.operators.enrolments import enrol_rows, message_of
from bwvdock.operators.events.importing import import_events, message_of_events
from bwvdock.operators.events.requests import ImportEvents
from bwvdock.operators.messages import Answer, Asked
from bwvdock.operators.requests import Assign, EnrolRows, Request
from bwvdock.operators.roster import assign, in_parts, message_of_rows, part_rows
from bwvdock.runtime.jobs import Post
from bwvdock.units import format_count


def is_import(order: Request) -> TypeGuard[Assign | EnrolRows | ImportEvents]:
    """Return whether an order is too long for one commit and is recorded in parts."""
    if not isinstance(order, Assign | EnrolRows | ImportEvents) or len(order.rows) <= part_rows(order):
        return False
    return len({row[1].strip() for row in order.rows if len(row) > 1}) > 1


@dataclass(frozen=True, slots=True)
class Import:
    """A job for the desk: checks a whole list, then has it recorded part by part."""

    asked: Asked
    order: Assign | EnrolRows | ImportEvents
    journal: Path

    def work(self, post: Post) -> None:
        """Check it, have it recorded, and answer."""
        self.asked.answer(self._import(post))

    def failed(self, error: BwvdockError) -> None:
        """Answer with what stopped it."""
        self.asked.answer(error)

    def _import(self, post: Post) -> Answer:
        with JournalReader(self.journal) as reader:
            whole = self._whole(reader)
        done: Counter[str] = Counter(dict.fromkeys(whole.sums, 0))
        for part in in_parts(self.order) if whole.facts else ():
            answer = self._ask(post, part)
            if isinstance(answer, BwvdockError):
                return self._broken_off(answer, done)
            done.update({name: answer[name] for name in done})
        if not whole.facts:
            return whole.answer()
        return Decision(facts=whole.facts, message=self._message(done), sums=done).answer()

    def _message(self, done: Counter[str]) -> str:
        if isinstance(self.order, ImportEvents):
            return message_of_events(done)
        return message_of_rows(done) if isinstance(self.order, Assign) else message_of(done)

    def _whole(self, reader: JournalReader) -> Decision:
        if isinstance(self.order, Assign):
            return assign(self.order, reader, self.asked.actor)
        if isinstance(self.order, ImportEvents):
            return import_events(self.order, reader.event, self.asked.actor)
        return enrol_rows(self.order, reader.enrolment, self.asked.actor)

    def _broken_off(self, error: BwvdockError, done: Counter[str]) -> BwvdockError:
        if isinstance(self.order, Assign):
            return _broken_off(error, format_count(done["assignments"], "assignment"), done["assignments"])
        recorded = done["new"] + done["changed"]
        what = "event" if isinstance(self.order, ImportEvents) else "camera"
        return _broken_off(error, format_count(recorded, what), recorded)

    def _ask(self, post: Post, part: Assign | EnrolRows | ImportEvents) -> Answer:
        box: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        post(Asked(part, self.asked.actor, box.put, self.asked.veil))
        return box.get()


def _broken_off(error: BwvdockError, done: str, count: int) -> BwvdockError:
    """Return an error for an order, given during the import, that a row contradicts."""
    if not count:
        return error
    return UsageError(
        f"{error.message}\nThat was entered during the import, when {done} of the file had been recorded.",
        remedy=f"{error.remedy} Then import the file again: rows already recorded are skipped.".lstrip(),
    )
