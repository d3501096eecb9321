from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.management.base import BaseCommand, CommandParser
from django.db import models, transaction

from config.crypto import Sealed, SealedField, reseal

MFA_SECRETS = ("secret", "seed")


class Command(BaseCommand):
    help = "Re-encrypts every stored secret with the newest of ENCRYPTION_KEYS."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=500, help="rows a transaction")

    def handle(self, *_args: Any, batch: int, **_options: Any) -> None:
        total = 0
        for model, fields in sealed_columns():
            for keys in batches(model, batch):
                total += rotate(model, fields, keys)
        for keys in batches(Authenticator, batch):
            total += rotate_authenticators(keys)
        self.stdout.write(f"{total} secrets now use the newest key.")


def sealed_columns() -> Iterator[tuple[type[models.Model], list[str]]]:
    for model in apps.get_models():
        fields = [f.attname for f in model._meta.concrete_fields if isinstance(f, SealedField)]
        if fields and not model._meta.proxy:
            yield model, fields


def batches(model: type[models.Model], size: int) -> Iterator[list[Any]]:
    """Primary keys in order, so that a table of any size is walked in small transactions."""
    rows = model._base_manager.order_by("pk").values_list("pk", flat=True)
    keys = list(rows[:size])
    while keys:
        yield keys
        keys = list(rows.filter(pk__gt=keys[-1])[:size])


@transaction.atomic
def rotate(model: type[models.Model], fields: list[str], keys: list[Any]) -> int:
    """Rotates in place under row locks, so that a password saved meanwhile is not undone."""
    done = 0
    locked = model._base_manager.select_for_update().filter(pk__in=keys).values("pk", *fields)
    for row in locked:
        fresh = {name: Sealed(reseal(row[name].token)) for name in fields if row[name]}
        if fresh:
            model._base_manager.filter(pk=row["pk"]).update(**fresh)
        done += len(fresh)
    return done


@transaction.atomic
def rotate_authenticators(keys: list[Any]) -> int:
    done = 0
    for authenticator in Authenticator.objects.select_for_update().filter(pk__in=keys):
        held = [name for name in MFA_SECRETS if authenticator.data.get(name)]
        for name in held:
            authenticator.data[name] = reseal(authenticator.data[name])
        if held:
            authenticator.save(update_fields=["data"])
        done += len(held)
    return done
