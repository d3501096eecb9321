from __future__ import annotations

from allauth.account.utils import get_next_redirect_url
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.languages import remember


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Back to the page one came from, in the language chosen there."""
    response = redirect(get_next_redirect_url(request) or settings.LOGIN_REDIRECT_URL)
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        remember(request, response, language)
    return response
