"""Which checkpoints are handed out, whichever witnesses confirmed which of them?"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import closing
from importlib import resources

from hypothesis import given
from hypothesis import strategies as st

from bwvdock.edges.journal.checkpoints import handed_out, last_cosigned, nobody

SCHEMA = resources.files("bwvdock.edges.journal").joinpath("schema-9.sql").read_text(encoding="utf-8")
SIZES, WITNESSES = range(1, 9), ("a", "b", "c")
confirmations = st.sets(st.tuples(st.sampled_from(SIZES), st.sampled_from(WITNESSES)))


def journal(signed: Collection[int], confirmed: Collection[tuple[int, str]]) -> sqlite3.Connection:
    """Return a journal with these signed checkpoints, confirmed by these witnesses."""
    db = sqlite3.connect(":memory:")
    db.executescript(SCHEMA)
    for size in signed:
        db.execute("INSERT INTO checkpoint VALUES (?, ?, ?, '')", (size, bytes(32), f"{size}\n"))
    for size, witness in confirmed:
        db.execute("INSERT INTO cosignature VALUES (?, ?, ?, '')", (size, witness, witness))
    return db


@given(
    signed=st.sets(st.sampled_from(SIZES)),
    confirmed=confirmations,
    least=st.integers(1, 3),
    known=st.sets(st.sampled_from(WITNESSES)),
)
def test_the_quorum_s_latest_is_first_and_the_latest_of_all_beside_it(
    signed: set[int], confirmed: set[tuple[int, str]], least: int, known: set[str]
) -> None:
    lines = {(size, witness) for size, witness in confirmed if size in signed}

    def by(size: int) -> list[str]:
        return sorted(witness for its, witness in lines if its == size)

    met = [size for size in signed if len(known & set(by(size))) >= least]
    wanted = sorted({max(met, default=0), max(signed, default=0)} - {0})
    with closing(journal(signed, lines)) as db:
        found = handed_out(db, lambda witnesses: len(known & set(witnesses)) >= least)
        assert [one.size for one in found] == wanted
        assert [one.confirmed for one in found] == [size == max(met, default=0) for size in wanted]
        assert [one.note for one in found] == ["\n".join([str(n), *by(n), ""]) for n in wanted]
        assert [one.size for one in handed_out(db, nobody)] == sorted(signed)[-1:]
        cosigned = max((size for size, _ in lines), default=0)
        assert last_cosigned(db).split("\n")[0] == (str(cosigned) if cosigned else "")
