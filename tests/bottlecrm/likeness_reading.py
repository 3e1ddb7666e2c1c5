"""What the server says when it is asked: who one is, the list, a lead, and who may see it."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from tests.bottlecrm.place import NOBODY, Place, word

SIGNED_OUT = {"detail": "Organization context is required. Please login again."}
NO_LEAD = {"detail": "No Lead matches the given query."}
LEAD_KEYS = (
    "id title salutation first_name last_name email phone job_title website linkedin_url status source source_detail "
    "source_ref industry rating opportunity_amount currency probability close_date address_line city state postcode "
    "country assigned_to teams last_contacted next_follow_up description contacts tags created_by created_at updated_at "
    "is_active is_sample company_name stage kanban_order custom_fields phone_e164 external_source external_id "
    "last_enquiry_at first_response_at first_response_by first_response_by_details last_outbound_at waiting_since "
    "is_unanswered"
)


def is_html(answer: httpx.Response) -> bool:
    return answer.headers["Content-Type"].startswith("text/html") and "<h1>" in answer.text


class ReadingClaims:
    # Who one is

    def test_a_profile_has_an_id_of_its_own_beside_the_users(self, place: Place) -> None:
        person = place.get("/api/profile/").json()["user_obj"]
        assert person["id"] != person["user_details"]["id"]
        assert person["role"] == "USER"
        assert {"email", "name", "is_active"} <= person["user_details"].keys()
        assert place.get("/api/profile/", who="admin").json()["user_obj"]["role"] == "ADMIN"

    @pytest.mark.parametrize("path", ["/api/profile/", "/api/leads/", f"/api/leads/{NOBODY}/"])
    @pytest.mark.parametrize("said", ["", "Bearer x", "Bearer bcrm_pat_wrong", "Basic eDp5", "bearer {}"])
    def test_a_credential_that_is_none_is_answered_with_403_in_one_wording(
        self, place: Place, path: str, said: str
    ) -> None:
        headers = {"Authorization": said.format(place.tokens["rep"])} if said else {}
        answer = place.plain(path, headers)
        assert (answer.status_code, answer.json()) == (403, SIGNED_OUT)

    def test_the_settings_of_the_organisation_refuse_in_words_of_their_own(self, place: Place) -> None:
        assert place.get("/api/org/settings/").json()["name"]
        wordings = {
            "": "Authentication credentials were not provided.",
            "Bearer x": "Given token not valid for any token type",
            "Bearer bcrm_pat_wrong": "Invalid token",
        }
        for said, words in wordings.items():
            answer = place.plain("/api/org/settings/", {"Authorization": said} if said else {})
            assert (answer.status_code, answer.json()["detail"]) == (403, words)

    def test_a_route_is_looked_for_before_a_credential(self, place: Place) -> None:
        for path in ("/api/nonesuch/", "/nonesuch/", "/api/leads/nope/"):
            answer = place.plain(path)
            assert answer.status_code == 404
            assert is_html(answer)

    def test_a_session_makes_a_token_and_takes_it_away(self, place: Place) -> None:
        session = place.session()
        made = place(
            "POST", "/api/profile/tokens/", {"name": "likeness", "scopes": ["leads:read"]}, who=session
        )
        assert made.status_code == 201
        assert made.json()["token"].startswith("bcrm_pat_")
        token = made.json()["token"]
        assert place.get("/api/leads/", who=token, limit=1).status_code == 200
        gone = place("DELETE", f"/api/profile/tokens/{made.json()['id']}/", who=session)
        assert (gone.status_code, gone.json()) == (200, {"error": False})
        answer = place.get("/api/leads/", who=token, limit=1)
        assert (answer.status_code, answer.json()) == (403, SIGNED_OUT)

    def test_a_token_without_the_scope_is_told_which_one_it_needs(self, place: Place) -> None:
        session = place.session()
        body = {"name": "likeness", "scopes": ["leads:read"]}
        made = place("POST", "/api/profile/tokens/", body, who=session).json()
        asked = [("GET", "/api/profile/"), ("PATCH", f"/api/leads/{NOBODY}/"), ("GET", "/api/custom-fields/"),
                 ("GET", "/api/nonesuch/")]  # fmt: skip
        said = [place(method, path, who=made["token"]) for method, path in asked]
        place("DELETE", f"/api/profile/tokens/{made['id']}/", who=session)
        assert {one.status_code for one in said} == {403}
        assert [one.json()["detail"] for one in said] == [
            "This token is not scoped for read access to profile. It needs the profile:read scope.",
            "This token is not scoped for write access to leads. It needs the leads:write scope.",
            "This token is not scoped for read access to custom-fields. It needs the custom-fields:read scope.",
            "This token is not scoped for read access to nonesuch. It needs the nonesuch:read scope.",
        ]

    def test_an_unknown_scope_and_a_date_that_is_past_are_refused(self, place: Place) -> None:
        session = place.session()
        odd = place("POST", "/api/profile/tokens/", {"name": "x", "scopes": ["lead:read"]}, who=session)
        assert (odd.status_code, odd.json()["errors"]) == (
            400,
            {"scopes": ["Unknown scope resource 'lead'."]},
        )
        past = {"name": "x", "scopes": [], "expires_at": "2020-01-01T00:00:00Z"}
        old = place("POST", "/api/profile/tokens/", past, who=session)
        assert (old.status_code, list(old.json()["errors"])) == (400, ["expires_at"])

    def test_a_token_never_comes_to_tokens(self, place: Place) -> None:
        answer = place.get("/api/profile/tokens/")
        assert answer.status_code == 403
        assert answer.json()["detail"].endswith("Sign in to manage them.")

    # The list

    def test_the_list_has_open_and_closed_leads_apart_and_its_tables(self, place: Place) -> None:
        body = place.get("/api/leads/", limit=1).json()
        assert list(body) == [
            "per_page", "page_number", "open_leads", "totals", "close_leads", "contacts", "status", "source", "tags",
            "users", "countries", "industries",
        ]  # fmt: skip
        assert list(body["open_leads"]) == ["leads_count", "open_leads", "offset"]
        assert list(body["close_leads"]) == ["leads_count", "close_leads", "offset"]
        assert [key for key, _ in body["status"]] == [
            "assigned",
            "in process",
            "converted",
            "recycled",
            "closed",
        ]
        assert {"id": place.profile(), "user__email": _email(place, "rep")} in body["users"]
        assert {"id": place.profile("rep2"), "user__email": _email(place, "rep2")} in body["users"]

    def test_a_row_of_the_list_is_the_lead_as_its_detail_has_it(self, place: Place) -> None:
        name = word()
        lead_id = place.lead(first_name=name, rating="HOT", opportunity_amount="10")
        row = _open(place, name=name)[0]
        assert list(row) == LEAD_KEYS.split()
        assert row == place.shown(lead_id)
        assert (row["opportunity_amount"], row["rating"], row["custom_fields"]) == ("10.00", "HOT", {})
        assert [one["id"] for one in row["assigned_to"]] == [place.profile()]
        assert row["created_by"]["email"] == _email(place, "marketer")

    def test_times_are_utc_to_the_microsecond(self, place: Place) -> None:
        lead = place.shown(place.lead())
        for name in ("created_at", "updated_at", "waiting_since"):
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z", lead[name]), name

    def test_limit_and_offset_cut_both_halves_alike(self, place: Place) -> None:
        name = word()
        for status in ("assigned", "in process", "recycled", "closed", "closed"):
            place.lead(first_name=name, status=status)
        cut = {
            (): ((3, 3, None), (2, 2, None)),
            (2,): ((3, 2, 2), (2, 2, None)),
            (1, 1): ((3, 1, 2), (2, 1, None)),
            (2, 2): ((3, 1, None), (2, 0, 0)),
            (2, 3): ((3, 0, 0), (2, 0, 0)),
            (0,): ((3, 3, None), (2, 2, None)),
            ("x", "x"): ((3, 3, None), (2, 2, None)),
            (-1, -1): ((3, 3, None), (2, 2, None)),
            (100_000,): ((3, 3, None), (2, 2, None)),
        }
        for given, expected in cut.items():
            params: dict[str, Any] = dict(zip(("limit", "offset"), given, strict=False))
            assert _halves(place, name=name, **params) == expected, given

    def test_the_order_is_that_of_random_ids(self, place: Place) -> None:
        name = word()
        made = [place.lead(first_name=name) for _ in range(4)]
        assert [one["id"] for one in _open(place, name=name)] == sorted(made, reverse=True)

    def test_unknown_parameters_and_unknown_statuses_narrow_nothing(self, place: Place) -> None:
        name = word()
        place.lead(first_name=name)
        place.lead(first_name=name, status="closed")
        for odd in ({"updated_at__gte": "2030-01-01"}, {"ordering": "title"}, {"page": "2"}, {"status": "bogus"},
                    {"cf_": "x"}, {"assigned_to": ""}):  # fmt: skip
            assert _halves(place, name=name, **odd) == ((1, 1, None), (1, 1, None)), odd

    def test_filters_narrow_the_list(self, place: Place) -> None:
        name, choice = word(), place.field("dropdown", "a", "b")
        mine = place.lead(first_name=name, rating="HOT", custom_fields={choice: "a"})
        place.lead(first_name=name, status="closed", last_name="Other")
        place.lead("rep2", first_name=name)
        assert [one["id"] for one in _open(place, name=name, rating="HOT")] == [mine]
        assert [one["id"] for one in _open(place, name=name, **{f"cf_{choice}": "a"})] == [mine]
        assert _halves(place, name=name, **{f"cf_{choice}": "b"}) == ((0, 0, 0), (0, 0, 0))
        assert _halves(place, name=name, status="closed") == ((0, 0, 0), (1, 1, None))
        assert _halves(place, name=name, status=["closed", "assigned"]) == ((1, 1, None), (1, 1, None))
        assert _halves(place, name=name, open="true") == ((1, 1, None), (0, 0, 0))
        assert _halves(place, search=name, created_at__gte="2030-01-01") == ((0, 0, 0), (0, 0, 0))
        assert _halves(place, name=name, tags=NOBODY) == ((0, 0, 0), (0, 0, 0))

    @pytest.mark.parametrize("name", ["assigned_to", "tags"])
    def test_an_id_that_is_none_is_refused_without_an_envelope(self, place: Place, name: str) -> None:
        answer = place.get("/api/leads/", **{name: "nope"})
        assert (answer.status_code, answer.json()) == (400, {name: ["'nope' is not a valid id."]})

    def test_a_date_that_is_none_is_refused_without_an_envelope(self, place: Place) -> None:
        answer = place.get("/api/leads/", created_at__gte="x")
        said = {"created_at__gte": ["'x' is not a valid date. Use YYYY-MM-DD."]}
        assert (answer.status_code, answer.json()) == (400, said)

    # One lead, and who may see it

    def test_a_lead_is_seen_by_its_owner_its_maker_and_an_admin(self, place: Place) -> None:
        name = word()
        lead_id = place.lead(first_name=name)
        path = f"/api/leads/{lead_id}/"
        assert [place.get(path, who=who).status_code for who in ("rep", "marketer", "admin")] == [
            200,
            200,
            200,
        ]
        answer = place.get(path, who="rep2")
        assert (answer.status_code, answer.json()) == (404, NO_LEAD)
        assert _halves(place, who="rep2", name=name) == ((0, 0, 0), (0, 0, 0))
        assert _halves(place, who="marketer", name=name) == ((1, 1, None), (0, 0, 0))

    def test_a_lead_of_anothers_is_404_for_every_verb(self, place: Place) -> None:
        path = f"/api/leads/{place.lead('rep2')}/"
        answers = [
            place(method, path, {"comment": "x"}) for method in ("GET", "PATCH", "POST", "PUT", "DELETE")
        ]
        assert [(one.status_code, one.json()) for one in answers] == [(404, NO_LEAD)] * 5

    def test_a_lead_that_never_was_is_the_same_404(self, place: Place) -> None:
        answer = place.get(f"/api/leads/{NOBODY}/")
        assert (answer.status_code, answer.json()) == (404, NO_LEAD)

    def test_the_detail_says_which_custom_fields_there_are(self, place: Place) -> None:
        choice = place.field("dropdown", "a", "b")
        body = place.get(f"/api/leads/{place.lead()}/").json()
        assert list(body) == [
            "lead_obj", "attachments", "comments", "users_mention", "assigned_data", "users", "users_excluding_team",
            "source", "status", "teams", "countries", "pipeline_stage", "custom_field_definitions", "can_delete",
        ]  # fmt: skip
        assert body["assigned_data"] == [{"id": place.profile(), "name": _email(place, "rep")}]
        assert body["can_delete"] is False
        found = next(one for one in body["custom_field_definitions"] if one["key"] == choice)
        assert (found["field_type"], found["target_model"], found["is_active"]) == ("dropdown", "Lead", True)
        assert found["options"] == [{"value": "a", "label": "a"}, {"value": "b", "label": "b"}]

    def test_any_spelling_of_an_id_leads_to_the_lead(self, place: Place) -> None:
        lead_id = place.lead()
        for spelled in (lead_id.upper(), lead_id.replace("-", "")):
            assert place.get(f"/api/leads/{spelled}/").json()["lead_obj"]["id"] == lead_id

    def test_a_malformed_id_and_an_unknown_route_are_answered_in_html(self, place: Place) -> None:
        for path in ("/api/leads/nope/", "/api/nonesuch/", "/api/leads/nope"):
            answer = place.get(path)
            assert answer.status_code == 404
            assert is_html(answer)

    @pytest.mark.parametrize("method", ["GET", "PATCH"])
    def test_without_the_slash_every_verb_is_sent_elsewhere(self, place: Place, method: str) -> None:
        lead_id = place.lead()
        answer = place(method, f"/api/leads/{lead_id}?x=1", {"status": "closed"})
        assert (answer.status_code, answer.headers["Location"]) == (301, f"/api/leads/{lead_id}/?x=1")
        assert place.shown(lead_id)["status"] == "assigned"

    def test_a_lead_waits_until_somebody_answers(self, place: Place) -> None:
        lead = place.shown(place.lead())
        assert (lead["is_unanswered"], lead["waiting_since"]) == (True, lead["created_at"])
        closed = place.shown(place.lead(status="closed"))
        assert (closed["is_unanswered"], closed["waiting_since"]) == (False, None)


def _email(place: Place, who: str) -> str:
    return str(place.get("/api/profile/", who=who).json()["user_obj"]["user_details"]["email"])


def _open(place: Place, **params: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = place.get("/api/leads/", **params).json()["open_leads"]["open_leads"]
    return rows


def _halves(place: Place, who: str = "rep", **params: Any) -> tuple[tuple[Any, ...], ...]:
    """Number of all, number on this page, and where the next page begins: of open leads and of closed ones."""
    body = place.get("/api/leads/", who=who, **params).json()
    both = [body["open_leads"], body["close_leads"]]
    return tuple(
        (half["leads_count"], len(half[name]), half["offset"])
        for half, name in zip(both, ("open_leads", "close_leads"), strict=True)
    )
