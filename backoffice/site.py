"""The admin site: the panel's own sign-in, rights from the roles table, its own home and search."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.views import logout as sign_out
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.urls import reverse
from unfold.sites import UnfoldAdminSite

from accounts.access import staff_gate
from accounts.models import User
from accounts.roles import StaffRight
from backoffice import home, navigation, search
from backoffice.money import reports

View = Callable[..., HttpResponseBase]
COLORS = {
    "base": {
        "50": "#f7f8fa", "100": "#eef1f5", "200": "#e1e5ec", "300": "#c9d0db", "400": "#8d99ad",
        "500": "#667085", "600": "#556074", "700": "#3d4a5f", "800": "#2a3342", "900": "#181e29",
        "950": "#10141c",
    },
    "primary": {
        "50": "#f1f5fe", "100": "#eaf0fd", "200": "#d0dcf9", "300": "#a9c1ff", "400": "#86a8ff",
        "500": "#5079e0", "600": "#2f5fd0", "700": "#244cab", "800": "#1d3c85", "900": "#172f68",
        "950": "#0f1f45",
    },
    "font": {
        "subtle-light": "#667085", "subtle-dark": "#8d99ad", "default-light": "#3d4a5f",
        "default-dark": "#c9d0db", "important-light": "#181e29", "important-dark": "#eef1f5",
    },
}  # fmt: skip
ACCOUNT_LINKS = (
    ("E-mail address", "account_email"),
    ("Password", "account_change_password"),
    ("Second factor", "mfa_index"),
    ("Sessions", "usersessions_list"),
)


class BackofficeSite(UnfoldAdminSite):
    site_title = site_header = "Postmeter"
    index_title = "Home"
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return isinstance(user, User) and user.is_staff and user.has_right(StaffRight.VIEW)

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # type: ignore[override]
        inner = super().admin_view(view, cacheable)

        @wraps(view)
        def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return staff_gate(request) or inner(request, *args, **kwargs)

        return gated

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))

    def logout(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response: HttpResponse = sign_out(request)
        return response

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")

    def get_urls(self) -> list[Any]:
        return [*reports.urls(self), *super().get_urls()]

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        context = {**self.each_context(request), **home.context(request), "title": "Home"}
        return TemplateResponse(request, "backoffice/home.html", context)

    def app_index(  # type: ignore[override]
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django's folders of models say nothing to a reseller."""
        return redirect("admin:index")

    def search(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return search.results(request)

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        return navigation.sidebar(request)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return super().each_context(request) | {
            "site_title": self.site_title,
            "site_header": self.site_header,
            "site_url": None,
            "site_icon": static("icon.svg"),
            "site_favicons": [{"rel": "icon", "type": "image/svg+xml", "href": static("icon.svg")}],
            "styles": [static("backoffice.css")],
            "scripts": [],
            "colors": COLORS,
            "show_history": True,
            "show_view_on_site": False,
            "environment": ("Demo", "warning") if settings.DEMO else None,
            "sidebar_command_search": True,
            "sidebar_show_search": True,
            "account_links": [
                {"title": title, "link": reverse(name)} for title, name in ACCOUNT_LINKS
            ],
        }


site = BackofficeSite(name="admin")
