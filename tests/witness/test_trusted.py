"""Is each key that somebody adds in the list of logs, whoever adds others at the same time?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bwvdock.core.custody.c2sp.signed_note import ED25519, VerifierKey
from bwvdock.edges import ed25519
from bwvdock.witness.trusted import TrustedLogs

MANY = 24


def vkey(number: int) -> str:
    return str(VerifierKey(f"docks/{number}", ED25519, ed25519.public(bytes([number]) * 32)))


@pytest.mark.slow
def test_keys_that_are_added_at_the_same_time_are_all_there(tmp_path: Path) -> None:
    """Twice each, by administrators who have their own program each."""
    with ThreadPoolExecutor(8) as administrators:
        added = list(
            administrators.map(
                lambda n: TrustedLogs(tmp_path).add(f"LEW-{n}", vkey(n % MANY))[1], range(2 * MANY)
            )
        )
    assert added.count(True) == MANY
    logs = TrustedLogs(tmp_path).all()
    assert {str(key) for known in logs.values() for key in known.keys} == {vkey(n) for n in range(MANY)}
    assert {len(known.keys) for known in logs.values()} == {1}
