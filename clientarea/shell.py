"""What surrounds every page: whose panel it is, where one can go, for whom one acts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts.access import Access, current_access, memberships
from accounts.models import Customer, User
from accounts.roles import CustomerRight
from billing.gateways.contract import Ability
from billing.gateways.registry import offered
from billing.models import Seller
from clientarea import basket, sections
from clientarea.platform import Platform
from provisioning.models import Service

PRODUCT_NAME = "Postmeter"
SERVICES_IN_MENU = 8
ENDED = (Service.Desired.TERMINATED, Service.Desired.CANCELLED)


@dataclass(frozen=True, kw_only=True)
class Item:
    """`current` is blank, "page", or "true" for the parent of the page."""

    label: str
    url: str
    icon: str
    current: str = ""
    children: tuple[Item, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Group:
    label: str = ""
    items: tuple[Item, ...] = field(default_factory=tuple)


class Shell:
    def __init__(self, request: HttpRequest | None) -> None:
        self.request = request
        user = getattr(request, "user", None)
        self.signed_in = bool(user is not None and user.is_authenticated)

    @cached_property
    def _seller(self) -> str | None:
        return Seller.objects.values_list("name", flat=True).first()

    @property
    def brand(self) -> str:
        return self._seller or PRODUCT_NAME

    @cached_property
    def access(self) -> Access | None:
        return current_access(self.request) if self.request and self.signed_in else None

    @property
    def customer(self) -> Customer | None:
        return self.access.customer if self.access else None

    @cached_property
    def other_customers(self) -> list[Customer]:
        if self.request is None or self.access is None or self.access.impersonated:
            return []
        mine = [each.customer for each in memberships(cast(User, self.request.user))]
        return [customer for customer in mine if customer != self.customer]

    @property
    def impersonating(self) -> bool:
        return bool(self.access and self.access.impersonated)

    @property
    def switch_url(self) -> str:
        return _reverse("accounts:switch_customer")

    @property
    def end_impersonation_url(self) -> str:
        return _reverse("accounts:impersonation_end")

    @property
    def sign_out_url(self) -> str:
        return _reverse("account_logout")

    @property
    def personal(self) -> list[Item]:
        if self.impersonating:
            return []
        found = [
            self._item(_("Sign-in and security"), _reverse("mfa_index"), "shield-lock"),
            self._item(_("Password"), _reverse("account_change_password"), "key"),
            self._item(_("E-mail address"), _reverse("account_email"), "envelope-at"),
            self._item(_("Devices"), _reverse("usersessions_list"), "clock-history"),
        ]
        if self.request and getattr(self.request.user, "is_staff", False):
            found.append(self._item(_("Administration"), reverse("admin:index"), "sliders"))
        return [item for item in found if item.url]

    @property
    def navigation(self) -> list[Group]:
        if self.access is None:
            return [] if self.signed_in or not self._shop_open else [Group(items=self._shop())]
        return [group for group in self._groups(self.access) if group.items]

    def _groups(self, access: Access) -> Iterator[Group]:
        yield Group(items=(self._item(_("Home"), reverse("clientarea:home"), "house"),))
        if access.has_right(CustomerRight.VIEW_SERVICES):
            yield Group(label=_("Services"), items=tuple(self._services()))
        if access.has_right(CustomerRight.ORDER) and self._shop_open:
            orders = self._item(_("My orders"), reverse("clientarea:orders"), "list-ul")
            yield Group(label=_("Shop"), items=(*self._shop(), orders))
        yield Group(label=_("Account"), items=tuple(self._account(access)))

    @property
    def _shop_open(self) -> bool:
        """Nothing can be sold before the seller's details are known."""
        return self.request is not None and self._seller is not None

    def _shop(self) -> tuple[Item, ...]:
        assert self.request is not None
        number = basket.count(self.request)
        cart = _("Cart (%d)") % number if number else _("Cart")
        return (
            self._item(_("Order"), reverse("shop:index"), "plus-lg", below=False),
            self._item(cart, reverse("shop:cart"), "clipboard"),
        )

    def _account(self, access: Access) -> Iterator[Item]:
        if access.has_right(CustomerRight.VIEW_INVOICES):
            yield self._item(_("Invoices"), reverse("clientarea:invoices"), "receipt")
            yield self._item(_("Payments"), reverse("clientarea:payments"), "bank")
            if offered(Ability.SAVED_METHODS):
                yield self._item(_("Cards"), reverse("clientarea:cards"), "lock")
        if access.has_right(CustomerRight.MANAGE_USERS):
            yield self._item(_("Company"), reverse("clientarea:company"), "building")
            yield self._item(_("Team"), reverse("clientarea:team"), "people")

    def _services(self) -> Iterator[Item]:
        assert self.request is not None
        here: Platform | None = getattr(self.request, "platform", None)
        live = Service.objects.filter(customer=self.customer).exclude(desired__in=ENDED)
        told = ("public_id", "domain", "product__name")
        rows = {row[0]: row[1:] for row in live.values_list(*told)[:SERVICES_IN_MENU]}
        if here is not None:
            found = here.service
            rows.setdefault(found.public_id, (found.domain, found.product.name))
        for public_id, label in _distinct(rows).items():
            is_here = here is not None and here.service.public_id == public_id
            yield Item(
                label=label,
                url=reverse("clientarea:service", args=[public_id]),
                icon="globe",
                current="true" if is_here else "",
                children=tuple(self._sections(here)) if here and is_here else (),
            )

    def _sections(self, platform: Platform) -> Iterator[Item]:
        for section in sections.shown(platform):
            url, below = section.url(platform), section.code != "service"
            yield self._item(section.name(platform), url, section.icon, below=below)

    def _item(self, label: str, url: str, icon: str, *, below: bool = True) -> Item:
        """`below`: pages under the item's address belong to it."""
        path = self.request.path if self.request else ""
        is_root = url in {"/", reverse("clientarea:home")}
        inside = below and not is_root and bool(url) and path.startswith(url)
        return Item(
            label=label, url=url, icon=icon, current="page" if path == url or inside else ""
        )


def _distinct(rows: dict[str, tuple[str, str]]) -> dict[str, str]:
    """Domains, with the product where two services have the same one."""
    counted = Counter(domain for domain, _product in rows.values())
    return {
        key: domain if counted[domain] == 1 else f"{domain}: {product}"
        for key, (domain, product) in rows.items()
    }


def _reverse(name: str) -> str:
    """Blank where another part of the panel is not installed."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
