"""What can a dock say of the twelve guiding principles of the Surveillance Camera Code of Practice?

The code (Home Office, 2013, amended 2021) is about England and Wales; a principle is given here in our own
words. No answer says that a principle is met: that is for people to judge.
"""

from __future__ import annotations

from bwvdock.cli.audit.assessment.values import Answer, Known, Question, ask, entries, gap, key, seen, share
from bwvdock.cli.moments import when
from bwvdock.units import format_count

_CODE = "The code, principle"


def _purpose(_: Known) -> Answer:
    return ask("A dock does not know why cameras are worn. The force states the purpose and the need.")


def _privacy(known: Known) -> Answer:
    drawn = known.seen.kinds["sample_drawn"]
    return ask(
        "An impact assessment and its reviews are not in a dock. Random reviews of footage that were drawn "
        f"here: {drawn.count:,}.",
        entries("sample_drawn", drawn),
    )


def _transparency(_: Known) -> Answer:
    return ask(
        "A dock has no contact point for the public. `bwvdock report figures` makes the figures to publish."
    )


def _responsibility(known: Known) -> Answer:
    covered = known.seen.coverage
    if covered is None:
        return ask(
            "No footage was copied yet. The responsible person is named by the force.", "journal: no clip"
        )
    words = (
        f"Attributed to an officer by an assignment: {share(covered.officer, covered.clips)} copied clips. "
    )
    words += (
        "Each order and consultation has the user who gave it. The responsible person is named by the force."
    )
    where = f"journal: {format_count(known.seen.assignments, 'assignment')} of cameras"
    return seen(words, where) if covered.officer == covered.clips else gap(words, where)


def _rules(known: Known) -> Answer:
    started, reloaded = known.seen.kinds["dock_started"], known.seen.kinds["config_reloaded"]
    return ask(
        "Policies and their communication are not in a dock. The digest of the configuration is an entry at "
        "each start and each reload, so that it is known which rules were in use.",
        entries("dock_started", started),
        entries("config_reloaded", reloaded),
    )


def _retention(known: Known) -> Answer:
    days, undated = known.config.non_evidential_days, known.seen.undated
    remote = [store.name for store in known.config.destinations if store.kind != "directory"]
    words = (
        f"Footage that is not evidence is kept for {days} days after recording and then disposed of in the "
    )
    words += f"spool and in directory vaults: {known.seen.disposed:,} copies so far."
    if remote:
        words += (
            f" Copies in {', '.join(remote)} are not disposed of by bwvdock: that store's own rule decides."
        )
    if undated:
        words += f" {undated:,} clips have no date of disposal, so nothing disposes of them."
    where = (
        key("retention", "non_evidential_days", days),
        f"journal: {known.seen.disposed:,} entries clip_disposed",
    )
    return gap(words, *where) if undated or remote else seen(words, *where)


def _access(known: Known) -> Answer:
    consulted, disclosed = known.seen.kinds["footage_consulted"], known.seen.kinds["footage_disclosed"]
    required = known.config.reason_required
    words = f"Officers' names are shown {'only with a reason' if required else 'without a reason'}, and each "
    words += (
        f"consultation is an entry: {consulted.count:,}. Recorded as handed over: {disclosed.count:,} times. "
    )
    words += "Who is in the operators' group was not looked at."
    where = (
        key("privacy", "reason_required", required),
        entries("footage_consulted", consulted),
        entries("footage_disclosed", disclosed),
    )
    return seen(words, *where) if required else gap(words, *where)


def _standards(_: Known) -> Answer:
    return ask(
        "Formats are public: entries are leaves of an RFC 6962 tree, checkpoints are C2SP signed notes, "
        "packages are BagIt (RFC 8493), digests SHA-256. A dock cannot see what certificates the force holds."
    )


def _security(known: Known) -> Answer:
    check, checked = known.seen.check, known.seen.checked
    encryption = known.config.disk_encryption
    where = (key("dock", "disk_encryption", encryption), entries("dock_checked", checked))
    if not checked.count:
        return gap("The dock has not recorded a check of its own installation.", *where)
    errors = ", ".join(check.get("errors", ())) or "none"
    warnings = ", ".join(check.get("warnings", ())) or "none"
    words = f"The last check of the installation found these errors: {errors}; warnings: {warnings}."
    if check.get("unseen"):
        words += f" It could not look at: {', '.join(check['unseen'])}."
    fine = bool(check.get("fit")) and not check.get("warnings")
    return seen(words, *where) if fine else gap(words, *where)


def _audit(known: Known) -> Answer:
    verified, found = known.seen.verified, known.seen.verification
    witnesses = ", ".join(known.seen.witnesses)
    where = [entries("journal_verified", verified)]
    if not verified.count:
        return gap("No verification of the journal and of the copies is recorded.", *where)
    problems, errors = int(found.get("problems", 0)), int(found.get("errors", 0))
    words = f"The journal was last verified on {when(verified.at)}: {problems:,} problems, {errors:,} things "
    words += "that could not be read."
    if not witnesses:
        words += (
            " No witness outside the dock has confirmed the journal: that it was replaced as a whole would "
        )
        words += "not show."
        return gap(words, *where, "journal: no cosignature")
    words += f" Confirmed from outside by {witnesses}, last on {when(known.seen.cosigned_at)}."
    where.append("journal: cosignatures")
    return gap(words, *where) if problems or errors else seen(words, *where)


def _effective(known: Known) -> Answer:
    figure = known.seen.figure
    if figure is None:
        return ask("No footage was seen yet.", "journal: no clip")
    words = f"Of {figure.recorded:,} clips, {figure.not_copied:,} were seen on a camera and not copied; "
    words += f"{figure.uncertain:,} have a date that nobody vouches for; {known.seen.quarantined:,} are in "
    words += "quarantine. Each copy was hashed while it was read from the camera."
    bad = figure.not_copied or figure.uncertain or known.seen.quarantined
    where = f"journal: {figure.recorded:,} clips"
    return gap(words, where) if bad else seen(words, where)


def _matching(_: Known) -> Answer:
    return seen(
        "No footage is compared with a reference database here. What a store does was not looked at.",
        "software: it has no such function",
    )


PRINCIPLES = tuple(
    Question(id=f"P{number}", source=f"{_CODE} {number}", text=text, answer=answer)
    for number, (text, answer) in enumerate(
        (
            ("Is there a specified purpose, a legitimate aim and a pressing need?", _purpose),
            ("Is the effect on people and their privacy considered, and reviewed regularly?", _privacy),
            ("Is its use as open as possible, with a published contact point?", _transparency),
            ("Is it clear who is responsible and accountable?", _responsibility),
            ("Were rules and procedures in place before, and do those who need them know them?", _rules),
            ("Is no more stored than is required, and is it deleted once its purpose is over?", _retention),
            (
                "Is access restricted by clear rules, and footage disclosed only where it is necessary?",
                _access,
            ),
            ("Are approved standards considered and met?", _standards),
            ("Is there security against unauthorised access and use?", _security),
            ("Are there effective reviews and audits, and regular reports?", _audit),
            ("Is it used effectively, with footage of evidential value?", _effective),
            ("Are reference databases that footage is compared with accurate and up to date?", _matching),
        ),
        start=1,
    )
)
