"""What a write does and what is said of one that is unfit: fields, owners, custom fields, comments, conversion."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bottlecrm.likeness_reading import NO_LEAD, is_html
from tests.bottlecrm.place import NOBODY, Place, word

UPDATED = {"error": False, "message": "Lead updated Successfully"}


class WritingClaims:
    # A change

    def test_a_change_says_nothing_of_the_lead_but_moves_its_version(self, place: Place) -> None:
        lead_id = place.lead()
        before = place.shown(lead_id)
        answer = place.patch(lead_id, {"status": "recycled"})
        assert (answer.status_code, answer.json()) == (200, UPDATED)
        after = place.shown(lead_id)
        assert after["status"] == "recycled"
        assert after["updated_at"] > before["updated_at"]
        assert after["created_at"] == before["created_at"]

    def test_even_a_change_of_nothing_moves_the_version(self, place: Place) -> None:
        lead_id = place.lead()
        before = place.shown(lead_id)["updated_at"]
        assert place.patch(lead_id, {}).json() == UPDATED
        assert place.shown(lead_id)["updated_at"] > before

    def test_unknown_fields_are_ignored_and_conditions_too(self, place: Place) -> None:
        lead_id = place.lead()
        body = {
            "nonesuch": 1,
            "updated_at": "2020-01-01T00:00:00Z",
            "created_at": "2020-01-01",
            "job_title": "CFO",
        }
        headers = {"If-Match": '"x"', "If-Unmodified-Since": "Wed, 01 Jan 2020 00:00:00 GMT"}
        answer = place("PATCH", f"/api/leads/{lead_id}/", body, headers=headers)
        assert answer.json() == UPDATED
        lead = place.shown(lead_id)
        assert (lead["job_title"], lead["created_at"][:4] > "2020") == ("CFO", True)
        assert "nonesuch" not in lead

    @pytest.mark.parametrize(
        ("name", "value", "said"),
        [
            ("status", "bogus", '"bogus" is not a valid choice.'),
            ("status", 5, '"5" is not a valid choice.'),
            ("rating", "bogus", '"bogus" is not a valid choice.'),
            ("source", "bogus", "Choose one of your lead sources."),
            ("email", "nope", "Enter a valid email address."),
            ("title", "x" * 256, "Ensure this field has no more than 255 characters."),
            ("title", ["x"], "Not a valid string."),
            ("title", "a\0b", "Null characters are not allowed."),
            ("last_name", "", "This field may not be blank."),
            ("probability", 101, "Ensure this value is less than or equal to 100."),
            ("probability", -1, "Ensure this value is greater than or equal to 0."),
            ("probability", "x", "A valid integer is required."),
            ("opportunity_amount", "x", "A valid number is required."),
            ("opportunity_amount", "1.234", "Ensure that there are no more than 2 decimal places."),
            ("close_date", "x", "Date has wrong format. Use one of these formats instead: YYYY-MM-DD."),
            ("next_follow_up", "", "Date has wrong format. Use one of these formats instead: YYYY-MM-DD."),
            ("linkedin_url", "x", "Enter a valid URL."),
            ("country", "zz", '"zz" is not a valid choice.'),
        ],
    )
    def test_an_unfit_value_is_named_in_the_envelope_and_nothing_is_written(
        self, place: Place, name: str, value: Any, said: str
    ) -> None:
        lead_id = place.lead()
        before = place.shown(lead_id)
        answer = place.patch(lead_id, {"job_title": "CFO", name: value})
        assert (answer.status_code, answer.json()) == (400, {"error": True, "errors": {name: [said]}})
        assert place.shown(lead_id) == before

    def test_all_that_is_unfit_is_said_at_once(self, place: Place) -> None:
        answer = place.made(status="bogus", probability=101, close_date="x")
        assert (answer.status_code, set(answer.json()["errors"])) == (
            400,
            {"status", "probability", "close_date"},
        )

    @pytest.mark.parametrize(
        ("name", "given", "kept"),
        [
            ("title", "  a \x1b[31m b ", "a \x1b[31m b"),
            ("title", None, None),
            ("title", 5, "5"),
            ("status", "", ""),
            ("status", None, None),
            ("description", "<b>[x]\u202e", "<b>[x]\u202e"),
            ("opportunity_amount", 7, "7.00"),
            ("probability", "50", 50),
            ("first_name", None, None),
            ("website", "x", "x"),
        ],
    )
    def test_what_fits_is_kept_as_it_was_given(self, place: Place, name: str, given: Any, kept: Any) -> None:
        lead_id = place.lead()
        assert place.patch(lead_id, {name: given}).json() == UPDATED
        assert place.shown(lead_id)[name] == kept

    # Making one

    def test_a_lead_may_be_made_of_nothing(self, place: Place) -> None:
        answer = place("POST", "/api/leads/", {"assigned_to": [place.profile()]}, who="marketer")
        assert (answer.status_code, answer.json()["message"]) == (200, "Lead Created Successfully")
        lead = place.shown(answer.json()["id"])
        names = ("title", "first_name", "email", "status", "rating", "opportunity_amount", "company_name")
        assert [lead[name] for name in names] == [None] * 7
        assert (lead["source_detail"], lead["probability"], lead["is_active"]) == ("", 0, True)

    def test_an_address_belongs_to_one_lead(self, place: Place) -> None:
        email = f"{word()}@likeness.bottleshop.example"
        place.lead(email=email)
        answer = place.made(email=email.upper())
        said = "Another lead in this organisation already uses that email address."
        assert (answer.status_code, answer.json()["errors"]) == (400, {"email": [said]})

    # Owners, tags, PUT

    def test_a_lead_that_is_given_away_is_gone_for_the_one_who_gave_it(self, place: Place) -> None:
        text = place.field("text")
        lead_id = place.lead()
        answer = place.patch(
            lead_id, {"assigned_to": [place.profile("rep2")], "custom_fields": {text: "kept"}}
        )
        assert (answer.status_code, answer.json()) == (200, UPDATED)
        gone = place.patch(lead_id, {"status": "closed"})
        assert (gone.status_code, gone.json()) == (404, NO_LEAD)
        assert place.shown(lead_id, who="rep2")["custom_fields"] == {text: "kept"}

    def test_owners_may_be_several_one_alone_or_an_object(self, place: Place) -> None:
        lead_id, me, other = place.lead(), place.profile(), place.profile("rep2")
        for given, expected in (([me, other], {me, other}), (me, {me}), ([{"id": me}], {me})):
            assert place.patch(lead_id, {"assigned_to": given}).json() == UPDATED
            assert {one["id"] for one in place.shown(lead_id)["assigned_to"]} == expected

    def test_an_owner_that_is_unknown_leaves_the_lead_to_nobody(self, place: Place) -> None:
        lead_id = place.lead()
        assert place.patch(lead_id, {"assigned_to": [NOBODY]}).json() == UPDATED
        assert place.get(f"/api/leads/{lead_id}/").status_code == 404
        assert place.shown(lead_id, who="marketer")["assigned_to"] == []

    @pytest.mark.parametrize("name", ["assigned_to", "tags"])
    def test_an_id_that_is_none_is_refused_and_nothing_is_written(self, place: Place, name: str) -> None:
        lead_id = place.lead()
        answer = place.patch(lead_id, {"status": "closed", name: ["nope"]})
        assert (answer.status_code, answer.json()) == (400, {name: ["'nope' is not a valid id."]})
        odd = place.patch(lead_id, {name: 5})
        assert (odd.status_code, odd.json()) == (400, {name: [f"{name} must be a list of ids."]})
        assert place.shown(lead_id)["status"] == "assigned"

    def test_tags_are_replaced_and_an_unknown_one_vanishes(self, place: Place) -> None:
        tag = place.get("/api/tags/").json()["tags"][0]["id"]
        lead_id = place.lead(tags=[tag])
        assert [one["id"] for one in place.shown(lead_id)["tags"]] == [tag]
        assert place.patch(lead_id, {"tags": [NOBODY]}).json() == UPDATED
        assert place.shown(lead_id)["tags"] == []

    def test_put_clears_owners_and_tags_but_no_field(self, place: Place) -> None:
        text, tag = place.field("text"), place.get("/api/tags/").json()["tags"][0]["id"]
        lead_id = place.lead(tags=[tag], rating="HOT", custom_fields={text: "kept"})
        answer = place("PUT", f"/api/leads/{lead_id}/", {"status": "in process"})
        assert (answer.status_code, answer.json()) == (200, UPDATED)
        assert place.get(f"/api/leads/{lead_id}/").status_code == 404
        lead = place.shown(lead_id, who="marketer")
        assert (lead["assigned_to"], lead["tags"], lead["status"]) == ([], [], "in process")
        assert (lead["rating"], lead["first_name"], lead["custom_fields"]) == ("HOT", "Ann", {text: "kept"})

    def test_who_made_a_lead_may_delete_it_and_who_has_it_may_not(self, place: Place) -> None:
        lead_id = place.lead()
        answer = place("DELETE", f"/api/leads/{lead_id}/")
        said = {"error": True, "errors": "you don't have permission to delete this lead"}
        assert (answer.status_code, answer.json()) == (403, said)
        assert place("DELETE", f"/api/leads/{lead_id}/", who="marketer").status_code == 200
        assert place.get(f"/api/leads/{lead_id}/").json() == NO_LEAD

    # Custom fields

    def test_custom_fields_merge_key_by_key_beside_the_status(self, place: Place) -> None:
        text, choice = place.field("text"), place.field("dropdown", "a", "b")
        lead_id = place.lead()
        place.patch(lead_id, {"custom_fields": {text: "one"}})
        place.patch(lead_id, {"status": "closed", "custom_fields": {choice: "a"}})
        lead = place.shown(lead_id)
        assert (lead["status"], lead["custom_fields"]) == ("closed", {text: "one", choice: "a"})

    @pytest.mark.parametrize("nothing", [None, ""])
    def test_a_custom_field_is_cleared_by_nothing(self, place: Place, nothing: Any) -> None:
        text = place.field("text")
        lead_id = place.lead(custom_fields={text: "one"})
        place.patch(lead_id, {"custom_fields": {text: nothing}})
        assert place.shown(lead_id)["custom_fields"] == {}

    def test_an_unknown_key_vanishes_without_a_word(self, place: Place) -> None:
        lead_id = place.lead()
        assert place.patch(lead_id, {"custom_fields": {word(): "x"}}).json() == UPDATED
        assert place.shown(lead_id)["custom_fields"] == {}

    def test_a_value_outside_the_options_is_refused_and_nothing_is_written(self, place: Place) -> None:
        text, choice = place.field("text"), place.field("dropdown", "a", "b")
        lead_id = place.lead()
        answer = place.patch(lead_id, {"status": "closed", "custom_fields": {text: "x", choice: "zz"}})
        said = {"custom_fields": {choice: "must be one of ['a', 'b']"}}
        assert (answer.status_code, answer.json()) == (400, {"error": True, "errors": said})
        lead = place.shown(lead_id)
        assert (lead["status"], lead["custom_fields"]) == ("assigned", {})

    @pytest.mark.parametrize(
        ("kind", "given", "kept"),
        [
            ("text", 5, "5"),
            ("text", ["a"], "['a']"),
            ("text", True, "True"),
            ("date", "20261224", "2026-12-24"),
            ("text", "  a \n b  ", "  a \n b  "),
            ("text", "\x1b[31m<b>[x]\u202e", "\x1b[31m<b>[x]\u202e"),
            ("textarea", "y" * 250_000, "y" * 250_000),
            ("date", "2026-12-24", "2026-12-24"),
            ("number", "7", 7.0),
            ("checkbox", "yes", True),
        ],
    )
    def test_a_custom_value_is_kept_in_the_form_of_its_field(
        self, place: Place, kind: str, given: Any, kept: Any
    ) -> None:
        key = place.field(kind)
        lead_id = place.lead()
        assert place.patch(lead_id, {"custom_fields": {key: given}}).json() == UPDATED
        assert place.shown(lead_id)["custom_fields"] == {key: kept}

    @pytest.mark.parametrize(
        ("kind", "given", "said"),
        [
            ("date", "24.12.2026", "must be a YYYY-MM-DD date"),
            ("date", 5, "must be a YYYY-MM-DD date"),
            ("number", "x", "must be a number"),
            ("checkbox", "perhaps", "must be a boolean"),
        ],
    )
    def test_a_custom_value_of_another_kind_is_refused(
        self, place: Place, kind: str, given: Any, said: str
    ) -> None:
        key = place.field(kind)
        answer = place.patch(place.lead(), {"custom_fields": {key: given}})
        assert (answer.status_code, answer.json()["errors"]) == (400, {"custom_fields": {key: said}})

    def test_custom_fields_that_are_no_object_are_refused_or_nothing(self, place: Place) -> None:
        text = place.field("text")
        lead_id = place.lead(custom_fields={text: "kept"})
        answer = place.patch(lead_id, {"custom_fields": [1]})
        said = {"custom_fields": {"custom_fields": "must be an object"}}
        assert (answer.status_code, answer.json()["errors"]) == (400, said)
        nothings: list[Any] = [None, "text", {}, []]
        for nothing in nothings:
            assert place.patch(lead_id, {"custom_fields": nothing}).json() == UPDATED
        assert place.shown(lead_id)["custom_fields"] == {text: "kept"}

    def test_what_the_database_has_no_place_for_breaks_the_server_and_nothing_is_written(
        self, place: Place
    ) -> None:
        text = place.field("text")
        lead_id = place.lead()
        before = place.shown(lead_id)
        for odd in (b"\\u0000", b"\\ud800"):
            body = b'{"status":"closed","custom_fields":{"%s":"a%sb"}}' % (text.encode(), odd)
            answer = place.raw("PATCH", f"/api/leads/{lead_id}/", body)
            assert answer.status_code == 500
            assert is_html(answer)
        assert place.shown(lead_id) == before

    # Bodies that are none

    def test_a_body_that_is_no_json_is_refused_with_a_detail(self, place: Place) -> None:
        path = f"/api/leads/{place.lead()}/"
        for body in (b"{", b'{"title":"\xff"}', b'{"probability":NaN}'):
            answer = place.raw("PATCH", path, body)
            assert answer.status_code == 400
            assert answer.json()["detail"].startswith("JSON parse error - ")
        typed = place("PATCH", path, content=b"{}", headers={"Content-Type": "text/plain"})
        assert (typed.status_code, typed.json()) == (
            415,
            {"detail": 'Unsupported media type "text/plain" in request.'},
        )

    @pytest.mark.parametrize("body", [b"[1]", b"null", b"5"])
    def test_a_body_that_is_no_object_breaks_the_server(self, place: Place, body: bytes) -> None:
        answer = place.raw("PATCH", f"/api/leads/{place.lead()}/", body)
        assert answer.status_code == 500
        assert is_html(answer)

    def test_a_body_that_is_too_large_is_refused_in_html(self, place: Place) -> None:
        lead_id, text = place.lead(), place.field("text")
        body = b'{"custom_fields":{"%s":"%s"}}' % (text.encode(), b"y" * 2_700_000)
        answer = place.raw("PATCH", f"/api/leads/{lead_id}/", body)
        assert answer.status_code == 400
        assert is_html(answer)
        assert place.shown(lead_id)["custom_fields"] == {}

    def test_a_verb_that_is_not_there_is_405(self, place: Place) -> None:
        answer = place("DELETE", "/api/leads/")
        assert (answer.status_code, answer.json()) == (405, {"detail": 'Method "DELETE" not allowed.'})
