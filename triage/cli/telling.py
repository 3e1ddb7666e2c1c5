"""`feedback` and `assets`: tell marketing something about leads, typed; and see what it has to give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from triage.cli import output
from triage.cli.deciding import print_acted
from triage.cli.session import json_option, opened, profile_option, words
from triage.cli.shapes import told_shape
from triage.domain.feedback import FeedbackType
from triage.domain.lead import LeadId
from triage.domain.payloads import FIELDS, read_type

TYPES = [kind.value for kind in FeedbackType if kind is not FeedbackType.RETRACTION]


def payload_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command one option for each field of any payload."""
    fields = {spec.name: spec for specs in FIELDS.values() for spec in specs}
    for name, spec in sorted(fields.items(), reverse=True):
        kinds = ", ".join(kind for kind, specs in FIELDS.items() if spec in specs)
        choices = f": {', '.join(spec.choices)}" if spec.choices else ""
        command = click.option(
            f"--{name.replace('_', '-')}", name, metavar="TEXT", help=f"{spec.label}{choices} ({kinds})"
        )(command)
    return command


@click.command("feedback")
@click.argument("kind", metavar="TYPE")
@click.argument("lead_ids", metavar="LEAD...", nargs=-1, required=True)
@click.option("--decision", "decision_id", metavar="ID", help="The decision it belongs to.")
@payload_options
@json_option
@profile_option
def feedback_command(
    kind: str,
    lead_ids: tuple[str, ...],
    decision_id: str | None,
    as_json: bool,
    **given: str | None,
) -> None:
    """Tell marketing about leads, typed so that it can be counted."""
    told = read_type(kind)
    payload = {name: words(value) for name, value in given.items() if value}
    leads = [LeadId(lead_id) for lead_id in lead_ids]
    with opened() as session:
        done = session.wait(session.desk.feedback, leads, told, payload, decision_id=decision_id)
    shapes = [told_shape(item) for item in done.items]
    if as_json and len(set(lead_ids)) == 1 and shapes:
        output.as_json(shapes[0])
        return
    print_acted(shapes, done.skipped, as_json=as_json, verb=told.value)


@click.command("assets")
@json_option
@profile_option
def assets_command(as_json: bool) -> None:
    """List what marketing has to give to leads, and what reps have asked it for."""
    with opened() as session:
        library = session.wait(session.desk.library)
    if as_json:
        output.as_json({"assets": output.plain(library.assets), "requests": output.plain(library.requests)})
        return
    assets = [(one.asset_id, one.kind, one.title, one.url) for one in library.assets]
    output.table(assets, ("ASSET", "KIND", "TITLE", "LINK"))
    requests = [
        (one.request_id, one.state, str(one.votes), one.topic, one.answered_with) for one in library.requests
    ]
    output.table(requests, ("REQUEST", "STATE", "ASKED", "TOPIC", "ANSWERED WITH"))


feedback_command.help = f"Tell marketing about leads. The kinds are: {', '.join(TYPES)}."
