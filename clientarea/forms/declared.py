"""Inputs that a module declares for its mailboxes and aliases, such as an out-of-office switch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from provisioning.contract import Field, FieldSet
from provisioning.declared.settings_forms import Live, fields_for, name_of, opened, stored_from


class Declared:
    """`current` are typed values by the fields' codes, `live` has the choices of the live ones."""

    def __init__(
        self,
        prefix: str,
        declared: Iterable[Field],
        current: Mapping[str, Any],
        *,
        live: Live | None = None,
    ) -> None:
        self.prefix = prefix
        self.fieldset = FieldSet(tuple(declared))
        self._fields = fields_for(
            self.fieldset, self.fieldset.dump(current), prefix=prefix, currencies=(), live=live
        )

    def fields(self) -> dict[str, forms.Field]:
        return self._fields

    def names(self) -> dict[str, str]:
        """The input of each declared code: where a platform's complaint about it belongs."""
        return {item.code: name_of(self.prefix, item.code) for item in self.fieldset.fields}

    def values(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        stored = stored_from(self.fieldset, cleaned, self.prefix)
        return opened(self.fieldset.load(stored))

    def among(self, names: Iterable[str]) -> bool:
        """Whether one of these inputs is declared here."""
        return not self._fields.keys().isdisjoint(names)
