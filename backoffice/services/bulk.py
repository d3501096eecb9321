"""Commands for many services at once: a page to confirm, then one use case per service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpResponse
from django.template.response import TemplateResponse

from accounts.access import StaffRequest
from backoffice import tokens
from backoffice.buttons import REFUSALS, sentence
from backoffice.services.acts import REASON_CODE
from billing.changes import ending
from provisioning import services
from provisioning.models import Service

if TYPE_CHECKING:
    from backoffice.services.admin import ServiceAdmin

MOST = 200
CONFIRM_WORD = "terminate"


@dataclass(frozen=True)
class Bulk:
    """`act(service, cause, request)`; `word` completes "… services are being …"."""

    name: str
    label: str
    word: str
    act: Callable[[Service, str, StaffRequest], Any]
    needs_reason: bool = False
    needs_word: bool = False


def _create(service: Service, cause: str, request: StaffRequest) -> None:
    services.deliver(service, cause=cause, by=request.user)


def _suspend(service: Service, cause: str, request: StaffRequest) -> None:
    reason = request.POST.get("reason", "").strip()[:200]
    services.suspend(service, reason_code=REASON_CODE, reason=reason, cause=cause, by=request.user)


def _unsuspend(service: Service, cause: str, request: StaffRequest) -> None:
    services.unsuspend(service, reason_code=REASON_CODE, cause=cause, by=request.user)


def _terminate(service: Service, cause: str, request: StaffRequest) -> None:
    ending.terminate(service, cause=cause, by=request.user)


BULKS = {
    bulk.name: bulk
    for bulk in (
        Bulk("bulk_create", "Create", "created", _create),
        Bulk("bulk_suspend", "Suspend", "suspended", _suspend, needs_reason=True),
        Bulk("bulk_unsuspend", "Unsuspend", "released", _unsuspend),
        Bulk("bulk_terminate", "Terminate", "terminated", _terminate, needs_word=True),
    )
}


def run(
    admin: ServiceAdmin, request: StaffRequest, rows: QuerySet[Service], bulk: Bulk
) -> HttpResponse | None:
    """The page to confirm, or None when it was confirmed and done."""
    chosen = list(rows.select_related("product", "customer", "server")[: MOST + 1])
    problem = _problem(request, bulk, chosen) if "confirmed" in request.POST else ""
    if "confirmed" in request.POST and not problem:
        _each(request, chosen, bulk)
        return None
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": f"{bulk.label} {len(chosen)} services",
        "bulk": bulk,
        "services": chosen,
        "problem": problem,
        "checkbox": ACTION_CHECKBOX_NAME,
        "token": tokens.given(request),
        "word": CONFIRM_WORD,
    }
    return TemplateResponse(request, "backoffice/service_bulk.html", context)


def _problem(request: StaffRequest, bulk: Bulk, chosen: list[Service]) -> str:
    if len(chosen) > MOST:
        return f"Choose {MOST} services at most."
    if bulk.needs_reason and not request.POST.get("reason", "").strip():
        return "Enter a reason."
    typed = request.POST.get("word", "").strip().lower()
    if bulk.needs_word and typed != CONFIRM_WORD:
        return f"Type “{CONFIRM_WORD}” to confirm."
    return ""


def _each(request: StaffRequest, chosen: list[Service], bulk: Bulk) -> None:
    cause, done = tokens.cause(request), 0
    for service in chosen:
        try:
            bulk.act(service, cause, request)
        except REFUSALS as error:
            messages.warning(request, f"{service}: {sentence(error)}")
            continue
        done += 1
    if done:
        messages.success(request, f"{done} services are being {bulk.word}.")
