"""The adapter on the page `docs/adapters.md` is a whole package: it is taken from there, installed and run."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from textwrap import indent

import pytest

from tests.crm.fresh_environment import ROOT, Fresh, installed, sources
from triage.crm.answer import Failed, Heard, Manners, judge
from triage.errors import CrmError

PAGE = (ROOT / "docs" / "adapters.md").read_text(encoding="utf-8")
FILE = re.compile(r"^#### `([\w.]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SIGNED_IN = {"TRIAGE_TOKEN": "tern-token", "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
TESTS = ("tern_server.py", "test_tern.py")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tern")
    for name, text in FILE.findall(PAGE):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def fresh(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Fresh:
    folder = tmp_path_factory.mktemp("environment")
    return installed(folder, sources(folder / "checkout"), project, extra="testing")


@pytest.fixture
def workshop(project: Path, tmp_path: Path) -> Path:
    """The author's folder of tests, away from the sources of anything."""
    for name in ("pyproject.toml", *TESTS):
        (tmp_path / name).write_text((project / name).read_text())
    return tmp_path


def test_the_page_has_all_files_of_a_package():
    assert [name for name, _ in FILE.findall(PAGE)] == ["pyproject.toml", "triage_tern.py", *TESTS]


@pytest.mark.parametrize("text", [text for text in PYTHON.findall(PAGE) if "__future__" not in text])
def test_every_other_block_of_python_on_the_page_can_be_read(text):
    compile("async def block():\n" + indent(text, "    "), "a block", "exec")


def test_errors_that_are_text_are_read_as_the_page_says():
    block = next(text for text in PYTHON.findall(PAGE) if "class Gone" in text)
    names = {"CrmError": CrmError, "Failed": Failed, "Heard": Heard}
    exec(block.partition("http = ")[0], names)
    manners = Manners(failure=names["failure"])
    for status, said, kind in (
        (404, b"no such lead", "Gone"),
        (404, b"<html>", "BadAnswer"),
        (500, b"", "Unreachable"),
    ):
        with pytest.raises(Failed) as caught:
            judge(Heard(status, {"content-type": "text/plain"}, said, "Puffin"), manners=manners)
        assert type(caught.value.error).__name__ == kind


def test_triage_lists_the_adapter_of_the_page_once_it_is_installed(fresh, workshop):
    ran = fresh.run("-m", "triage", "--version", within=workshop)
    assert ran.stderr == ""
    assert "tern" in ran.stdout.strip().partition("adapters: ")[2].split(", ")


def test_the_adapter_of_the_page_keeps_the_contract_of_the_installed_package(fresh, workshop):
    ran = fresh.run("-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "-W", "error", within=workshop)
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr
    skipped = [line for line in ran.stdout.splitlines() if line.startswith("SKIPPED")]
    assert [line.rpartition(": ")[2] for line in skipped] == ["`Capabilities.replies` is False"]
    assert int(re.search(r"(\d+) passed", ran.stdout)[1]) > 30


def test_a_rep_signs_in_and_decides_by_the_adapter_of_the_page(fresh, project, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(project))
    tern = importlib.import_module("tern_server").Tern()
    try:
        for words in (
            ("login", "work", "--crm", "tern", "--url", tern.url),
            ("sync",),
            ("decide", "accept", "L2"),
            ("sync",),
            ("doctor",),
        ):
            ran = fresh.run("-m", "triage", *words, within=tmp_path, **SIGNED_IN)
            assert ran.returncode == 0, ran.stdout + ran.stderr
        assert "tern from the package triage-tern 1.0" in ran.stdout
        assert (tern.leads["L2"]["status"], len(tern.leads["L2"]["history"])) == ("accepted", 1)
    finally:
        tern.close()
        monkeypatch.delitem(sys.modules, "tern_server")


def test_the_contract_comes_with_the_wheel_and_needs_the_extra_testing_alone(fresh, workshop):
    asks = (
        "import triage, importlib.util, triage.crm.contract as contract; "
        "print(triage.__file__, contract.__file__, importlib.util.find_spec('hypothesis'), sep='\\n')"
    )
    ran = fresh.run("-c", asks, within=workshop)
    of_triage, of_contract, another = ran.stdout.splitlines()
    assert Path(of_triage).is_relative_to(fresh.packages)
    assert Path(of_contract).is_relative_to(fresh.packages)
    assert another == "None", "packages of our own tests are not there"


def test_the_adapter_of_the_page_is_held_to_what_it_promises(fresh, workshop):
    """An adapter that compares nothing and looks nothing up is caught: the contract is no formality."""
    module = (fresh.packages / "triage_tern.py").read_text()
    careless = module.replace("if entry := _entry(lead, item):", "if entry := None:")
    assert careless != module
    (workshop / "triage_tern.py").write_text(careless)
    ran = fresh.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "one_effect", within=workshop)
    assert ran.returncode == 1
    assert "a second push finds the first, with its receipt" in ran.stdout
