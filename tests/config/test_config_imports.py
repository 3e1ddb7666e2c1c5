"""What each part of config brings into memory, looked at from outside."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOREIGN = ("textual", "httpx", "tinydb", "screens", "triage.store", "triage.crm")


def loaded_by(script: str, **environ: str) -> set[str]:
    code = f"import sys\n{script}\nprint(*sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return set(ended.stdout.split())


ALL = "import config.load, config.write, config.paths, config.keymap, config.credentials, config.agreement"


def test_importing_config_loads_no_keyring_and_nothing_from_above_or_beside() -> None:
    modules = loaded_by(ALL)
    assert not modules & {"keyring", "tomlkit", "platformdirs", *FOREIGN}


def test_a_token_in_the_environment_never_touches_the_keyring() -> None:
    script = """
import os
from config.credentials import Keyring, find_credential
from config.settings import Profile
assert find_credential("work", Profile(), environ=os.environ, keyring=Keyring()).source == "TRIAGE_TOKEN"
"""
    # The backend hangs or fails on import in some places; here it is not even there.
    modules = loaded_by(script, TRIAGE_TOKEN="TOKEN-abc123", PYTHON_KEYRING_BACKEND="absent.Keyring")
    assert "keyring" not in modules


def test_a_backend_that_cannot_be_imported_is_an_unavailable_keyring() -> None:
    script = """
from config.credentials import Keyring
from triage.errors import CredentialsUnavailable
try:
    Keyring(limit=20).read("a", "b")
except CredentialsUnavailable as error:
    print("unavailable" if "ModuleNotFoundError" in str(error) else error)
"""
    assert "unavailable" in loaded_by(script, PYTHON_KEYRING_BACKEND="absent.Keyring")


@pytest.mark.parametrize("path", ["config.toml", "missing.toml"])
def test_reading_settings_loads_neither_the_writer_nor_the_domain(tmp_path: Path, path: str) -> None:
    (tmp_path / "config.toml").write_text("[sync]\nhold = 3\n")
    modules = loaded_by(
        f"import pathlib, config.load\nconfig.load.settings(pathlib.Path({str(tmp_path / path)!r}), {{}})"
    )
    assert not {name for name in modules if name.startswith(("tomlkit", "triage.domain", "keyring"))}
