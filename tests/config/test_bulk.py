from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, models, transaction

from billing.models import Invoice, InvoiceLine
from billing.rating import LineKind
from config import bulk
from provisioning.models import Server
from tests.billing import build

pytestmark = pytest.mark.django_db

TEXT = "Tab\t, line\n, back\\slash, \\N, quotes \"'{}[], 雪, ☃, \u202eright to left"


def invoice(**values: object) -> Invoice:
    defaults = {"currency": "EUR", "net": Decimal("1.10"), "total": Decimal("1.10")}
    return Invoice(customer=build.customer(), **defaults | values)


def line(of: Invoice, position: int = 1, **values: object) -> InvoiceLine:
    defaults = {
        "kind": LineKind.BASE,
        "description": TEXT,
        "quantity": Decimal(1),
        "unit_price": Decimal("0.1001"),
        "amount": Decimal("-0.10"),
        "evidence": {"text": TEXT, "list": [1, None, True], "nested": {"a": "1.10"}},
        "period_start": date(2026, 3, 1),
    }
    return InvoiceLine(invoice=of, position=position, **defaults | values)


def stored(row: models.Model) -> dict[str, object]:
    fresh = type(row)._default_manager.get(pk=row.pk)
    return {field.attname: getattr(fresh, field.attname) for field in row._meta.concrete_fields}


def test_what_is_stored_in_bulk_is_what_a_single_save_stores():
    first = invoice(notices=[TEXT], tax_evidence={"reason": TEXT}, buyer={"name": TEXT})
    bulk.insert(Invoice, [first])
    many, one = line(first, 1), line(first, 2)
    bulk.insert(InvoiceLine, [many])
    one.save()
    differs = {"id", "position"}
    same = [{k: v for k, v in stored(row).items() if k not in differs} for row in (many, one)]
    assert same[0] == same[1]
    assert same[0]["description"] == TEXT
    assert stored(first)["tax_evidence"] == {"reason": TEXT}


def test_children_made_before_their_parent_was_stored_belong_to_it():
    parents = [invoice(), invoice()]
    children = [line(parent) for parent in parents]
    bulk.insert(Invoice, parents)
    bulk.insert(InvoiceLine, children)
    assert [child.invoice_id for child in children] == [parent.pk for parent in parents]
    assert [parent.lines.get().pk for parent in parents] == [child.pk for child in children]


def test_a_row_stored_in_bulk_is_changed_by_saving_it_not_doubled():
    row = invoice()
    bulk.insert(Invoice, [row])
    row.hold_reason = "Look."
    row.save()
    assert Invoice.objects.get().hold_reason == "Look."


def test_keys_go_on_where_they_were():
    bulk.insert(Invoice, [invoice(), invoice()])
    later = invoice()
    later.save()
    assert Invoice.objects.count() == 3
    assert Invoice.objects.filter(pk=later.pk).count() == 1


def test_what_breaks_a_constraint_is_an_integrity_error_and_nothing_is_stored():
    owner = invoice()
    owner.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert(InvoiceLine, [line(owner, 1), line(owner, 1)])
    assert not InvoiceLine.objects.exists()


def test_nothing_is_asked_for_no_rows(django_assert_num_queries):
    with django_assert_num_queries(0):
        bulk.insert(Invoice, [])


@pytest.mark.skipif(connection.vendor != "postgresql", reason="elsewhere Django prepares them")
def test_a_kind_of_field_that_needs_preparing_is_refused_before_anything_is_written():
    with pytest.raises(TypeError, match="not stored in bulk yet"):
        bulk.insert(Server, [Server(name="mx1", module="smartermail", hostname="mx1.example")])
    assert not Server.objects.exists()
