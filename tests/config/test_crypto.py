from __future__ import annotations

from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core import serializers
from django.core.exceptions import FieldError
from django.core.management import call_command
from django.db import connection
from django.forms import modelform_factory
from pytest_django import Settings

from config.crypto import SecretUnreadable, reseal, seal, unseal
from provisioning.models import Server

SECRET = "hunter2 żółć"


@pytest.fixture
def server(db: None) -> Server:
    return Server.objects.create(
        name="Mail one", module="smartermail", hostname="mail.example.com", password=SECRET
    )


def stored(server: Server) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT password FROM provisioning_server WHERE id = %s", [server.pk])
        return str(cursor.fetchone()[0])


def rotate() -> str:
    out = StringIO()
    call_command("rotate_secrets", batch=2, stdout=out)
    return out.getvalue()


def test_the_same_secret_never_looks_the_same_twice() -> None:
    assert seal(SECRET) != seal(SECRET)
    assert unseal(seal(SECRET)) == SECRET


@pytest.mark.parametrize("token", ["", "plain text", "pm1:broken", "pm9:" + seal("x")[4:]])
def test_what_is_not_ours_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(SecretUnreadable) as refused:
        unseal(token)
    assert str(refused.value) == (
        "A stored secret cannot be opened with the keys in ENCRYPTION_KEYS."
    )


def test_a_secret_is_stored_sealed_and_read_back(server: Server) -> None:
    assert stored(server).startswith("pm1:")
    assert SECRET not in stored(server)
    assert Server.objects.get().password == SECRET
    assert Server.objects.defer("password").get().password == SECRET


def test_a_secret_shows_nowhere_on_the_instance_in_values_or_in_fixtures(server: Server) -> None:
    fresh = Server.objects.get()
    shown = [vars(server), vars(fresh), list(Server.objects.values_list("password"))]
    assert SECRET not in repr(shown)
    assert "<sealed>" in repr(shown[2])
    assert SECRET not in serializers.serialize("json", [fresh])


def test_a_secret_cannot_be_searched_for(server: Server) -> None:
    with pytest.raises(FieldError):
        Server.objects.filter(password=SECRET).count()


def test_saving_something_else_leaves_the_stored_secret_alone(server: Server) -> None:
    before = stored(server)
    fresh = Server.objects.get()
    fresh.name = "Renamed"
    fresh.save()
    assert stored(server) == before


@pytest.mark.parametrize(("typed", "kept"), [("", SECRET), ("changed", "changed")])
def test_a_form_never_shows_the_secret_and_keeps_it_when_left_empty(
    server: Server, typed: str, kept: str
) -> None:
    form_class = modelform_factory(Server, fields=["password"])
    form = form_class({"password": typed}, instance=server)
    assert SECRET not in form_class(instance=server).as_p()
    assert form.is_valid()
    form.save()
    assert Server.objects.get().password == kept


def test_rotation_stops_before_losing_a_secret_no_key_opens(
    server: Server, settings: Settings
) -> None:
    before = stored(server)
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(SecretUnreadable):
        rotate()
    with pytest.raises(SecretUnreadable):
        reseal(before)
    assert stored(server) == before
