"""An address at a free provider fails the line of a definition that wants a business one; others say nothing."""

from __future__ import annotations

import pytest

from triage.crm.free_mail import told_by


@pytest.mark.parametrize("email", ["kim@gmail.com", "Kim.Weber@GMX.de ", "a@b@web.de"])
def test_where_anyone_has_an_address_is_no_business(email: str) -> None:
    assert told_by(email) == {"business_email": False}


@pytest.mark.parametrize("email", ["kim@granite.example", "gmail.com.example", "kim@mygmail.com", "", "kim"])
def test_of_other_addresses_nobody_knows(email: str) -> None:
    assert told_by(email) == {}
