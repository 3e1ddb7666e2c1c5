"""What `make live` starts is ended by it, whatever happens, and nothing else is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live import __main__ as live
from tests.live import services
from tests.live.place import Place, made, read
from tests.live.service import Failed, Service, waited_for

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="make live is for Linux")
SLEEPS = (sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def place(tmp_path):
    return made(tmp_path, tmp_path, tmp_path)


def sleeper(place: Place, *command: str) -> Service:
    service = Service("sleeper", place, command or SLEEPS, lambda: b"up" in service.log.read_bytes())
    return service


def runs(pid: int) -> bool:
    """Tell whether a process runs: one that has ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_place_reads_as_it_was_written_and_others_do_not_see_it(place):
    path = place.write()
    assert read(path) == place
    assert path.stat().st_mode & 0o077 == 0
    assert len({place.http_port, place.postgres_port, place.redis_port}) == 3


def test_a_service_runs_from_start_to_stop_and_may_be_started_again(place):
    service = sleeper(place)
    for end in (service.stop, service.kill):
        service.start()
        pid = service.pid
        assert pid is not None
        assert runs(pid)
        end()
        assert not runs(pid)
        assert service.pid is None


def test_a_service_that_ends_at_once_has_failed_and_its_last_words_are_told(place):
    service = sleeper(place, sys.executable, "-c", "print('no such port'); raise SystemExit(3)")
    with pytest.raises(Failed, match="no such port"):
        service.start()
    assert service.pid is None


def test_a_process_that_came_after_it_is_left_alone(place):
    service = sleeper(place)
    with subprocess.Popen(SLEEPS, stdout=subprocess.DEVNULL) as stranger:
        place.at("run", "sleeper.pid").write_text(f"{stranger.pid} 1", encoding="ascii")
        service.stop()
        assert service.pid is None
        assert stranger.poll() is None
        stranger.kill()


def test_a_service_ends_with_the_process_that_started_it(place):
    code = (
        "import sys, time; from tests.live.place import read; from tests.live.test_service import sleeper\n"
        "sleeper(read(sys.argv[1])).start(); print('started', flush=True); time.sleep(600)"
    )
    words = [sys.executable, "-c", code, str(place.write())]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE) as starter:
        assert starter.stdout is not None
        starter.stdout.readline()
        pid = sleeper(place).pid
        assert pid is not None
        starter.kill()
    assert waited_for(lambda: not runs(pid), 20)


@pytest.mark.parametrize("ending", [KeyboardInterrupt(), Failed("gunicorn did not come up")])
def test_whatever_ends_a_run_takes_everything_down(place, monkeypatch, capsys, ending):
    service = sleeper(place)
    monkeypatch.setattr(services, "all_of", lambda _place: (service,))
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    def brought_up(_place: Place) -> None:
        service.start()
        raise ending

    monkeypatch.setattr(live, "_brought_up", brought_up)
    with pytest.raises(type(ending)), live._running(place):
        pytest.fail("it did not come up")
    assert service.pid is None
    assert "nothing is left running" in capsys.readouterr().out


def test_the_live_tests_are_left_out_where_no_server_is_named():
    environ = {name: value for name, value in os.environ.items() if name != "TRIAGE_LIVE"}
    words = [sys.executable, "-m", "pytest", "--collect-only", "-m", "", "tests/live"]
    done = subprocess.run(
        words, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=100, check=False
    )
    assert "test_live_" not in done.stdout
    assert "test_service.py" in done.stdout
