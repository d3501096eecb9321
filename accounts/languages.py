"""In which language a request is answered, and how somebody chooses another one."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts import impersonation
from accounts.access import current_access
from accounts.models import User
from config.language import ENGLISH


def language_of(request: HttpRequest) -> str:
    """Blank where the browser's wish or cookie decides."""
    if request.path_info.startswith(settings.ADMIN_PATH):
        return ENGLISH
    user = request.user
    if not isinstance(user, User):
        return ""
    access = None if user.language else current_access(request)
    wanted = user.language or (access.customer.language if access else "")
    return wanted if wanted in dict(settings.LANGUAGES) else ""


def remember(request: HttpRequest, response: HttpResponse, language: str) -> None:
    """For this browser, and for the person where one is signed in as themselves."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite="Lax",
    )
    user = request.user
    if isinstance(user, User) and impersonation.current(request) is None:
        user.language = language
        user.save(update_fields=["language"])
