"""The mail directory: the platform first, then mirror, intervals and audit; nothing on failure."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent
from config import clock
from provisioning import contract as c
from provisioning import directory, sign_on, tasks
from provisioning.contract import (
    ConflictError,
    InvalidInput,
    MailboxChange,
    NotFound,
    PermanentError,
    TemporaryError,
)
from provisioning.models import (
    Alias,
    DirectorySync,
    FeatureInterval,
    Mailbox,
    ModuleCall,
    Service,
)
from tests.factories import MailboxFactory, ServiceFactory
from tests.support.fake_module import Domain, Platform

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sent")]
GOOD = "Correct-horse-4"


@pytest.fixture
def mail(active: Service, platform: Platform) -> Domain:
    """What is on the platform: two mailboxes, one with an alias."""
    domain = platform.domains[active.domain]
    for name in ("ann", "bob"):
        address = f"{name}@{active.domain}"
        domain.mailboxes[address] = c.Mailbox(address=address, display_name=name.title())
    domain.aliases[f"sales@{active.domain}"] = c.Alias(
        address=f"sales@{active.domain}", targets=(f"ann@{active.domain}",)
    )
    return domain


def addresses(service: Service) -> list[str]:
    return [row.address.partition("@")[0] for row in Mailbox.objects.filter(service=service)]


def features_on(service: Service) -> list[str]:
    rows = FeatureInterval.objects.filter(service=service, ended_at__isnull=True)
    return [row.address.partition("@")[0] for row in rows]


class TestRefresh:
    def test_the_mirror_follows_the_platform(self, active: Service, mail: Domain) -> None:
        directory.refresh(active)
        assert addresses(active) == ["ann", "bob"]
        ann = Mailbox.objects.get(address__startswith="ann")
        assert ann.search == f"ann@{active.domain} ann sales@{active.domain}"
        assert Alias.objects.get().targets == [ann.address]

        del mail.mailboxes[f"bob@{active.domain}"]
        mail.aliases.clear()
        directory.refresh(active)

        assert addresses(active) == ["ann"]
        assert Mailbox.objects.get().pk == ann.pk
        assert "sales" not in Mailbox.objects.get().search
        assert not Alias.objects.exists()
        assert active.directory_sync.synced_at is not None

    def test_forwards_that_a_snapshot_does_not_tell_are_kept(
        self, active: Service, mail: Domain
    ) -> None:
        MailboxFactory(
            service=active, address=f"ann@{active.domain}", forward_to=["away@y.example"],
            forward_keeps_copy=False,
        )  # fmt: skip

        directory.refresh(active)

        ann = Mailbox.objects.get(address__startswith="ann")
        assert (ann.forward_to, ann.forward_keeps_copy) == (["away@y.example"], False)
        assert "away@y.example" in ann.search
        assert Mailbox.objects.get(address__startswith="bob").forward_to is None

    def test_a_failed_refresh_leaves_the_mirror_and_says_why(
        self, active: Service, mail: Domain, platform: Platform
    ) -> None:
        directory.refresh(active)
        before = DirectorySync.objects.get().synced_at
        platform.fail("snapshot", TemporaryError("no answer"))

        with pytest.raises(TemporaryError):
            directory.refresh(active)

        state = DirectorySync.objects.get()
        assert (state.synced_at, state.error) == (before, "no answer")
        assert addresses(active) == ["ann", "bob"]

    def test_a_service_that_ends_while_the_platform_answers_gets_no_mirror_back(
        self, active: Service, mail: Domain, platform: Platform
    ) -> None:
        def end(_operation: str) -> None:
            Service.objects.filter(pk=active.pk).update(terminated_at=clock.now())

        platform.before = end
        directory.refresh(active)

        assert platform.calls[-1] == "snapshot"
        assert addresses(active) == []
        assert not DirectorySync.objects.exists()

    def test_a_mailbox_deleted_on_the_platform_ends_its_intervals(
        self, active: Service, mail: Domain
    ) -> None:
        directory.refresh(active)
        change = MailboxChange(features=frozenset({"eas"}))
        directory.update_mailbox(active, f"bob@{active.domain}", change)
        del mail.mailboxes[f"bob@{active.domain}"]

        directory.refresh(active)

        interval = FeatureInterval.objects.get()
        assert interval.mailbox_deleted
        assert interval.ended_at is not None

    def test_queries_do_not_grow_with_mailboxes(self, active: Service, mail: Domain) -> None:
        def queries(count: int) -> int:
            for number in range(count):
                address = f"u{number}@{active.domain}"
                mail.mailboxes[address] = c.Mailbox(address=address)
            directory.refresh(active)
            with CaptureQueriesContext(connection) as captured:
                directory.refresh(active)
            return len(captured)

        assert queries(5) == queries(2_000)

    def test_a_snapshot_that_a_write_has_overtaken_is_taken_anew(
        self, active: Service, mail: Domain, platform: Platform, sent: list[Any],
        django_capture_on_commit_callbacks: Any,
    ) -> None:  # fmt: skip
        seen_before = dict(mail.mailboxes)
        new = f"cleo@{active.domain}"
        eas = MailboxChange(password=GOOD, features=frozenset({"eas"}))

        def meanwhile(operation: str) -> None:
            if operation == "snapshot":
                platform.before = lambda _operation: None
                directory.create_mailbox(active, new, eas)
                mail.mailboxes = seen_before

        platform.before = meanwhile
        with django_capture_on_commit_callbacks(execute=True):
            directory.refresh(active)

        assert addresses(active) == ["cleo"]
        assert features_on(active) == ["cleo"]
        assert sent == [("refresh_directory", active.pk)]

    def test_aged_mirrors_are_refreshed_by_tasks(
        self, active: Service, mail: Domain, sent: list[Any]
    ) -> None:
        ServiceFactory(server=active.server)
        tasks.sync_directories()
        assert sent == [("refresh_directory", active.pk)]
        sent.clear()

        tasks.refresh_directory(active.pk)
        tasks.sync_directories()

        assert addresses(active) == ["ann", "bob"]
        assert sent == []


class TestMailboxes:
    def test_create_writes_mirror_interval_and_audit(self, active: Service, mail: Domain) -> None:
        change = MailboxChange(
            password=GOOD, display_name="Cleo", features=frozenset({"eas"}),
            forward_to=("away@y.example",),
        )  # fmt: skip

        written = directory.create_mailbox(active, f" Cleo@{active.domain}", change)

        row = Mailbox.objects.get()
        event = AuditEvent.objects.get(action="mailbox.created")
        assert written.incomplete == ()
        assert (row.address, row.forward_to) == (f"cleo@{active.domain}", ["away@y.example"])
        assert row.search == f"cleo@{active.domain} cleo away@y.example"
        assert features_on(active) == ["cleo"]
        assert event.customer == active.customer
        assert GOOD not in str(event.after)

    @pytest.mark.parametrize(
        ("error", "where"),
        [
            (TemporaryError("no answer"), "mailbox_create"),
            (InvalidInput("address", "no such name"), "mailbox_create"),
        ],
    )
    def test_a_failed_write_leaves_everything_as_it_was(
        self, active: Service, mail: Domain, platform: Platform, error: Exception, where: str
    ) -> None:
        directory.refresh(active)
        events = AuditEvent.objects.count()
        platform.fail(where, error)

        with pytest.raises(type(error)):
            directory.create_mailbox(active, f"cleo@{active.domain}", MailboxChange(password=GOOD))

        assert addresses(active) == ["ann", "bob"]
        assert not FeatureInterval.objects.exists()
        assert AuditEvent.objects.count() == events

    def test_after_a_lost_answer_the_mirror_is_read_anew(
        self, active: Service, mail: Domain, platform: Platform, sent: list[Any]
    ) -> None:
        platform.fail("mailbox_create", TemporaryError("lost", maybe_applied=True), after=True)

        with pytest.raises(TemporaryError):
            directory.create_mailbox(active, f"cleo@{active.domain}", MailboxChange(password=GOOD))

        assert sent == [("refresh_directory", active.pk)]
        assert not Mailbox.objects.exists()

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            (MailboxChange(password="short1"), "password"),
            (MailboxChange(password="no-digits-here"), "password"),
            (MailboxChange(password="Cleo-is-great-1"), "password"),
        ],
    )
    def test_a_weak_password_is_refused_before_anything_is_sent(
        self, active: Service, platform: Platform, change: MailboxChange, field: str
    ) -> None:
        with pytest.raises(InvalidInput) as refusal:
            directory.create_mailbox(active, f"cleo@{active.domain}", change)

        assert refusal.value.field == field
        assert platform.calls == []
        assert not Mailbox.objects.exists()

    def test_the_limit_of_mailboxes_holds(
        self, active: Service, mail: Domain, platform: Platform
    ) -> None:
        directory.refresh(active)
        active.product.module_settings = {"limit": 2}
        active.product.save()
        platform.calls.clear()

        with pytest.raises(InvalidInput) as refusal:
            directory.create_mailbox(active, f"cleo@{active.domain}", MailboxChange(password=GOOD))

        assert refusal.value.field == "address"
        assert platform.calls == []
        assert directory.limits(active).mailboxes == 2

    def test_a_feature_that_is_not_offered_stays_as_it_is(
        self, active: Service, mail: Domain
    ) -> None:
        active.product.module_settings = {"eas_offered": False}
        active.product.save()

        directory.update_mailbox(
            active, f"ann@{active.domain}", MailboxChange(features=frozenset({"eas"}))
        )

        assert mail.mailboxes[f"ann@{active.domain}"].features == frozenset()
        assert features_on(active) == []

    def test_switching_a_feature_opens_and_closes_one_interval(
        self, active: Service, mail: Domain
    ) -> None:
        address = f"ann@{active.domain}"
        for features in ({"eas"}, {"eas"}, set()):
            directory.update_mailbox(active, address, MailboxChange(features=frozenset(features)))

        interval = FeatureInterval.objects.get()
        assert interval.ended_at is not None
        assert (interval.source, interval.mailbox_deleted) == ("panel", False)

    def test_a_write_that_cannot_be_read_back_is_mirrored_as_asked_and_read_later(
        self, active: Service, mail: Domain, platform: Platform,
        django_capture_on_commit_callbacks: Any, sent: list[Any],
    ) -> None:  # fmt: skip
        platform.fail("mailbox_get", TemporaryError("no answer"))

        with django_capture_on_commit_callbacks(execute=True):
            change = MailboxChange(display_name="Anna", features=frozenset({"eas"}))
            directory.update_mailbox(active, f"ann@{active.domain}", change)

        assert Mailbox.objects.get().display_name == "Anna"
        assert features_on(active) == []  # not seen, so not billed: the poll will find it
        assert sent == [("refresh_directory", active.pk)]

    def test_deleting_ends_intervals_and_aliases_to_nobody(
        self, active: Service, mail: Domain
    ) -> None:
        directory.refresh(active)
        address = f"ann@{active.domain}"
        directory.update_mailbox(active, address, MailboxChange(features=frozenset({"eas"})))

        directory.delete_mailbox(active, address)

        assert addresses(active) == ["bob"]
        assert not Alias.objects.exists()
        assert FeatureInterval.objects.get().mailbox_deleted
        assert AuditEvent.objects.filter(action="mailbox.deleted").exists()

    def test_reading_one_mailbox_teaches_the_mirror_its_forwards(
        self, active: Service, mail: Domain
    ) -> None:
        directory.refresh(active)
        address = f"ann@{active.domain}"
        mail.mailboxes[address] = c.Mailbox(address=address, forward_to=("Away@Y.example",))

        directory.read_mailbox(active, address)

        assert Mailbox.objects.get(address=address).forward_to == ["away@y.example"]

    def test_a_mailbox_that_is_gone_says_so(
        self, active: Service, mail: Domain, sent: list[Any],
        django_capture_on_commit_callbacks: Any,
    ) -> None:  # fmt: skip
        with django_capture_on_commit_callbacks(execute=True), pytest.raises(NotFound):
            directory.read_mailbox(active, f"ghost@{active.domain}")

        assert sent == [("refresh_directory", active.pk)]

    def test_a_new_password_is_in_no_log_and_no_event(self, active: Service, mail: Domain) -> None:
        directory.set_mailbox_password(active, f"ann@{active.domain}", GOOD)

        event = AuditEvent.objects.get(action="mailbox.password_changed")
        assert event.after == {"address": f"ann@{active.domain}"}
        assert not ModuleCall.objects.filter(request__contains=GOOD).exists()

    @pytest.mark.parametrize("desired", [Service.Desired.SUSPENDED, Service.Desired.TERMINATED])
    def test_nothing_is_written_into_a_service_that_is_not_active(
        self, active: Service, mail: Domain, platform: Platform, desired: str
    ) -> None:
        Service.objects.update(desired=desired)

        with pytest.raises(PermanentError):
            directory.delete_mailbox(active, f"ann@{active.domain}")

        assert platform.calls == []
        assert f"ann@{active.domain}" in mail.mailboxes


class TestAliases:
    def save(self, service: Service, *targets: str, create: bool = True) -> None:
        alias = c.Alias(address=f"Info@{service.domain}", targets=targets)
        directory.save_alias(service, alias, create=create)

    def test_saving_keeps_the_search_of_mailboxes_true(self, active: Service, mail: Domain) -> None:
        directory.refresh(active)
        ann, bob = f"ann@{active.domain}", f"bob@{active.domain}"
        self.save(active, ann, ann.upper())
        self.save(active, bob, create=False)

        row = Alias.objects.get(address=f"info@{active.domain}")
        assert row.targets == [bob]
        assert "info@" not in Mailbox.objects.get(address=ann).search
        assert "info@" in Mailbox.objects.get(address=bob).search
        directory.delete_alias(active, row.address)
        assert "info@" not in Mailbox.objects.get(address=bob).search

    def test_a_name_that_is_taken_or_goes_nowhere_is_refused(
        self, active: Service, mail: Domain, platform: Platform
    ) -> None:
        directory.refresh(active)
        MailboxFactory(service=active, address=f"info@{active.domain}")
        platform.calls.clear()

        with pytest.raises(ConflictError):
            self.save(active, "x@y.example")
        with pytest.raises(InvalidInput):
            self.save(active, " ")

        assert platform.calls == []
        assert Alias.objects.count() == 1


def test_signing_on_is_audited_and_the_link_is_stored_nowhere(
    active: Service, platform: Platform
) -> None:
    link = sign_on.customer_login(active)

    event = AuditEvent.objects.get(action="sign_on.customer")
    assert "Planted-Login-Token" in link.url
    assert "Planted" not in str(event.after) + repr(link)
    assert not ModuleCall.objects.filter(response__contains="Planted").exists()


def test_a_refusal_that_came_after_a_part_was_done_has_the_mirror_read_anew(
    active: Service, platform: Platform, mail: Domain, sent: list[Any]
) -> None:
    refusal = c.PermanentError("team is there, but not all members were changed")
    platform.fail("alias_save", refusal, after=True)
    wanted = c.Alias(address=f"team@{active.domain}", targets=(f"ann@{active.domain}",))
    with pytest.raises(c.PermanentError):
        directory.save_alias(active, wanted, create=True)
    assert ("refresh_directory", active.pk) in sent


def test_a_wrong_input_costs_no_reading(
    active: Service, platform: Platform, mail: Domain, sent: list[Any]
) -> None:
    platform.fail("alias_save", c.InvalidInput("targets", "No such mailbox."))
    wanted = c.Alias(address=f"team@{active.domain}", targets=(f"ann@{active.domain}",))
    with pytest.raises(c.InvalidInput):
        directory.save_alias(active, wanted, create=True)
    assert sent == []
