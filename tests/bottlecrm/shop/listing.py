"""The list: open and closed leads apart, both cut by the same limit and offset, in the order of random ids."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from tests.bottlecrm.shop.calls import Call, Reply
from tests.bottlecrm.shop.leads import Lead, told
from tests.bottlecrm.shop.lookups import COUNTRIES, INDUSTRIES, SOURCES, STATUSES
from tests.bottlecrm.shop.refusals import bare
from tests.bottlecrm.shop.state import State, checked_id

_Test = Callable[[Lead], bool]
_PER_PAGE = 10
_EXACT = ("source", "rating")
_SOUGHT_IN = {
    "email": ("email",),
    "city": ("city",),
    "salutation": ("salutation",),
    "name": ("first_name", "last_name"),
    "search": ("first_name", "last_name", "company_name", "email"),
}
_DAYS = ("created_at__gte", "created_at__lte", "close_date__gte", "close_date__lte", "next_follow_up")
_KNOWN = {
    "limit", "offset", "assigned_to", "status", "tags", "open", "unanswered",
    *_EXACT, *_SOUGHT_IN, *_DAYS,
}  # fmt: skip


def listed(state: State, call: Call) -> Reply:
    found = _found(state, call)
    opened = [one for one in found if one.status != "closed"]
    closed = [one for one in found if one.status == "closed"]
    limit, offset = call.numbered("limit", _PER_PAGE, least=1), call.numbered("offset", 0, least=0)
    week_ago = (state.clock.now() - timedelta(days=7)).date()
    body = {
        "per_page": _PER_PAGE,
        "page_number": offset // 10 + 1,
        "open_leads": _page(state, opened, "open_leads", limit, offset),
        "totals": {
            "count": len(opened),
            "unworked_over_a_week": sum(_last_touch(one) < week_ago for one in opened),
        },
        "close_leads": _page(state, closed, "close_leads", limit, offset),
        "contacts": [
            {"id": one.id, "first_name": one.name}
            for one in state.contacts.values()
            if one.is_open_to(call.by)
        ],
        "status": STATUSES,
        "source": SOURCES,
        "tags": [one.told() for one in sorted(state.tags.values(), key=lambda one: one.name)],
        "users": [{"id": one.id, "user__email": one.email} for one in state.newest_first(state.people)],
        "countries": COUNTRIES,
        "industries": INDUSTRIES,
    }
    return Reply(200, body)


def _last_touch(lead: Lead) -> date:
    text = lead.values["last_contacted"]
    return date.fromisoformat(text) if text else lead.created.date()


def _page(state: State, leads: list[Lead], name: str, limit: int, offset: int) -> dict[str, Any]:
    rows = leads[offset : offset + limit]
    following = offset + len(rows)
    after = None if following >= len(leads) else following
    return {
        "leads_count": len(leads),
        name: [told(state, one) for one in rows],
        "offset": after if rows else 0,
    }


def _found(state: State, call: Call) -> list[Lead]:
    tests = _tests(state, call)
    found = [
        one
        for one in state.leads.values()
        if one.is_seen_by(call.by) and one.status != "converted" and all(test(one) for test in tests)
    ]
    if call.params.get("unanswered", [""])[-1] == "true":
        return sorted((one for one in found if one.waits), key=lambda one: (one.created, one.id))
    return sorted(found, key=lambda one: one.id, reverse=True)


def _tests(state: State, call: Call) -> list[_Test]:
    given = call.params
    for name in given:
        if name not in _KNOWN and not name.startswith("cf_"):
            state.broken_rules.append(f"a parameter that is ignored: {name}")
    tests = [_ids(given, "assigned_to", lambda one: one.assigned), _ids(given, "tags", lambda one: one.tags)]
    statuses = {one for one in given.get("status", []) if one in dict(STATUSES)}
    tests += [lambda one: not statuses or one.status in statuses]
    last = {name: values[-1] for name, values in given.items() if values[-1]}
    return tests + [_test(name, value) for name, value in last.items()]


def _ids(given: dict[str, list[str]], name: str, of: Callable[[Lead], set[str]]) -> _Test:
    wanted = {checked_id(one, name) for one in given.get(name, []) if one}
    return lambda lead: not wanted or bool(wanted & of(lead))


def _test(name: str, value: str) -> _Test:
    if name in _SOUGHT_IN:
        return lambda one: _has(one, _SOUGHT_IN[name], value)
    if name in _EXACT:
        return lambda one: one.values[name] == value
    if name in _DAYS:
        return _day_test(name, value)
    if name.startswith("cf_") and name != "cf_":
        return lambda one: one.custom.get(name[3:]) == value
    only_open = name == "open" and value == "true"
    return lambda one: not only_open or one.status != "closed"


def _has(lead: Lead, names: tuple[str, ...], value: str) -> bool:
    return any(value.lower() in (lead.values[name] or "").lower() for name in names)


def _day_test(name: str, value: str) -> _Test:
    try:
        day = date.fromisoformat(value[:10])
    except ValueError:
        raise bare(name, f"'{value}' is not a valid date. Use YYYY-MM-DD.") from None
    what, _, how = name.partition("__")

    def test(lead: Lead) -> bool:
        text = lead.created.date().isoformat() if what == "created_at" else lead.values[what]
        found = date.fromisoformat(text) if text else None
        if found is None:
            return False
        return found >= day if how == "gte" else found <= day if how == "lte" else found == day

    return test
