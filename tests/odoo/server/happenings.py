"""What happens to leads behind the back of a client, and what goes wrong: a test's hand in the database."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.odoo.server import chatter, leads, people, seeding, wizard, writing
from tests.odoo.server.environment import Env, Records
from tests.odoo.server.faults import known
from tests.odoo.server.fields import Row

if TYPE_CHECKING:
    from tests.odoo.server.calls import Call
    from tests.odoo.server.state import State, Tempo


class Happenings:
    """The verbs of a database."""

    state: State
    tempo: Tempo | None
    colleague: int
    marketer: int
    _planned: list[tuple[int, bool]]

    @contextmanager
    def acting(self, user_id: int = people.ADMIN) -> Iterator[Env]:
        """Work as somebody in the browser, above the rules, in a transaction that holds."""
        with self.state.lock:
            self.state.tables.begin()
            self.state.now = self.state.clock.stamp()
            try:
                yield self.state.env(user_id, su=True)
            except BaseException:
                self.state.tables.roll_back()
                raise

    def row(self, lead_id: int | str) -> Row:
        return self.state.tables.models["crm.lead"].rows[int(lead_id)]

    # What happens to leads

    def write(self, lead_id: int | str, **values: Any) -> None:
        """Change a lead as a person in the browser does."""
        with self.acting(self.marketer) as env:
            writing.changed(env, env["crm.lead"], self.row(lead_id), values)

    def reassign(self, lead_id: int | str, user: int | None = None) -> None:
        """Give the lead to a colleague, or to whom is named; 0 is nobody."""
        self.write(lead_id, user_id=self.colleague if user is None else user or False)

    def restage(self, lead_id: int | str, stage: str = "Qualified") -> None:
        rows = self.state.tables.models["crm.stage"].rows.values()
        self.write(lead_id, stage_id=next(row["id"] for row in rows if row["name"] == stage))

    def retitle(self, lead_id: int | str, title: str = "CTO") -> None:
        """Change something that no decision is judged by."""
        self.write(lead_id, function=title)

    def archive(self, lead_id: int | str, reason: str = "Too expensive") -> None:
        """Set the lead lost by hand."""
        with self.acting(self.marketer) as env:
            reasons = env["crm.lost.reason"].rows.values()
            wanted = next(row["id"] for row in reasons if row["name"] == reason)
            leads.action_set_lost(env, Records(env["crm.lead"], (int(lead_id),)), lost_reason_id=wanted)

    def restore(self, lead_id: int | str) -> None:
        with self.acting(self.marketer) as env:
            leads.action_unarchive(env, Records(env["crm.lead"], (int(lead_id),)))

    def win(self, lead_id: int | str, revenue: float = 12_000.0) -> None:
        """Convert the lead and win it."""
        with self.acting(self.marketer) as env:
            row = self.row(lead_id)
            leads.converted(env, row, partner=row["partner_id"])
            writing.changed(env, env["crm.lead"], row, {"expected_revenue": revenue})
            leads.action_set_won(env, Records(env["crm.lead"], (int(lead_id),)))

    def delete(self, lead_id: int | str, into: int | str | None = None) -> None:
        """Take the lead away for good; with `into` it goes up in another with its messages."""
        with self.acting() as env:
            row = env["crm.lead"].rows.get(int(lead_id))
            if row is None:
                return
            if into is None:
                writing.removed(env, env["crm.lead"], row)
            else:
                wizard.merge_into(env, row, self.row(into))

    def take_while_writing(self, lead_id: int | str, *, judged: bool = True) -> None:
        """Let a colleague take the lead with the next call that names it.

        `judged`: before a client that looks first can look. Otherwise with the next write, between its look
        and its write, which nothing can notice at Odoo.
        """
        self._planned.append((int(lead_id), judged))

    def meddle(self, call: Call, *, is_write: bool) -> None:
        """Do what was planned for a call that names a lead. For the server."""
        for plan in list(self._planned):
            lead_id, judged = plan
            if (judged or is_write) and call.model.startswith("crm.lead") and lead_id in _named(call):
                self._planned.remove(plan)
                self.reassign(lead_id)

    def post(
        self, lead_id: int | str, body: str, *, user: int = 0, kind: str = "comment", **more: Any
    ) -> int:
        """Put HTML in the lead's chatter, by marketing or by whom is named; return the message's id."""
        with self.acting(user or self.marketer) as env:
            values = {"body": chatter.sanitized(body), "message_type": kind, **more}
            author = people.partner_of(user or self.marketer)
            return int(chatter.put(env, self.row(lead_id), author, chatter.NOTE, values)["id"])

    def type_answer(self, lead_id: int | str, text: str, kind: str = "") -> int:
        """Let marketing answer by hand, with a note in the chatter."""
        said = " ".join(one for one in ("triage-answer:", kind, html.escape(text)) if one)
        return self.post(lead_id, f"<p>{said}</p>")

    def fill_answer(self, lead_id: int | str, text: str, kind: str = "") -> None:
        """Let marketing answer in the two fields."""
        self.write(lead_id, x_triage_answer=text, x_triage_answer_kind=kind or False)

    def ask_of(self, model: str, **values: Any) -> int:
        """Make a record of any model; return its id."""
        with self.acting() as env:
            return int(writing.made_of(env, env[model], values)["id"])

    def add_reason(self, name: str) -> int:
        return self.ask_of("crm.lost.reason", name=name)

    def add_lead(self, owner: int | None = None, *, kind: str = "lead", **values: Any) -> int:
        """Make one more lead, the next of the invented ones; return its id."""
        with self.acting() as env:
            number = len(env["crm.lead"].rows)
            row = seeding.lead(env, number, owner, kind=kind)
            if values:
                writing.changed(env, env["crm.lead"], row, values)
            return int(row["id"])

    def unlearn(self) -> None:
        """Forget what was won and lost: every lead then scores 0.00."""
        with self.acting() as env:
            env["crm.lead.scoring.frequency"].rows.clear()

    # What goes wrong

    def strike(self, *faults: str) -> None:
        """Let the next writes go wrong, in order; an empty text: nothing happens to that one."""
        self.state.faults.writes.extend(known(one) for one in faults)

    def strike_reads(self, *faults: str) -> None:
        """The same for the next reads."""
        self.state.faults.reads.extend(known(one) for one in faults)

    def without(self, field: str, *, of: str = "crm.lead") -> None:
        """Take a field away from a model."""
        with self.state.lock:
            self.state.tables.models[of].fields.pop(field, None)

    def uninstall(self, model: str) -> None:
        with self.state.lock:
            self.state.tables.models.pop(model, None)

    def forbid(self, model: str, method: str) -> None:
        """Let a method be refused to everybody: 403."""
        self.state.forbidden.add((model, method))

    def expire_key(self, key: str = "") -> None:
        """End a key: the rep's, where none is named."""
        with self.state.lock:
            for row in self.state.tables.models["res.users.apikeys"].rows.values():
                if row["_key"] == (key or self._rep_key()):
                    row["expiration_date"] = self.state.clock.now()

    def _rep_key(self) -> str:
        raise NotImplementedError

    def advance(self, seconds: float) -> None:
        """Let time pass: for records and keys, and for the pace where the tempo is a test's."""
        with self.state.lock:
            self.state.clock.advance(seconds)
            if self.tempo is not None and hasattr(self.tempo, "seconds"):
                self.tempo.seconds += seconds


def _named(call: Call) -> set[int]:
    """The leads that a call speaks of: by ids, in a domain, in the context, or in values."""
    found = {one for one in call.ids if isinstance(one, int)}
    waiting: list[Any] = [call.named, list(call.positional), call.context.get("active_ids")]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            waiting += [value for name, value in one.items() if name in ("domain", "vals_list", "lead_id")]
        elif isinstance(one, list | tuple):
            waiting += one
        elif isinstance(one, int):
            found.add(one)
    return found
