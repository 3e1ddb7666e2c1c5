"""What marketing answered about one lead: its words, who and when; what is other since it came back."""

from __future__ import annotations

from rich.style import Style

from screens.cells import Line, say, width_of
from screens.folding import UNBOUNDED, folded
from screens.panels.glance import Glance
from screens.panels.marketing import LABEL, fact
from screens.words import ago
from triage.domain.answers import KINDS
from triage.domain.returned import since_decided
from triage.domain.review import Reply

NEW = "●"
_WORDS = 2_000


def answer_lines(glance: Glance) -> list[Line]:
    """Return what the brief says: the return with what changed, else an answer that was not read."""
    answers = glance.entry.answers
    if answers is None:
        return []
    back = glance.entry.returned
    if back is None:
        return [_line(glance, answers.latest)] if answers.unread else []
    return [_line(glance, back), *_since(glance, back)]


def all_answers(glance: Glance) -> list[Line]:
    """Return what the page says: every answer whole, the newest first."""
    answers, ink = glance.entry.answers, glance.ink
    if answers is None:
        return []
    lines = [Line("Marketing answered", ink.dim)]
    back = glance.entry.returned
    for reply in answers.replies:
        is_new = reply.reply_id in answers.unread
        line = Line(f"{NEW} " if is_new else "  ", ink.accent).add(KINDS[reply.kind], _style(glance, reply))
        line.add(_to_what(glance, reply), ink.dim).add(_by_and_when(glance, reply, " · "), ink.dim)
        lines += folded(line, glance.width, 2)
        words = Line("  ", ink.text).add(reply_text(reply, _WORDS), ink.text)
        lines += folded(words, glance.width, 2) if words.text.strip() else []
        if reply is back:
            wide = glance.narrowed(UNBOUNDED)
            lines += [one for line in _since(wide, reply) for one in folded(line, glance.width, LABEL)]
    return lines


def reply_text(reply: Reply, limit: int = 200) -> str:
    """Return the words and what they point at."""
    link = f"→ {say(reply.link)}" if reply.link else ""
    return " ".join(part for part in (say(reply.text, limit), link) if part)


def _line(glance: Glance, reply: Reply) -> Line:
    """Return a reply on one line: what, in which words, who and when."""
    label = "returned" if reply is glance.entry.returned else "answer"
    text = reply_text(reply)
    if label == "answer":
        text = f"{KINDS[reply.kind]}{f': {text}' if text else ''}"
    said = text or KINDS[reply.kind]
    room = glance.width - LABEL - width_of(said) - 3
    forms = (_by_and_when(glance, reply, " · ").removeprefix(" · "), ago(reply.at, glance.now))
    told = next((form for form in forms if width_of(form) <= room), "")
    line = fact(glance, label, said, style=_style(glance, reply))
    return line.add(f" · {told}", glance.ink.dim) if told else line


def _since(glance: Glance, reply: Reply) -> list[Line]:
    """Return what is not as it was when the rep decided."""
    item = glance.entry.decision
    decision = item.decision if item is not None else None
    if decision is None or decision.decision_id != reply.of or glance.entry.is_blind:
        return []
    found = since_decided(glance.entry, glance.definition)
    words = " · ".join(say(one.words) for one in found) or "nothing that the score or the definition sees"
    reason = f" {say(decision.reason)}" if decision.reason else ""
    return [fact(glance, "since", f"your {decision.act}{reason}: {words}")]


def _style(glance: Glance, reply: Reply) -> Style:
    return glance.ink.accent if reply is glance.entry.returned else glance.ink.strong


def _to_what(glance: Glance, reply: Reply) -> str:
    item = glance.entry.decision
    decision = item.decision if item is not None and item.id == reply.of else None
    if decision is None:
        return f" · to your {say(reply.of_kind)}"
    return f" · to your {decision.act}{f' {say(decision.reason)}' if decision.reason else ''}"


def _by_and_when(glance: Glance, reply: Reply, gap: str = " · ") -> str:
    parts = (say(reply.by, 40), ago(reply.at, glance.now))
    return "".join(f"{gap}{part}" for part in parts if part)
