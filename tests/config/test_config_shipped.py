"""What is shipped: defaults that agree with the code, reason codes, the definition; and errors in one's own."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import fields

from config import load
from config.convert import keys_of
from config.document import Document
from config.settings import Profile, Settings
from triage.domain.act import Act
from triage.domain.definition import Result
from triage.domain.lead import Fact
from triage.errors import ConfigError

DEFAULTS = load.SHIPPED / "defaults.toml"

PRODUCT_TABLE = {
    Act.REJECT: "NOT_ICP_COMPANY WRONG_PERSONA LOW_INTENT BAD_DATA DUPLICATE EXISTING_CUSTOMER WRONG_TERRITORY "
    "NOT_A_BUYER COMPETITOR OTHER",
    Act.RECYCLE: "NO_RESPONSE BAD_TIMING EARLY_RESEARCH NO_BUDGET_NOW USING_COMPETITOR OTHER_PERSON PRODUCT_GAP",
    Act.DISQUALIFY: "NO_NEED NO_BUDGET NO_AUTHORITY PRODUCT_GAP UNREACHABLE DO_NOT_CONTACT NOT_A_BUYER "
    "WRONG_PERSONA BAD_DATA COMPETITOR",
    Act.ACCEPT: "HAND_RAISER STRONG_FIT CLEAR_NEED KNOWN_ACCOUNT",
}


def leaves(table: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key


def refusal(tmp_path: Path, name: str, text: str) -> str:
    path = tmp_path / f"{name}.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        getattr(load, name)(path)
    return caught.value.message


# Defaults


def test_the_shipped_defaults_and_the_types_agree() -> None:
    assert load.settings_of(Document.read(DEFAULTS)) == Settings()


def test_the_shipped_defaults_name_every_setting() -> None:
    assert sorted([*leaves(tomllib.loads(DEFAULTS.read_text())), "profiles"]) == sorted(keys_of(Settings))


def test_every_shipped_default_has_a_comment_above_it() -> None:
    lines = DEFAULTS.read_text().splitlines()
    for above, line in pairwise(lines):
        if "=" in line and not line.startswith("#"):
            assert above.startswith("# "), line


def test_the_example_of_a_profile_in_the_defaults_is_right_and_whole() -> None:
    example = DEFAULTS.read_text().partition("# [profiles.work]")[2]
    lines = [line.removeprefix("# ") for line in example.splitlines() if " = " in line]
    text = "[profiles.work]\n" + "\n".join(lines)
    assert load.settings_of(Document.parse(text, "example")).profiles == {"work": Profile()}
    assert [line.partition(" =")[0] for line in lines] == [spec.name for spec in fields(Profile)]


# Reason codes


@pytest.mark.parametrize("act", PRODUCT_TABLE)
def test_the_codes_of_an_act_are_those_of_the_product_in_the_order_of_their_keys(act: Act) -> None:
    active = load.reasons().of(act)
    assert " ".join(reason.code for reason in active) == PRODUCT_TABLE[act]
    assert "".join(reason.hotkey for reason in active) == "1234567890"[: len(active)]


def test_a_disqualification_counts_as_the_reject_code_of_the_same_name() -> None:
    book = load.reasons()
    rejects = {reason.code: reason.counts_against_mql for reason in book.of(Act.REJECT)}
    for reason in book.of(Act.DISQUALIFY):
        assert reason.counts_against_mql == rejects.get(reason.code, "no")


def test_every_recycle_code_brings_the_lead_back_by_itself() -> None:
    assert all(reason.default_wake_days for reason in load.reasons().of(Act.RECYCLE))


def test_every_code_says_what_it_means_and_who_owns_it() -> None:
    assert all(reason.label and reason.kind and reason.routes_to for reason in load.reasons().reasons)


ROW = '[[reasons]]\nact = "reject"\nhotkey = "{0}"\ncode = "{1}"\nlabel = "x"\n'


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            ROW.format(1, "A") + ROW.format(2, "A"),
            "reasons.toml line 10: reject A is there twice; first on line 5",
        ),
        (ROW.format(1, "A") + ROW.format(1, "B"), "line 9: reject 1 is there twice; first on line 4"),
        (ROW.format("x", "A"), "line 4: `reasons[0].hotkey` has to be one digit"),
        (ROW.format(1, "A") + 'kind = "odd"\n', "line 7: `reasons[0].kind` has to be one of definitional,"),
        (
            ROW.format(1, "A") + 'requires = "date"\n',
            "line 7: `reasons[0].requires` has to be one of account,",
        ),
        (ROW.format(1, "A") + 'optional = ["date"]\n', "line 7: `reasons[0].optional[0]` has to be one of"),
        (ROW.format(1, "A") + 'counts_against_mql = "maybe"\n', "has to be one of yes, no, held"),
        (
            ROW.format(1, "A") + 'replaced_by = "B"\n',
            "line 7: `reasons[0].replaced_by` names no code of reject",
        ),
        (
            ROW.format(1, "A") + "lable = 1\n",
            "line 7: `reasons[0].lable` is not a key; did you mean `reasons[0].label`?",
        ),
        (
            ROW.format(1, "A").replace("reject", "refuse"),
            "line 3: `reasons[0].act`: has to be one of accept, reject",
        ),
        ('[[reasons]]\nact = "reject"\n', "line 2: `reasons[0].code` is missing"),
        ("[reasons]\n", "line 2: `reasons` has to be a list of tables"),
    ],
)
def test_a_reason_that_is_off_is_named_with_its_line(tmp_path: Path, rows: str, said: str) -> None:
    assert said in refusal(tmp_path, "reasons", 'version = "2"\n' + rows)


def test_a_retired_code_gives_its_key_to_another(tmp_path: Path) -> None:
    path = tmp_path / "reasons.toml"
    retired = ROW.format(1, "A") + 'active = false\nreplaced_by = "B"\n'
    path.write_text('version = "2"\n' + retired + ROW.format(1, "B"))
    assert [reason.code for reason in load.reasons(path).of(Act.REJECT)] == ["B"]


def test_a_file_that_was_named_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not there"):
        load.reasons(tmp_path / "reasons.toml")


# The definition


def test_the_shipped_definition_says_who_agreed_when_and_until_when() -> None:
    agreed = load.definition()
    assert agreed.version == "4"
    assert agreed.agreed_at == datetime(2026, 9, 1, tzinfo=UTC)
    assert agreed.review_due == datetime(2026, 12, 1, tzinfo=UTC)
    assert agreed.agreed_by == ("Head of Sales", "Head of Demand Generation")
    assert agreed.agreed_attempts == 5


def test_the_shipped_definition_can_be_judged_on_a_lead_line_by_line() -> None:
    facts: dict[str, Fact] = {
        "employees": 120, "industry": "Logistics", "country": "DE", "title_level": "director",
        "business_email": True, "intent_actions_30d": 4,
    }  # fmt: skip
    agreed = load.definition()
    assert {line.fact for line in agreed.criteria} == set(facts)
    assert {traced.result for traced in agreed.trace(facts)} == {Result.PASS}
    assert {traced.result for traced in agreed.trace({})} == {Result.UNKNOWN}
    heaviest = agreed.failing({**facts, "employees": 3, "country": "XX"})
    assert heaviest is not None
    assert heaviest.criterion_id == "company-size"


CRITERION = '[[criteria]]\ncriterion_id = "a"\nlabel = "x"\nfact = "f"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CRITERION + 'op = ">"\n', "definition.toml line 6: `criteria[0].op` has to be one of >=, <="),
        (CRITERION + 'op = "in"\nvalue = 3\n', "line 7: `criteria[0].value` has to be a list for in"),
        (CRITERION + 'op = ">="\n', "line 2: `criteria[0].value` has to be a number"),
        ((CRITERION + 'op = "truthy"\n') * 2, "line 8: a is there twice; first on line 3"),
        ("agreed_at = 2026-09-01T10:00:00\n", "line 2: `agreed_at` needs a time zone"),
        ("agreed_at = 'May'\n", "line 2: `agreed_at`"),
        ("treshold = 3\n", "line 2: `treshold` is not a key; did you mean `threshold`?"),
        ("[targets]\nacceptance = 'high'\n", "line 3: `targets.acceptance`: expected `float`, got `str`"),
    ],
)
def test_a_definition_that_is_off_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    assert said in refusal(tmp_path, "definition", 'version = "5"\n' + text)
