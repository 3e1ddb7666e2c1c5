"""Write keys.md, commands.md and filter.md from the program's own registries: python -m docs.generate."""

from __future__ import annotations

from pathlib import Path

import click

from screens.actions import ACTIONS, CONTEXTS, shown_keys
from screens.help.guide import EXAMPLES
from triage.cli.main import COMMANDS, root
from triage.domain.filter_fields import ANYWHERE, FIELDS, Field

HERE = Path(__file__).parent
MADE = "<!-- Made by `make docs`. -->"


def keys_page() -> str:
    """Return the page of all keys, by group."""
    lines = [
        "# Keys",
        "",
        MADE,
        "",
        "Each id can be given other keys in `keymap.toml` (`triage paths` says where it is).",
        "",
    ]
    for group in dict.fromkeys(action.group for action in ACTIONS):
        lines += [f"## {group}", "", "| key | id | does | where |", "|---|---|---|---|"]
        for action in (one for one in ACTIONS if one.group == group):
            keys = " ".join(f"`{key}`".replace("|", "\\|") for key in shown_keys(action))
            where = ", ".join(CONTEXTS[context].lower() for context in action.contexts)
            lines.append(f"| {keys} | `{action.id}` | {action.help} | {where} |")
        lines.append("")
    return "\n".join(lines)


def commands_page() -> str:
    """Return the page of all commands with their options, as `--help` says them."""
    lines = ["# Commands", "", MADE, ""]
    context = click.Context(root, info_name="triage", **root.context_settings)
    for name in COMMANDS:
        command = root.get_command(context, name)
        assert command is not None
        lines += _section(command, click.Context(command, parent=context, info_name=name))
    return "\n".join(lines)


def _section(command: click.Command, context: click.Context) -> list[str]:
    context.terminal_width = context.max_content_width = 100
    lines = [f"## {context.command_path}", "", "```", command.get_help(context), "```", ""]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            lines += _section(inner, click.Context(inner, parent=context, info_name=name))
    return lines


def filter_page() -> str:
    """Return the page of the filter language, from its table of fields."""
    lines = ["# The filter language", "", MADE, "", *_FILTER_WORDS, "| typed | shows |", "|---|---|"]
    lines += [f"| `{typed}` | {meaning} |" for typed, meaning in EXAMPLES]
    lines += ["", "## Fields", "", "| field | compared as | what it is | example |", "|---|---|---|---|"]
    return "\n".join([*lines, *(_row(one) for one in (ANYWHERE, *FIELDS)), ""])


_FILTER_WORDS = (
    "`/` in the app filters as you type; `triage list --filter` takes the same words, and so does a view",
    "of your own (`[[views]]` in `config.toml`). Terms stand side by side and all have to hold; commas mean",
    "“one of”; `-` in front means “not”. Case, accents and hidden characters do not matter: `muller`",
    "finds “Müller”. `Tab` completes a field or a value from what your leads hold, and says how many",
    "leads it leaves. What cannot be read is underlined, with its column and the nearest field.",
    "",
)


def _row(field: Field) -> str:
    values = f": {', '.join(field.values)}" if field.values else ""
    name = f"`{field.name}`" if field.name else "a plain word"
    return f"| {name} | {field.kind}{values} | {field.meaning} | `{field.example}` |"


PAGES = {"keys.md": keys_page, "commands.md": commands_page, "filter.md": filter_page}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")
