"""Where each address leads, and which scope opens it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.hubspot.portal import (
    account,
    associations,
    batch,
    marketing,
    objects,
    owners,
    pipelines,
    properties,
    scoring,
    tokens,
)
from tests.hubspot.portal.calls import Call, Reply
from tests.hubspot.portal.problems import Problem
from tests.hubspot.portal.search import search

if TYPE_CHECKING:
    from tests.hubspot.portal.state import State

VERSIONS = ("2026-03", "2026-09")
BETAS = ("2026-09-beta", "2027-03-beta")
Handler = Callable[["State", Call], Reply]


@dataclass(frozen=True)
class Route:
    method: str
    pattern: tuple[str, ...]
    handler: Handler
    scope: str = ""
    """`read` or `write` of the kind in the path, or a scope's whole name; empty: the handler sees to it."""
    is_write: bool = False
    is_search: bool = False
    signed: bool = True
    beta: bool = False

    def args(self, parts: tuple[str, ...]) -> dict[str, str] | None:
        if len(parts) != len(self.pattern):
            return None
        pairs = list(zip(self.pattern, parts, strict=True))
        if any(not want.startswith("{") and want != part for want, part in pairs):
            return None
        found = {want[1:-1]: part for want, part in pairs if want.startswith("{")}
        known = BETAS if self.beta else VERSIONS
        return found if found.get("v", known[0]) in known else None


def _get(path: str, handler: Handler, scope: str = "", **more: bool) -> Route:
    return Route("GET", _parts(path), handler, scope, **more)


def _post(path: str, handler: Handler, scope: str = "", **more: bool) -> Route:
    return Route("POST", _parts(path), handler, scope, **more)


def _write(method: str, path: str, handler: Handler, scope: str = "write") -> Route:
    return Route(method, _parts(path), handler, scope, is_write=True)


def _parts(path: str) -> tuple[str, ...]:
    return tuple(path.strip("/").split("/"))


_OBJECTS, _PROPERTIES = "/crm/objects/{v}/{kind}", "/crm/properties/{v}/{kind}"
_PIPELINES, _TIED = "/crm/pipelines/{v}/{kind}", "/crm/associations/{v}/{from}/{to}/batch"
_SCORING, _OAUTH = "/marketing/lead-scoring/{v}", "/oauth/{v}/token"
ROUTES = (
    _post(f"{_OBJECTS}/search", search, "read", is_search=True),
    _post(f"{_OBJECTS}/batch/read", batch.read, "read"),
    _write("POST", f"{_OBJECTS}/batch/update", batch.updated),
    _write("POST", f"{_OBJECTS}/batch/create", batch.created),
    _write("POST", f"{_OBJECTS}/batch/upsert", batch.upserted),
    _write("POST", f"{_OBJECTS}/batch/archive", batch.archived),
    _write("POST", f"{_OBJECTS}/merge", objects.merged),
    _get(_OBJECTS, objects.listed, "read"),
    _write("POST", _OBJECTS, objects.created),
    _get(f"{_OBJECTS}/{{id}}", objects.shown, "read"),
    _write("PATCH", f"{_OBJECTS}/{{id}}", objects.updated),
    _write("DELETE", f"{_OBJECTS}/{{id}}", objects.archived),
    _get(f"{_OBJECTS}/{{id}}/associations/{{to}}", associations.listed),
    _post(f"{_TIED}/read", associations.read),
    _write("POST", f"{_TIED}/create", associations.create, ""),
    _get(f"{_PROPERTIES}/groups", properties.groups, "read"),
    _write("POST", f"{_PROPERTIES}/groups", properties.group_created, ""),
    _get(f"{_PROPERTIES}/groups/{{name}}", properties.group, "read"),
    _get(_PROPERTIES, properties.listed, "read"),
    _write("POST", _PROPERTIES, properties.created, ""),
    _get(f"{_PROPERTIES}/{{name}}", properties.shown, "read"),
    _write("PATCH", f"{_PROPERTIES}/{{name}}", properties.updated, ""),
    _get(_PIPELINES, pipelines.listed, "read"),
    _get(f"{_PIPELINES}/{{id}}", pipelines.shown, "read"),
    _get(f"{_PIPELINES}/{{id}}/stages", pipelines.stages, "read"),
    _get("/crm/owners/{v}", owners.listed, "crm.objects.owners.read"),
    _get("/crm/owners/{v}/{id}", owners.shown, "crm.objects.owners.read"),
    _get("/crm/lists/{v}/records/{kind}/{id}/memberships", marketing.memberships, "crm.lists.read"),
    _post("/crm/lists/{v}/records/memberships/batch/read", marketing.memberships_of_many, "crm.lists.read"),
    _get("/crm/lists/{v}/{id}", marketing.one_list, "crm.lists.read"),
    _get(
        "/automation/sequences/{v}/enrollments/contact/{id}", marketing.enrolment, "automation.sequences.read"
    ),
    _get("/events/event-occurrences/{v}", marketing.occurrences, "oauth"),
    _get("/account-info/{v}/details", account.details),
    _get("/account-info/{v}/api-usage/daily/private-apps", account.usage),
    _get(f"{_SCORING}/scores", scoring.listed, beta=True),
    _get(f"{_SCORING}/scores/{{id}}", scoring.shown, beta=True),
    _get(f"{_SCORING}/score-values/object-history", scoring.history, beta=True),
    _get("/oauth/authorize", tokens.authorize, signed=False),
    _post(_OAUTH, tokens.token, signed=False),
    _post(f"{_OAUTH}/introspect", tokens.introspect, signed=False),
    _post(f"{_OAUTH}/revoke", tokens.revoke, signed=False),
)


def route_of(state: State, call: Call) -> Route:
    """The route of a request, with the parts of its path in `call.args`."""
    parts = _parts(call.path)
    fits = [(route, args) for route in ROUTES if (args := route.args(parts)) is not None]
    for route, args in fits:
        if route.method == call.method:
            call.args = args
            return route
    if fits:
        raise Problem(405, "", "Method Not Allowed")
    state.broken_rules.append(f"no such address: {call.method} {call.path}")
    raise Problem(404, "", "resource not found")
