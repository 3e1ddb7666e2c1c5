from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted(path for part in ("triage", "screens", "config") for path in (ROOT / part).rglob("*.py"))
LONGEST = 400
"""Lines of a module: what a reader can hold."""
HEAVY = {"textual", "httpx", "keyring"}
"""What costs a tenth of a second each, and no command needs to start."""
COUNTING = {"rapidfuzz", "zoneinfo"}
"""What compares people and counts business hours: neither the list nor the first paint does."""


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def packages_loaded_by(code: str, home: Path) -> set[str]:
    """Run code in an interpreter of its own, away from the user's files; return the packages it imported."""
    probe = "import json, sys; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    ended = subprocess.run(
        [sys.executable, "-c", f"{code}\n{probe}"],
        cwd=ROOT,
        env={"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return set(json.loads(ended.stdout.splitlines()[-1]))


def test_imports_point_down_and_every_contract_holds():
    linter = Path(sys.executable).with_name("lint-imports")
    ended = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize(
    "code",
    [
        "import triage.cli.main",
        "from triage.cli.main import run; assert run(['--version']) == 0",
        "from triage.cli.main import run; assert run(['--help']) == 0",
        "from triage.cli.main import root; assert root.get_command(None, 'list') is not None",
    ],
    ids=["the root", "--version", "--help", "the command list"],
)
def test_a_command_starts_without_textual_httpx_and_keyring(code, tmp_path):
    assert not packages_loaded_by(code, tmp_path) & HEAVY


@pytest.mark.parametrize(
    "start", ["triage.cli.leads", "triage.wiring", "screens.app", "screens.inbox.screen"]
)
def test_a_start_neither_compares_people_nor_counts_business_hours(start, tmp_path):
    assert not packages_loaded_by(f"import {start}", tmp_path) & COUNTING
    probe = f"import {start}, sys; assert not {{'triage.domain.identity', 'triage.domain.likeness',"
    packages_loaded_by(f"{probe} 'triage.domain.business_hours'}} & set(sys.modules)", tmp_path)


@pytest.mark.parametrize(
    "module", ["screens.actions", "triage.desk.desk", "triage.sync.engine", "triage.embedded.server"]
)
def test_what_a_command_shares_with_the_screens_loads_no_textual(module, tmp_path):
    assert "textual" not in packages_loaded_by(f"import {module}", tmp_path)


def test_the_probe_sees_what_is_loaded(tmp_path):
    assert "textual" in packages_loaded_by("import textual", tmp_path)


def test_there_are_modules_to_look_at():
    assert {"triage/cli/main.py", "screens/actions.py", "config/load.py"} <= {named(path) for path in MODULES}


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_every_module_says_what_it_owns(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", [path for path in MODULES if path.name != "contract.py"], ids=named)
def test_no_module_is_longer_than_a_reader_can_hold(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


def test_the_domain_reads_no_clock_and_does_no_input_or_output():
    forbidden = {
        "os",
        "io",
        "time",
        "logging",
        "pathlib",
        "random",
        "socket",
        "subprocess",
        "asyncio",
        "threading",
    }
    for path in (ROOT / "triage" / "domain").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {
            name.split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in (
                [node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names]
            )
        }
        called = {
            node.func.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        }
        assert not imported & forbidden, path
        assert not called & {"now", "utcnow", "today", "open"}, path


def test_every_dataclass_of_the_domain_is_frozen_and_slotted():
    loose = [
        f"{named(path)}: {node.name}"
        for path in (ROOT / "triage" / "domain").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        for mark in node.decorator_list
        if "dataclass" in ast.unparse(mark) and ast.unparse(mark) != "dataclass(frozen=True, slots=True)"
    ]
    assert loose == []
