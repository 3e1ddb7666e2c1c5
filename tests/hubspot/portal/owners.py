"""The people of the account: who can own a record. Found by e-mail, or page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.hubspot.portal.calls import Call, Reply
from tests.hubspot.portal.problems import not_found
from tests.hubspot.portal.stamps import iso

if TYPE_CHECKING:
    from tests.hubspot.portal.state import State

_MADE = iso(datetime(2024, 2, 1, tzinfo=UTC))
_MOST = 500


@dataclass(frozen=True)
class Owner:
    id: str
    email: str
    first: str
    last: str
    user_id: int
    team: str = "Sales"
    archived: bool = False

    def told(self) -> dict[str, Any]:
        team = {"id": "177", "name": self.team, "primary": True}
        return {
            "id": self.id,
            "email": self.email,
            "type": "PERSON",
            "firstName": self.first,
            "lastName": self.last,
            "userId": None if self.archived else self.user_id,
            "userIdIncludingInactive": self.user_id,
            "createdAt": _MADE,
            "updatedAt": _MADE,
            "archived": self.archived,
            "teams": [team] if self.team else [],
        }


ME = Owner("81", "rep@example.com", "Rita", "Rep", 9_081)
COLLEAGUE = Owner("82", "colleague@example.com", "Carl", "Colleague", 9_082)
MARKETER = Owner("83", "marketing@example.com", "Mara", "Marketer", 9_083, team="Marketing")
LEFT = Owner("84", "left@example.com", "Lena", "Left", 9_084, archived=True)


def known() -> dict[str, Owner]:
    return {one.id: one for one in (ME, COLLEAGUE, MARKETER, LEFT)}


def listed(state: State, call: Call) -> Reply:
    limit = call.number("limit", 100, _MOST)
    after = call.params.get("after", "")
    wanted = call.params.get("email")
    found = [
        one
        for one in sorted(state.owners.values(), key=lambda one: int(one.id))
        if one.archived is call.flag("archived")
        and (wanted is None or one.email.lower() == wanted.lower())
        and (not after or int(one.id) > int(after))
    ]
    body: dict[str, Any] = {"results": [one.told() for one in found[:limit]]}
    if len(found) > limit:
        last = found[limit - 1].id
        body["paging"] = {"next": {"after": last, "link": f"https://api.hubapi.com{call.path}?after={last}"}}
    return Reply(200, body)


def shown(state: State, call: Call) -> Reply:
    owner = state.owners.get(call.args["id"])
    if call.params.get("idProperty") == "userId":
        owner = next((one for one in state.owners.values() if str(one.user_id) == call.args["id"]), None)
    if owner is None or owner.archived is not call.flag("archived"):
        raise not_found("Owner not found")
    return Reply(200, owner.told())
