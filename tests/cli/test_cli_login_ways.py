"""`triage login` at Salesforce, in each of its ways: what is kept where, and what is shown of it: nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.cli.signing import WORK, Seat, saved, secrets_of
from triage.cli import admitting, profiles
from triage.crm import registry

# Salesforce, in a browser


def test_tokens_of_a_browser_are_in_the_keyring_and_nowhere_else(org, salesforce, by_browser, seat):
    ran = seat.ok(*by_browser)
    family = org.tokens.families[-1]
    assert seat.kept == {"work": family.access, "work refresh": family.refresh}
    (profile,) = seat.ok("profiles", "--json").json
    assert (profile["url"], profile["account_id"]) == (salesforce, org.organization_id)
    assert profile["user_name"] in ran.err
    assert (seat.bin / "page").read_text().count("signed in") == 1
    seat.shows_none_of(*secrets_of(org))
    assert org.broken_rules == []


def test_a_session_that_ends_is_renewed_and_the_next_refresh_token_kept_first(org, by_browser, seat):
    seat.ok(*by_browser)
    for _ in range(2):
        before = seat.kept["work refresh"]
        org.tokens.end_sessions()
        assert org.me in seat.ok("whoami").out
        assert seat.kept["work refresh"] == org.tokens.families[-1].refresh != before
    assert org.tokens.reused == []
    seat.shows_none_of(*secrets_of(org))


def test_two_programs_that_renew_at_once_use_no_refresh_token_twice(org, by_browser, seat):
    seat.ok(*by_browser)
    org.tokens.end_sessions()
    process_seat = Seat(seat.home)
    running = [process_seat.start("whoami") for _ in range(2)]
    ended = [(process.communicate(timeout=60), process.returncode) for process in running]
    assert [code for _, code in ended] == [0, 0], ended
    assert (org.tokens.reused, len(org.tokens.families[-1].retired)) == ([], 1)
    assert seat.kept["work refresh"] == org.tokens.families[-1].refresh
    seat.printed += [said for said, _ in ended for said in said]
    seat.shows_none_of(*secrets_of(org))


def test_signing_in_twice_needs_the_profiles_name_only(org, by_browser, seat):
    seat.ok(*by_browser)
    first = seat.kept
    seat.ok(*WORK)
    assert set(seat.kept) == set(first)
    assert not set(seat.kept.values()) & set(first.values())
    assert org.me in seat.ok("whoami").out


def test_a_sign_in_that_was_taken_back_is_forgotten_and_said(org, by_browser, seat):
    seat.ok(*by_browser)
    org.refuses_refresh = True
    org.tokens.end_sessions()
    assert "triage login work" in seat.said(4, "whoami")
    assert seat.kept == {}


def test_who_declines_is_not_signed_in_and_nothing_is_saved(org, by_browser, seat):
    org.denies = True
    assert "not granted" in seat.said(4, *by_browser)
    assert (saved(seat), seat.kept) == ("", {})


def test_tokens_are_dropped_when_the_crm_does_not_say_whose_they_are(org, by_browser, seat, monkeypatch):
    org.session_trouble = "This session is not valid for use with the REST API"
    monkeypatch.setattr(registry._factory("salesforce"), "whoami", failing)
    assert seat.run(*by_browser).code != 0
    assert (saved(seat), seat.kept) == ("", {})
    seat.shows_none_of(*secrets_of(org))


async def failing(crm: object) -> None:
    from triage.errors import NotPermitted

    raise NotPermitted("not for you")


def test_what_is_kept_changes_under_the_profiles_lock(org, by_browser, seat, monkeypatch):
    held: list[bool] = []
    for module in (admitting, profiles):
        take = module.token_turn

        @contextlib.contextmanager
        def watched(path: Path, take=take) -> Iterator[None]:
            with take(path):
                held.append(True)
                yield
            held.pop()

        monkeypatch.setattr(module, "token_turn", watched)
    changes: list[bool] = []
    for change in ("set_password", "delete_password"):
        make = getattr(folder_class(), change)
        monkeypatch.setattr(
            folder_class(), change, lambda *a, make=make: (changes.append(bool(held)), make(*a))[1]
        )
    seat.ok(*by_browser)
    seat.ok("logout", "work")
    assert (len(changes), all(changes)) == (4, True)


def folder_class():
    from tests.cli.folder_keyring import Folder

    return Folder


def test_without_a_keyring_it_is_said_and_how_to_go_on(org, by_browser, seat):
    seat.more = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    ran = seat.run(*by_browser)
    assert ran.code == 0
    assert "The token was not saved" in ran.err
    assert "TRIAGE_TOKEN_COMMAND" in ran.err
    seat.shows_none_of(*secrets_of(org))


def test_who_signs_out_while_the_keyring_is_locked_is_told_where_its_entries_are(
    by_browser, seat, monkeypatch
):
    seat.ok(*by_browser)

    def locked(*_words: str) -> None:
        raise OSError("locked")

    monkeypatch.setattr(folder_class(), "get_password", locked)
    ran = seat.run("logout", "work")
    assert "could not be asked" in ran.err
    assert "triage:salesforce:127.0.0.1" in ran.err
    assert "profiles.work" not in saved(seat)


def test_a_variable_that_wins_is_named(org, by_browser, seat):
    seat.more = {"TRIAGE_TOKEN_WORK": "00D-not-this-one"}
    assert "TRIAGE_TOKEN_WORK is set, and wins" in seat.ok(*by_browser).err


# Salesforce, with the CLI's sign-in or a key


def test_the_clis_token_is_borrowed_at_each_run_and_never_kept(org, cli, seat):
    token = org.tokens.families[-1].access
    seat.ok(*WORK, "--crm", "salesforce", "--with", "sf", "--option", "org=sales")
    assert org.me in seat.ok("whoami").out
    assert seat.kept == {}
    assert 'way = "sf"' in saved(seat)
    assert "each run borrows" in seat.run("doctor").out
    seat.shows_none_of(token)


def test_who_borrows_from_now_on_leaves_no_token_of_before_in_the_keyring(org, by_browser, cli, seat):
    seat.ok(*by_browser)
    assert set(seat.kept) == {"work", "work refresh"}
    seat.ok(*WORK, "--with", "sf", "--option", "org=sales")
    assert seat.kept == {}
    assert org.me in seat.ok("whoami").out


def test_a_borrowed_token_that_ends_is_borrowed_again(org, cli, salesforce, seat):
    seat.ok(*WORK, "--crm", "salesforce", "--with", "sf", "--option", "org=sales")
    org.tokens.end_sessions()
    asked = len(cli.asked)
    assert seat.run("whoami").code == 4
    assert len(cli.asked) == asked + 2
    cli.signed_in(salesforce, org.username, org.tokens.sign_in(org.me, org.client_id, "api").access)
    assert org.me in seat.ok("whoami").out


def test_a_variable_wins_over_what_is_borrowed(org, cli, seat):
    seat.ok(*WORK, "--crm", "salesforce", "--with", "sf", "--option", "org=sales")
    asked = len(cli.asked)
    seat.more |= {"TRIAGE_TOKEN": org.tokens.sign_in(org.colleague, org.client_id, "api").access}
    assert org.colleague in seat.ok("whoami").out
    assert len(cli.asked) == asked


def test_a_cli_without_a_sign_in_says_what_to_do_and_saves_nothing(cli, seat):
    cli.says("display", {"name": "NamedOrgNotFoundError", "message": "no"}, 1)
    assert "sf org login web" in seat.said(
        4, *WORK, "--crm", "salesforce", "--with", "sf", "--option", "org=x"
    )
    assert saved(seat) == ""


def test_a_key_signs_in_without_anybody_there(org, salesforce, seat, tmp_path):
    org.approved.add(org.me)
    key = tmp_path / "rep.pem"
    key.write_text(org.private_key)
    key.chmod(0o600)
    options = {"client_id": org.client_id, "username": org.username, "key_file": str(key)}
    words = [word for name, value in options.items() for word in ("--option", f"{name}={value}")]
    seat.ok(*WORK, "--crm", "salesforce", "--with", "jwt", "--url", salesforce, *words)
    assert org.me in seat.ok("whoami").out
    assert seat.kept == {}
    key.chmod(0o644)
    assert "chmod 600" in seat.said(2, "whoami")
    seat.shows_none_of(*secrets_of(org), org.private_key.splitlines()[2])
