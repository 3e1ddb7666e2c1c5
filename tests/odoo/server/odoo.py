"""The stand-in as a test sees it: a database with invented leads, and a hand in what happens to them there.

It is written from the vendor's contract, apart from the adapter that it tests, and imports nothing of triage.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from tests.odoo.server import chatter, keys, leads, manual_fields, people, seeding, wizard
from tests.odoo.server.fields import Row
from tests.odoo.server.happenings import Happenings
from tests.odoo.server.pace import Pace
from tests.odoo.server.state import State, Tempo

_MARK = re.compile(r"\[triage:([^\s\]]+) ([^\]]+)\]")
_ANSWER = re.compile(r"\[triage-answer:([^\s\]]+) ([^\]]+)\]")
_DAYS = 60
"""How long the keys of the beginning are good."""


@dataclass(frozen=True)
class Standing:
    """What a lead has come to."""

    owner: int
    """The user's id; 0 is nobody."""
    type: str
    stage: str
    active: bool
    lost_reason: str
    tags: tuple[str, ...]
    outcome: str
    is_there: bool = True


class Odoo(Happenings):
    """One database in memory. `tempo` is shared with the adapter: the pace of its calls is counted by it.

    Further switches are attributes of `state`: early, drops_missing, many_databases, programmatic_keys,
    jsonrpc, faults.retry_after, and the groups of each user.
    """

    def __init__(
        self,
        tempo: Tempo | None = None,
        version: str = "19.0",
        leads: int = 12,
        *,
        others: int = 2,
        nobodys: int = 0,
        use_leads: bool = True,
        set_up: bool = True,
        mailing: bool = True,
        website: bool = True,
        enterprise: bool = False,
    ) -> None:
        self.state = State(
            tempo=tempo, version=version, mailing=mailing, website=website, enterprise=enterprise
        )
        self.tempo = tempo
        self.pace = Pace(self.state)
        self.requests: list[str] = []
        self.down = False
        self.me, self.colleague, self.marketer = people.ME, people.COLLEAGUE, people.MARKETER
        self._planned: list[tuple[int, bool]] = []
        self._kind = "lead" if use_leads else "opportunity"
        self._seed(set_up=set_up, use_leads=use_leads)
        with self.acting() as env:
            made = [seeding.lead(env, n, self.me, kind=self._kind) for n in range(leads)]
            more = [
                seeding.lead(env, n, self.colleague, kind=self._kind) for n in range(leads, leads + others)
            ]
            last = leads + others
            free = [seeding.lead(env, n, None, kind=self._kind) for n in range(last, last + nobodys)]
        self.lead_ids: list[int] = _ids(made)
        self.other_lead_ids: list[int] = _ids(more)
        self.free_lead_ids: list[int] = _ids(free)

    def _seed(self, *, set_up: bool, use_leads: bool) -> None:
        people.seed(self.state)
        _hook(self.state)
        with self.acting() as env:
            seeding.base(env)
            seeding.campaigns(env)
            seeding.history(env)
            if set_up:
                seeding.set_up(env)
            env["crm.team"].rows[1]["use_leads"] = use_leads
        if use_leads:
            for groups in self.state.groups.values():
                groups.add(people.USES_LEADS)
        self.key = keys.issue(self.state, self.me, "laptop", days=_DAYS, scope="rpc")
        self.colleague_key = keys.issue(self.state, self.colleague, "laptop", days=_DAYS, scope="rpc")
        self.marketing_key = keys.issue(self.state, self.marketer, "laptop", days=_DAYS, scope="rpc")
        self.admin_key = keys.issue(self.state, people.ADMIN, "laptop", days=None, scope="rpc")

    def _rep_key(self) -> str:
        return self.key

    # What it is

    @property
    def database(self) -> str:
        return self.state.database

    @property
    def login(self) -> str:
        return self.login_of(self.me)

    @property
    def marketing_login(self) -> str:
        return self.login_of(self.marketer)

    def login_of(self, user_id: int) -> str:
        return str(self.state.tables.models["res.users"].rows[user_id]["login"])

    @property
    def broken_rules(self) -> list[str]:
        """What a client did that it may not; a test asserts that it is empty."""
        return self.state.broken_rules

    @property
    def trained(self) -> list[tuple[int, str]]:
        """Leads that taught the scoring, and as what: won or lost."""
        return self.state.trained

    # What it has seen

    def count(self, prefix: str) -> int:
        """How many calls began so: "crm.lead.write"."""
        return sum(one.startswith(prefix) for one in self.requests)

    def effects(self) -> list[tuple[str, str]]:
        """Item id and word of each note with triage's marker, in the order they were made."""
        return self._marked(_MARK)

    def answers(self) -> list[tuple[str, str]]:
        """Reply id and kind of each note with an answer's marker."""
        return self._marked(_ANSWER)

    def _marked(self, marker: re.Pattern[str]) -> list[tuple[str, str]]:
        with self.state.lock:
            rows = sorted(self.state.tables.models["mail.message"].rows.values(), key=lambda row: row["id"])
            return [(hit[1], hit[2]) for row in rows for hit in marker.finditer(row["body"] or "")]

    def twice(self) -> list[str]:
        """Items that took effect more than once."""
        return [item for item, times in Counter(item for item, _ in self.effects()).items() if times > 1]

    def notes_of(self, lead_id: int | str) -> list[str]:
        """The bodies of the notes that people and programs wrote on a lead, oldest first."""
        with self.state.lock:
            rows = self.state.tables.models["mail.message"].rows.values()
            return [r["body"] for r in rows if r["res_id"] == int(lead_id) and r["message_type"] == "comment"]

    def standing(self, lead_id: int | str) -> Standing:
        with self.state.lock:
            row = self.state.tables.models["crm.lead"].rows.get(int(lead_id))
            if row is None:
                return Standing(0, "", "", False, "", (), "", is_there=False)
            env = self.state.env(people.ADMIN, su=True)
            return Standing(
                row["user_id"] or 0,
                row["type"],
                env.name_of("crm.stage", row["stage_id"]),
                row["active"],
                env.name_of("crm.lost.reason", row["lost_reason_id"]),
                tuple(sorted(env.name_of("crm.tag", tag) for tag in row["tag_ids"])),
                row.get("x_triage_outcome") or "",
            )


def _ids(rows: list[Row]) -> list[int]:
    return [row["id"] for row in rows]


def _hook(state: State) -> None:
    """What follows from a change, by model."""
    state.on_create["crm.lead"] = [leads.began]
    state.on_write["crm.lead"] = [leads.followed]
    state.on_unlink["crm.lead"] = [chatter.forget]
    state.on_create["crm.lead2opportunity.partner"] = [wizard.prepared]
    state.on_create["ir.model.fields"] = [manual_fields.made]
    state.on_unlink["ir.model.fields"] = [manual_fields.dropped]
