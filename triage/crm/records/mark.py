"""One record of ours at a CRM, wherever it stands: in a note, a comment or a field. Pure."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from msgspec import Struct, to_builtins

from triage.crm.fields import Fields
from triage.domain.act import Act
from triage.domain.feedback import FeedbackType
from triage.domain.item import Item
from triage.domain.lead import Owner

Record = dict[str, Any]


class Mark(Struct, frozen=True):
    """What one of our records says."""

    note_id: str
    """The CRM's id of what carries it."""
    item_id: str
    """Of a decision or a piece of feedback; of an answer: the reply's id."""
    word: str
    """The act, the type of feedback, or the kind of answer."""
    record: Record
    """As it was written: hostile, like everything that somebody could have changed since."""
    at: datetime | None = None
    """When the CRM took it."""
    is_answer: bool = False

    @property
    def rep(self) -> Owner:
        """Who said it."""
        rep = Fields(self.record, Counter()).child("rep")
        return Owner(rep.text("user_id"), rep.text("name")) if rep is not None else Owner("")

    @property
    def item(self) -> Fields:
        """The decision or feedback of the record; without any field where there is none."""
        return Fields(self.record, Counter()).child("item") or Fields({}, Counter())

    @property
    def of_kind(self) -> str:
        """What an item is, by its word: decision or feedback."""
        return "feedback" if self.word in list(FeedbackType) and self.word not in list(Act) else "decision"


def word_of(item: Item) -> str:
    """Return what an item does, in one word: its act, or the type of feedback."""
    if item.decision is not None:
        return item.decision.act.value
    return item.feedback.type.value if item.feedback is not None else ""


def plain(value: object) -> Any:
    """Return a domain value in JSON's own types."""
    return to_builtins(value)
