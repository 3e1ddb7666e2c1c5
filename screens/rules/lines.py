"""How the rules and what changed in them are listed, a sentence each. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from screens.cells import Line, say, wrap
from screens.ink import Ink
from screens.reading import Block
from screens.rules.banner import review_words, step_words
from screens.words import counted
from triage.domain.definition import Criterion, Definition
from triage.domain.rule_changes import rule_words, target_words
from triage.domain.rule_history import RuleHistory
from triage.domain.rule_news import RuleNews, Step, model_words, steps_of

_LONGEST = 4000
"""Characters of a sentence: lists of countries are long."""
_INDENT = 4


def rule_blocks(
    news: RuleNews | None,
    history: RuleHistory,
    now: datetime,
    width: int,
    ink: Ink,
    *,
    disputes: int | None = None,
) -> list[Block]:
    """Return what is new, what is in force, and how it came to be so."""
    definition = history.definitions[-1].rules if history.definitions else Definition("")
    last, *before = [*_earlier(news, history, width, ink)] or [[]]
    return [
        *_new(news, now, width, ink, disputes),
        *(last if news is None else ()),
        *_in_force(definition, width, ink),
        *(last if news is not None else ()),
        *(block for part in before for block in part),
        *_scores(news, history, width, ink),
    ]


def news_words(news: RuleNews | None) -> str:
    """Say how much is new."""
    if news is None or news.review is not None:
        return "nothing changed since you last looked"
    steps = [step for step in (news.definition, news.reasons) if step is not None]
    count = sum(max(len(step.changes), 1) for step in steps) + len(news.models)
    return f"{counted(count, 'change')} since you last looked"


def _new(news: RuleNews | None, now: datetime, width: int, ink: Ink, disputes: int | None) -> Iterator[Block]:
    if news is None:
        return
    if news.review is not None:
        yield block(review_words(news.review, now, disputes), width, ink)
    for what, step in (("MQL definition", news.definition), ("Reason codes", news.reasons)):
        if step is not None:
            yield from _step(f"{what} {step_words(step)}", step, width, ink)
    yield from _part("Scores", map(model_words, news.models), width, ink)


def _step(heading: str, step: Step, width: int, ink: Ink) -> Iterator[Block]:
    if step.changes:
        return _part(heading, (change.words for change in step.changes), width, ink)
    words = "the same lines under another number"
    if not step.is_known:
        words = "the version before is no longer here to compare with"
    return _part(heading, [words], width, ink)


def _in_force(definition: Definition, width: int, ink: Ink) -> Iterator[Block]:
    heading = f"In force: MQL definition v{say(definition.version) or '?'}{agreed_words(definition)}"
    lines = map(line_words, definition.criteria)
    yield from _part(heading, [*lines, *term_words(definition)], width, ink)
    yield from _part("Ready for an opportunity (SQL)", map(line_words, definition.sql_criteria), width, ink)


def agreed_words(definition: Definition) -> str:
    """Return by whom and when it was agreed, as the end of a heading."""
    on = f" on {definition.agreed_at.astimezone():%-d %b %Y}" if definition.agreed_at else ""
    by = f" by {', '.join(definition.agreed_by)}" if definition.agreed_by else ""
    return f", agreed{on}{by}" if on or by else ""


def line_words(line: Criterion) -> str:
    """Return a line with what it compares."""
    weight = f" · weight {line.weight:g}" if line.weight else ""
    return f"{line.label or line.criterion_id} · {rule_words(line)}{weight}"


def term_words(definition: Definition) -> Iterator[str]:
    """Yield what else was agreed on."""
    if definition.threshold is not None:
        yield f"MQL by score from {definition.threshold:g}"
    if definition.hand_raise:
        yield f"MQL by a raised hand: {', '.join(definition.hand_raise)}"
    for rule in definition.sla:
        yield f"SLA, {rule.name}"
    for name, value in definition.targets.items():
        yield f"target, {target_words(name, value)}"
    if definition.review_due is not None:
        yield f"to be reviewed {definition.review_due.astimezone():%-d %b %Y}"


def _earlier(news: RuleNews | None, history: RuleHistory, width: int, ink: Ink) -> Iterator[list[Block]]:
    """Yield the steps that are no news, the newest first."""
    for past in steps_of(history):
        step, told = past.step, None
        if news is not None:
            told = news.definition if past.of_definition else news.reasons
        if told is None or (step.before, step.after) != (told.before, told.after):
            what = "MQL definition" if past.of_definition else "Reason codes"
            heading = f"{what} {step_words(step)}, here since {past.since.astimezone():%-d %b %Y}"
            yield list(_step(heading, step, width, ink))


def _scores(news: RuleNews | None, history: RuleHistory, width: int, ink: Ink) -> Iterator[Block]:
    fresh = {one.version for one in news.models} if news is not None else frozenset[str]()
    models = [one for one in reversed(history.models) if one.version not in fresh]
    return _part("Scores before" if fresh else "Scores", map(model_words, models), width, ink)


def _part(heading: str, sentences: Iterable[str], width: int, ink: Ink) -> Iterator[Block]:
    for index, words in enumerate(sentences):
        over = () if index else tuple(_over(heading, width, ink))
        yield block(words, width, ink, over)


def _over(heading: str, width: int, ink: Ink) -> Iterator[Line]:
    yield Line()
    for words in wrap(say(heading, _LONGEST), width):
        yield Line(words, ink.accent)


def block(words: str, width: int, ink: Ink, over: tuple[Line, ...] = ()) -> Block:
    """Return a sentence of raw text as a block, its further lines set in."""
    first, *more = wrap(say(words, _LONGEST), width) or [""]
    rest = wrap(" ".join(more), width - _INDENT) if more else []
    return Block(
        (Line(first, ink.text), *(Line(" " * _INDENT, ink.text).add(one, ink.text) for one in rest)), over
    )
