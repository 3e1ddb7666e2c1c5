from __future__ import annotations

from collections.abc import Iterator

import pytest
from in_process import Crm, open_crm


@pytest.fixture
def crm() -> Iterator[Crm]:
    crm = open_crm()
    yield crm
    crm.close()
