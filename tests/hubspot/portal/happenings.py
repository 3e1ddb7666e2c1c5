"""What happens to leads behind the back of a client, and what goes wrong: a test's hand in the account."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from tests.hubspot.portal.faults import known
from tests.hubspot.portal.kinds import CONTACTS, DEALS, LEADS, Kind, kind_of, ties_of
from tests.hubspot.portal.objects import merge
from tests.hubspot.portal.owners import MARKETER
from tests.hubspot.portal.records import Author, Record
from tests.hubspot.portal.stamps import iso, millis
from tests.hubspot.portal.state import State, Tempo
from tests.hubspot.portal.writing import create, update

IN_THE_BROWSER = Author("CRM_UI", f"userId:{MARKETER.user_id}", "", MARKETER.user_id)
BY_A_WORKFLOW = Author("AUTOMATION_PLATFORM", "workflow:41", "Workflow")


class Happenings:
    """The verbs of a portal."""

    state: State
    tempo: Tempo | None
    lead_object: str
    me: str
    colleague: str
    meddling: list[tuple[str, bool]]

    @property
    def _kind(self) -> Kind:
        return kind_of(self.lead_object)

    def _lead(self, lead_id: str) -> Record:
        return self.state.records.of[self._kind.name][lead_id]

    def _contact(self, lead_id: str) -> Record | None:
        contacts = self.state.records.of[CONTACTS.name]
        if self._kind is CONTACTS:
            return contacts.get(lead_id)
        tied = self.state.associations.of("leads", lead_id, "contacts")
        primary = next((one for one, types in tied.items() if 578 in types), None)
        return contacts.get(primary or "")

    def contact_of(self, lead_id: str) -> str:
        """The id of the lead's primary contact."""
        contact = self._contact(lead_id)
        assert contact is not None, f"{lead_id} has no contact"
        return contact.id

    # What happens to leads

    def write(
        self, kind: str, record_id: str, values: Mapping[str, str], author: Author = IN_THE_BROWSER
    ) -> None:
        """Change properties as a person in the browser does; read-only ones too, as HubSpot itself does."""
        with self.state.lock:
            record = self.state.records.of[kind_of(kind).name][record_id]
            schema = self.state.schemas[record.kind.name].properties
            by_hubspot = {n: v for n, v in values.items() if n not in schema or schema[n].read_only}
            update(self.state, record, {n: v for n, v in values.items() if n not in by_hubspot}, author)()
            if by_hubspot:
                self.state.records.write(record, by_hubspot, author=author)

    def reassign(self, lead_id: str, owner: str | None = None) -> None:
        """Give the lead to a colleague, or to whom is named."""
        to = self.colleague if owner is None else owner
        self.write(self.lead_object, lead_id, {"hubspot_owner_id": to})

    def restage(self, lead_id: str, stage: str = "connected-stage-id") -> None:
        """Move the lead to a stage; in an account without leads, to a lead status."""
        name = "hs_pipeline_stage" if self._kind is LEADS else "hs_lead_status"
        self.write(self.lead_object, lead_id, {name: stage})

    def retitle(self, lead_id: str, title: str = "CTO") -> None:
        """Change something that no decision is judged by, on the lead and on its contact."""
        self.write("contacts", self.contact_of(lead_id), {"jobtitle": title})
        if self._kind is LEADS:
            self.write("leads", lead_id, {"hs_lead_label": "HOT"})

    def archive(self, lead_id: str) -> None:
        with self.state.lock:
            self.state.records.archive(self._lead(lead_id))

    def delete(self, lead_id: str, into: str | None = None) -> None:
        """Take the lead away for good; with `into` it goes up in another, and so does its contact."""
        with self.state.lock:
            if into is not None:
                self._merge_contacts(lead_id, into)
                self.state.records.merged[self._kind.name, lead_id] = into
            record = self.state.records.of[self._kind.name].get(lead_id)
            if record is not None:
                self.state.records.remove(record)

    def merge_contacts(self, lead_id: str, into: str) -> None:
        """Merge the contact of one lead into that of another: the leads stay, the contact's id is gone."""
        with self.state.lock:
            self._merge_contacts(lead_id, into)

    def _merge_contacts(self, lead_id: str, into: str) -> None:
        loser, winner = self.contact_of(lead_id), self.contact_of(into)
        if loser != winner:
            merge(self.state, CONTACTS, loser, winner)

    def take_while_writing(self, lead_id: str, *, judged: bool = True) -> None:
        """Let a colleague take the lead when the next write is on its way.

        `judged`: before a client that looks first can look, with the next request that names the lead.
        Otherwise between its look and its write, which nothing can notice at HubSpot.
        """
        self.meddling.append((lead_id, judged))

    def meddle(self, raw: bytes, path: str, *, is_write: bool) -> None:
        """Do what was planned for a request that names a lead. For the server."""
        for plan in list(self.meddling):
            lead_id, judged = plan
            named = f'"{lead_id}"'.encode() in raw or path.endswith(f"/{lead_id}")
            if named and (judged or is_write) and f"/{self.lead_object}/" in f"{path}/":
                self.meddling.remove(plan)
                self.reassign(lead_id)

    def type_answer(
        self, lead_id: str, text: str, kind: str = "acknowledged", *, author: Author = IN_THE_BROWSER
    ) -> None:
        """Let marketing answer by hand, in the contact's two properties."""
        contact = self.contact_of(lead_id)
        self.write("contacts", contact, {"triage_answer": text, "triage_answer_kind": kind}, author)

    def engage(self, lead_id: str, kind: str, at: datetime, *, owner: str | None = None, **said: str) -> str:
        """Log a call, a mail or a meeting with the lead's contact, the rep's own or of whom is named; return its id."""
        with self.state.lock:
            contact = self.contact_of(lead_id)
            values = {
                "hs_timestamp": iso(at),
                "hubspot_owner_id": self.me if owner is None else owner,
                **said,
            }
            logged = create(self.state, kind_of(kind), values, [], IN_THE_BROWSER)()
            (tie,) = ties_of("contacts", logged.kind.name)
            self.state.associations.join(("contacts", contact), (logged.kind.name, logged.id), tie)
            if at <= self.state.clock.now() and "INCOMING_EMAIL" not in said.values():
                self.write("contacts", contact, {"notes_last_contacted": iso(at)})
            return logged.id

    def put_on_lists(self, lead_id: str, *names: str) -> None:
        """Put the lead's contact on lists of these names and on no others, on the last one last."""
        with self.state.lock:
            marketing, now = self.state.marketing, self.state.clock.now()
            new = {name: str(100 + len(marketing.lists) + number) for number, name in enumerate(names)}
            known = {name: list_id for list_id, name in marketing.lists.items()}
            ids = {name: known.get(name, new[name]) for name in names}
            marketing.lists |= {list_id: name for name, list_id in ids.items()}
            marketing.on_list[self.contact_of(lead_id)] = [
                (ids[name], now - timedelta(hours=len(names) - number)) for number, name in enumerate(names)
            ]

    def open_deal(self, lead_id: str, amount: str = "12000", name: str = "A deal") -> str:
        """Make a deal of the lead and its contact; return its id."""
        with self.state.lock:
            contact = self.contact_of(lead_id)
            values = {
                "dealname": name,
                "amount": amount,
                "deal_currency_code": "EUR",
                "hubspot_owner_id": self.me,
            }
            deal = create(self.state, DEALS, values, [], IN_THE_BROWSER)()
            self.state.associations.join(("contacts", contact), ("deals", deal.id), 4)
            if self._kind is LEADS:
                self.state.associations.join(("leads", lead_id), ("deals", deal.id), 1037, 582)
            return deal.id

    def close_deal(self, deal_id: str, stage: str = "closedwon") -> None:
        closed_at = str(millis(self.state.clock.now()))
        self.write("deals", deal_id, {"dealstage": stage, "closedate": closed_at})

    # What goes wrong

    def strike(self, *faults: str) -> None:
        """Let the next writes go wrong, in order; an empty text: nothing happens to that one."""
        self.state.faults.writes.extend(known(one) for one in faults)

    def strike_reads(self, *faults: str) -> None:
        """The same for the next reads."""
        self.state.faults.reads.extend(known(one) for one in faults)

    def without(self, name: str, *, of: str = "") -> None:
        """Take a property's definition away, everywhere or from one kind."""
        with self.state.lock:
            for kind, schema in self.state.schemas.items():
                if of in ("", kind):
                    schema.properties.pop(name, None)

    def need_reason(
        self, stage: str = "unqualified-stage-id", name: str = "hs_lead_disqualification_reason"
    ) -> None:
        """Let the admin want a property before a lead may enter a stage."""
        self.state.rules.require(stage, name)

    def advance(self, seconds: float) -> None:
        """Let time pass: for records and tokens, and for the limits where the tempo is a test's."""
        with self.state.lock:
            self.state.clock.advance(seconds)
            if self.tempo is not None and hasattr(self.tempo, "seconds"):
                self.tempo.seconds += seconds

    def consent(self, redirect_uri: str, scopes: tuple[str, ...] = (), challenge: str = "") -> str:
        """Agree in the browser; return the code."""
        with self.state.lock:
            return self.state.tokens.consent(
                redirect_uri, scopes or tuple(sorted(self.state.scopes)), challenge
            )
