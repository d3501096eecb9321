"""The options that a platform needs, made in one step with the codes and types it understands."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.access import StaffRequest
from accounts.roles import StaffRight
from backoffice.buttons import way_back
from backoffice.module_forms import kind_of
from provisioning import registry
from provisioning.contract import Module
from provisioning.declared import offers

MADE = "The group “%s” has the options that %s needs. Give them prices, then tick it on products."


def page(request: StaffRequest, code: str) -> HttpResponseBase:
    if not request.user.has_right(StaffRight.MANAGE_SETUP):
        raise PermissionDenied
    kind = kind_of(code)
    if kind is None or not kind.required_options:
        raise Http404
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    group = offers.make_options(kind)
    messages.success(request, MADE % (group, kind.label))
    here = reverse("admin:products_optiongroup_change", args=[group.pk])
    back = way_back(request, here)
    if back == here:
        return redirect(here)
    return redirect(f"{back}{'&' if '?' in back else '?'}{urlencode({'option_groups': group.pk})}")


def context(kinds: list[type[Module]], back: str = "") -> dict[str, Any]:
    """For the buttons; `back` is where to go afterwards."""
    return {
        "option_makers": [
            {
                "label": kind.label,
                "url": reverse("admin:products_optiongroup_make", args=[kind.code]),
            }
            for kind in kinds
            if kind.required_options
        ],
        "makers_back": back,
    }


def for_list() -> dict[str, Any]:
    """Of the platforms whose options no group has yet."""
    kinds = registry.installed().values()
    return context([kind for kind in kinds if not offers.group_for(kind)])


def for_product(request: HttpRequest, kind: type[Module] | None) -> dict[str, Any]:
    """Nothing where some group has them already."""
    if kind is None or not kind.required_options or offers.group_for(kind):
        return {}
    return {**context([kind], request.get_full_path()), "lacking": kind.required_options}
