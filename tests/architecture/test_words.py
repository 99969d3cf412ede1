"""Does the project speak plain English, and do the rules about that find what they are there to find?"""

from __future__ import annotations

import pytest

from tests.architecture import words
from tests.architecture.tree import sources

PACKAGE = sources("bwvdock")


def test_what_people_read_is_plain_english() -> None:
    assert [hit for path, text in PACKAGE.items() for hit in words.worst_words(path, text)] == []


def test_docstrings_begin_with_what_is_returned_or_done() -> None:
    assert [hit for path, text in PACKAGE.items() for hit in words.empty_beginnings(path, text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "Clip X is no evidence from now on.",
        "The file is no journal.",
        "Mend the file",
        "It stands at the vault.",
        "The upload goes on when it does.",
        "as far as the dock was told",
        "it is brought again",
        "of which no officer is known",
    ],
)
def test_a_translated_word_is_found(text: str) -> None:
    assert words.worst_words("bwvdock/x.py", f"say({text!r})")
    assert words.worst_words("bwvdock/x.py", f"say(f'{{clip}} {text}')")
    assert words.worst_words("bwvdock/x.py", f'def f():\n    """{text}"""')


@pytest.mark.parametrize(
    "source",
    [
        "told = stands['tell']",
        "say('Clip X is no longer marked as evidence.')",
        "say('The copy resumes when the camera is docked again.')",
        "say('recommended amendments, understanding')",
    ],
)
def test_names_and_good_english_are_fine(source: str) -> None:
    assert words.worst_words("bwvdock/x.py", source) == []


@pytest.mark.parametrize(
    "summary", ["Give the size.", "Say that it left.", "Do it.", "The size.", "What it has."]
)
def test_a_docstring_that_begins_with_nothing_done_is_found(summary: str) -> None:
    assert len(words.empty_beginnings("bwvdock/x.py", f'def f():\n    """{summary}"""')) == 1


@pytest.mark.parametrize(
    "source",
    [
        'def f():\n    """Return the size."""',
        '@property\ndef f():\n    """The size."""',
        'def f():\n    """Copy the clip; return its digest."""',
    ],
)
def test_a_docstring_that_says_what_is_done_is_fine(source: str) -> None:
    assert words.empty_beginnings("bwvdock/x.py", source) == []
