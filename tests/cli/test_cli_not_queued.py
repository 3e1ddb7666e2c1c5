"""What is said at the CRM itself is queued nowhere: an unreachable CRM says so, and promises nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.inside import Inside
from tests.embedded_server import running_server

COMMANDS = (
    ("reply", "D-1", "planned"),
    ("review", "--plain"),
    ("definition", "agree", "v5"),
    ("insights",),
    ("whoami",),
)


@pytest.fixture(scope="module")
def marketing(tmp_path_factory: pytest.TempPathFactory) -> Inside:
    """A marketer whose CRM is gone."""
    folder: Path = tmp_path_factory.mktemp("marketing")
    with running_server(leads=3) as crm:
        someone = Inside(folder, crm.marketing_token)
        someone.ok("login", "mkt", "--url", crm.url)
    return someone


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_nothing_is_said_to_be_queued_that_is_not(marketing: Inside, command: tuple[str, ...]) -> None:
    ended = marketing.run(*command)
    assert ended.code == 3
    assert "stay queued" not in ended.err
    assert "Nothing of this is queued" in ended.err
