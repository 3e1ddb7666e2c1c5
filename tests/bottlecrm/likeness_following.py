"""What follows: comments, conversion, and what an admin makes: custom fields and tags."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.bottlecrm.likeness_reading import is_html
from tests.bottlecrm.likeness_writing import UPDATED
from tests.bottlecrm.place import NOBODY, Place, word

ADMINS_ONLY = {"error": True, "errors": "Admin access required"}


class FollowingClaims:
    # Comments

    def test_a_comment_is_answered_with_all_comments_and_does_not_move_the_version(
        self, place: Place
    ) -> None:
        lead_id = place.lead()
        before = place.shown(lead_id)
        answer = place.comment(lead_id, "first \x1b[31m <b> [x]")
        assert answer.status_code == 200
        assert list(answer.json()) == ["lead_obj", "attachments", "comments"]
        assert answer.json()["lead_obj"] == before
        (row,) = answer.json()["comments"]
        assert (row["comment"], row["commented_by"]["id"]) == ("first \x1b[31m <b> [x]", place.profile())
        assert set(row) == {"id", "comment", "commented_on", "commented_by"}
        assert place.shown(lead_id) == before

    def test_the_same_comment_sent_twice_is_there_twice(self, place: Place) -> None:
        lead_id = place.lead()
        for _ in range(2):
            place("POST", f"/api/leads/{lead_id}/", {"comment": "again"}, headers={"Idempotency-Key": "k"})
        assert place.comments(lead_id) == ["again", "again"]

    def test_comments_come_in_the_order_of_random_ids(self, place: Place) -> None:
        lead_id = place.lead()
        for number in range(6):
            place.comment(lead_id, f"number {number}")
        rows = place.get(f"/api/leads/{lead_id}/").json()["comments"]
        assert [one["id"] for one in rows] == sorted((one["id"] for one in rows), reverse=True)

    def test_a_comment_of_more_than_ten_thousand_characters_is_kept_whole(self, place: Place) -> None:
        lead_id = place.lead()
        place.comment(lead_id, "x" * 10_001)
        assert [len(one) for one in place.comments(lead_id)] == [10_001]

    @pytest.mark.parametrize("nothing", ["", None])
    def test_a_comment_of_nothing_is_none(self, place: Place, nothing: Any) -> None:
        lead_id = place.lead()
        assert place.comment(lead_id, nothing).json()["comments"] == []

    def test_a_comment_the_database_has_no_place_for_breaks_the_server(self, place: Place) -> None:
        lead_id = place.lead()
        for odd in (b'{"comment":"a\\u0000b"}', b'{"comment":"a\\ud800b"}', b"[1]"):
            answer = place.raw("POST", f"/api/leads/{lead_id}/", odd)
            assert answer.status_code == 500
            assert is_html(answer)
        assert place.comments(lead_id) == []

    # Conversion

    def test_a_conversion_takes_the_fields_beside_it_and_says_what_it_made(self, place: Place) -> None:
        text = place.field("text")
        lead_id = place.lead()
        place.comment(lead_id, "moves to the account")
        body = {"status": "converted", "job_title": "CFO", "custom_fields": {text: "kept"}}
        answer = place.patch(lead_id, body)
        assert (answer.status_code, answer.json()["message"]) == (200, "Lead Converted Successfully")
        assert all(answer.json()[name] for name in ("account_id", "contact_id", "opportunity_id"))
        lead = place.shown(lead_id)
        assert (lead["status"], lead["job_title"], lead["custom_fields"]) == (
            "converted",
            "CFO",
            {text: "kept"},
        )
        assert place.comments(lead_id) == []

    def test_a_converted_lead_is_never_listed(self, place: Place) -> None:
        name = word()
        lead_id = place.lead(first_name=name)
        place.patch(lead_id, {"status": "converted"})
        for given in ({}, {"status": "converted"}):
            body = place.get("/api/leads/", name=name, **given).json()
            assert (body["open_leads"]["leads_count"], body["close_leads"]["leads_count"]) == (0, 0)
        assert place.shown(lead_id)["status"] == "converted"

    def test_a_converted_lead_is_not_converted_again(self, place: Place) -> None:
        lead_id = place.lead()
        place.patch(lead_id, {"status": "converted"})
        again = place.patch(lead_id, {"status": "converted"})
        assert again.status_code == 400
        assert again.json()["errors"]["status"][0].startswith("This lead is already converted.")

    def test_a_converted_lead_goes_back_nowhere_but_takes_custom_fields_and_comments(
        self, place: Place
    ) -> None:
        text = place.field("text")
        lead_id = place.lead()
        place.patch(lead_id, {"status": "converted"})
        back = place.patch(lead_id, {"status": "assigned", "custom_fields": {text: "x"}})
        assert back.status_code == 400
        assert back.json()["errors"]["status"][0].startswith(
            "A converted lead cannot be changed back to 'assigned'."
        )
        assert place.patch(lead_id, {"custom_fields": {text: "y"}}).json() == UPDATED
        place.comment(lead_id, "after")
        assert (place.shown(lead_id)["custom_fields"], place.comments(lead_id)) == ({text: "y"}, ["after"])

    @pytest.mark.parametrize("email", [None, ""])
    def test_a_lead_without_an_address_is_not_converted(self, place: Place, email: str | None) -> None:
        text = place.field("text")
        lead_id = place.lead(email=email)
        answer = place.patch(lead_id, {"status": "converted", "custom_fields": {text: "x"}})
        assert answer.status_code == 400
        assert answer.json()["errors"]["email"][0].startswith("This lead needs an email address")
        lead = place.shown(lead_id)
        assert (lead["status"], lead["custom_fields"]) == ("assigned", {})

    def test_an_address_given_with_the_conversion_is_enough(self, place: Place) -> None:
        lead_id = place.lead(email=None)
        email = f"{word()}@likeness.bottleshop.example"
        assert place.patch(lead_id, {"status": "converted", "email": email}).status_code == 200

    def test_an_account_of_anothers_is_not_joined(self, place: Place) -> None:
        company = f"Likeness {word()}"
        mine, others = place.lead(company_name=company), place.lead("rep2", company_name=company)
        assert place.patch(mine, {"status": "converted"}).status_code == 200
        answer = place.patch(others, {"status": "converted", "job_title": "CFO"}, who="rep2")
        assert answer.status_code == 400
        assert answer.json()["errors"]["status"][0].startswith(f"An account named '{company}' already exists")
        lead = place.shown(others, who="rep2")
        assert (lead["status"], lead["job_title"]) == ("assigned", None)

    def test_a_contact_of_anothers_is_left_alone(self, place: Place) -> None:
        email = f"{word()}@likeness.bottleshop.example"
        others = place.lead("rep2", email=email)
        assert place.patch(others, {"status": "converted"}, who="rep2").json()["contact_id"]
        place.patch(others, {"email": f"{word()}@likeness.bottleshop.example"}, who="rep2")
        answer = place.patch(place.lead(email=email), {"status": "converted"})
        assert (answer.status_code, answer.json()["contact_id"]) == (200, None)

    def test_a_lead_with_no_name_of_any_kind_makes_no_opportunity(self, place: Place) -> None:
        lead_id = place.lead(first_name=None, company_name=None)
        answer = place.patch(lead_id, {"status": "converted"})
        assert (answer.status_code, answer.json()["opportunity_id"]) == (200, None)

    def test_of_four_conversions_at_once_one_is_made(self, place: Place) -> None:
        lead_id = place.lead()
        with ThreadPoolExecutor(4) as at_once:
            answers = list(at_once.map(lambda _: place.patch(lead_id, {"status": "converted"}), range(4)))
        assert sorted(one.status_code for one in answers) == [200, 400, 400, 400]

    def test_a_flag_converts_as_the_status_does(self, place: Place) -> None:
        lead_id = place.lead()
        answer = place.patch(lead_id, {"is_converted": True})
        assert (answer.status_code, answer.json()["message"]) == (200, "Lead Converted Successfully")
        assert place.patch(lead_id, {"is_converted": True}).status_code == 400

    def test_put_converts_with_an_address_in_its_body_only(self, place: Place) -> None:
        lead_id = place.lead()
        path, email = f"/api/leads/{lead_id}/", place.shown(lead_id)["email"]
        answer = place("PUT", path, {"status": "converted"})
        assert (answer.status_code, answer.json()["errors"]) == (400, {"email": ["This field is required."]})
        assert place("PUT", path, {"status": "converted", "email": email}).status_code == 200

    def test_the_contact_that_a_conversion_made_comes_with_every_list(self, place: Place) -> None:
        name = word()
        contact = place.patch(place.lead(first_name=name), {"status": "converted"}).json()["contact_id"]
        listed = place.get("/api/leads/", limit=1).json()["contacts"]
        assert {"id": contact, "first_name": name} in listed

    # Being in touch

    def test_a_call_answers_the_lead_and_does_not_move_its_version(self, place: Place) -> None:
        lead_id = place.lead()
        before = place.shown(lead_id)
        body = {"kind": "call", "lead": lead_id, "outcome": "no_answer", "subject": "s", "body": "b"}
        answer = place("POST", "/api/interactions/", body)
        assert (answer.status_code, answer.json()["lead"]) == (201, lead_id)
        after = place.shown(lead_id)
        changed = {name for name in after if after[name] != before[name]}
        assert changed == {
            "last_contacted", "first_response_at", "first_response_by", "first_response_by_details",
            "last_outbound_at", "waiting_since", "is_unanswered",
        }  # fmt: skip
        assert (after["first_response_by"], after["is_unanswered"]) == (place.profile(), False)

    # What an admin makes

    def test_only_an_admin_makes_and_changes_custom_fields_and_tags(self, place: Place) -> None:
        body = {"target_model": "Lead", "key": "likeness_x", "label": "x", "field_type": "text"}
        refused = place("POST", "/api/custom-fields/", body)
        assert (refused.status_code, refused.json()) == (403, ADMINS_ONLY)
        refused = place("PUT", f"/api/custom-fields/{NOBODY}/", {"label": "x"})
        assert (refused.status_code, refused.json()) == (403, ADMINS_ONLY)
        refused = place("POST", "/api/tags/", {"name": word()})
        assert (refused.status_code, refused.json()["errors"]) == (403, "Only admins can create tags")

    def test_a_custom_field_is_made_once_changed_and_put_away(self, place: Place) -> None:
        key, a, b = f"likeness_{word()}", {"value": "a", "label": "A"}, {"value": "b", "label": "B"}
        body = {
            "target_model": "Lead",
            "key": key,
            "label": "Own",
            "field_type": "dropdown",
            "options": [a],
        }
        made = place("POST", "/api/custom-fields/", body, who="admin")
        assert (made.status_code, made.json()["options"]) == (201, [a])
        twin = place("POST", "/api/custom-fields/", body, who="admin")
        said = {"key": [f"a Lead field with key '{key}' already exists"]}
        assert (twin.status_code, twin.json()["errors"]) == (400, said)
        path = f"/api/custom-fields/{made.json()['id']}/"
        lead_id = place.lead(custom_fields={key: "a"})
        changed = place("PUT", path, {"options": [b]}, who="admin")
        assert (changed.status_code, changed.json()["options"], changed.json()["label"]) == (200, [b], "Own")
        assert place.patch(lead_id, {"custom_fields": {key: "a"}}).json() == UPDATED, (
            "as it stands it may stay"
        )
        frozen = place("PUT", path, {"field_type": "text"}, who="admin")
        assert frozen.json()["errors"] == {"field_type": ["field_type cannot be changed after creation"]}
        assert place("DELETE", path, who="admin").json() == {
            "error": False,
            "message": "Custom field deactivated",
        }
        assert place.patch(lead_id, {"custom_fields": {key: "b"}}).json() == UPDATED
        assert place.shown(lead_id)["custom_fields"] == {key: "a"}
        listed = place.get(f"/api/leads/{lead_id}/").json()["custom_field_definitions"]
        assert key not in [one["key"] for one in listed]
        assert place("POST", "/api/custom-fields/", body, who="admin").status_code == 400

    def test_custom_fields_are_listed_for_everybody(self, place: Place) -> None:
        key = place.field("text")
        body = place.get("/api/custom-fields/", target_model="Lead", active_only="true").json()
        found = next(one for one in body["definitions"] if one["key"] == key)
        assert (found["field_type"], found["options"], found["is_required"]) == ("text", None, False)
        assert isinstance(found["records_missing_value"], int)
        assert set(body["totals"]) == {"count", "active", "models_extended", "required_with_gaps"}
        bare = place.get("/api/custom-fields/", target_model="Nonesuch", include_counts="false").json()
        assert bare == {"definitions": [], "totals": None}

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            ({"key": "Bad key"}, {"key": ['Enter a valid "slug" consisting of letters, numbers, underscores or hyphens.']}),
            ({"key": "Bad"}, {"key": ["key must be a lowercase slug starting with a letter (a-z, 0-9, _)"]}),
            ({"field_type": "zork"}, {"field_type": ['"zork" is not a valid choice.']}),
            ({"target_model": "Zork"}, {"target_model": ['"Zork" is not a valid choice.']}),
            ({"label": ""}, {"label": ["This field may not be blank."]}),
            ({"field_type": "dropdown"}, {"options": ["Dropdown fields require a non-empty list of {value, label} pairs"]}),
            ({"options": [{"value": "a", "label": "A"}]}, {"options": ["options is only valid for dropdown fields"]}),
        ],
    )  # fmt: skip
    def test_a_custom_field_that_is_unfit_is_refused(
        self, place: Place, body: dict[str, Any], said: dict[str, list[str]]
    ) -> None:
        whole = {"target_model": "Lead", "key": "likeness_x", "label": "x", "field_type": "text", **body}
        answer = place("POST", "/api/custom-fields/", whole, who="admin")
        assert (answer.status_code, answer.json()) == (400, {"error": True, "errors": said})

    def test_a_custom_field_that_never_was_is_404_in_the_envelope(self, place: Place) -> None:
        answer = place("PUT", f"/api/custom-fields/{NOBODY}/", {"label": "x"}, who="admin")
        assert (answer.status_code, answer.json()) == (
            404,
            {"error": True, "errors": "Custom field not found"},
        )
        assert place("PATCH", f"/api/custom-fields/{NOBODY}/", {"label": "x"}, who="admin").status_code == 405

    def test_the_members_are_for_admins_and_the_colleagues_for_all(self, place: Place) -> None:
        refused = place.get("/api/users/")
        assert (refused.status_code, refused.json()) == (403, {"error": True, "errors": "Permission Denied"})
        rows = place.get("/api/users/", who="admin").json()["active_users"]["active_users"]
        assert place.profile("rep2") in [one["id"] for one in rows]
        everybody = place.get("/api/users/get-teams-and-users/").json()["profiles"]
        assert {place.profile(), place.profile("rep2")} <= {one["id"] for one in everybody}
