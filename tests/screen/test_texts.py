"""Does each language say everything that English says, with the same values in it?"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from bwvdock.config.screen.settings import LANGUAGES
from bwvdock.status.for_screen import Advice
from tests.architecture.tree import ROOT

PAGE = ROOT / "bwvdock/screen/page"
FORMS = {"en": {"one", "other"}, "cy": {"zero", "one", "two", "few", "many", "other"}}
"""The plural forms that a language has, as Unicode's CLDR lists them for whole numbers."""
OUTCOMES = (
    "take",
    "taken",
    "taken-another",
    "taken-two",
    "not-taken",
    "unknown-badge",
    "none-safe",
    "none-charged",
    "none-suitable",
    "has-one",
    "returned",
    "other",
)


def texts(language: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PAGE / f"{language}.json").read_text(encoding="utf-8"))
    return found


def forms(said: str | Mapping[str, str]) -> Mapping[str, str]:
    return {"other": said} if isinstance(said, str) else said


def wrong(language: str, said: Mapping[str, Any], english: Mapping[str, Any]) -> list[str]:
    """Return what a catalogue lacks, has too much, or says with other values than English."""
    found = [f"{key}: only one of the two has it" for key in sorted(set(said) ^ set(english))]
    for key in sorted(set(said) & set(english)):
        if isinstance(said[key], str) != isinstance(english[key], str):
            found.append(f"{key}: forms in one of the two alone")
        elif not isinstance(said[key], str) and set(said[key]) != FORMS[language]:
            found.append(f"{key}: {sorted(said[key])} are not the forms of {language}")
        names = set(re.findall(r"\{\w+\}", forms(english[key])["other"]))
        for form, text in forms(said[key]).items():
            if set(re.findall(r"\{\w+\}", text)) != names or not text.strip():
                found.append(f"{key}, {form}: {text}")
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_is_complete(language: str) -> None:
    said = texts(language)
    assert said["language"] == language
    assert wrong(language, said, texts("en")) == []


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_nothing_is_left_in_english(language: str) -> None:
    said, english = texts(language), texts("en")
    assert [key for key in english if said[key] == english[key]] == []


def test_a_text_that_is_missing_or_lacks_a_value_is_found() -> None:
    english, said = texts("en"), texts("cy")
    assert wrong("cy", {key: said[key] for key in said if key != "cover"}, english) != []
    assert wrong("cy", {**said, "bay": "Bae"}, english) != []
    assert wrong("cy", {**said, "clips": {**said["clips"], "two": "{n}"}}, english) != []
    assert wrong("cy", {**said, "clips": {"one": said["clips"]["one"], "other": "x"}}, english) != []
    assert wrong("cy", {**said, "close": " "}, english) != []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_and_every_outcome_has_its_text(language: str) -> None:
    said = texts(language)
    assert {key for key in said if key.startswith("advice.")} == {f"advice.{a}" for a in (*Advice, "unknown")}
    assert {f"checkout.{code}" for code in OUTCOMES} <= set(said)
