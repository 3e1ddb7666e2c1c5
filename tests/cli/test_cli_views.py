"""`list` shows a tab of the app by its words, and says where a filter cannot be read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.shell import Shell, signed_in_home

OWN = '\n[[views]]\nname = "Webinars"\nfilter = "source:webinar"\n'


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with signed_in_home(tmp_path_factory.mktemp("views")) as shell:
        (settings,) = shell.home.rglob("config.toml")
        settings.write_text(settings.read_text() + OWN)
        yield shell


def ids(shell: Shell, *arguments: str) -> list[str]:
    return [lead["lead_id"] for lead in shell.ok("list", *arguments, "--json").json]


def test_the_inbox_is_what_is_listed_without_a_view(shell: Shell) -> None:
    assert ids(shell, "--view", "Inbox") == ids(shell)


def test_a_view_is_named_by_its_tab_and_what_was_decided_moves_from_one_to_another(shell: Shell) -> None:
    lead = ids(shell)[0]
    assert lead not in ids(shell, "--view", "working")
    shell.ok("decide", "accept", lead)
    assert ids(shell, "--view", "working") == ids(shell, "--view", "decided TODAY") == [lead]
    assert lead not in ids(shell, "--view", "Inbox")


def test_a_view_of_the_reps_own_is_what_its_filter_leaves_and_a_filter_narrows_it(shell: Shell) -> None:
    inbox = shell.ok("list", "--json").json
    own = [lead["lead_id"] for lead in inbox if "webinar" in lead["source"]]
    assert ids(shell, "--view", "webinars") == own
    assert own
    assert ids(shell, "--view", "webinars", "--filter", "-source:webinar") == []


def test_a_view_that_there_is_not_names_the_nearest_or_all(shell: Shell) -> None:
    said = shell.said(2, "list", "--view", "webinar")
    assert said.splitlines() == ["triage: There is no view “webinar”.", "  Did you mean Webinars?"]
    said = shell.said(2, "list", "--view", "xyz")
    assert "Inbox, Breaching, Hand-raisers, Working, Replies, Decided today, Snoozed, Webinars" in said


def test_a_view_and_all_exclude_each_other(shell: Shell) -> None:
    assert "--all or --view" in shell.said(2, "list", "--all", "--view", "Inbox")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("band:A sorce:web", ["column 8: There is no field “sorce”.", "Did you mean source?"]),
        ("band:A sla:bre", ["column 12: “bre” is no value of sla.", "Did you mean breached?"]),
    ],
)
def test_a_filter_that_cannot_be_read_names_its_column_and_what_is_nearest(
    shell: Shell, query: str, said: list[str]
) -> None:
    lines = shell.said(2, "list", "--filter", query).splitlines()
    assert lines == [f"triage: --filter, {said[0]}", f"  {said[1]}"]
