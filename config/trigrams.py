"""Indexes for "contains" in any case, as search asks it, on PostgreSQL with pg_trgm.

Elsewhere, and where the database's owner may not create the extension, search works all the same
and reads whole tables.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import structlog
from django.db import ProgrammingError, migrations, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

log = structlog.get_logger(__name__)

AVAILABLE = "SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'"
CREATE = 'CREATE INDEX IF NOT EXISTS "{name}" ON "{table}" USING gin ({columns})'
DROP = 'DROP INDEX IF EXISTS "{name}"'
# The expression is what `icontains` compares.
COLUMN = 'upper("{column}"::text) gin_trgm_ops'


def trigram_index(table: str, *columns: str) -> migrations.RunPython:
    """One for all the columns that are searched together."""
    shown = ", ".join(COLUMN.format(column=column) for column in columns)
    name = f"{table}_search"
    return migrations.RunPython(
        partial(_make, sql=CREATE.format(name=name, table=table, columns=shown)),
        partial(_drop, sql=DROP.format(name=name)),
    )


def _make(_apps: Any, editor: BaseDatabaseSchemaEditor, *, sql: str) -> None:
    if editor.connection.vendor == "postgresql" and _has_trigrams(editor):
        editor.execute(sql)


def _drop(_apps: Any, editor: BaseDatabaseSchemaEditor, *, sql: str) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(sql)


def _has_trigrams(editor: BaseDatabaseSchemaEditor) -> bool:
    connection = editor.connection
    with connection.cursor() as cursor:
        cursor.execute(AVAILABLE)
        if cursor.fetchone():
            try:
                with transaction.atomic(using=connection.alias):
                    cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            except ProgrammingError:
                pass
            else:
                return True
    log.warning("search reads whole tables: the database has no pg_trgm, or lets us not create it")
    return False
