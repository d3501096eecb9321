"""Storing many new rows at once: COPY on PostgreSQL, `bulk_create` elsewhere.

`bulk_create` hands PostgreSQL one array per column, and escaping a column of JSON that way costs
more than everything else a billing run does. COPY takes the values as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from json import JSONEncoder
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar

from django.db import connection, models
from psycopg.sql import SQL, Composed, Identifier

M = TypeVar("M", bound=models.Model)
Prepare = Callable[[Any], Any]
AnyField: TypeAlias = "models.Field[Any, Any]"

# A value of these goes to the database as it stands on the row.
PLAIN = (
    models.BigAutoField,
    models.BooleanField,
    models.CharField,
    models.DateField,
    models.DateTimeField,
    models.DecimalField,
    models.ForeignKey,
    models.PositiveIntegerField,
    models.TextField,
)


def insert(table: type[M], rows: Sequence[M]) -> None:
    """Store new rows of one table and set their keys. IntegrityError."""
    if connection.vendor != "postgresql":
        table._default_manager.bulk_create(rows)
        return
    if not rows:
        return
    parents = [each for each in table._meta.concrete_fields if isinstance(each, models.ForeignKey)]
    for row, key in zip(rows, _keys(table, len(rows)), strict=True):
        row.pk = key
        _settle(row, parents)
    _copy(table, rows)
    for row in rows:
        row._state.adding = False
        row._state.db = connection.alias


def _keys(table: type[models.Model], count: int) -> list[int]:
    name = connection.ops.quote_name(table._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [name, table._meta.pk.column, count],
        )
        return [key for (key,) in cursor.fetchall()]


def _settle(row: models.Model, parents: Iterable[models.ForeignKey[Any, Any]]) -> None:
    """A parent that was stored after this row had been made has its key by now."""
    for field in parents:
        if getattr(row, field.attname) is None and field.is_cached(row):
            parent = field.get_cached_value(row)
            setattr(row, field.attname, parent.pk if parent else None)


def _copy(table: type[models.Model], rows: Sequence[models.Model]) -> None:
    fields = table._meta.concrete_fields
    values = attrgetter(*(field.attname for field in fields))
    prepared = [(place, prepare) for place, prepare in enumerate(map(_prepare, fields)) if prepare]
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(_statement(table)) as copy,
    ):
        for row in rows:
            found = list(values(row))
            for place, prepare in prepared:
                found[place] = prepare(found[place])
            copy.write_row(found)


def _prepare(field: AnyField) -> Prepare | None:
    """What turns a row's value into the database's; None where that is the value itself."""
    if type(field) in PLAIN and not getattr(field, "auto_now", False):
        return None
    if type(field) is models.JSONField:
        encode: Prepare = (field.encoder or JSONEncoder)().encode
        return encode
    raise TypeError(f"{field} is of a kind that is not stored in bulk yet.")


def _statement(table: type[models.Model]) -> Composed:
    columns = [Identifier(str(field.column)) for field in table._meta.concrete_fields]
    return SQL("COPY {} ({}) FROM STDIN").format(
        Identifier(table._meta.db_table), Composed(columns).join(", ")
    )
