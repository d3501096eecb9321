from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user
from django.core.management import CommandError, call_command
from django.db import connection

from accounts import setup
from accounts.models import AuditEvent, SetupLink, User
from accounts.roles import StaffRole
from config import clock
from tests.factories.accounts import PASSWORD, StaffFactory, UserFactory

PATH = "/setup/"
FORM = {
    "email": "olga@example.com",
    "name": "Olga",
    "password1": PASSWORD,
    "password2": PASSWORD,
}


def printed_key(capsys):
    call_command("setup_link")
    return capsys.readouterr().out.strip().split("?key=")[1]


@pytest.mark.django_db
def test_the_printed_link_makes_the_first_owner_and_signs_in(client, capsys):
    key = printed_key(capsys)
    assert client.get(PATH, {"key": key}).context["form"]["key"].value() == key
    assert client.post(PATH, FORM | {"key": key}).url == "/admin/"
    owner = User.objects.get()
    assert (owner.email, owner.staff_role) == ("olga@example.com", StaffRole.OWNER)
    assert get_user(client) == owner
    assert AuditEvent.objects.filter(action="user.created").exists()


@pytest.mark.django_db
def test_set_up_closes_for_ever_even_when_the_owner_is_deleted(client, capsys):
    key = printed_key(capsys)
    client.post(PATH, FORM | {"key": key})
    User.objects.all().delete()
    client.logout()
    assert client.get(PATH).status_code == 404
    assert client.post(PATH, FORM | {"key": key}).status_code == 404
    with pytest.raises(CommandError):
        call_command("setup_link")
    assert not User.objects.exists()


@pytest.mark.django_db
def test_an_installation_that_has_staff_has_no_set_up(client):
    StaffFactory()
    assert client.get(PATH).status_code == 404
    with pytest.raises(CommandError):
        call_command("setup_link")
    assert not SetupLink.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "guessed", "0" * 43])
def test_without_the_printed_key_nobody_becomes_owner(client, capsys, key):
    printed_key(capsys)
    page = client.post(PATH, FORM | {"key": key})
    assert "key" in page.context["form"].errors
    assert page.context["form"]["email"].value() == "olga@example.com"
    assert not User.objects.exists()


@pytest.mark.django_db
def test_a_link_expires_after_a_day_and_a_newer_one_replaces_it(client, capsys):
    old = printed_key(capsys)
    new = printed_key(capsys)
    assert "key" in client.post(PATH, FORM | {"key": old}).context["form"].errors
    with time_machine.travel(clock.now() + timedelta(hours=24, seconds=1), tick=False):
        assert "key" in client.post(PATH, FORM | {"key": new}).context["form"].errors
    assert not User.objects.exists()


@pytest.mark.django_db
def test_the_key_is_kept_as_a_hash(capsys):
    assert printed_key(capsys) not in str(SetupLink.objects.values().get())


@pytest.mark.django_db
def test_an_address_that_is_taken_is_refused_beside_its_field(client, capsys):
    UserFactory(email="olga@example.com")
    page = client.post(PATH, FORM | {"key": printed_key(capsys)})
    assert "email" in page.context["form"].errors
    assert setup.is_open()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_owner(capsys):
    key = printed_key(capsys)

    def claim(n: int) -> bool:
        try:
            setup.create_owner(key, email=f"o{n}@example.com", name="O", password=PASSWORD)
        except (setup.SetupClosed, setup.WrongKey):
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(claim, range(4)))
    assert sum(made) == 1
    assert User.objects.count() == 1
