"""The REST API as the adapter speaks it: pages, describes, errors in Salesforce's manner, the day's usage."""

from __future__ import annotations

import httpx
import pytest

from tests.crm.conftest import no_memory_of_silence, no_pause_between_tries  # noqa: F401 - fixtures of this module too
from tests.salesforce.reading_room import http_on, saying
from triage.crm.salesforce.api import DATA, Api, NoSuchField, Usage
from triage.errors import (
    AnswerLost,
    BadAnswer,
    CrmError,
    NotPermitted,
    NotSignedIn,
    RateLimited,
    Unreachable,
)

SESSION_OVER = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def api_on(handle, **more):
    return Api(http_on(handle, **more))


def answering(*replies):
    """Answer the n-th request by the n-th reply, and every later one by the last."""
    heard: list[httpx.Request] = []

    def handle(request):
        heard.append(request)
        return replies[min(len(heard), len(replies)) - 1]

    return handle, heard


def page(*ids, more=""):
    body = {"totalSize": 9, "done": not more, "records": [{"Id": one} for one in ids]}
    return saying(body | ({"nextRecordsUrl": more} if more else {}))


def refusing(code, message="No.", status=400):
    return saying([{"errorCode": code, "message": message}], status)


async def failing(reply, error):
    handle, heard = answering(reply)
    with pytest.raises(error) as caught:
        await api_on(handle).rows("SELECT Id FROM Lead")
    return caught.value, heard


async def test_a_query_follows_the_links_verbatim_until_it_is_done():
    link = f"{DATA}/query/01g000000000001AAA-2"
    handle, heard = answering(page("a", "b", more=link), page("c"))
    rows = await api_on(handle).rows("SELECT Id FROM Lead")
    assert [row["Id"] for row in rows] == ["a", "b", "c"]
    assert [request.url.path for request in heard] == [f"{DATA}/query", link]
    assert heard[0].url.params["q"] == "SELECT Id FROM Lead"
    assert heard[0].headers["sforce-query-options"] == "batchSize=500"


async def test_deleted_rows_are_asked_for_at_query_all():
    handle, heard = answering(page("a"))
    await api_on(handle).rows("SELECT Id FROM Lead", deleted=True)
    assert heard[0].url.path == f"{DATA}/queryAll"


@pytest.mark.parametrize("link", [None, "", 7], ids=["none", "empty", "a number"])
async def test_more_rows_without_a_link_are_an_error_and_no_short_list(link):
    body = {"done": False, "records": [], "nextRecordsUrl": link}
    await failing(saying(body), BadAnswer)


async def test_a_link_that_leads_in_a_circle_ends():
    handle, heard = answering(page("a", more=f"{DATA}/query/x"))
    with pytest.raises(BadAnswer):
        await api_on(handle).rows("SELECT Id FROM Lead")
    assert len(heard) == 2


async def test_a_link_to_another_host_is_not_followed():
    handle, heard = answering(page("a", more="https://elsewhere.example/query/x"))
    with pytest.raises(BadAnswer, match="another host"):
        await api_on(handle).rows("SELECT Id FROM Lead")
    assert len(heard) == 1


async def test_records_that_are_no_list_are_an_error_and_not_no_rows():
    await failing(saying({"done": True, "records": None}), BadAnswer)


@pytest.mark.parametrize("code", ["INVALID_FIELD", "INVALID_TYPE"])
async def test_a_field_or_object_that_is_not_there_is_told_apart(code):
    error, heard = await failing(refusing(code, "No such column 'X__c'"), NoSuchField)
    assert "X__c" in error.message
    assert len(heard) == 1


async def test_another_bad_query_says_what_salesforce_says():
    error, _ = await failing(refusing("MALFORMED_QUERY", "unexpected token: 'FROM'"), BadAnswer)
    assert not isinstance(error, NoSuchField)
    assert "unexpected token" in error.message


async def test_a_dead_session_is_renewed_once_and_the_question_asked_again():
    handle, heard = answering(saying(SESSION_OVER, 401), page("a"))
    renewed = []

    async def renew(refused):
        renewed.append(refused)
        return "another-token"

    rows = await api_on(handle, renew=renew).rows("SELECT Id FROM Lead")
    assert [row["Id"] for row in rows] == ["a"]
    assert renewed == ["a-token"]
    assert [request.headers["authorization"] for request in heard] == [
        "Bearer a-token",
        "Bearer another-token",
    ]


@pytest.mark.parametrize(
    "words", ["This session is not valid for use with the REST API", "Connected app is not attached to Agent"]
)
async def test_a_401_that_no_renewal_mends_renews_nothing(words):
    handle, heard = answering(saying([{"errorCode": "INVALID_SESSION_ID", "message": words}], 401))

    async def renew(_refused):
        raise AssertionError("no renewal helps here")

    with pytest.raises(NotPermitted, match="does not let this sign-in use its API"):
        await api_on(handle, renew=renew).rows("SELECT Id FROM Lead")
    assert len(heard) == 1


async def test_a_dead_session_without_a_renewal_is_not_signed_in():
    error, heard = await failing(saying(SESSION_OVER, 401), NotSignedIn)
    assert "a-token" not in f"{error} {error.hint}"
    assert len(heard) == 1


async def test_a_bare_bad_oauth_token_is_not_signed_in_too():
    reply = httpx.Response(403, headers={"content-type": "text/html"}, content=b"Bad_OAuth_Token")
    handle, _ = answering(reply)
    with pytest.raises(NotSignedIn):
        await api_on(handle).get("/services/oauth2/userinfo")


async def test_the_days_limit_is_a_pause_of_the_whole_account_and_not_tried_again():
    reply = refusing("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403)
    error, heard = await failing(reply, RateLimited)
    assert error.retry_after == 3600
    assert "TotalRequests Limit exceeded." in error.message
    assert len(heard) == 1


async def test_the_days_limit_at_a_write_says_that_it_did_not_take_effect():
    handle, _ = answering(refusing("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403))
    with pytest.raises(RateLimited):
        await api_on(handle).send(f"{DATA}/sobjects/Task", {})


async def test_another_403_is_not_permitted_in_salesforces_words():
    error, _ = await failing(refusing("INSUFFICIENT_ACCESS", "insufficient access rights", 403), NotPermitted)
    assert "insufficient access rights" in error.message


async def test_an_org_without_an_api_is_said_with_what_to_do():
    error, _ = await failing(refusing("API_DISABLED_FOR_ORG", "API is not enabled", 403), NotPermitted)
    assert error.hint


async def test_a_server_that_is_not_well_is_unreachable():
    await failing(refusing("SERVER_UNAVAILABLE", "busy", 503), Unreachable)


async def test_a_server_that_is_not_well_at_a_write_leaves_it_in_doubt():
    handle, _ = answering(refusing("SERVER_UNAVAILABLE", "busy", 503))
    with pytest.raises(AnswerLost):
        await api_on(handle).send(f"{DATA}/sobjects/Task", {})


async def test_a_locked_row_certainly_changed_nothing():
    handle, _ = answering(refusing("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access"))
    with pytest.raises(Unreachable) as caught:
        await api_on(handle).send(f"{DATA}/sobjects/Lead/x", {}, method="PATCH")
    assert not isinstance(caught.value, AnswerLost)


async def test_the_words_of_all_errors_are_said_cleaned():
    reply = saying(
        [{"errorCode": "X", "message": "first \x1b[31m"}, {"errorCode": "Y", "message": "second"}], 400
    )
    error, _ = await failing(reply, BadAnswer)
    assert "first" in error.message
    assert "second" in error.message
    assert "\x1b" not in error.message


# How much of the day is used


@pytest.mark.parametrize(
    ("header", "usage"),
    [
        ("api-usage=18/5000", Usage(18, 5000)),
        ("api-usage=25/5000; per-app-api-usage=17/250(appName=x)", Usage(25, 5000)),
        ("per-app-api-usage=17/250(appName=api-usage=1/2)", None),
        ("nonsense", None),
    ],
)
async def test_every_answer_says_how_much_of_the_day_is_used(header, usage):
    handle, _ = answering(saying({"done": True, "records": []}, sforce_limit_info=header))
    api = api_on(handle)
    await api.rows("SELECT Id FROM Lead")
    assert api.usage == usage


async def test_above_80_percent_nothing_is_read_in_the_background_and_delivery_goes_on():
    handle, heard = answering(saying({"done": True, "records": []}, sforce_limit_info="api-usage=4001/5000"))
    api = api_on(handle)
    await api.rows("SELECT Id FROM Lead", background=True)
    with pytest.raises(RateLimited, match=r"4,001 of its 5,000") as caught:
        await api.rows("SELECT Id FROM Lead", background=True)
    assert caught.value.retry_after == 0.0, "a pause would hold up the decisions too"
    assert len(heard) == 1
    await api.rows("SELECT Id FROM Lead")
    await api.send(f"{DATA}/sobjects/Task", {})
    assert len(heard) == 3


async def test_at_80_percent_reading_goes_on():
    handle, heard = answering(saying({"done": True, "records": []}, sforce_limit_info="api-usage=4000/5000"))
    api = api_on(handle)
    for _ in range(3):
        await api.rows("SELECT Id FROM Lead", background=True)
    assert len(heard) == 3


# Describes

LEAD = {
    "name": "Lead",
    "createable": True,
    "updateable": True,
    "fields": [
        {"name": "Id", "type": "id"},
        {
            "name": "Status",
            "label": "Lead Status",
            "type": "picklist",
            "updateable": True,
            "picklistValues": [{"value": "Open", "active": True}, {"value": "Old", "active": False}],
        },
        {"name": "OwnerId", "type": "reference", "relationshipName": "Owner", "referenceTo": ["Group"]},
        {"name": "bad name; DROP", "type": "string"},
        "nonsense",
    ],
}


async def test_an_object_is_described_once():
    handle, heard = answering(saying(LEAD))
    api = api_on(handle)
    described = await api.describe("Lead")
    assert await api.describe("Lead") is described
    assert len(heard) == 1
    assert described is not None
    assert set(described.fields) == {"Id", "Status", "OwnerId"}
    assert described.fields["Status"].values == ("Open",)
    assert described.can_update("Status")
    assert not described.can_update("OwnerId")
    assert described.can_read("Owner.Name")
    assert not described.can_read("Campaign.Name")
    assert described.label("Status") == "Lead Status"


async def test_what_is_forgotten_is_described_anew():
    handle, heard = answering(saying(LEAD))
    api = api_on(handle)
    await api.describe("Lead")
    api.forget("Lead", "Task")
    await api.describe("Lead")
    assert len(heard) == 2


@pytest.mark.parametrize(
    "reply",
    [refusing("NOT_FOUND", "no", 404), refusing("INVALID_TYPE"), refusing("INSUFFICIENT_ACCESS", "no", 403)],
    ids=["404", "invalid type", "not permitted"],
)
async def test_an_object_that_is_not_there_for_this_user_is_none(reply):
    handle, _ = answering(reply)
    assert await api_on(handle).describe("Lead_Triage_Decision__c") is None


async def test_a_portals_404_is_no_word_that_an_object_is_not_there():
    reply = httpx.Response(404, headers={"content-type": "text/html"}, content=b"<html>sign in</html>")
    handle, _ = answering(reply)
    with pytest.raises(CrmError):
        await api_on(handle).describe("Lead_Triage_Decision__c")


async def test_a_name_of_an_object_stays_one_step_of_the_path():
    handle, heard = answering(refusing("NOT_FOUND", "no", 404))
    await api_on(handle).describe("../query?q=x")
    assert heard[0].url.raw_path == f"{DATA}/sobjects/..%2Fquery%3Fq%3Dx/describe".encode()


# Graphs


async def test_graphs_are_answered_by_their_ids_and_what_is_odd_is_missing():
    body = {
        "graphs": [
            {
                "graphId": "b",
                "isSuccessful": False,
                "graphResponse": {
                    "compositeResponse": [
                        {"referenceId": "lead", "httpStatusCode": 412, "body": [{"errorCode": "X"}]},
                        {"referenceId": 7, "httpStatusCode": 200},
                        "nonsense",
                    ]
                },
            },
            {"graphId": "a", "isSuccessful": True, "graphResponse": None},
            {"graphId": 5, "isSuccessful": True},
            "nonsense",
        ]
    }
    handle, heard = answering(saying(body))
    answer = await api_on(handle).graph([{"graphId": "a"}, {"graphId": "b"}])
    assert set(answer.graphs) == {"a", "b"}
    assert answer.graphs["a"].successful
    assert not answer.graphs["b"].successful
    assert answer.graphs["b"].nodes["lead"].status == 412
    assert set(answer.graphs["b"].nodes) == {"lead"}
    assert heard[0].url.path == f"{DATA}/composite/graph"


async def test_a_graph_request_is_sent_once_whatever_comes_of_it():
    handle, heard = answering(refusing("SERVER_UNAVAILABLE", "busy", 503))
    with pytest.raises(AnswerLost):
        await api_on(handle).graph([{"graphId": "a"}])
    assert len(heard) == 1
