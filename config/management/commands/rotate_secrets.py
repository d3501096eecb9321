from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandParser
from django.db import models, transaction

from config.crypto import Sealed, SealedField, SettingsField, reseal

Model = type[models.Model]
# What a column holds -> the same with its secrets under the newest key, and how many those are.
Renewal = Callable[[Any], tuple[Any, int]]


class Command(BaseCommand):
    help = "Re-encrypts every stored secret with the newest of ENCRYPTION_KEYS."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=500, help="rows a transaction")

    def handle(self, *_args: Any, batch: int, **_options: Any) -> None:
        total = 0
        for model, columns in sealed_columns():
            for keys in batches(model, batch):
                total += rotate(model, columns, keys)
        self.stdout.write(f"{total} secrets now use the newest key.")


def renewed(value: Sealed | None) -> tuple[Any, int]:
    return (value.renewed(), 1) if value else (value, 0)


def renewed_settings(values: dict[str, Any] | None) -> tuple[Any, int]:
    held = {code: value for code, value in (values or {}).items() if isinstance(value, Sealed)}
    fresh = {code: value.renewed() for code, value in held.items() if value}
    return {**(values or {}), **fresh}, len(fresh)


def renewed_second_factor(data: dict[str, Any]) -> tuple[Any, int]:
    fresh = {name: reseal(data[name]) for name in ("secret", "seed") if data.get(name)}
    return {**data, **fresh}, len(fresh)


# Where sealed values are: in these fields of ours, and in these columns of other people's models.
FIELDS: dict[type[models.Field[Any, Any]], Renewal] = {
    SealedField: renewed,
    SettingsField: renewed_settings,
}
COLUMNS: dict[str, dict[str, Renewal]] = {"mfa.authenticator": {"data": renewed_second_factor}}


def sealed_columns() -> Iterator[tuple[Model, dict[str, Renewal]]]:
    for model in apps.get_models():
        columns = dict(COLUMNS.get(model._meta.label_lower, {}))
        for field in model._meta.concrete_fields:
            renewal = next((FIELDS[kind] for kind in type(field).__mro__ if kind in FIELDS), None)
            if renewal:
                columns[field.attname] = renewal
        if columns and not model._meta.proxy:
            yield model, columns


def batches(model: Model, size: int) -> Iterator[list[Any]]:
    """Primary keys in order, so that a table of any size is walked in small transactions."""
    rows = model._base_manager.order_by("pk").values_list("pk", flat=True)
    keys = list(rows[:size])
    while keys:
        yield keys
        keys = list(rows.filter(pk__gt=keys[-1])[:size])


@transaction.atomic
def rotate(model: Model, columns: dict[str, Renewal], keys: list[Any]) -> int:
    """Rotates in place under row locks, so that a password saved meanwhile is not undone."""
    done = 0
    locked = model._base_manager.select_for_update().filter(pk__in=keys).values("pk", *columns)
    for row in locked:
        fresh = {name: renewal(row[name]) for name, renewal in columns.items()}
        changed = {name: value for name, (value, count) in fresh.items() if count}
        if changed:
            model._base_manager.filter(pk=row["pk"]).update(**changed)
        done += sum(count for _value, count in fresh.values())
    return done
