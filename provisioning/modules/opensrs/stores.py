"""What the stores share: is there room, is the text fit, what was bought."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from provisioning.contract import InvalidInput, PermanentError
from provisioning.modules.opensrs.scope import Scope
from provisioning.modules.opensrs.settings import setting
from provisioning.modules.opensrs.syntax import is_one_line
from provisioning.modules.opensrs.wire import FORWARD, MAILBOX, User

_NOUNS = {MAILBOX: gettext_noop("mailboxes"), FORWARD: gettext_noop("forwards")}
_PASSWORD = re.compile(r"[!#-~]{1,54}")  # ASCII without blank and double quote
_HASH = re.compile(r"\{[A-Za-z0-9-]+\}")


def check_room(scope: Scope, kind: str) -> None:
    """Add only while fewer exist than were bought; when more exist, delete first."""
    plan = scope.plan()
    most = {MAILBOX: plan.mailboxes, FORWARD: plan.forwards}[kind]
    exist, noun = scope.wire.count(scope.domain, kind), _NOUNS[kind]
    if exist < most:
        return
    if exist == most:
        message = _(
            "All %(most)s %(noun)s that you have bought are in use. Buy more to add another one."
        ) % {"most": most, "noun": _(noun)}
    else:
        message = _(
            "%(exist)s %(noun)s exist and %(most)s are bought. Delete %(over)s first, or buy more."
        ) % {"exist": exist, "noun": _(noun), "most": most, "over": exist - most}
    raise PermanentError(f"{exist} of {most} {noun} are in use.", message=message)


def check_password(scope: Scope, address: str, password: str) -> None:
    """What the platform accepts, and no text that it would take for a hash."""
    shortest = int(setting(scope.account.settings, "password_min_length"))
    problem = ""
    if len(password) < shortest:
        problem = _("Use at least %(number)s characters.") % {"number": shortest}
    elif not _PASSWORD.fullmatch(password):
        problem = _('Use at most 54 letters, digits and symbols, without blanks, accents and ".')
    elif _HASH.match(password):
        problem = _("A password cannot begin with a word in curly brackets.")
    elif any(part in password.lower() for part in address.split("@")):
        problem = _("Do not use the user name or the domain in the password.")
    if problem:
        raise InvalidInput("password", problem)


def one_line(field: str, value: str, longest: int) -> str:
    text = value.strip()
    if not is_one_line(text):
        raise InvalidInput(field, _("Line breaks and control characters cannot be used here."))
    if len(text) > longest:
        raise InvalidInput(field, _("Use at most %(number)s characters.") % {"number": longest})
    return text


def check_loop(scope: Scope, user: User, to: tuple[str, ...], *, field: str) -> None:
    """InvalidInput for a forward to itself, to its own alias, or to itself in an alias domain."""
    if not to:
        return
    found = scope.wire.domain(scope.domain)
    local = user.address.partition("@")[0]
    same = {f"{local}@{alias}" for alias in (found.aliases or () if found else ())}
    own = {user.address, *user.aliases, *same} & set(to)
    if own:
        raise InvalidInput(
            field, _("%(address)s is this address itself: mail would loop.") % {"address": min(own)}
        )
