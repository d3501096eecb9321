"""What the customer and staff are shown of an archive. Nothing is asked of the platform."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from provisioning.contract import Account, Fact, Link
from provisioning.modules.easymailarchive.scope import is_web_address

_VERIFY = _(
    "In the archive, under Admin → Domains, add your mail domain and publish the TXT record"
    " _ema-verify that it shows. Mail is matched to a domain only once it is verified."
)
_FEED = _(
    "Feed the archive: have your mail server journal to the address shown in the archive, or"
    " let the archive fetch from IMAP. Mail inside your organisation is kept only if your server"
    " journals it."
)
_INVITE = _(
    "Under Admin → Users, invite people one by one or by a CSV file with email, name and role."
    " Each active user counts; the mail of a deactivated one stays searchable."
)
_SIGN_ON = _(
    "Single sign-on (OIDC) is set up under Admin → Security, on the Business and Enterprise plans."
)
_RULES = _("How long mail is kept, and legal holds, are set inside the archive.")
_FIRST_ADMIN = _("Sign in as {admin} with the first password shown here, and change it there.")
_NO_ADMIN = _("Sign in by the invitation sent by the archive, or by its password reset.")


def links(account: Account) -> tuple[Link, ...]:
    url = str(account.data.get("url") or "")
    linked = account.data.get("linked") and not account.data.get("released")
    return (Link(label=_("Open the archive"), url=url),) if linked and is_web_address(url) else ()


def facts(account: Account) -> tuple[Fact, ...]:
    data = account.data
    if not data.get("linked"):
        return ()
    rows = (
        Fact(label=_("Archive"), value=str(data.get("slug") or "")),
        Fact(label=_("Address"), value=str(data.get("url") or "")),
        Fact(label=_("Plan"), value=str(data.get("plan") or "")),
        Fact(label=_("Journal address"), value=str(account.inputs.get("journal_address") or "")),
        Fact(label=_("First administrator"), value=str(data.get("admin") or "")),
        Fact(
            label=_("First password"),
            value=account.secrets.get("admin_password", "") if data.get("admin") else "",
            secret=True,
        ),
    )
    return tuple(row for row in rows if row.value)


def first_steps(account: Account) -> tuple[str, ...]:
    if not account.data.get("linked") or account.data.get("released"):
        return ()
    admin = str(account.data.get("admin") or "")
    sign_in = gettext(_FIRST_ADMIN).format(admin=admin) if admin else _NO_ADMIN
    return (sign_in, _VERIFY, _FEED, _INVITE, _SIGN_ON, _RULES)
