"""A platform's list of mailboxes may tell less than the platform knows."""

from __future__ import annotations

import pytest

from provisioning import contract as c
from provisioning import directory
from provisioning.models import Mailbox, Service
from tests.support.fake_module import Platform

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sent")]


def test_a_brief_list_takes_nothing_from_the_mirror_that_was_read_in_full(
    active: Service, platform: Platform
) -> None:
    mailboxes, ann = platform.domains[active.domain].mailboxes, f"ann@{active.domain}"
    mailboxes[ann] = c.Mailbox(
        address=ann, display_name="Ann", size_bytes=5, quota_bytes=9, extra={"title": "Dr"}
    )
    directory.refresh(active)
    mailboxes[ann] = c.Mailbox(address=ann, enabled=False, extra={"group": "x"}, brief=True)
    directory.refresh(active)
    row = Mailbox.objects.get(service=active)
    assert (row.display_name, row.size_bytes, row.quota_bytes) == ("Ann", 5, 9)
    assert row.extra == {"title": "Dr", "group": "x"}
    assert not row.enabled and "ann" in row.search


def test_a_mailbox_that_is_only_known_in_brief_is_listed_all_the_same(
    active: Service, platform: Platform
) -> None:
    new = f"new@{active.domain}"
    platform.domains[active.domain].mailboxes[new] = c.Mailbox(address=new, brief=True)
    directory.refresh(active)
    row = Mailbox.objects.get(service=active)
    assert (row.address, row.size_bytes, row.display_name) == (new, None, "")
