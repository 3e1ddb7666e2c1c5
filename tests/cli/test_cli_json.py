"""What `--json` prints, and what the quick commands do without."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from triage.cli import output
from triage.errors import TriageError

ROOT = Path(__file__).parents[2]
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
HOSTILE = "a\x1b[2J\x7f\x9b\u2028\u202e\N{GRINNING FACE}\ud800"


def printed(document: object, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    output.as_json(document)
    return capsys.readouterr().out


@given(DOCUMENTS)
@example("\x7f")
def test_a_document_is_written_as_the_standard_library_writes_it(document):
    assert output._dumped(document, indent=0) == json.dumps(document, ensure_ascii=True)
    assert json.loads(output._dumped(document, indent=2)) == document


@pytest.mark.parametrize("text", [HOSTILE, HOSTILE[:-1]], ids=["half a character", "whole characters"])
def test_hostile_text_is_written_as_escapes(text, capsys):
    written = printed({"name": text}, capsys)
    assert written.isascii()
    assert written.rstrip("\n").isprintable()
    assert json.loads(written) == {"name": text}


def loaded_by(arguments: list[str], home: Path) -> set[str]:
    """Run a command in an interpreter of its own and return what it has loaded."""
    code = f"import sys\nfrom triage.cli.main import run\nrun({arguments!r})\nprint(*sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TRIAGE_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(ended.stdout.split())


def test_the_version_is_said_without_reading_any_packages_metadata(tmp_path):
    assert not loaded_by(["--version"], tmp_path) & {"importlib.metadata", "msgspec", "asyncio"}


def test_a_list_is_made_without_what_only_a_sync_an_export_or_a_mistake_needs(tmp_path):
    needless = {
        "difflib",
        "random",
        "subprocess",
        "triage.crm.port",
        "triage.desk.history",
        "triage.sync.claim",
        "triage.sync.engine",
        "triage.exports.page",
        "triage.exports.sheet",
        "importlib.metadata",
        "textual",
    }
    assert not loaded_by(["list", "--json"], tmp_path) & needless


def test_an_error_of_ours_is_still_told_by_its_exit_code():
    from triage.cli import ending

    def refused() -> int:
        raise TriageError("no", hint="try")

    assert ending.to_code(refused) == TriageError.exit_code
