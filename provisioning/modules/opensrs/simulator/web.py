"""The little of the vendor's web pages that a panel links to: webmail and the administration."""

from __future__ import annotations

from html import escape

from provisioning.modules.opensrs.simulator.call import Platform
from provisioning.simulation import Request, Response, html_response

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body><h1>OpenSRS Hosted Email (simulated)</h1><p>{text}</p></body></html>
"""


def respond(platform: Platform, request: Request) -> Response:
    path = request.path.rstrip("/").lower()
    if request.method == "GET" and path in PAGES:
        return PAGES[path](platform, request)
    return _page("Not found", "There is nothing at this address.", status=404)


def _webmail(platform: Platform, request: Request) -> Response:
    """A single sign-on token works once."""
    user, token = request.query.get("user", ""), request.query.get("pass", "")
    if not user:
        return _page("Sign in", "Sign in with your address and password.")
    if platform.tokens.redeem(token, "mail-sso") == user.lower():
        return _page("Webmail", f"Signed in as {escape(user)}.")
    return _page("Sign in", "This sign-in link was used already or has expired.", status=401)


def _administration(platform: Platform, request: Request) -> Response:
    return _page("Administration", "Mail Administration Center: sign in.")


def _page(title: str, text: str, *, status: int = 200) -> Response:
    return html_response(PAGE.format(title=title, text=text), status=status)


PAGES = {"": _administration, "/mail": _webmail}
