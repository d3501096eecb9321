"""Every page of the demo, as each of the people who may sign in to it."""

from __future__ import annotations

import pytest

from demo.signins import CUSTOMER, PASSWORD, STAFF
from tests.support.crawler import Crawl, sign_in

STARTS = {"staff": ("/admin/",), "customer": ("/",)}
PEOPLE = [
    *(pytest.param(person, "staff", id=f"staff {person.role}") for person in STAFF),
    *(pytest.param(person, "customer", id=f"customer {person.role}") for person in CUSTOMER),
]
FEWEST = {"staff": 25, "customer": 6}


@pytest.mark.parametrize("person, kind", PEOPLE)
def test_no_link_is_broken_for(demo, person, kind):
    crawl = Crawl(sign_in(demo.url, person.email, PASSWORD), demo.url)
    crawl.run(STARTS[kind])
    assert crawl.broken == []
    assert len(crawl.shapes) >= FEWEST[kind], crawl.shapes
