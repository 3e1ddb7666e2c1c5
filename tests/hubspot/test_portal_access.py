"""The stand-in for HubSpot lets in whom HubSpot lets in, and says so in its words."""

from __future__ import annotations

import pytest

from tests.hubspot.conftest import Talk
from tests.hubspot.portal import Portal

LEADS = "/crm/objects/2026-09/leads"


def test_a_request_without_a_token_is_refused_in_the_vendors_words(talk: Talk) -> None:
    answer = talk("GET", LEADS, headers={"Authorization": ""})
    body = answer.json()
    assert answer.status_code == 401
    assert body["category"] == "INVALID_AUTHENTICATION"
    assert body["status"] == "error"
    assert {"message", "correlationId"} <= body.keys()


@pytest.mark.parametrize("given", ["Bearer somebody-elses", "Basic abc", "Bearer"])
def test_another_token_is_refused(talk: Talk, given: str) -> None:
    assert talk("GET", LEADS, headers={"Authorization": given}).status_code == 401


def test_the_right_token_in_another_scheme_is_refused(portal: Portal, talk: Talk) -> None:
    assert talk("GET", LEADS, headers={"Authorization": f"Basic {portal.token}"}).status_code == 401


def test_a_missing_scope_is_named(portal: Portal, talk: Talk) -> None:
    portal.scopes.discard("crm.objects.leads.read")
    answer = talk.get(LEADS)
    assert answer.status_code == 403
    assert answer.json()["category"] == "MISSING_SCOPES"
    assert answer.json()["errors"][0]["context"]["requiredGranularScopes"] == ["crm.objects.leads.read"]


@pytest.mark.parametrize(
    ("scope", "door"),
    [
        ("crm.objects.leads.write", ("PATCH", f"{LEADS}/511", {"properties": {}})),
        ("crm.objects.leads.read", ("POST", f"{LEADS}/search", {})),
        ("crm.objects.leads.read", ("GET", "/crm/pipelines/2026-09/leads", None)),
        ("crm.objects.contacts.write", ("POST", "/crm/objects/2026-09/notes", {"properties": {}})),
        ("crm.objects.contacts.read", ("POST", "/crm/associations/2026-09/leads/contacts/batch/read", {"inputs": []})),
        ("crm.objects.contacts.read", ("GET", "/crm/properties/2026-09/contacts", None)),
        ("crm.schemas.contacts.write", ("POST", "/crm/properties/2026-09/contacts", {})),
        ("crm.objects.owners.read", ("GET", "/crm/owners/2026-09", None)),
        ("crm.lists.read", ("GET", "/crm/lists/2026-09/records/0-1/60001/memberships", None)),
        ("automation.sequences.read", ("GET", "/automation/sequences/2026-09/enrollments/contact/60001", None)),
        ("mh-lead-scoring-view", ("GET", "/marketing/lead-scoring/2026-09-beta/scores", None)),
        ("crm.objects.deals.read", ("POST", "/crm/objects/2026-09/deals/batch/read", {"inputs": []})),
    ],
)  # fmt: skip
def test_each_door_has_its_scope(
    portal: Portal, talk: Talk, scope: str, door: tuple[str, str, object]
) -> None:
    portal.scopes.discard(scope)
    answer = talk(*door)
    assert answer.status_code == 403
    assert scope in answer.json()["errors"][0]["context"]["requiredGranularScopes"]


def test_notes_are_covered_by_the_scopes_of_contacts(portal: Portal, talk: Talk) -> None:
    portal.scopes = {"crm.objects.contacts.read"}
    assert talk.get("/crm/objects/2026-09/notes").status_code == 200


@pytest.mark.parametrize(
    "path", ["/crm/v3/objects/leads", "/crm/objects/v3/leads", "/crm/objects/2025-09/leads"]
)
def test_a_path_without_a_supported_date_is_not_there_and_breaks_a_rule(
    portal: Portal, talk: Talk, path: str
) -> None:
    assert talk.get(path).status_code == 404
    assert "no such address" in portal.broken_rules[0]


def test_a_known_address_with_another_method_is_refused(portal: Portal, talk: Talk) -> None:
    assert talk("PUT", LEADS).status_code == 405


def test_a_hundred_requests_in_ten_seconds_are_taken_and_the_next_is_not(portal: Portal, talk: Talk) -> None:
    for _ in range(100):
        answer = talk.get("/account-info/2026-09/details")
    assert answer.headers["X-HubSpot-RateLimit-Max"] == "100"
    assert answer.headers["X-HubSpot-RateLimit-Remaining"] == "0"
    assert answer.headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
    assert answer.headers["X-HubSpot-RateLimit-Daily-Remaining"] == "249900"
    refused = talk.get("/account-info/2026-09/details")
    body = refused.json()
    assert (refused.status_code, body["policyName"]) == (429, "TEN_SECONDLY_ROLLING")
    assert (body["errorType"], body["message"]) == (
        "RATE_LIMIT",
        "You have reached your ten_secondly_rolling limit.",
    )
    assert "Retry-After" not in refused.headers
    assert portal.broken_rules == ["rate exceeded: TEN_SECONDLY_ROLLING at /account-info/2026-09/details"]
    portal.advance(10)
    assert talk.get("/account-info/2026-09/details").status_code == 200


def test_five_searches_a_second_are_taken_outside_of_the_other_limit_and_without_its_headers(
    portal: Portal, talk: Talk
) -> None:
    for _ in range(5):
        answer = talk.search()
        assert answer.status_code == 200
        assert not [name for name in answer.headers if "ratelimit" in name.lower()]
    refused = talk.search()
    assert (refused.status_code, refused.json()["policyName"]) == (429, "SECONDLY")
    assert "rate exceeded: SECONDLY" in portal.broken_rules[0]
    assert talk.get("/account-info/2026-09/details").headers["X-HubSpot-RateLimit-Remaining"] == "99"
    portal.advance(1)
    assert talk.search().status_code == 200


def test_the_day_has_its_limit_too(portal: Portal, talk: Talk) -> None:
    portal.limits.daily = 1
    talk.search()
    refused = talk.search()
    assert (refused.status_code, refused.json()["policyName"]) == (429, "DAILY")


def test_an_address_that_is_too_long_is_refused(portal: Portal, talk: Talk) -> None:
    answer = talk.get(LEADS, properties=",".join(["hs_lead_name"] * 700))
    assert answer.status_code == 414
    assert "characters" in portal.broken_rules[0]


def test_what_is_not_json_is_refused(talk: Talk) -> None:
    answer = talk("POST", f"{LEADS}/search", content=b"{no")
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def test_requests_are_counted_by_method_and_path(portal: Portal, talk: Talk) -> None:
    talk.get(LEADS, limit="1")
    talk.search()
    assert portal.requests == [f"GET {LEADS}", f"POST {LEADS}/search"]
    assert portal.count(f"POST {LEADS}") == 1


def test_the_account_says_who_it_is(portal: Portal, talk: Talk) -> None:
    body = talk.get("/account-info/2026-09/details").json()
    assert (body["portalId"], body["accountType"], body["timeZone"]) == (
        portal.portal_id,
        "STANDARD",
        "Europe/Berlin",
    )


def test_an_account_without_leads_refuses_everything_about_them(talk: Talk, portal: Portal) -> None:
    plain = Portal(lead_object="contacts")
    assert not {scope for scope in plain.scopes if "leads" in scope}
    assert plain.contact_of(plain.lead_ids[0]) == plain.lead_ids[0]
