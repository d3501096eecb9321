"""`manage.py rotate_secrets` reaches every sealed value, wherever a model keeps one."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.apps import apps
from django.conf import settings as project
from django.core.management import call_command
from django.db import connection, models, transaction
from pytest_django import Settings

from billing.models import GatewayAccount
from config.crypto import PREFIX, Sealed, SettingsField, unseal
from config.management.commands.rotate_secrets import sealed_columns
from products.models import Product
from provisioning.models import Command, Server, Service
from tests.factories import (
    CommandFactory,
    ProductFactory,
    ServerFactory,
    ServiceFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

TOKEN = re.compile(re.escape(PREFIX) + r"[\w=-]+")


def with_app(**data: str) -> Authenticator:
    sealed = {name: get_adapter().encrypt(text) for name, text in data.items()}
    return Authenticator.objects.create(user=UserFactory(), type="totp", data=sealed)


def settings_of(**secrets: str) -> dict[str, Any]:
    return {"url": "https://x.example"} | {name: Sealed.of(text) for name, text in secrets.items()}


# For each column that may hold secrets, a row that holds some.
SAMPLES: dict[tuple[type[models.Model], str], Callable[[], Any]] = {
    (Server, "password"): lambda: ServerFactory(password="one"),
    (Server, "settings"): lambda: ServerFactory(settings=settings_of(key="two")),
    (Product, "module_settings"): lambda: ProductFactory(
        module_settings=settings_of(key="three", other="four")
    ),
    (Service, "inputs"): lambda: ServiceFactory(inputs=settings_of(key="five")),
    (Service, "module_secrets"): lambda: ServiceFactory(module_secrets={"password": "six"}),
    (Command, "arguments"): lambda: CommandFactory(arguments={"password": "seven"}),
    (GatewayAccount, "settings"): lambda: GatewayAccount.objects.create(
        code="bank", label="Bank", settings={"key": "eight"}
    ),
    (Authenticator, "data"): lambda: with_app(secret="nine", seed="ten"),
}


def cells() -> Iterator[tuple[str, str]]:
    """Every text of the whole database that a sealed value is in, with the name of its column."""
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if field.get_internal_type() not in ("CharField", "TextField", "JSONField"):
                continue
            sql = f'SELECT "{field.column}" FROM "{model._meta.db_table}"'
            with connection.cursor() as cursor:
                cursor.execute(sql)
                found = [str(row[0]) for row in cursor.fetchall()]
            yield from ((f"{model._meta.label}.{field.name}", text) for text in found)


def tokens() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for column, text in cells():
        for token in TOKEN.findall(text):
            found.setdefault(column, []).append(token)
    return found


def counted(found: dict[str, list[str]]) -> dict[str, int]:
    return {column: len(texts) for column, texts in found.items()}


def rotate() -> str:
    out = StringIO()
    call_command("rotate_secrets", batch=2, stdout=out)
    return out.getvalue()


def test_every_column_that_may_hold_a_secret_has_a_sample_here() -> None:
    known = {(model, name) for model, columns in sealed_columns() for name in columns}
    assert known == SAMPLES.keys()


def test_rotation_brings_every_secret_to_the_newest_key(settings: Settings) -> None:
    for make in SAMPLES.values():
        make()
    before = tokens()
    assert before.keys() == {f"{model._meta.label}.{name}" for model, name in SAMPLES}

    new = Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [new, *settings.ENCRYPTION_KEYS]
    told = rotate()

    settings.ENCRYPTION_KEYS = [new]
    after = tokens()
    assert told == f"{sum(map(len, before.values()))} secrets now use the newest key.\n"
    assert counted(after) == counted(before)
    assert all(unseal(token) for found in after.values() for token in found)
    assert Product.objects.filter(module_settings__url="https://x.example").exists()


def test_a_plain_json_column_refuses_a_sealed_value() -> None:
    service = ServiceFactory()
    service.module_data = settings_of(key="secret")
    with pytest.raises(TypeError), transaction.atomic():
        service.save(update_fields=["module_data"])
    assert Service.objects.get().module_data == {}


def test_what_a_person_types_is_never_taken_for_a_sealed_value(settings: Settings) -> None:
    ServiceFactory(inputs={"name": PREFIX + "gAAAAA", "note": '{"sealed": "x"}'})
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.ENCRYPTION_KEYS]
    rotate()
    assert Service.objects.get().inputs == {"name": PREFIX + "gAAAAA", "note": '{"sealed": "x"}'}


def test_only_what_rests_in_sealed_columns_or_in_the_cache_is_sealed_as_text() -> None:
    """Elsewhere a secret in JSON is a `Sealed`, which only a `SettingsField` takes."""
    root, callers = Path(project.BASE_DIR), set()
    for room in ("accounts", "products", "provisioning", "billing", "backoffice", "clientarea"):
        callers |= {str(p.relative_to(root)) for p in (root / room).rglob("*.py") if _seals(p)}
    assert callers == {"provisioning/connection/tokens.py"}


def _seals(path: Path) -> bool:
    nodes = ast.walk(ast.parse(path.read_text()))
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "config.crypto"
        and any(alias.name == "seal" for alias in node.names)
        for node in nodes
    )


def test_a_column_of_settings_names_its_secrets_to_nobody() -> None:
    server = ServerFactory(settings=settings_of(api_key="Planted-Api-Key"))
    field = Server._meta.get_field("settings")
    assert isinstance(field, SettingsField)
    assert field.value_to_string(server) == {"url": "https://x.example", "api_key": None}
    assert "Planted" not in repr(server.settings)
    assert server.settings["api_key"].open() == "Planted-Api-Key"
