"""What does the log have of a kind of message that is not a fact?"""

from __future__ import annotations

from typing import NamedTuple


class Message(NamedTuple):
    """The id of an event that is not a fact, what it says, with {fields}, and what it means.

    `advises`: it has a remedy, which the catalogue shows.
    """

    id: str
    sentence: str
    meaning: str
    advises: bool = False
