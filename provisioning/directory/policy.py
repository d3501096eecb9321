"""What a change must keep to before the platform is asked: room, quota, passwords, features."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from django.utils.translation import gettext as _

from provisioning.connection.links import chosen_options, product_settings
from provisioning.contract import InvalidInput, Limits, MailboxChange, Module, PasswordPolicy
from provisioning.models import Service
from provisioning.registry import module_class

SHORTEST_NAME_PART = 4


def kind_of(service: Service) -> type[Module]:
    return module_class(service.product.module)


def limits(service: Service) -> Limits:
    """0 is none allowed, None unlimited."""
    return kind_of(service).limits(product_settings(service.product), chosen_options(service))


def password_problems(service: Service, address: str, password: str) -> list[str]:
    """Sentences on what the password lacks; empty when it will do."""
    policy = kind_of(service).password_policy(product_settings(service.product))
    problems = [text for lacks, text in _rules(policy) if lacks(password)]
    if policy.forbid_address_parts and any(part in password.lower() for part in _parts(address)):
        problems.append(_("Do not use the user name or the domain in the password."))
    return problems


def check_password(service: Service, address: str, password: str | None) -> None:
    """InvalidInput("password")."""
    problems = [] if password is None else password_problems(service, address, password)
    if problems:
        raise InvalidInput("password", " ".join(problems))


def check_quota(service: Service, change: MailboxChange) -> None:
    """InvalidInput("quota_bytes") above the largest the service allows; 0 means unlimited."""
    most, asked = limits(service).max_quota_bytes, change.quota_bytes
    if most is None or asked is None or 0 < asked <= most:
        return
    raise InvalidInput(
        "quota_bytes", _("A mailbox may have %(size)s MB at most.") % {"size": most // 1024**2}
    )


def check_room(service: Service, noun: str, *, limit: int | None, used: int, field: str) -> None:
    """InvalidInput(field) when one more would be one too many."""
    if limit is not None and used >= limit:
        raise InvalidInput(
            field, _("The limit of %(limit)s %(noun)s is reached.") % {"limit": limit, "noun": noun}
        )


def offered_only(service: Service, change: MailboxChange, *, held: frozenset[str]) -> MailboxChange:
    """What is not offered stays as it is, whatever a form says."""
    if change.features is None:
        return change
    offered = kind_of(service).offered_features(product_settings(service.product))
    if not offered:
        return replace(change, features=None)
    return replace(change, features=(change.features & offered) | (held - offered))


def _rules(policy: PasswordPolicy) -> list[tuple[Callable[[str], bool], str]]:
    classes: tuple[tuple[bool, Callable[[str], bool], str], ...] = (
        (policy.require_upper, str.isupper, _("Use an upper-case letter.")),
        (policy.require_lower, str.islower, _("Use a lower-case letter.")),
        (policy.require_digit, str.isdigit, _("Use a digit.")),
        (
            policy.require_symbol,
            policy.symbols.__contains__,
            _("Use one of %(symbols)s.") % {"symbols": policy.symbols},
        ),
    )
    shortest = policy.min_length
    return [
        (
            lambda text: len(text) < shortest,
            _("Use %(number)s characters or more.") % {"number": shortest},
        ),
        *((_lacks(of_class), text) for required, of_class, text in classes if required),
    ]


def _lacks(of_class: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda text: not any(of_class(letter) for letter in text)


def _parts(address: str) -> list[str]:
    """User name and domain always, the domain's first label when it is long enough to tell."""
    user, _, domain = address.lower().partition("@")
    label = domain.partition(".")[0]
    telling = label if len(label) >= SHORTEST_NAME_PART else ""
    return [part for part in (user, domain, telling) if part]
