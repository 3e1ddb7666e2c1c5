"""`config`: show, check and edit the settings."""

from __future__ import annotations

import os

import click

from triage.cli import narration, output
from triage.cli.keymap import keymap_in_force
from triage.cli.session import profile_option
from triage.cli.terminal import need_terminal
from triage.house import House


@click.group("config")
def config_command() -> None:
    """Show, check or edit the settings."""


@config_command.command("show")
@profile_option
def show() -> None:
    """Print the settings in force, as JSON."""
    output.as_json(House.found(os.environ).settings)


@config_command.command("check")
@profile_option
def check() -> None:
    """Read every file of ours; says file, line and the nearest key of what is off."""
    house = House.found(os.environ)
    keymap_in_force(house)
    output.line(f"{house.paths.settings_file}: fine")


@config_command.command("edit")
@profile_option
def edit() -> None:
    """Open the settings in your editor, then check them."""
    from config.credentials import without_tokens
    from config.paths import paths, private_folder

    need_terminal()
    path = paths(os.environ).settings_file
    private_folder(path.parent)
    tokens = set(os.environ) - set(without_tokens(os.environ))
    click.edit(filename=str(path), env=dict.fromkeys(tokens, ""))
    House.found(os.environ)
    narration.say(f"{path}: fine")
