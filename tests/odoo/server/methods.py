"""Which methods there are: on every model, and on some."""

from __future__ import annotations

from typing import Any

from tests.odoo.server import chatter, keys, leads, reading, scoring, wizard, writing
from tests.odoo.server.calls import Method
from tests.odoo.server.environment import Env, Records
from tests.odoo.server.people import SYSTEM
from tests.odoo.server.problems import Problem, access_error, crash, not_found
from tests.odoo.server.state import WITH_JSON2, State


def context_get(env: Env, records: Records) -> dict[str, Any]:
    return {"lang": env.user["lang"], "tz": env.user["tz"], "uid": env.uid}


def has_group(env: Env, records: Records, group_ext_id: Any) -> bool:
    """Of oneself only."""
    if records.ids and records.ids != (env.uid,) and SYSTEM not in env.groups:
        raise access_error("You can ony call user.has_group() with your current user.")
    return group_ext_id in env.state.groups[records.ids[0] if records.ids else env.uid]


def get_param(env: Env, records: Records, key: Any, default: Any = False) -> Any:
    env.allow(records.model, "read")
    return next((row["value"] for row in records.model.rows.values() if row["key"] == key), default)


_ON_EVERY_MODEL = {
    "search": Method(reading.search, on_model=True),
    "search_count": Method(reading.search_count, on_model=True),
    "search_read": Method(reading.search_read, on_model=True),
    "name_search": Method(reading.name_search, on_model=True),
    "fields_get": Method(reading.fields_get, on_model=True),
    "default_get": Method(reading.default_get, on_model=True),
    "read": Method(reading.read),
    "create": Method(writing.create, on_model=True, writes=True),
    "write": Method(writing.write, writes=True),
    "unlink": Method(writing.unlink, writes=True),
}
_OF_LEADS = {
    "create": Method(leads.create, on_model=True, writes=True),
    "write": Method(leads.write, writes=True),
    "message_post": Method(chatter.message_post, writes=True),
    "activity_schedule": Method(chatter.activity_schedule, writes=True),
    "action_set_lost": Method(leads.action_set_lost, writes=True),
    "action_set_won": Method(leads.action_set_won, writes=True),
    "action_archive": Method(leads.action_archive, writes=True),
    "action_unarchive": Method(leads.action_unarchive, writes=True),
    "action_restore": Method(leads.action_unarchive, writes=True, since=WITH_JSON2),
    "convert_opportunity": Method(leads.convert_opportunity, writes=True),
    "prepare_pls_tooltip_data": Method(scoring.prepare_pls_tooltip_data, since=17),
}
_ON_SOME = {
    "crm.lead": _OF_LEADS,
    "crm.lead2opportunity.partner": {
        "create": Method(wizard.create, on_model=True, writes=True),
        "action_apply": Method(wizard.action_apply, writes=True),
    },
    "res.users": {"context_get": Method(context_get, on_model=True), "has_group": Method(has_group)},
    "ir.config_parameter": {"get_param": Method(get_param, on_model=True)},
    "res.users.apikeys": {
        "generate": Method(keys.generate, on_model=True, writes=True, since=WITH_JSON2),
        "revoke": Method(keys.revoke, on_model=True, writes=True, since=WITH_JSON2),
    },
}


_GROUPS_OF_A_RECORD = 18
"""Since this version a user is asked for their groups, not the model."""


def of_model(state: State, model: str) -> dict[str, Method]:
    """What a model offers in this version."""
    found = {**_ON_EVERY_MODEL, **_ON_SOME.get(model, {})}
    if model == "res.users" and state.major < _GROUPS_OF_A_RECORD:
        found["has_group"] = Method(has_group, on_model=True)
    return {name: one for name, one in found.items() if one.since <= state.major}


def wanted(state: State, model: str, name: str) -> Method:
    """The method, or what Odoo says where a caller may not have it or there is none."""
    if name.startswith("_"):
        raise access_error(f"Private methods (such as '{model}.{name}') cannot be called remotely.")
    method = of_model(state, model).get(name)
    if method is None:
        raise crash("builtins.AttributeError", f"The method '{model}.{name}' does not exist")
    return method


def missing(problem: Problem) -> Problem:
    """How JSON-2 says that there is no such method."""
    return not_found(problem.message) if problem.name == "builtins.AttributeError" else problem
