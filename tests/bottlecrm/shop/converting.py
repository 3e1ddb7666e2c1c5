"""A lead becomes an account, a contact and an opportunity. There is no way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tests.bottlecrm.shop.refusals import invalid
from tests.bottlecrm.shop.state import Account

if TYPE_CHECKING:
    from tests.bottlecrm.shop.leads import Lead
    from tests.bottlecrm.shop.people import Person
    from tests.bottlecrm.shop.state import State

_AGAIN = "This lead is already converted. Converting it again would create a second opportunity against the same account."


def refuse_again(lead: Lead) -> None:
    if lead.status == "converted":
        raise invalid({"status": [_AGAIN]})


def check_conversion(state: State, by: Person, values: Mapping[str, Any], lead_id: str) -> None:
    """Refuse to file a lead under an account that this person cannot open."""
    name = _account_name(values, lead_id)
    account = state.accounts.get(name.lower())
    if account is not None and not account.is_open_to(by):
        said = (
            f"An account named '{name}' already exists and you don't have access to it. "
            "Ask an admin to convert this lead or give you access."
        )
        raise invalid({"status": [said]})


def convert(state: State, by: Person, lead: Lead) -> dict[str, str | None]:
    """Do it; the comments move to the account. Returns the ids of what was made."""
    name = _account_name(lead.values, lead.id).lower()
    account = state.accounts.setdefault(name, Account(str(uuid4()), by, name))
    account.assigned |= lead.assigned
    for comment in state.comments_of(lead.id):
        comment.home = account.id
    lead.values = {**lead.values, "status": "converted"}
    lead.updated = state.clock.stamp()
    sells = any(lead.values[one] for one in ("opportunity_amount", "first_name", "company_name"))
    return {
        "account_id": account.id,
        "contact_id": _contact(state, by, lead),
        "opportunity_id": str(uuid4()) if sells else None,
    }


def _contact(state: State, by: Person, lead: Lead) -> str | None:
    email = (lead.values["email"] or "").lower()
    if not email:
        return None
    made = Account(str(uuid4()), by, lead.values["first_name"] or "", set(lead.assigned))
    contact = state.contacts.setdefault(email, made)
    return contact.id if contact.is_open_to(by) else None


def _account_name(values: Mapping[str, Any], lead_id: str) -> str:
    names = [(values[one] or "").strip() for one in ("first_name", "last_name")]
    return values["company_name"] or " ".join(one for one in names if one) or f"Lead {lead_id}"
