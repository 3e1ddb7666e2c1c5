"""Write docs/keys.md and docs/commands.md from the program's own registries: python -m docs.generate."""

from __future__ import annotations

from pathlib import Path

import click

from screens.actions import ACTIONS, CONTEXTS, shown_keys
from triage.cli.main import COMMANDS, root

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


PAGES = {"keys.md": keys_page, "commands.md": commands_page}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")
