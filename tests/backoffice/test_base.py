"""The base of all pages: every change has an author and facts, evidence cannot be deleted."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, User
from backoffice.site import site
from billing.models import TaxRate
from products.models import OptionGroup, ProductGroup
from tests.backoffice.world import World, formdata, list_url, url_of
from tests.factories import OptionFactory, ProductGroupFactory

EVIDENCE = {
    "auditevent", "billingrun", "command", "customer", "invite", "invoice", "mailbox", "membership",
    "modulecall", "numberseries", "seller", "server", "service", "usagereading", "user",
}  # fmt: skip


def events(action: str) -> Any:
    return AuditEvent.objects.filter(action=action)


def test_adding_a_row_is_on_record_with_its_author_and_its_facts(boss: Client, owner: User) -> None:
    url = reverse("admin:billing_taxrate_add")
    sent = {"name": "VAT", "rate": "19", "country": "DE", "valid_from": "2026-01-01", "level": "1"}
    boss.post(url, sent)

    event = events("taxrate.added").get()
    assert event.actor == owner
    assert (event.before, event.after["rate"]) == ({}, "19.0000")
    assert event.object_id == str(TaxRate.objects.get().pk)


def test_a_change_records_only_what_differs(boss: Client) -> None:
    group = ProductGroupFactory(name="Mail")
    boss.post(url_of(group), formdata(boss, url_of(group)) | {"position": "7"})
    event = events("productgroup.changed").get()
    assert (event.before, event.after) == ({"position": 0}, {"position": 7})


def test_saving_without_a_change_records_nothing(boss: Client) -> None:
    group = ProductGroupFactory()
    boss.post(url_of(group), formdata(boss, url_of(group)))
    assert not events("productgroup.changed").exists()


def test_deleting_what_is_no_evidence_keeps_its_facts(boss: Client) -> None:
    group = ProductGroupFactory(name="Mail")
    boss.post(url_of(group, "delete"), {"post": "yes"})
    assert not ProductGroup.objects.filter(pk=group.pk).exists()
    assert events("productgroup.deleted").get().before["name"] == "Mail"


def test_rows_of_a_list_inside_a_form_are_on_record_too(boss: Client) -> None:
    option = OptionFactory()
    data = formdata(boss, url_of(option.group))
    boss.post(url_of(option.group), data | {"options-0-name": "Mailboxes"})
    assert events("option.changed").get().after == {"name": "Mailboxes"}

    data = formdata(boss, url_of(option.group)) | {"options-0-DELETE": "on"}
    boss.post(url_of(option.group), data)
    assert OptionGroup.objects.get(pk=option.group_id).options.count() == 0
    assert events("option.deleted").get().before["name"] == "Mailboxes"


def test_what_is_evidence_offers_no_deletion_to_anybody(boss: Client, world: World) -> None:
    before = {model: model._base_manager.count() for model in world}
    for model, row in world.items():
        if str(model._meta.model_name) in EVIDENCE:
            assert boss.post(url_of(row, "delete"), {"post": "yes"}).status_code == 403
    assert {model: model._base_manager.count() for model in world} == before


def test_no_list_offers_the_deletion_of_many(boss: Client, world: World) -> None:
    request = boss.get(list_url(OptionGroup)).wsgi_request
    offered = {model: admin.get_actions(request) for model, admin in site._registry.items()}
    assert [model for model, actions in offered.items() if "delete_selected" in actions] == []


def test_audit_events_can_be_neither_changed_nor_added(boss: Client, world: World) -> None:
    event = world[AuditEvent]
    before = AuditEvent.objects.filter(pk=event.pk).values().get()
    assert boss.post(url_of(event), {"action": "forged"}).status_code == 403
    assert boss.get(reverse("admin:accounts_auditevent_add")).status_code == 403
    assert AuditEvent.objects.filter(pk=event.pk).values().get() == before


def test_the_history_of_a_row_is_its_part_of_the_audit_trail(boss: Client) -> None:
    group = ProductGroupFactory()
    boss.post(url_of(group), formdata(boss, url_of(group)) | {"position": "7"})
    page = boss.get(url_of(group, "history"), follow=True)
    assert [row.action for row in page.context["cl"].result_list] == ["productgroup.changed"]
