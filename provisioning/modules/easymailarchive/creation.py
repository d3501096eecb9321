"""Create: look first, write the claim down, create, and look again when the answer was lost."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from provisioning.contract import (
    InvalidInput,
    ModuleError,
    Observed,
    Progress,
    State,
    TemporaryError,
)
from provisioning.modules.easymailarchive import mapping, slugs
from provisioning.modules.easymailarchive.answers import Refused
from provisioning.modules.easymailarchive.lifecycle import switch
from provisioning.modules.easymailarchive.mapping import Tenant
from provisioning.modules.easymailarchive.scope import Claim, Scope, stranger

_PASSWORD_LENGTH = 16
_CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "!@#$%^&*-_=+")


def create(scope: Scope, progress: Progress) -> Observed:
    if scope.slug:
        return _again(scope, progress)
    existing = tuple(scope.client.tenants())
    lost = scope.claim.among(existing) if scope.claim else None
    if lost:
        return _ours(scope, lost)
    return _Creation(scope, progress, _names(scope), existing).run()


def generate_password() -> str:
    every = "".join(_CLASSES)
    letters = [secrets.choice(each) for each in _CLASSES]
    letters += [secrets.choice(every) for _ in range(_PASSWORD_LENGTH - len(letters))]
    secrets.SystemRandom().shuffle(letters)
    return "".join(letters)


def _again(scope: Scope, progress: Progress) -> Observed:
    """The name is for ever: what was suspended is released, what is gone is made under it."""
    tenant = scope.find()
    if tenant is None:
        existing = tuple(scope.client.tenants())
        return _Creation(scope, progress, iter([(scope.slug, "")]), existing).run()
    if tenant.state is State.SUSPENDED:
        return switch(scope, "unsuspend", slug=scope.slug, released=False)
    return _ours(scope, tenant)


def _names(scope: Scope) -> Iterator[tuple[str, str]]:
    """An interrupted creation goes on with the name it had claimed."""
    names = list(slugs.candidates(scope.account))
    claimed = [number for number, (slug, _) in enumerate(names) if _is_claimed(scope, slug)]
    return iter(names[claimed[0] if claimed else 0 :])


def _is_claimed(scope: Scope, slug: str) -> bool:
    return scope.claim is not None and scope.claim.slug == slug


def _ours(scope: Scope, tenant: Tenant) -> Observed:
    """`bare` answers are those of the description by which an administrator is made with it."""
    if not slugs.PATTERN.fullmatch(tenant.slug):
        raise TemporaryError(f"The platform names the tenant {tenant.slug[:60]!r}.")
    owner = scope.account.owner
    seen = scope.seen(
        tenant,
        slug=tenant.slug,
        linked=True,
        released=False,
        claim={},
        admin=owner.email if owner and tenant.bare else "",
    )
    password = scope.account.secrets.get("admin_password", "") if tenant.bare else ""
    return replace(seen, secrets={"admin_password": password})


@dataclass
class _Creation:
    """`existing` are all tenants under our key; none of them is to be mistaken for ours."""

    scope: Scope
    progress: Progress
    names: Iterator[tuple[str, str]]
    existing: tuple[Tenant, ...]
    refusals: list[str] = field(default_factory=list)

    def run(self) -> Observed:
        taken = {tenant.slug for tenant in self.existing}
        last = ""
        for slug, suffix in self.names:
            last = slug
            if slug in taken:
                continue
            self._claim(slug, self._called(suffix))
            tenant = self._made(slug)
            if tenant is not None:
                return _ours(self.scope, tenant)
        raise stranger(last)

    def _called(self, suffix: str) -> str:
        """Two names in a row refused in the same words: the slug is not looked at, but what the
        platform makes of the company's name.
        """
        ignored = len(self.refusals) > 1 and self.refusals[-1] == self.refusals[-2]
        return f"{self.scope.name} {suffix}" if ignored and suffix else self.scope.name

    def _claim(self, slug: str, name: str) -> None:
        seen = tuple(each.slug for each in self.existing if each.name == name)
        claim = Claim(slug=slug, name=name, seen=seen)
        account = self.scope.account
        password = account.secrets.get("admin_password") or generate_password()
        self.progress(claim.as_data(), {"admin_password": password})
        self.scope = Scope(
            self.scope.client,
            replace(
                account,
                data={**account.data, **claim.as_data()},
                secrets={**account.secrets, "admin_password": password},
            ),
        )

    def _made(self, slug: str) -> Tenant | None:
        """None when the slug is taken by somebody else."""
        try:
            return self._post(self._values())
        except TemporaryError as error:
            found = self._look() if error.maybe_applied else None
            if found is None:
                raise
            return found
        except Refused as refused:
            if not _is_taken(slug, refused):
                raise
            self.refusals.append(refused.detail)
        # An earlier request of ours may have been carried out after we had given it up.
        return self.scope.find()

    def _look(self) -> Tenant | None:
        try:
            return self.scope.find()
        except ModuleError:
            return None

    def _values(self) -> Mapping[str, str]:
        claim, owner = self.scope.claim, self.scope.account.owner
        assert claim is not None
        return {
            "slug": claim.slug,
            "name": claim.name,
            "company_name": claim.name,
            "admin_email": owner.email if owner else "",
            "admin_name": owner.name if owner else "",
            "admin_password": self.scope.account.secrets.get("admin_password", ""),
            "plan": self.scope.plan,
        }

    def _post(self, values: Mapping[str, str]) -> Tenant:
        """Where only fields of the other description are refused, once more without them."""
        client = self.scope.client
        try:
            return client.create(mapping.body(client.dialect, values))
        except Refused as refused:
            dialect = mapping.other_dialect(frozenset(refused.fields))
            taken = any(map(mapping.says_taken, refused.fields.values()))
            if client.dialect != mapping.AUTO or refused.status != 422 or taken or not dialect:
                raise
            first = refused
        try:
            return client.create(mapping.body(dialect, values))
        except Refused as second:
            raise second if "slug" in second.fields or second.status == 409 else first from None


def _is_taken(slug: str, refused: Refused) -> bool:
    """InvalidInput when the name itself is refused; False when it is about something else."""
    if refused.status == 409:
        return True
    if refused.status != 422 or not refused.fields.keys() <= {"slug", "name", "company_name"}:
        return False
    about_slug = refused.fields.get("slug", "")
    if about_slug and mapping.says_invalid(about_slug):
        raise InvalidInput("slug", f"{slug}: {about_slug}")
    return bool(about_slug) or any(map(mapping.says_taken, refused.fields.values()))
