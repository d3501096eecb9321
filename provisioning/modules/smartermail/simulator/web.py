"""The little of the web interface that a panel links to: auto-login and the sign-in page."""

from __future__ import annotations

from html import escape

from provisioning.modules.smartermail.simulator.auth import find_account
from provisioning.modules.smartermail.simulator.call import Platform
from provisioning.modules.smartermail.simulator.replies import login_refusal
from provisioning.simulation import Request, Response, html_response, redirect_response

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body><h1>SmarterMail (simulated)</h1><p>{text}</p></body></html>
"""


def respond(platform: Platform, request: Request) -> Response:
    path = request.path.rstrip("/").lower()
    if request.method == "GET" and path in PAGES:
        return PAGES[path](platform, request)
    return _page("Not found", "There is nothing at this address.", status=404)


def _autologin(platform: Platform, request: Request) -> Response:
    """Good for one visit; the landing page asked for is shown only when it is a local path."""
    name = platform.tokens.consume_login_token(request.query.get("autologin", ""))
    found = find_account(platform.state, name) if name else None
    if name is None or found is None:
        return _page("Sign in", "This sign-in link was used already or has expired.", status=401)
    if refusal := login_refusal(*found, platform.variants):
        return _page("Sign in", escape(refusal), status=403)
    landing = request.query.get("redirect", "")
    text = f"Signed in as {escape(name)}."
    if landing.startswith("/") and not landing.startswith("//"):
        text += f" Landing page: <code>{escape(landing)}</code>."
    return _page("Signed in", text)


def _sign_in(platform: Platform, request: Request) -> Response:
    return _page("Sign in", "Sign in with your mailbox address and password.")


def _home(platform: Platform, request: Request) -> Response:
    return redirect_response("/interface/root")


def _page(title: str, text: str, *, status: int = 200) -> Response:
    return html_response(PAGE.format(title=title, text=text), status=status)


PAGES = {
    "": _home,
    "/interface/autologin": _autologin,
    "/interface/root": _sign_in,
}
