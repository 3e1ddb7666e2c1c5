"""`definition`: what both teams call an MQL and an SQL, and what changed from version to version."""

from __future__ import annotations

from collections.abc import Iterator

import click
from msgspec import Struct

from triage.cli import narration, output
from triage.cli.agreeing import COMMANDS
from triage.cli.session import json_option, opened, profile_option
from triage.cli.shapes import Shape
from triage.desk import agreement
from triage.desk.desk import Desk
from triage.domain.definition import Criterion, Definition
from triage.domain.rule_changes import Change, definition_changes, rule_words, target_words
from triage.domain.rule_history import RuleHistory, SeenDefinition
from triage.domain.rule_news import review_is_due
from triage.errors import UsageError


@click.group("definition")
def definition_command() -> None:
    """Show the MQL definition that both teams agreed on, what changed in it, and agree on another."""


@definition_command.command("show")
@click.option("--version", metavar="V", help="An earlier version, as a decision names it.")
@json_option
@profile_option
def show_command(version: str | None, as_json: bool) -> None:
    """Print a definition line by line: the one in force, or an earlier one that was seen here."""
    read = _read()
    seen = read.find(version) if version else read.in_force
    is_in_force = seen is read.in_force
    if is_in_force and read.asks:
        narration.say(f"note: {read.asks}")
    if as_json:
        output.as_json(_shape(seen, read, is_in_force=is_in_force))
        return
    for text in _lines(seen.rules, is_in_force=is_in_force):
        output.line(text)


@definition_command.command("diff")
@click.argument("before", metavar="V1", required=False)
@click.argument("after", metavar="V2", required=False)
@json_option
@profile_option
def diff_command(before: str | None, after: str | None, as_json: bool) -> None:
    """Print what changed between two versions; without them: from the one before to the one in force."""
    read = _read()
    new = read.find(after) if after else read.in_force
    old = read.find(before) if before else read.before
    if old is None:
        raise UsageError("Only one version was seen here.", hint="There is nothing to compare it with yet.")
    changes = definition_changes(old.rules, new.rules)
    if as_json:
        versions = {"before": old.rules.version, "after": new.rules.version}
        output.as_json({**versions, "changes": [_change_shape(one) for one in changes]})
        return
    output.line(f"MQL definition v{old.rules.version} → v{new.rules.version}")
    for words in [one.words for one in changes] or ["nothing differs"]:
        output.line(f"  {words}")


for _command in COMMANDS:
    definition_command.add_command(_command)


class _Read(Struct, frozen=True):
    """The versions that were seen here, the one in force last."""

    history: RuleHistory
    asks: str
    """The question whose day has come, or nothing."""

    @classmethod
    def of(cls, desk: Desk) -> _Read:
        history = agreement.history(desk)
        definition = history.definitions[-1].rules
        asks = f"Do we still agree on MQL v{definition.version}? Its review date has passed."
        return cls(history, asks if review_is_due(definition, desk.clock()) else "")

    @property
    def in_force(self) -> SeenDefinition:
        return self.history.definitions[-1]

    @property
    def before(self) -> SeenDefinition | None:
        return self.history.definitions[-2] if len(self.history.definitions) > 1 else None

    @property
    def versions(self) -> list[str]:
        return list(dict.fromkeys(one.rules.version for one in self.history.definitions))

    def find(self, version: str) -> SeenDefinition:
        for name in (version, version.removeprefix("v"), version.removeprefix("definition v")):
            found = self.history.definition(name)
            if found is not None:
                return found
        known = ", ".join(self.versions)
        raise UsageError(f"Definition {version!r} was not seen here.", hint=f"Seen here: {known}.")


def _read() -> _Read:
    with opened(reads_damaged=True) as session:
        return session.wait(_Read.of, session.desk)


def _shape(seen: SeenDefinition, read: _Read, *, is_in_force: bool) -> Shape:
    shape: Shape = output.plain(seen.rules)
    dates = {name: output.moment(getattr(seen.rules, name)) for name in ("agreed_at", "review_due")}
    asks = is_in_force and bool(read.asks)
    seen_here = {"seen_since": output.moment(seen.since), "in_force": is_in_force, "review_passed": asks}
    return {**shape, **dates, **seen_here, "versions": read.versions}


def _change_shape(change: Change) -> Shape:
    kind = "added" if change.before is None else "gone" if change.after is None else "changed"
    names = {"part": change.part, "subject": change.subject, "kind": kind, "words": change.words}
    return {**names, "before": output.plain(change.before), "after": output.plain(change.after)}


def _lines(definition: Definition, *, is_in_force: bool) -> Iterator[str]:
    head = [f"MQL definition v{definition.version}", "in force" if is_in_force else "no longer in force"]
    if definition.agreed_at:
        head.append(f"agreed {definition.agreed_at.astimezone():%d %b %Y}")
    if definition.agreed_by:
        head.append(f"by {', '.join(definition.agreed_by)}")
    if definition.review_due:
        head.append(f"review due {definition.review_due.astimezone():%d %b %Y}")
    yield " · ".join(head)
    yield from map(_line, definition.criteria)
    if definition.threshold is not None:
        yield f"MQL by score from {definition.threshold:g}"
    if definition.hand_raise:
        yield f"MQL by a raised hand: {', '.join(definition.hand_raise)}"
    if definition.sql_criteria:
        yield "SQL: ready for an opportunity"
        yield from map(_line, definition.sql_criteria)
    for rule in definition.sla:
        yield f"SLA, {rule.name}"
    for name, value in definition.targets.items():
        yield f"target, {target_words(name, value)}"


def _line(line: Criterion) -> str:
    weight = f" · weight {line.weight:g}" if line.weight else ""
    return f"  {line.criterion_id} · {line.label} · {rule_words(line)}{weight}"
