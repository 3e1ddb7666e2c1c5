"""`demo`: the app on the embedded CRM, in a profile of its own that lasts between runs."""

from __future__ import annotations

import os
import shutil

import click
from msgspec.structs import replace

from config.paths import private_folder
from config.settings import Profile
from triage.cli import narration
from triage.cli.demo_crm import DemoCrm
from triage.cli.terminal import need_terminal, run_on
from triage.house import House
from triage.wiring import connector, session_for

NAME = "demo"


@click.command("demo")
@click.option("--leads", default=120, show_default=True, metavar="N", help="Untriaged leads.")
@click.option("--seed", default=7, show_default=True, metavar="S")
@click.option("--faults", default="", metavar="PLAN", help="For example latency,429:0.3")
@click.option("--fresh", is_flag=True, help="Start over: forget what was decided in the demo.")
def demo_command(leads: int, seed: int, faults: str, fresh: bool) -> None:
    """Triage believable leads without an account. What you decide lasts until --fresh."""
    click.get_current_context().exit(run_demo(leads=leads, seed=seed, faults=faults, fresh=fresh))


def run_demo(*, leads: int = 120, seed: int = 7, faults: str = "", fresh: bool = False) -> int:
    """Start the embedded CRM, run the app on it, and end it with the app."""
    from triage.embedded.members import FIRST_REP

    need_terminal()
    house = House.found(os.environ)
    home = house.paths.state / NAME
    if fresh:
        shutil.rmtree(home, ignore_errors=True)
    private_folder(home)
    places = replace(house.paths, state=home / "state", cache=home / "cache")
    crm = DemoCrm(home / "crm", leads=leads, seed=seed, faults=faults)
    crm.start()
    try:
        if crm.note:
            narration.say(f"note: {crm.note}")
        profile = Profile(
            crm="rest", url=crm.url, account_id=f"seed-{seed}", user_id=FIRST_REP, user_name="you"
        )
        connect = connector(house, NAME, profile, given=crm.rep_token)
        demo_house = replace(house, paths=places)
        return run_on(session_for(demo_house, NAME, profile, connect, demo=crm), demo_house)
    finally:
        crm.stop()
