"""Names and passwords of new accounts."""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Container, Iterator

from django.utils.translation import gettext as _

from provisioning.contract import InvalidInput
from provisioning.modules.ispmanager.scope import Scope
from provisioning.modules.ispmanager.settings import setting

LONGEST = 16  # what every version of the panel takes; newer ones take 32
# Names of the operating system and its daemons are taken on every server.
RESERVED = frozenset({
    "root", "admin", "administrator", "mail", "mailnull", "postfix", "exim", "dovecot", "nobody",
    "www", "wwwdata", "apache", "nginx", "mysql", "postgres", "ftp", "named", "bind", "daemon",
    "bin", "sys", "sync", "games", "man", "lp", "news", "uucp", "proxy", "backup", "list", "irc",
    "sshd", "redis", "systemd", "ispmgr", "roundcube", "test", "user", "all",
})  # fmt: skip
_SYMBOLS = "-_.!"
_PASSWORD = 20
_LONGEST_PASSWORD = 128


def candidates(scope: Scope, taken: Container[str]) -> Iterator[str]:
    """Free names, the plainest first; numbers replace the end of a name that is too long."""
    base = base_name(scope)
    for number in range(200):
        tail = str(number) if number else ""
        name = base[: LONGEST - len(tail)] + tail
        if name not in taken and name not in RESERVED:
            yield name


def base_name(scope: Scope) -> str:
    template = str(setting(scope.account.settings, "username_template") or "").strip()
    if template:
        text = template.replace("@ID@", scope.account.key).replace("@DOMAIN@", scope.domain)
    else:
        text = scope.domain.partition(".")[0]
    plain = re.sub(r"[^a-z0-9]", "", text.lower())
    return (plain if plain[:1].isalpha() else f"u{plain}")[:LONGEST]


def password() -> str:
    """With letters of both cases, digits and symbols, whatever the panel's policy asks for."""
    groups = (string.ascii_lowercase, string.ascii_uppercase, string.digits, _SYMBOLS)
    everything = "".join(groups)
    picked = [secrets.choice(group) for group in groups]
    picked += [secrets.choice(everything) for _ in range(_PASSWORD - len(picked))]
    secrets.SystemRandom().shuffle(picked)
    return "".join(picked)


def one_time_key() -> str:
    return secrets.token_hex(16)


def check_password(value: str, *, shortest: int = 1) -> str:
    """InvalidInput("password") for what could not be sent or typed."""
    if len(value) < shortest:
        raise InvalidInput(
            "password", _("Use %(number)s characters or more.") % {"number": shortest}
        )
    if len(value) > _LONGEST_PASSWORD or not value.isprintable():
        raise InvalidInput(
            "password",
            _("Use at most %(number)s characters, without line breaks.")
            % {"number": _LONGEST_PASSWORD},
        )
    return value
