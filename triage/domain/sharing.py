"""One line for a chat: about a lead, a reply or an act, without any way to reach the person. Pure.

Must never hold an e-mail address or a phone number, also where somebody wrote one into a note. The words are
raw: whoever shows the line cleans it.
"""

from __future__ import annotations

import re

from triage.domain.answers import KINDS
from triage.domain.decision import Decision
from triage.domain.entry import Entry
from triage.domain.feedback import Feedback
from triage.domain.item import Item
from triage.domain.outline import AnyLead
from triage.domain.review import Reply

LONGEST = 600
"""Characters of a line."""
_FIELD, _QUOTED = 80, 160
"""Characters of a name, and of somebody's own words."""
_MAIL = re.compile(r"[^\s<>()\[\]\"“”]+@[^\s<>()\[\]\"“”]+")
_PHONE = re.compile(r"\+?\d(?:[\s()./\-\u2010-\u2015]{0,3}\d){6,}")
_DATED = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.+Z-]*)?")
LEFT_OUT = "[…]"
_SHOWN = ("criterion", "contribution", "field", "verdict", "topic", "competitor", "until", "wake")
"""Parameters that say which; the others name people or tell nothing."""


def lead_line(entry: Entry, campaign: str) -> str:
    """Return "Jo Kim, Alpha (VP Ops) · score 72 B2 · rejected WRONG_PERSONA: consultant · from Webinar X"."""
    outline, standing = entry.outline, entry.decision
    score = outline.score
    told = f"score {score.score:g} {score.band[:8]}{score.grade[-1:]}".rstrip() if score is not None else ""
    decided = decision_words(standing.decision) if standing is not None and standing.decision else ""
    if entry.returned is not None:
        decided = f"{decided}, returned by marketing" if decided else "returned by marketing"
    source = _cut(campaign) or _cut(outline.source)
    return joined(who(outline), told, decided, f"from {source}" if source else "")


def reply_line(reply: Reply, item: Item | None, lead: AnyLead | None) -> str:
    """Return who it is about, what the rep had said, and what marketing answered."""
    words = f"“{_cut(reply.text, _QUOTED)}”" if reply.text.strip() else ""
    by = f"marketing ({_cut(reply.by)})" if reply.by else "marketing"
    link = f"→ {_cut(reply.link)}" if reply.link else ""
    about = who(lead) if lead is not None else _cut(reply.lead_id)
    said = item_words(item) if item is not None else ""
    return joined(about, said, " ".join(part for part in (f"{by}: {KINDS[reply.kind]}", words, link) if part))


def deed_line(item: Item, lead: AnyLead | None, count: int = 1) -> str:
    """Return what an act was, and about whom: one lead by its name, several by their number."""
    about = f"{count} leads" if count > 1 else who(lead) if lead is not None else item.lead_id
    return joined(about, item_words(item))


def item_words(item: Item) -> str:
    """Return what the rep decided or told."""
    if item.decision is not None:
        return decision_words(item.decision)
    return feedback_words(item.feedback) if item.feedback is not None else ""


def decision_words(decision: Decision) -> str:
    """Return "rejected WRONG_PERSONA: consultant": the rep's own words, else what was pointed at."""
    reason = f" {_cut(decision.reason)}" if decision.reason else ""
    said = _cut(decision.note, _QUOTED) or ", ".join(_named(decision.params))
    return f"{decision.act.done}{reason}{f': {said}' if said else ''}"


def feedback_words(feedback: Feedback) -> str:
    """Return "score accuracy: too high, VP or C-level"."""
    return payload_words(feedback.type.value, feedback.payload)


def payload_words(kind: str, payload: dict[str, str]) -> str:
    """Return the same of a kind and what was said with it."""
    said = ", ".join(one.replace("_", " ") for one in _named(payload))
    named = _cut(kind).replace("_", " ")
    return f"{named}: {said}" if said else named


def who(lead: AnyLead) -> str:
    """Return "Jo Kim, Alpha (VP Ops)", as far as it is known; never an address in a name's place."""
    named = ", ".join(part for part in (_cut(lead.name), _cut(lead.company)) if part) or _cut(lead.lead_id)
    return f"{named} ({_cut(lead.title)})" if lead.title.strip() else named


def joined(*parts: str) -> str:
    """Return what there is of some parts as one line, without addresses and numbers to call."""
    return without_reach(" · ".join(part for part in parts if part))[:LONGEST]


def without_reach(text: str) -> str:
    """Return a text with e-mail addresses and phone numbers left out; a date is neither."""
    return _PHONE.sub(_unless_dated, _MAIL.sub(LEFT_OUT, text))


def _unless_dated(found: re.Match[str]) -> str:
    return found[0] if _DATED.fullmatch(found[0]) else LEFT_OUT


def _named(told: dict[str, str]) -> list[str]:
    return [_cut(told[name]) for name in _SHOWN if told.get(name)]


def _cut(text: str, limit: int = _FIELD) -> str:
    text = without_reach(text[: 4 * limit]).strip()  # before the cut: half an address tells as well
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"
