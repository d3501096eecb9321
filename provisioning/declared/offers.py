"""Whether a product can be delivered as it stands: what its module needs and the product lacks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import count as numbers
from typing import Any

from django.db import transaction

from accounts import audit
from products.models import Option, OptionGroup, Product
from provisioning.connection.links import server_settings
from provisioning.contract import Field, Kind, Module, Place
from provisioning.models import Server, ServerGroup

OPTION_GROUPS = "option_groups"


def problems(
    product: Product,
    option_groups: Iterable[OptionGroup],
    module: type[Module] | None,
    settings: Mapping[str, Any],
    *,
    servers: Iterable[Server] | None = None,
) -> dict[str, list[str]]:
    """Sentences by field: "option_groups", or the code of a setting. `settings` are typed values.

    Groups and servers are passed because a form knows them before the product does; without
    `servers` those that the product may be put on count.
    """
    found: dict[str, list[str]] = defaultdict(list)
    groups = [group.pk for group in option_groups]
    codes = Counter(Option.objects.filter(group__in=groups).values_list("code", flat=True))
    for code in sorted(code for code, count in codes.items() if count > 1):
        found[OPTION_GROUPS].append(f'The option "{code}" is in more than one of the groups.')
    if module is None:
        return dict(found)
    for code in module.required_options:
        if code not in codes:
            found[OPTION_GROUPS].append(f'{module.label} needs an option with the code "{code}".')
    for item in module.product_fields.fields:
        found[item.code] += _wrong(item, settings.get(item.code))
    places = _placed(product) if servers is None else servers
    for code, texts in _undeliverable(module, settings, frozenset(codes), places).items():
        found[code] += texts
    return {field: texts for field, texts in found.items() if texts}


def missing_options(module: type[Module], groups: Iterable[OptionGroup]) -> list[str]:
    """Codes that the module needs and the groups lack."""
    keys = [group.pk for group in groups]
    offered = set(Option.objects.filter(group__in=keys).values_list("code", flat=True))
    return [code for code in module.required_options if code not in offered]


def group_for(module: type[Module]) -> OptionGroup | None:
    """One that has all that the module needs."""
    groups = OptionGroup.objects.filter(options__code__in=module.required_options).distinct()
    return next((group for group in groups if not missing_options(module, [group])), None)


@transaction.atomic
def make_options(module: type[Module]) -> OptionGroup:
    """A group with what the module needs, each a quantity of 0 or more: the one that is there
    already, or a new one without prices.
    """
    found = group_for(module)
    if found is not None:
        return found
    group = OptionGroup.objects.create(name=_free_name(f"{module.label} options"))
    for position, code in enumerate(module.required_options):
        label = module.option_labels.get(code) or code.replace("_", " ").capitalize()
        Option.objects.create(
            group=group, code=code, name=label, type=Option.Type.QUANTITY, position=position
        )
    audit.record("optiongroup.added", group, after={"options": list(module.required_options)})
    return group


def _free_name(name: str) -> str:
    taken = set(OptionGroup.objects.filter(name__startswith=name).values_list("name", flat=True))
    numbered = (f"{name} {number}" for number in numbers(2))
    return name if name not in taken else next(each for each in numbered if each not in taken)


def servers_of(module: str, group: ServerGroup | None) -> list[Server]:
    """Where a product of this platform may go: without a group, everywhere."""
    rows = Server.objects.filter(module=module)
    return list(rows.filter(groups=group) if group else rows)


def _placed(product: Product) -> list[Server]:
    group = ServerGroup.objects.filter(placements__product=product).first() if product.pk else None
    return servers_of(product.module, group)


def _undeliverable(
    module: type[Module],
    settings: Mapping[str, Any],
    options: frozenset[str],
    servers: Iterable[Server],
) -> dict[str, list[str]]:
    places = [
        Place(name=str(server), edition=server.edition, settings=server_settings(server))
        for server in servers
        if server.module == module.code
    ]
    declared = {item.code for item in module.product_fields.fields}
    found: dict[str, list[str]] = defaultdict(list)
    for code, texts in module.offer_problems(settings, options, places).items():
        found[code if code in declared else OPTION_GROUPS] += texts
    return found


def _wrong(item: Field, value: Any) -> list[str]:
    if value in (None, "", {}) and item.kind is not Kind.BOOLEAN:
        return [f"{item.label} is needed."] if item.required else []
    complaint = item.validate(value) if item.validate else None
    return [complaint] if complaint else []
