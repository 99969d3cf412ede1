"""What is found when files, documents or the signer's memory are changed, or the dock records a falsehood?"""

from __future__ import annotations

from tests.tampering import attacks
from tests.tampering.attacks import added, altered, removed
from tests.tampering.row import Held, found, row
from tests.tampering.world import FORGOT

_COVERED = "What was signed and confirmed before is still there, and agrees with it."
_FILES = "The journal was not changed."
BESIDE = (
    row("a file in the vault is changed", Held.VAULT, altered(attacks.vaulted), found("vault_file"), _FILES),
    row(
        "a file in the vault for which there is no receipt is changed",
        Held.VAULT,
        altered(attacks.unproven),
        found("vault_file"),
        _FILES,
    ),
    row("a file in the spool is changed", Held.SPOOL, altered(attacks.spooled), found("spool_file"), _FILES),
    row(
        "a clip's file is removed from the vault",
        Held.VAULT,
        removed(attacks.vaulted),
        found("vault_file"),
        _FILES,
    ),
    row(
        "a clip's file is removed from the vault, where the journal does not say that it is",
        Held.VAULT,
        removed(attacks.unproven),
        found(),
        f"{_FILES} It says that the spool has the clip, which is there.",
    ),
    row(
        "a clip's file is removed from the spool",
        Held.SPOOL,
        removed(attacks.spooled),
        found("spool_file"),
        _FILES,
    ),
    row(
        "a foreign file is added to the vault",
        Held.VAULT,
        added(lambda world: attacks.vaulted(world).parent),
        found(said="files_without_entry"),
        f"{_FILES} Nothing says what such a file should be.",
    ),
    row(
        "a foreign file is added to the spool",
        Held.SPOOL,
        added(lambda world: world.dock.config.spool),
        found(said="files_without_entry"),
        f"{_FILES} Nothing says what such a file should be.",
    ),
    row(
        "a custody document in the vault is changed to state another root",
        Held.VAULT,
        attacks.edit_document,
        found("vault_document", documents="vault"),
        f"{_FILES} The document that is kept elsewhere agrees with it.",
    ),
    row(
        "a custody document is removed from the vault",
        Held.VAULT,
        removed(attacks.document),
        found("vault_document"),
        f"{_FILES} The document that is kept elsewhere agrees with it.",
    ),
    row(
        "what the signer remembers is removed, and nothing else",
        Held.KEY,
        attacks.forget_signed,
        found(start=FORGOT),
        f"{_COVERED} The signer takes the next checkpoint as its first.",
    ),
)

RECORDED = (
    row(
        "the wall clock is set back three days while an entry is recorded",
        Held.CLOCK,
        attacks.record_by(-3),
        found(said="remarks"),
        "A clock may be corrected, so it is a remark. The entries are what the dock recorded.",
    ),
    row(
        "the wall clock is set forward three days while an entry is recorded",
        Held.CLOCK,
        attacks.record_by(3),
        found(),
        "The entries are what the dock recorded, and their order is right.",
    ),
    row(
        "the dock is made to record what did not happen",
        Held.DAEMON,
        attacks.record_what_is_false,
        found(),
        "The entry was false when it was recorded; nothing was changed afterwards.",
    ),
)
