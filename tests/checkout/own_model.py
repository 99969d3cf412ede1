"""What must follow from badges and orders about own clips? By hand.

From docs/how-to/mark-own-clips-by-badge.md. It shares no rule with the code.
"""

from __future__ import annotations

from dataclasses import dataclass, field

MINUTE_MS = 60_000


@dataclass
class OwnModel:
    """The document's table. A clip belongs to a docking, and to an officer until somebody disputes it."""

    officers: dict[str, str]  # badge: officer
    ms: int = 0
    docked: dict[str, int] = field(default_factory=dict)  # camera: the number of its docking
    docking: dict[str, int] = field(default_factory=dict)  # clip: the number of its docking
    whose: dict[str, str] = field(default_factory=dict)  # clip: officer
    evidence: set[str] = field(default_factory=set)
    reviewed: set[str] = field(default_factory=set)
    open_for: str = ""
    ends: int = 0
    token: str = ""
    free: bool = False
    acts: list[tuple[str, ...]] = field(default_factory=list)

    def is_open(self) -> bool:
        return bool(self.open_for) and self.ms < self.ends

    def mine(self, officer: str) -> set[str]:
        here = set(self.docked.values())
        return {clip for clip, who in self.whose.items() if who == officer and self.docking[clip] in here}

    def badge(self, badge: str) -> None:
        officer = self.officers.get(badge, "")
        before = self.open_for if self.is_open() else ""
        if (before and before != officer) or not officer or not self.mine(officer):
            self.open_for = self.token = ""
            return
        self.token = self.token if before else ""
        self.open_for, self.ends, self.free = officer, self.ms + MINUTE_MS, True

    def ask(self) -> str:
        """A browser asks for a token; the caller sets it."""
        if not self.is_open():
            return "over"
        if not self.free:
            return "elsewhere"
        self.free = False
        self.acts.append(("footage_consulted", "", f"badge:{self.open_for}"))
        return "shown"

    def holds(self, token: str) -> bool:
        return self.is_open() and token != "" and token == self.token

    def order(self, token: str, clip: str, act: str, reason: str) -> str:
        if not self.holds(token):
            return "over"
        if clip not in self.mine(self.open_for):
            return "not-yours"
        if act in {"evidence", "not-evidence"} and not reason:
            return "refused"
        kind = {
            "evidence": "clip_flagged" if clip not in self.evidence else "",
            "not-evidence": "clip_unflagged" if clip in self.evidence else "",
            "category": "clip_classified" if clip not in self.reviewed else "",
            "not-mine": "attribution_disputed",
        }[act]
        if not kind:
            return "unchanged"
        self.acts.append((kind, clip, f"badge:{self.open_for}"))
        match act:
            case "evidence":
                self.evidence.add(clip)
            case "not-evidence":
                self.evidence.discard(clip)
            case "category":
                self.reviewed.add(clip)
            case "not-mine":
                self.whose[clip] = ""
        return "recorded"

    def restart(self) -> None:
        self.open_for = self.token = ""
        self.docked.clear()
