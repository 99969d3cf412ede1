"""Are the codes that [notify] names codes of alerts? One that is misspelt would never be notified."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from bwvdock.config.notify.checks import numbered
from bwvdock.config.settings import Config, MistakesError
from bwvdock.config.toml_table import Mistake
from bwvdock.status.alerts import AlertCode

_CODES = frozenset(map(str, AlertCode))


def unknown_codes(config: Config) -> Iterator[Mistake]:
    """Return each code that no alert has, with the nearest that one has."""
    for where, target in numbered(config.notify):
        for key, codes in (("codes", target.rules.codes), ("ignore", target.rules.ignore)):
            for code in sorted(codes - _CODES):
                near = get_close_matches(code, _CODES, n=1, cutoff=0.5)
                remedy = f"did you mean {near[0]}?" if near else "docs/reference/status-json.md lists them"
                yield Mistake(
                    key=f"{where}.{key}", value=f'"{code}"', message="no alert has this code", remedy=remedy
                )


def require_codes(config: Config) -> None:
    """Check that alerts have all codes that are named.

    Raises:
        MistakesError: some do not exist.
    """
    if wrong := list(unknown_codes(config)):
        raise MistakesError(config.file, wrong, config)
