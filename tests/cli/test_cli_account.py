"""`show` says what is known of the account, and gives the asset's template ready to be sent."""

from __future__ import annotations

from msgspec.structs import replace

from tests.fakes import lead
from triage.cli.account_lines import account_lines, account_shape, asset_lines, asset_shape
from triage.domain.account import Account, DuplicateMatch, Sibling
from triage.domain.touch import Asset

TWIN = DuplicateMatch("L-2", "Ana Ruiz", "same phone, same name", 0.97, found_here=True)
ONE = replace(
    lead(1),
    account=Account(
        "A-1", "Northwind", customer=True, open_opportunity="Line two", siblings=(Sibling("L-2", "Ana Ruiz"), Sibling("L-3", "Hugo Berg")), duplicate_of=TWIN, do_not_contact=True
    ),
    asset=Asset("Guide", "pdf", "Short.", ("Why now?",), "Hi {first_name}\n{discount}\n{rep}"),
)  # fmt: skip


def test_the_account_as_json_says_what_was_found_here_and_who_is_open():
    account = account_shape(ONE, {"L-3": True, "L-2": False})["account"]
    assert account["duplicate_of"] == {
        "lead_id": "L-2",
        "name": "Ana Ruiz",
        "match": "same phone, same name",
        "confidence": 0.97,
        "found_here": True,
    }
    assert [one["open"] for one in account["siblings"]] == [False, True]
    assert account["open_siblings"] == 1
    assert (account["customer"], account["open_opportunity"], account["do_not_contact"]) == (
        True,
        "Line two",
        True,
    )
    assert account_shape(ONE, {})["account"]["siblings"][0]["open"] is None


def test_the_asset_as_json_has_its_template_filled_in_and_what_is_missing():
    asset = asset_shape(ONE, "Robin")["asset"]
    assert asset["template_filled"] == f"Hi {ONE.name.split()[0]}\n{{discount}}\nRobin"
    assert asset["template_missing"] == ["discount"]
    assert asset_shape(replace(ONE, asset=None), "Robin") == {"asset": None}
    plain = asset_shape(replace(ONE, asset=Asset("Guide")), "Robin")["asset"]
    assert (plain["template_filled"], plain["template_missing"]) == (None, [])


def test_the_account_and_the_asset_in_words():
    assert account_lines(ONE, {"L-3": True}) == [
        "DUP of    Ana Ruiz L-2: same phone, same name (0.97, found here)",
        "account   do not contact",
        "account   Northwind, a customer",
        "open deal Line two",
        "also here 1, 1 open on your list",
        "  Hugo Berg L-3, open on your list",
    ]
    assert asset_lines(ONE, "Robin")[:4] == [
        "asset     Guide (pdf)",
        "  Short.",
        "  ? Why now?",
        "template, to be filled in: discount",
    ]
    assert account_lines(replace(ONE, account=Account()), {}) == []
