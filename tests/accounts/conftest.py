from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _probes(settings) -> None:
    settings.ROOT_URLCONF = "tests.accounts.urls"


@pytest.fixture
def invite_for(db):
    """An invite to a customer, as it is after it was mailed."""
    from accounts.team import invite_member

    serial = iter(range(100))

    def make(customer, **values):
        values = {"email": f"guest{next(serial)}@example.com", "role": "technical"} | values
        return invite_member(customer=customer, by=None, **values)

    return make
