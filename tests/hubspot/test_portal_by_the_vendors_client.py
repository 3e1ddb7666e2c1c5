"""The vendor's own client speaks with the stand-in for HubSpot, and its typed models hold what it hears.

Strict: a missing field or another type than the vendor's model has is an error. The one thing its models do not
allow for is the null of a property without a value, which is read without that strictness. It knows the addresses
of 2026-03; those of 2026-09 are the same but for the date. What it cannot reach is lead scoring, which is a beta.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import hubspot_sdk
import pytest
from hubspot_sdk import HubSpot
from hubspot_sdk.types import StandardError
from hubspot_sdk.types.auth import AccessTokenResponse

from tests.hubspot.conftest import Switchboard
from tests.hubspot.portal import Portal

MINE = [{"filters": [{"property_name": "hubspot_owner_id", "operator": "EQ", "value": "81"}]}]
HEARD = ["hs_lead_name", "hs_pipeline_stage", "hubspot_owner_id"]
Client = Callable[..., HubSpot]


@pytest.fixture
def client(switchboard: Switchboard, portal: Portal) -> Iterator[Client]:
    made: list[HubSpot] = []

    def signed(token: str = "", *, strict: bool = True) -> HubSpot:
        one = HubSpot(
            access_token=token or portal.token,
            base_url=switchboard.url,
            max_retries=0,
            _strict_response_validation=strict,
        )
        made.append(one)
        return one

    yield signed
    for one in made:
        one.close()


@pytest.fixture
def hubspot(client: Client) -> HubSpot:
    return client()


@pytest.fixture(autouse=True)
def no_rule_is_broken(portal: Portal) -> Iterator[None]:
    yield
    assert portal.broken_rules == []


def tie(to: str, type_id: int) -> Any:
    return {
        "to": {"id": to},
        "types": [{"association_category": "HUBSPOT_DEFINED", "association_type_id": type_id}],
    }


def note(text: str = "Called.") -> dict[str, str]:
    return {"hs_timestamp": "2026-11-21T20:00:00Z", "hs_note_body": text}


def test_it_searches_leads_page_by_page(hubspot: HubSpot, portal: Portal) -> None:
    asked: dict[str, Any] = {
        "filter_groups": MINE,
        "limit": 7,
        "properties": HEARD,
        "sorts": ["hs_object_id"],
    }
    first = hubspot.crm.objects.leads.search(after="0", **asked)
    assert first.paging is not None
    assert first.paging.next is not None
    second = hubspot.crm.objects.leads.search(after=first.paging.next.after, **asked)
    assert [row.id for row in (*first.results, *second.results)] == portal.lead_ids
    assert first.total == 12
    assert first.results[0].properties["hs_pipeline_stage"] == "new-stage-id"
    assert first.results[0].updated_at.tzinfo is not None


def test_it_reads_a_batch_and_hears_what_is_missing(hubspot: HubSpot) -> None:
    read = hubspot.crm.objects.leads.batch.get(
        inputs=[{"id": "511"}, {"id": "999"}], properties=HEARD, properties_with_history=["hubspot_owner_id"]
    )
    assert read.status == "COMPLETE"
    assert [row.id for row in read.results] == ["511"]
    history = (read.results[0].properties_with_history or {})["hubspot_owner_id"]
    assert (history[0].value, history[0].source_type) == ("81", "CRM_SETTING")
    more = read.model_extra or {}
    assert more["errors"][0]["context"]["ids"] == ["999"]


def test_it_updates_a_batch_and_hears_the_traces(hubspot: HubSpot, portal: Portal) -> None:
    inputs: Any = [
        {
            "id": "511",
            "object_write_trace_id": "D-1",
            "properties": {"hs_pipeline_stage": "attempting-stage-id"},
        },
        {"id": "512", "object_write_trace_id": "D-2", "properties": {"hs_pipeline_stage": "no-such-stage"}},
    ]
    written = hubspot.crm.objects.leads.batch.update(inputs=inputs)
    assert [row.object_write_trace_id for row in written.results] == ["D-1"]
    errors = (written.model_extra or {})["errors"]
    assert errors[0]["context"]["objectWriteTraceId"] == ["D-2"]
    assert StandardError.model_validate(errors[0]).category == "VALIDATION_ERROR"
    assert portal.standing("511").stage == "attempting-stage-id"


def test_it_changes_reads_lists_and_archives_one_record(hubspot: HubSpot, portal: Portal) -> None:
    leads = hubspot.crm.objects.leads
    assert leads.update("511", properties={"hs_lead_name": "New"}).properties["hs_lead_name"] == "New"
    row = leads.get("511", properties=HEARD, associations=["contacts"])
    assert [one.id for one in (row.associations or {})["contacts"].results] == ["60001"]
    assert [one.id for one in leads.list(limit=5, properties=HEARD)] == [
        *portal.lead_ids,
        *portal.other_lead_ids,
    ]
    leads.delete("511")
    assert [one.id for one in leads.list(archived=True, properties=HEARD)] == ["511"]
    assert leads.get("511", archived=True, properties=HEARD).archived_at is not None


def test_a_property_without_a_value_is_null(client: Client) -> None:
    row = client(strict=False).crm.objects.leads.get("511", properties=["hs_lead_disqualification_note"])
    assert row.properties == {**row.properties, "hs_lead_disqualification_note": None}


def test_it_makes_notes_one_by_one_and_in_a_batch(hubspot: HubSpot, portal: Portal) -> None:
    on = [tie("60001", 202), tie("511", 855)]
    hubspot.crm.objects.notes.create(properties=note("[triage:D-1 accept]"), associations=on)
    batch = hubspot.crm.objects.notes.batch.create(
        inputs=[
            {"properties": note("[triage:D-2 reject]"), "associations": on, "object_write_trace_id": "D-2"}
        ]
    )
    assert batch.results[0].object_write_trace_id == "D-2"
    assert portal.effects() == [("D-1", "accept"), ("D-2", "reject")]
    assert len(portal.notes_of("leads", "511")) == len(portal.notes_of("contacts", "60001")) == 2


def test_it_reads_and_makes_associations(hubspot: HubSpot) -> None:
    batch = hubspot.crm.associations.batch
    read = batch.get("contacts", from_object_type="leads", inputs=[{"id": "511"}])
    assert read.results[0].from_.id == "511"
    linked = read.results[0].to[0]
    assert linked.to_object_id == "60001"
    assert [(one.type_id, one.label) for one in linked.association_types] == [
        (578, "Lead to primary contact"),
        (608, None),
    ]
    made: Any = {"from": {"id": "511"}, **tie("60002", 608)}
    batch.create("contacts", from_object_type="leads", inputs=[made])
    listed = hubspot.crm.associations.list("contacts", object_type="leads", object_id="511")
    assert [one.to_object_id for one in listed] == ["60001", "60002"]


def test_it_reads_and_makes_properties_and_groups(hubspot: HubSpot) -> None:
    properties = hubspot.crm.properties
    reasons = properties.get("hs_lead_disqualification_reason", object_type="leads")
    assert ("NOT_A_GOOD_FIT", "Not a Good Fit") in [(one.value, one.label) for one in reasons.options]
    assert {"triage_outcome", "hs_analytics_source"} <= {
        one.name for one in properties.list("contacts").results
    }
    assert properties.groups.create("contacts", name="own_group", label="Own").name == "own_group"
    assert properties.groups.get("own_group", object_type="contacts").label == "Own"
    made = properties.create(
        "contacts",
        name="own_choice",
        label="Own choice",
        type="enumeration",
        field_type="select",
        group_name="own_group",
        options=[{"label": "One", "value": "one", "display_order": 0, "hidden": False}],
    )
    assert [one.value for one in made.options] == ["one"]
    more: Any = [
        {"label": name, "value": name, "display_order": 0, "hidden": False} for name in ("one", "two")
    ]
    changed = properties.update("own_choice", object_type="contacts", options=more)
    assert [one.value for one in changed.options] == ["one", "two"]
    with pytest.raises(hubspot_sdk.ConflictError):
        properties.groups.create("contacts", name="own_group", label="Own")


@pytest.mark.parametrize("kind", ["leads", "deals"])
def test_it_reads_pipelines_with_their_stages(hubspot: HubSpot, kind: str) -> None:
    pipeline = hubspot.crm.pipelines.list(kind).results[0]
    assert pipeline.stages[0].write_permissions == "CRM_PERMISSIONS_ENFORCEMENT"
    assert hubspot.crm.pipelines.list_stages(pipeline.id, object_type=kind).results == pipeline.stages
    assert hubspot.crm.pipelines.get(pipeline.id, object_type=kind).label == pipeline.label


def test_it_finds_owners(hubspot: HubSpot, portal: Portal) -> None:
    assert [one.id for one in hubspot.crm.owners.list(email=portal.email)] == [portal.me]
    everyone = list(hubspot.crm.owners.list(limit=1))
    assert [one.id for one in everyone] == ["81", "82", "83"]
    assert (everyone[0].teams or [])[0].name == "Sales"
    assert hubspot.crm.owners.get(82).email == "colleague@example.com"
    assert hubspot.crm.owners.get(9082, id_property="userId").id == "82"


def test_it_reads_deals_and_the_history_of_their_stages(hubspot: HubSpot, portal: Portal) -> None:
    deal = portal.open_deal("511")
    portal.close_deal(deal)
    row = hubspot.crm.objects.deals.batch.get(
        inputs=[{"id": deal}],
        properties=["amount", "hs_is_closed_won"],
        properties_with_history=["dealstage"],
    ).results[0]
    assert row.properties["hs_is_closed_won"] == "true"
    assert [one.value for one in (row.properties_with_history or {})["dealstage"]] == [
        "closedwon",
        "appointmentscheduled",
    ]


def test_it_reads_the_account_and_how_much_of_the_day_is_used(hubspot: HubSpot, portal: Portal) -> None:
    details = hubspot.account.get()
    assert (details.portal_id, details.account_type) == (portal.portal_id, "STANDARD")
    usage = hubspot.account.get_daily_private_apps_usage().results[0]
    assert (usage.usage_limit, usage.current_usage) == (250_000, 2)


def test_it_reads_lists_sequences_and_events(hubspot: HubSpot, portal: Portal) -> None:
    portal.state.sees_events = True
    member = hubspot.crm.lists.get_record_memberships("60002", object_type_id="0-1").results[0]
    assert hubspot.crm.lists.get(member.list_id).list.name == "Nurture: operations"
    both = hubspot.crm.lists.batch_read_memberships(
        inputs=[{"object_type_id": "0-1", "record_id": one} for one in ("60001", "60002")]
    )
    assert [one.record_list_memberships[0].list_id for one in both.results] == ["13", "12"]
    assert (
        hubspot.automation.sequences.get_enrollment_by_contact_id("60001").sequence_name
        == "Follow up: white paper"
    )
    assert list(hubspot.events.occurrences.list(object_type="contact", object_id=60001)) == []


def test_it_trades_a_code_for_tokens_and_renews_them(client: Client, portal: Portal) -> None:
    back = "http://127.0.0.1:1/callback"
    secrets: dict[str, Any] = {
        "client_id": portal.tokens.client_id,
        "client_secret": portal.tokens.client_secret,
    }
    portal.tokens.takes_json = True  # the client sends what the specification has as a form
    oauth = client().auth.oauth
    code = portal.consent(back, ("crm.objects.owners.read",))
    granted = oauth.create_token(grant_type="authorization_code", code=code, redirect_uri=back, **secrets)
    assert isinstance(granted, AccessTokenResponse)
    assert (granted.expires_in, granted.token_use) == (1_800, "access_token")
    assert [one.id for one in client(granted.access_token).crm.owners.list(email=portal.email)] == [portal.me]
    told = oauth.introspect_token(token=granted.access_token, **secrets)
    assert (told.active, told.hub_id) == (True, portal.portal_id)
    assert oauth.introspect_token(token=granted.refresh_token, **secrets).token_use == "refresh_token"
    renewed = oauth.create_token(grant_type="refresh_token", refresh_token=granted.refresh_token, **secrets)
    assert isinstance(renewed, AccessTokenResponse)
    assert renewed.access_token != granted.access_token
    oauth.revoke_token(token=renewed.refresh_token, **secrets)
    with pytest.raises(hubspot_sdk.BadRequestError):
        oauth.create_token(grant_type="refresh_token", refresh_token=granted.refresh_token, **secrets)


def test_it_hears_refusals_as_its_own_errors(client: Client, portal: Portal) -> None:
    with pytest.raises(hubspot_sdk.AuthenticationError):
        client("wrong").crm.owners.list()
    with pytest.raises(hubspot_sdk.NotFoundError):
        client().crm.objects.leads.get("999")
    with pytest.raises(hubspot_sdk.BadRequestError):
        client().crm.objects.leads.update("511", properties={"hs_pipeline_stage": "no-such-stage"})
    portal.strike_reads("429", "502")
    with pytest.raises(hubspot_sdk.RateLimitError):
        client().crm.owners.list()
    with pytest.raises(hubspot_sdk.InternalServerError):
        client().crm.owners.list()
    portal.scopes.clear()
    with pytest.raises(hubspot_sdk.PermissionDeniedError) as refused:
        client().crm.owners.list()
    body = refused.value.body
    assert isinstance(body, dict)
    assert body["category"] == "MISSING_SCOPES"


def test_its_strictness_notices_an_answer_of_another_shape(
    hubspot: HubSpot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check of this file is worth something: take one field away and it turns red."""
    from tests.hubspot.portal import owners

    told = owners.Owner.told
    monkeypatch.setattr(owners.Owner, "told", lambda one: {k: v for k, v in told(one).items() if k != "type"})
    with pytest.raises(hubspot_sdk.APIResponseValidationError):
        hubspot.crm.owners.list()
