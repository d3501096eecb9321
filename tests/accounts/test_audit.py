from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.audit import Actor, acting, facts, record
from accounts.models import AuditEvent
from accounts.models.audit import AppendOnly
from provisioning.models import Server
from tests.factories.accounts import CustomerFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
PLANTED = "planted-secret-4711"


def test_an_event_keeps_only_what_changed():
    customer = CustomerFactory(company="Old Ltd")
    before = facts(customer)
    customer.company = "New Ltd"
    event = record("customer.changed", customer, before=before, after=facts(customer))
    assert (event.before, event.after) == ({"company": "Old Ltd"}, {"company": "New Ltd"})
    assert event.customer == customer


def test_the_facts_of_an_object_hold_no_secret():
    user = UserFactory(password=PLANTED)
    server = Server(name="mail", module="smartermail", hostname="mail.example.com")
    server.password = PLANTED
    told = str(facts(user)) + str(facts(server))
    assert PLANTED not in told
    assert user.password not in told
    assert user.session_seed not in told


def test_what_is_named_like_a_secret_is_masked_however_deep_it_sits():
    after = {"settings": {"api_key": PLANTED, "limits": [{"token": PLANTED}]}, "password": PLANTED}
    event = record("server.changed", CustomerFactory(), after=after)
    assert PLANTED not in str(vars(event))
    assert event.after.keys() == {"settings", "password"}


def test_an_event_cannot_be_changed_or_deleted():
    event = record("probe.kept", CustomerFactory())
    event.action = "probe.forged"
    with pytest.raises(AppendOnly):
        event.save()
    with pytest.raises(AppendOnly):
        event.delete()
    with pytest.raises(AppendOnly):
        AuditEvent.objects.all().delete()
    with pytest.raises(AppendOnly):
        AuditEvent.objects.update(action="probe.forged")
    with pytest.raises(AppendOnly):
        AuditEvent.objects.bulk_update([event], ["action"])
    assert AuditEvent.objects.get().action == "probe.kept"


@pytest.mark.postgres
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE accounts_auditevent SET action = 'probe.forged'",
        "UPDATE accounts_auditevent SET actor_label = ''",
        "DELETE FROM accounts_auditevent",
    ],
)
def test_the_database_itself_refuses_to_rewrite_events(sql):
    record("probe.kept", CustomerFactory())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(sql)
    assert AuditEvent.objects.get().action == "probe.kept"


def test_events_outlive_the_person_and_the_customer():
    member = MembershipFactory(user__email="ann@example.com", customer__company="Acme Ltd")
    with acting(Actor(user=member.user, label=str(member.user))):
        record("probe.kept", member.customer)
    member.user.delete()
    member.customer.delete()
    event = AuditEvent.objects.get(action="probe.kept")
    assert (event.actor, event.customer) == (None, None)
    assert (event.actor_label, event.object_label) == ("ann@example.com", "Acme Ltd")


def test_a_request_writes_down_who_from_where_and_its_id(client):
    user = UserFactory()
    client.force_login(user)
    response = client.get("/probe/noted/", REMOTE_ADDR="192.0.2.7")
    event = AuditEvent.objects.get(action="probe.noted")
    assert (event.actor, event.ip) == (user, "192.0.2.7")
    assert event.request_id == response.headers["X-Request-ID"]
    assert len(event.request_id) == 32


def test_a_request_id_from_outside_counts_only_behind_a_trusted_proxy(client, settings):
    given = {"X-Request-ID": "from-the-proxy-1"}
    assert client.get("/healthz", headers=given).headers["X-Request-ID"] != "from-the-proxy-1"
    settings.TRUSTED_PROXY_COUNT = 1
    assert client.get("/healthz", headers=given).headers["X-Request-ID"] == "from-the-proxy-1"
    forged = {"X-Request-ID": "bad id; drop"}
    assert client.get("/healthz", headers=forged).headers["X-Request-ID"] != "bad id; drop"


def test_outside_of_a_request_the_panel_itself_acts():
    assert record("probe.kept", CustomerFactory()).actor_label == "system"


def test_the_actor_of_one_request_does_not_leak_into_the_next(client):
    client.force_login(UserFactory())
    client.get("/probe/noted/")
    assert record("probe.kept", CustomerFactory()).actor is None
