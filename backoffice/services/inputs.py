"""What a platform lets people type for one service: fields of a form, and what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from backoffice.look import dress
from backoffice.module_forms import kind_of
from products.models import Product
from provisioning.contract import FieldSet
from provisioning.declared.settings_forms import fields_for, stored_from

PREFIX = "input"


def declared(product: Product) -> FieldSet:
    kind = kind_of(product.module)
    return kind.service_fields if kind else FieldSet()


def any_declared(product: Product) -> bool:
    return bool(declared(product).fields)


def form_fields(product: Product, stored: Mapping[str, Any]) -> dict[str, forms.Field]:
    fields = fields_for(declared(product), stored, prefix=PREFIX, currencies=())
    return {name: dress(field) for name, field in fields.items()}


def typed(
    product: Product, cleaned: Mapping[str, Any], stored: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """To be stored. Pass what was `stored`, or a secret left empty is lost."""
    return stored_from(declared(product), cleaned, PREFIX, stored)
