"""The page between us and a platform: a sign-in that works once, never cached, never in an address
of ours.
"""

from __future__ import annotations

from django.http import HttpRequest
from django.template.response import TemplateResponse

from provisioning.contract import LoginLink


def page(request: HttpRequest, link: LoginLink, *, title: str, back: str) -> TemplateResponse:
    """`back` is the address of the page that staff came from."""
    context = {"link": link, "title": title, "back": back}
    response = TemplateResponse(request, "backoffice/sign_on.html", context)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    if link.fields:  # the platform takes a form; ours may send one there from this page alone
        response._csp_update = {"form-action": [link.url]}  # type: ignore[attr-defined]
    return response
