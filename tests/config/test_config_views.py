"""The rep's own views in the settings: what they become, and how a wrong one is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import load
from config.document import Document
from config.views import views_of
from triage.domain.query import parse
from triage.domain.views import Part, View
from triage.errors import ConfigError

TWO = """
[[views]]
name = "Webinar A"
filter = "source:webinar band:A"

[[views]]
name = "Cold"
filter = "untouched>3d"
base = "working"
"""


def read(text: str) -> tuple[View, ...]:
    return views_of(load.settings_of(Document.parse(text, "config.toml")).views)


def refusal(text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        read(text)
    return caught.value


def test_views_become_tabs_in_the_order_of_the_file() -> None:
    webinar, cold = read(TWO)
    assert (webinar.label, webinar.part, webinar.query) == (
        "Webinar A",
        Part.OPEN,
        parse("source:webinar band:A"),
    )
    assert (cold.label, cold.part, cold.order) == ("Cold", Part.WORKING, View.WORKING.order)
    assert webinar.id != cold.id
    assert read("") == ()


def test_a_bad_filter_is_refused_with_its_line_its_column_and_the_nearest_field() -> None:
    bad = refusal(TWO.replace("band:A", "bnd:A"))
    assert (
        bad.message
        == "config.toml line 4: `views[0].filter`, column 16 of the filter: There is no field “bnd”."
    )
    assert bad.hint == "Did you mean band?"


@pytest.mark.parametrize("name", ["cold", "Webinar a", "INBOX", "Decided today"])
def test_a_name_that_is_taken_is_refused(name: str) -> None:
    text = TWO + f'[[views]]\nname = "{name}"\nfilter = ""\n'
    assert (
        refusal(text).message == "config.toml line 11: `views[2].name`: there is a view of this name already."
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            ("name = ", "nme = "),
            "config.toml line 3: `views[0].nme` is not a setting; did you mean `views[0].name`?",
        ),
        (('base = "working"', 'base = "workin"'), "has to be one of inbox, breaching"),
        (('name = "Cold"', 'name = " "'), "config.toml line 7: `views[1].name` is empty."),
        (('filter = "untouched>3d"', "filter = 3"), "`views[1].filter`: expected `str`"),
        (('filter = "untouched>3d"\n', ""), "`views[1].filter` is missing."),
    ],
)
def test_what_else_is_wrong_is_named(change: tuple[str, str], words: str) -> None:
    assert words in refusal(TWO.replace(*change, 1)).message


def test_the_example_in_the_defaults_is_right() -> None:
    shipped = (Path(load.SHIPPED) / "defaults.toml").read_text()
    lines = [line.removeprefix("#   ") for line in shipped.splitlines() if line.startswith("#   ")]
    (view,) = read("\n".join(lines))
    assert view.label == "Webinar A"
