from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.roles import CustomerRight
from clientarea.forms.base import ConfirmForm
from clientarea.forms.mailboxes import MB, EditMailboxForm, NewMailboxForm
from clientarea.forms.passwords import PasswordForm
from clientarea.mirror import aliases_lost_with, aliases_of
from clientarea.pages import ServiceRequest, service_page
from clientarea.writes import Done, Sheet, handle, posted
from provisioning import directory
from provisioning.contract import Capability, ModuleError
from provisioning.contract import Mailbox as RemoteMailbox
from provisioning.models import Mailbox

NEW_MAILBOX = {"forward_keeps_copy": True}
writing = service_page(CustomerRight.MANAGE_MAIL, capability=Capability.MAILBOXES)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@writing
def create(request: ServiceRequest) -> HttpResponse:
    form = NewMailboxForm(posted(request), platform=request.platform, initial=NEW_MAILBOX)

    def act() -> Done:
        written = directory.create_mailbox(request.service, form.address, form.change())
        return _done(request, _("%s was created.") % form.address, written.incomplete)

    return handle(request, form, act, _sheet(request, "create"))


@require_http_methods(["GET", "HEAD", "POST"])
@writing
def edit(request: ServiceRequest, address: str) -> HttpResponse:
    mailbox = _mailbox(request, address)
    remote, trouble = _read(request, mailbox) if request.method != "POST" else (None, "")
    form = EditMailboxForm(
        posted(request),
        platform=request.platform,
        initial=_initial(request, remote or mailbox),
    )

    def act() -> Done:
        written = directory.update_mailbox(request.service, mailbox.address, form.change())
        return _done(request, _("%s was saved.") % mailbox.address, written.incomplete)

    return handle(request, form, act, _sheet(request, "edit", mailbox=mailbox, trouble=trouble))


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@writing
def password(request: ServiceRequest, address: str) -> HttpResponse:
    mailbox = _mailbox(request, address)
    form = PasswordForm(posted(request), platform=request.platform, address=mailbox.address)

    def act() -> Done:
        new = form.cleaned_data["password"]
        directory.set_mailbox_password(request.service, mailbox.address, new)
        return _done(request, _("The password of %s was changed.") % mailbox.address)

    return handle(request, form, act, _sheet(request, "password", mailbox=mailbox))


@require_http_methods(["GET", "HEAD", "POST"])
@writing
def delete(request: ServiceRequest, address: str) -> HttpResponse:
    mailbox = _mailbox(request, address)
    form = ConfirmForm(posted(request), word=mailbox.address)

    def act() -> Done:
        directory.delete_mailbox(request.service, mailbox.address)
        return _done(request, _("%s was deleted.") % mailbox.address)

    lost = aliases_lost_with(request.service, mailbox.address)
    return handle(request, form, act, _sheet(request, "delete", mailbox=mailbox, lost=lost))


def _mailbox(request: ServiceRequest, address: str) -> Mailbox:
    """Only what the mirror shows can be touched; an administrator's own mailbox is not in it."""
    return get_object_or_404(request.service.mailboxes, address__iexact=address)


def _read(request: ServiceRequest, mailbox: Mailbox) -> tuple[RemoteMailbox | None, str]:
    """Fresh from the platform, or None and a sentence on why not."""
    try:
        return directory.read_mailbox(request.service, mailbox.address), ""
    except ModuleError as error:
        return None, error.message


def _initial(request: ServiceRequest, mailbox: RemoteMailbox | Mailbox) -> dict[str, Any]:
    quota = mailbox.quota_bytes
    return {
        "display_name": mailbox.display_name,
        "enabled": mailbox.enabled,
        "quota_mb": None if quota is None else quota // MB,
        "features": list(mailbox.features),
        "all_features": list(mailbox.features),
        "aliases": aliases_of(request.service, mailbox.address),
        "forward_to": tuple(mailbox.forward_to or ()),
        "forward_keeps_copy": mailbox.forward_keeps_copy,
        "extra": dict(mailbox.extra),
    }


def _sheet(request: ServiceRequest, name: str, **context: Any) -> Sheet:
    return Sheet(template=f"mailboxes/{name}.html", back=_list(request), context=context)


def _done(request: ServiceRequest, message: str, warnings: tuple[str, ...] = ()) -> Done:
    return Done(url=_list(request), message=message, warnings=warnings)


def _list(request: ServiceRequest) -> str:
    return reverse("clientarea:mailboxes", args=[request.service.public_id])
