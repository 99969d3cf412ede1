"""What finds which attack on a dock? docs/reference/tampering.md, from the rows that the tests carry out.

python -m tests.tampering.page      # writes the page anew: `make tampering`
"""

from __future__ import annotations

from pathlib import Path

from tests.tampering.beside import BESIDE, RECORDED
from tests.tampering.in_place import IN_PLACE
from tests.tampering.row import Row
from tests.tampering.whole import CUT, FORGED
from tests.tampering.world import Found

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "tampering.md"
NOTHING = "not found"

GROUPS = (
    ("The journal changed, its hashes not computed again", IN_PLACE),
    ("The journal written anew: all later links, all hashes and the tree", FORGED),
    ("The journal cut off, put back or begun anew", CUT),
    ("Files, documents and what the signer remembers", BESIDE),
    ("What the dock itself recorded", RECORDED),
)
ROWS = [row for _, rows in GROUPS for row in rows]

_HEAD = """\
# What finds tampering, and what does not

If somebody had changed this journal or this footage, what would show it? For an expert who asks that,
each line below is an attack that `tests/tampering/` carries out on a small dock, with real files in spool
and vault, a journal, a custody document, and the code that signs and confirms. The page is written from
the rows that these tests expect (`make tampering`). It says what was seen there, and nothing of attacks
that are not in it.

**The dock.** Its journal has 32 entries. The latest custody document was made when it had 27; the latest
checkpoint was signed, and confirmed by a witness, when it had 30. A copy of that document and that
checkpoint are kept elsewhere, with the log's public key. Nothing outside covers the last two entries.
"Yesterday" is the dock after the checkpoint before that.
Signer and witness work by the code that is installed, in the test's own process and without a network.

**The columns**

- **held**: what the attacker had to be able to write. "the state directory" has the journal's file, the
  spool and the log's public key. On a dock on which `bwvdock-signer` signs, as here, the signer's key and
  memory are not in it; [on any other dock they are](../explanation/signed-checkpoints.md#who-signs), and
  "root, with the signer's key" then needs no root. Where an attack has that, what the signer remembers is
  removed too.
- **verify**: the problems that `bwvdock custody verify` finds after the attack, except those about what
  custody documents say. Their codes: [the journal](journal.md#what-bwvdock-custody-verify-can-find), and
  [files and documents](cli.md#custody).
- **documents**: whether a custody document contradicts the journal (`document_journal`): the one in the
  vault, which `custody verify` reads by itself, or the copy kept elsewhere (`--documents`).
- **checkpoint**: whether the checkpoint kept elsewhere contradicts the journal (`--checkpoint`, and
  `--policy` for the log's key).
- **next start**: what happens when the dock is started after the attack, records that, and has its
  journal signed. "the daemon does not start": it does not take this journal for its own, or cannot open
  it or record in it. "the signer refuses": the journal does not continue what was signed last,
  the signer shows that, and the alert `journal-not-as-witnessed` follows. "not signed": the tree does not
  match the entries. In all three cases there is no new checkpoint. `signer-forgot`: the signer signed, and
  remembers less than the journal shows that it had signed; that is an entry and an alert.
- **witness**: the [alert](status-json.md) that follows when that dock sends the latest checkpoint that it
  has to its witness; `witness-silent` comes after an hour. "not asked": there was none to send.
- **why**: why something finds nothing.

"not found" means that this one finds nothing. The last section lists the attacks that nothing found.
"""

_COLUMNS = ("attack", "held", "verify", "documents", "checkpoint", "next start", "witness", "why")
_DOCUMENTS = {
    (True, True): "in the vault, and elsewhere",
    (True, False): "in the vault",
    (False, True): "elsewhere",
    (False, False): NOTHING,
}
_SAID = {"remarks": "a remark", "files_without_entry": "counted as a file without an entry"}


def page() -> str:
    """Return the page."""
    return "\n".join([_HEAD, *(_section(title, rows) for title, rows in GROUPS), _tail()])


def _section(title: str, rows: tuple[Row, ...]) -> str:
    table = [_COLUMNS, ("---",) * len(_COLUMNS), *(_cells(row) for row in rows)]
    return f"## {title}\n\n" + "".join(f"| {' | '.join(cells)} |\n" for cells in table)


def _cells(row: Row) -> tuple[str, ...]:
    found = row.found
    return (
        row.name,
        row.held.value,
        _verify(found),
        _DOCUMENTS[found.vault, found.kept],
        "`checkpoint`" if found.checkpoint else NOTHING,
        found.start or NOTHING,
        found.witness or NOTHING,
        row.why,
    )


def _verify(found: Found) -> str:
    codes = ", ".join(f"`{code}`" for code in sorted(found.verify))
    said = ", ".join(_SAID[name] for name in sorted(found.said))
    if codes or not said:
        return codes or NOTHING
    return f"no problem; {said}"


def found_by_nothing() -> list[Row]:
    """Return the attacks that leave every column empty."""
    return [row for row in ROWS if row.found == Found()]


def _tail() -> str:
    names = "".join(f"- {row.name}\n" for row in found_by_nothing())
    return f"## Found by nothing\n\n{names}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
