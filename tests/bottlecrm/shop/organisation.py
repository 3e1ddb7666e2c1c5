"""Who one is, who else is there, which tags there are; and the personal tokens of a person who is signed in."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from tests.bottlecrm.shop.calls import Call, Reply
from tests.bottlecrm.shop.people import Token, unknown_scope
from tests.bottlecrm.shop.refusals import denied, detail, invalid
from tests.bottlecrm.shop.state import State, Tag

_TAGGABLE = ("accounts", "leads", "opportunities", "cases", "contacts", "tasks")


def profile(_state: State, call: Call) -> Reply:
    return Reply(200, {"user_obj": {**call.by.told(), "teams": []}})


def settings(state: State, call: Call) -> Reply:
    """The one address here that looks at credentials itself, and says so in words of its own."""
    if call.asker is None:
        raise detail(403, state.doors.why_not(call.headers))
    said = {
        "id": "00000003-0000-4000-8000-000000000001",
        "name": state.name,
        "default_currency": "EUR",
        "timezone": "UTC",
        "member_count": len(state.people),
    }
    return Reply(200, said)


def members(state: State, call: Call) -> Reply:
    """For admins only."""
    if not call.by.is_admin:
        raise denied("Permission Denied")
    found = [{**one.told(), "active_token_count": 1} for one in state.people.values()]
    active = {"active_users_count": len(found), "active_users": found, "offset": None}
    gone = {"inactive_users_count": 0, "inactive_users": [], "offset": 0}
    return Reply(200, {"active_users": active, "inactive_users": gone})


def colleagues(state: State, _call: Call) -> Reply:
    """For everybody."""
    people = sorted(state.people.values(), key=lambda one: one.email)
    return Reply(200, {"teams": [], "profiles": [one.told() for one in people]})


def tags(state: State, _call: Call) -> Reply:
    found = sorted(state.tags.values(), key=lambda one: one.name)
    used = {tag: sum(tag in one.tags for one in state.leads.values()) for tag in state.tags}
    none = dict.fromkeys(_TAGGABLE, 0)
    rows = [{**one.told(), "usage": {**none, "leads": used[one.id]}} for one in found]
    totals = {"count": len(rows), "active": len(rows), "unused": sum(not number for number in used.values())}
    return Reply(200, {"tags_count": len(rows), "tags": rows, "totals": totals})


def tag_made(state: State, call: Call) -> Reply:
    if not call.by.is_admin:
        raise denied("Only admins can create tags")
    body = call.body
    name = str(body.get("name") or "").strip()
    if not name:
        raise invalid({"name": ["Tag name is required."]})
    if any(one.name.lower() == name.lower() for one in state.tags.values()):
        raise invalid({"name": ["A tag with this name already exists."]})
    tag = Tag(str(uuid4()), name, state.clock.stamp(), str(body.get("color") or "blue"))
    state.tags[tag.id] = tag
    return Reply(201, {"error": False, "message": "Tag Created Successfully", "tag": tag.told()})


def token_made(state: State, call: Call) -> Reply:
    """The secret is said this once. A personal token does not come this far: no token makes another."""
    body = call.body
    scopes = [str(one).strip().lower() for one in body.get("scopes") or []]
    if "name" not in body:
        raise invalid({"name": ["This field is required."]})
    if said := unknown_scope(scopes):
        raise invalid({"scopes": [said]})
    expires = _moment(body.get("expires_at"))
    if expires is not None and expires <= state.clock.now():
        raise invalid({"expires_at": ["expires_at must be in the future."]})
    secret = f"bcrm_pat_{secrets.token_urlsafe(32)}"
    at = state.clock.stamp()
    token = Token(str(uuid4()), secret, call.by, str(body["name"]), at, tuple(scopes), expires)
    state.doors.tokens[secret] = token
    return Reply(201, {"error": False, **token.told(), "token": secret})


def _moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None


def tokens(state: State, call: Call) -> Reply:
    mine = [one for one in state.doors.tokens.values() if one.owner is call.by]
    return Reply(200, {"error": False, "tokens": [one.told() for one in mine]})


def token_revoked(state: State, call: Call) -> Reply:
    wanted = str(UUID(call.args["id"]))
    for token in state.doors.tokens.values():
        if token.id == wanted and token.owner is call.by:
            token.revoked = token.revoked or state.clock.now()
            return Reply(200, {"error": False})
    raise detail(404, "No PersonalAccessToken matches the given query.")
