"""The acts a rep can perform on a lead, and how each is said."""

from __future__ import annotations

from enum import StrEnum


class Act(StrEnum):
    """What a decision does; `restore` undoes one that the CRM has already applied."""

    ACCEPT = "accept"
    REJECT = "reject"
    RECYCLE = "recycle"
    DISQUALIFY = "disqualify"
    REROUTE = "reroute"
    SNOOZE = "snooze"
    RESTORE = "restore"

    @property
    def decides(self) -> bool:
        """Whether it is a word on the lead: a snooze puts it off, a restore takes one back."""
        return self not in (Act.SNOOZE, Act.RESTORE)

    @property
    def done(self) -> str:
        """The past participle, as a toast says it: "3 rejected"."""
        return _DONE[self]


_DONE = {
    Act.ACCEPT: "accepted",
    Act.REJECT: "rejected",
    Act.RECYCLE: "recycled",
    Act.DISQUALIFY: "disqualified",
    Act.REROUTE: "rerouted",
    Act.SNOOZE: "snoozed",
    Act.RESTORE: "restored",
}
