"""What happens to leads behind the back of a client, and what goes wrong: a test's hand in the shop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.bottlecrm.shop.effects import entries, note_effects
from tests.bottlecrm.shop.faults import known
from tests.bottlecrm.shop.interactions import answered
from tests.bottlecrm.shop.leads import Lead
from tests.bottlecrm.shop.seeding import give_token
from tests.bottlecrm.shop.state import State

if TYPE_CHECKING:
    from tests.bottlecrm.shop.calls import Call


class Happenings:
    """The verbs of a shop."""

    state: State
    me: str
    colleague: str
    marketer: str
    meddling: list[tuple[str, bool]]
    overrun: list[str]
    _rows: dict[str, tuple[dict[str, Any], dict[str, Any]]]
    """Each lead as it was before the request of the moment."""

    def _lead(self, lead_id: str) -> Lead:
        return self.state.leads[lead_id]

    # What happens to leads

    def write(self, lead_id: str, **values: Any) -> None:
        """Change fields of a lead as a person in the browser does; `custom_fields` merge."""
        with self.state.lock:
            lead = self._lead(lead_id)
            custom = {**lead.custom, **values.pop("custom_fields", {})}
            before, lead.custom = lead.custom, {key: one for key, one in custom.items() if one is not None}
            lead.values = {**lead.values, **values}
            lead.updated = self.state.clock.stamp()
            note_effects(self.state, lead, before)

    def reassign(self, lead_id: str, to: str | None = None) -> None:
        """Give the lead to a colleague, or to whom is named; an empty text: to nobody."""
        wanted = self.colleague if to is None else to
        with self.state.lock:
            self._lead(lead_id).assigned = {wanted} if wanted else set()
            self.write(lead_id)

    def restatus(self, lead_id: str, status: str = "in process") -> None:
        self.write(lead_id, status=status)

    def retitle(self, lead_id: str, title: str = "CTO") -> None:
        """Change something that no decision is judged by."""
        self.write(lead_id, job_title=title)

    def convert(self, lead_id: str) -> None:
        """Let somebody else make an opportunity of it."""
        self.write(lead_id, status="converted")

    def respond(self, lead_id: str) -> None:
        """Let the rep have been in touch with the person, which does not move the lead's version."""
        with self.state.lock:
            answered(self.state, self._lead(lead_id), self.state.people[self.me])

    def delete(self, lead_id: str) -> None:
        """Take the lead away for good."""
        with self.state.lock:
            self.state.leads.pop(lead_id, None)

    def take_while_writing(self, lead_id: str, *, judged: bool = True) -> None:
        """Let a colleague take the lead when the next write is on its way.

        `judged`: before a client that looks first can look, with the next request that names the lead.
        Otherwise between its look and its write.
        """
        self.meddling.append((lead_id, judged))

    def overwrite(self, lead_id: str) -> None:
        """Undo the next change of the lead: somebody had read it before and wrote it as a whole after.

        The server reads a lead as one row and writes it as one. Of 25 pairs of changes that were sent to a live one
        at the same moment, each answered with 200, 25 lost a custom field of one of the two.
        """
        self.overrun.append(lead_id)

    def meddle(self, call: Call) -> None:
        """Do what was planned for a request that names a lead. For the server."""
        for plan in list(self.meddling):
            lead_id, judged = plan
            if lead_id in call.path and (judged or call.is_write):
                self.meddling.remove(plan)
                self.reassign(lead_id)
        if call.method == "PATCH":
            self._rows = {one: (lead.values, lead.custom) for one, lead in self.state.leads.items()}

    def meddle_after(self, call: Call) -> None:
        """The same, when the request was carried out."""
        for lead_id in list(self.overrun):
            if call.method == "PATCH" and lead_id in call.path:
                self.overrun.remove(lead_id)
                self._put_back(lead_id)

    def _put_back(self, lead_id: str) -> None:
        lead, (values, custom) = self._lead(lead_id), self._rows[lead_id]
        lost = {str(one.get("id")) for one in entries(lead.custom)}
        lost -= {str(one.get("id")) for one in entries(custom)}
        self.state.effects = [one for one in self.state.effects if one[0] != lead_id or one[1] not in lost]
        lead.values, lead.custom, lead.updated = values, custom, self.state.clock.stamp()

    # What marketing says

    def type_answer(self, lead_id: str, text: str, kind: str | None = None) -> None:
        """Type an answer into the custom fields, as a person in the browser does."""
        self.write(lead_id, custom_fields={"triage_answer": text, "triage_answer_kind": kind})

    def comment(self, lead_id: str, text: str, by: str | None = None) -> None:
        """Write a comment at the lead, as marketing or as whoever is named."""
        with self.state.lock:
            self.state.comment(lead_id, text, self.state.people[by or self.marketer])

    # What goes wrong

    def strike(self, *faults: str) -> None:
        """Let the next writes go wrong in this way, in order; an empty one goes well."""
        self.state.faults.writes.extend(known(one) for one in faults)

    def strike_reads(self, *faults: str) -> None:
        self.state.faults.reads.extend(known(one) for one in faults)

    def drop_field(self, *keys: str) -> None:
        """Take custom fields away, all of triage's without a name: what is written to them vanishes."""
        with self.state.lock:
            gone = [
                one.id
                for one in self.state.fields.values()
                if one.key in keys or (not keys and "triage" in one.key)
            ]
            for one in gone:
                del self.state.fields[one]

    def narrow(self, key: str, *values: str) -> None:
        """Leave a dropdown these values only."""
        definition = self.state.definition(key)
        assert definition is not None
        definition.options = [{"value": one, "label": one} for one in values]

    def revoke(self, token: str) -> None:
        self.state.doors.tokens[token].revoked = self.state.clock.now()

    def scoped(self, *scopes: str) -> str:
        """Another token of the rep's, that may do this only."""
        return give_token(self.state, self.state.people[self.me], *scopes)
