"""Aliases and redirects, and further names of the whole domain."""

from __future__ import annotations

from dataclasses import replace

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts import audit
from provisioning import contract
from provisioning.contract import ConflictError, InvalidInput
from provisioning.directory import mirror, policy
from provisioning.directory.opening import writing
from provisioning.domains import clean_domain
from provisioning.models import Alias, DomainAlias, Mailbox, Service


def save_alias(service: Service, alias: contract.Alias, *, create: bool) -> None:
    """InvalidInput("address" or "targets"), ConflictError when the name is taken, NotFound."""
    wanted = _tidy(alias)
    if create:
        _check_name_is_free(service, wanted.address)
        used = Alias.objects.filter(service=service).count()
        limit = policy.limits(service).aliases
        policy.check_room(service, "aliases", limit=limit, used=used, field="address")
    with writing(service) as opened:
        opened.module.aliases(opened.account).save(wanted, create=create)
    with mirror.changing(service):
        old = Alias.objects.filter(service=service, address=wanted.address).first()
        before = audit.facts(old) if old else {}
        row = mirror.upsert(mirror.alias_row(service, wanted))
        mirror.reindex(service, {*wanted.targets, *(old.targets if old else ())})
        audit.record(
            "alias.created" if create else "alias.changed",
            row,
            before=before,
            after=audit.facts(row),
            customer=service.customer,
        )


def delete_alias(service: Service, address: str) -> None:
    name = address.strip().lower()
    with writing(service) as opened:
        opened.module.aliases(opened.account).delete(name)
    with mirror.changing(service):
        row = Alias.objects.filter(service=service, address=name).first()
        before = audit.facts(row) if row else {"address": name}
        audit.record("alias.deleted", row or service, before=before, customer=service.customer)
        if row:
            targets = row.targets
            row.delete()
            mirror.reindex(service, targets)


def add_domain_alias(service: Service, name: str) -> None:
    """InvalidInput("name"), ConflictError."""
    domain = _clean(service, name)
    used = DomainAlias.objects.filter(service=service).count()
    limit = policy.limits(service).domain_aliases
    policy.check_room(service, _("domain aliases"), limit=limit, used=used, field="name")
    with writing(service) as opened:
        opened.module.domain_aliases(opened.account).add(domain)
    with mirror.changing(service):
        row, _new = DomainAlias.objects.get_or_create(service=service, name=domain)
        audit.record("domain_alias.added", row, after={"name": domain}, customer=service.customer)


def delete_domain_alias(service: Service, name: str) -> None:
    domain = name.strip().lower()
    with writing(service) as opened:
        opened.module.domain_aliases(opened.account).delete(domain)
    with mirror.changing(service):
        row = DomainAlias.objects.filter(service=service, name=domain).first()
        audit.record(
            "domain_alias.deleted",
            row or service,
            before={"name": domain},
            customer=service.customer,
        )
        DomainAlias.objects.filter(service=service, name=domain).delete()


def _tidy(alias: contract.Alias) -> contract.Alias:
    """Lower case, each target once."""
    named = (target.strip().lower() for target in alias.targets)
    targets = tuple(dict.fromkeys(target for target in named if target))
    if not targets:
        raise InvalidInput("targets", _("Name at least one address that the mail goes to."))
    return replace(alias, address=alias.address.strip().lower(), targets=targets)


def _check_name_is_free(service: Service, address: str) -> None:
    for rows, noun in ((Mailbox.objects, _("a mailbox")), (Alias.objects, _("an alias"))):
        if rows.filter(service=service, address=address).exists():
            raise ConflictError(
                f"{address} exists.",
                message=_("%(address)s is already %(noun)s.") % {"address": address, "noun": noun},
            )


def _clean(service: Service, name: str) -> str:
    try:
        domain = clean_domain(name)
    except ValidationError as error:
        raise InvalidInput("name", error.messages[0]) from None
    if domain == service.domain.lower():
        raise InvalidInput("name", _("This is the name of the domain itself."))
    if DomainAlias.objects.filter(service=service, name=domain).exists():
        raise ConflictError(
            f"{domain} exists.",
            message=_("%(domain)s is already a domain alias.") % {"domain": domain},
        )
    return domain
