"""The rules of the platform, whichever wire a request came by. Refusals are OMA's numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from provisioning.modules.opensrs.simulator.errors import Refused
from provisioning.modules.opensrs.simulator.judge import SERVICES
from provisioning.modules.opensrs.simulator.model import (
    OTHERS,
    OURS,
    STAFF,
    Account,
    Deleted,
    Domain,
)
from provisioning.modules.opensrs.simulator.variants import Variants
from provisioning.simulation import SimClock

RESTORABLE_SECONDS = 30 * 86_400


class State:
    def __init__(self, clock: SimClock, variants: Variants) -> None:
        self.clock = clock
        self.variants = variants
        self.domains: dict[str, Domain] = {}
        self.revision = 0
        self._number = 1000

    def now(self) -> int:
        return int(self.clock.now().timestamp())

    def touch(self) -> None:
        self.revision += 1

    def next_number(self) -> int:
        self._number += 1
        return self._number

    # -- arranging

    def add_domain(self, name: str, *, owner: str = OURS) -> Domain:
        """`owner` "others" is another reseller's domain."""
        domain = Domain(name.lower(), owner=owner, created=self.now())
        self.domains[domain.name] = domain
        self.touch()
        return domain

    def add_user(self, address: str, *, kind: str = "mailbox", **attributes: Any) -> Account:
        used = int(attributes.pop("bytes_used", 0))
        account = self.create_account(address.lower(), kind, attributes, limited=False)
        account.bytes_used = used
        return account

    def grow(self, address: str, bytes_used: int) -> None:
        self.account(address).bytes_used = bytes_used
        self.touch()

    # -- looking

    def own_domain(self, name: str, *, missing: int = 2) -> Domain:
        domain = self.domains.get(name.lower())
        if domain is None:
            raise Refused(missing)
        if domain.owner == OTHERS:
            raise Refused(9)
        return domain

    def domain_of(self, address: str) -> Domain:
        return self.own_domain(address.rpartition("@")[2], missing=9)

    def account(self, address: str) -> Account:
        domain = self.domain_of(address.lower())
        account = domain.accounts.get(address.lower())
        if account is not None:
            return account
        raise Refused(3 if self.alias_owner(address) else 2)

    def alias_owner(self, address: str) -> Account | None:
        wanted = address.lower()
        return next((one for one in self.all_accounts() if wanted in one.aliases), None)

    def all_accounts(self) -> Iterator[Account]:
        for domain in self.domains.values():
            yield from domain.accounts.values()

    def own_domains(self) -> list[Domain]:
        return [domain for domain in self.domains.values() if domain.owner == OURS]

    def domain_taken(self, name: str) -> bool:
        return name in self.domains or any(name in d.aliases for d in self.domains.values())

    # -- changing

    def create_domain(self, name: str, attributes: dict[str, Any]) -> Domain:
        if self.domain_taken(name):
            raise Refused(7)
        domain = self.add_domain(name)
        try:
            self.set_domain(domain, attributes)
        except Refused:
            del self.domains[domain.name]
            raise
        return domain

    def set_domain(self, domain: Domain, attributes: dict[str, Any]) -> None:
        changes = dict(attributes)
        if "aliases" in changes:
            domain.aliases = self._alias_domains(domain, changes.pop("aliases"))
        if changes.get("workgroup") and changes["workgroup"] not in domain.workgroups:
            raise Refused(6, {"workgroup": "does not exist"})
        merge(domain.attributes, changes)
        self.touch()

    def delete_domain(self, domain: Domain, *, cascade: bool = False) -> None:
        if domain.accounts and not cascade:
            raise Refused(10)
        del self.domains[domain.name]
        self.touch()

    def create_account(
        self, address: str, kind: str, attributes: dict[str, Any], *, limited: bool = True
    ) -> Account:
        domain = self.domain_of(address)
        if address in domain.accounts:
            raise Refused(self.variants.exists_error)
        if self.alias_owner(address):
            raise Refused(3)
        if limited:
            self._check_room(domain)
        account = Account(address, kind, created=self.now(), number=self.next_number())
        inherited = {
            name: domain.attributes[name] for name in SERVICES if domain.attributes.get(name)
        }
        given = {"workgroup": domain.default_workgroup, **inherited, **attributes}
        self._apply(domain, account, given)
        domain.accounts[address] = account
        self.touch()
        return account

    def set_account(self, account: Account, attributes: dict[str, Any]) -> None:
        self._apply(self.domain_of(account.address), account, attributes)
        self.touch()

    def delete_account(self, account: Account) -> None:
        domain = self.domain_of(account.address)
        del domain.accounts[account.address]
        domain.deleted.append(Deleted(account, self.now()))
        self.touch()

    def restorable(self, domain: Domain) -> list[Deleted]:
        since = self.now() - RESTORABLE_SECONDS
        return [entry for entry in domain.deleted if entry.at >= since]

    def restore_account(self, address: str, new_name: str, number: str) -> None:
        domain = self.domain_of(address)
        entry = next(
            (one for one in self.restorable(domain) if str(one.account.number) == number), None
        )
        if entry is None or entry.account.address != address:
            raise Refused(2)
        if new_name in domain.accounts or self.alias_owner(new_name):
            raise Refused(7)
        self._check_room(domain)
        domain.deleted.remove(entry)
        entry.account.address = new_name
        entry.account.aliases = []
        domain.accounts[new_name] = entry.account
        self.touch()

    def create_workgroup(self, domain: Domain, name: str) -> None:
        if name.lower() in (one.lower() for one in domain.workgroups):
            raise Refused(7)
        domain.workgroups.append(name)
        self.touch()

    def delete_workgroup(self, domain: Domain, name: str) -> None:
        if name not in domain.workgroups:
            raise Refused(2)
        if name in (STAFF, domain.default_workgroup):
            raise Refused(18)
        if any(account.workgroup == name for account in domain.accounts.values()):
            raise Refused(10)
        domain.workgroups.remove(name)
        self.touch()

    def _apply(self, domain: Domain, account: Account, attributes: dict[str, Any]) -> None:
        """All of it or nothing."""
        changes = dict(attributes)
        if changes.get("workgroup") and changes["workgroup"] not in domain.workgroups:
            raise Refused(6, {"workgroup": "does not exist"})
        aliases = changes.pop("aliases", None)
        if aliases is not None:
            account.aliases = self._checked_aliases(domain, account, aliases)
        merge(account.attributes, changes)

    def _checked_aliases(
        self, domain: Domain, account: Account, aliases: Iterable[str]
    ) -> list[str]:
        wanted = [alias.lower() for alias in aliases]
        for alias in wanted:
            self._check_alias(account, alias)
        limit = domain.attributes.get("limit_aliases")
        more = len(wanted) - len(account.aliases)
        if isinstance(limit, int) and more > 0 and domain.alias_count() + more > limit:
            raise Refused(16)
        return wanted

    def _check_alias(self, account: Account, alias: str) -> None:
        where = self.domains.get(alias.rpartition("@")[2])
        if where is None or where.owner != OURS:
            raise Refused(37)
        owner = self.alias_owner(alias)
        if alias in where.accounts or (owner is not None and owner is not account):
            raise Refused(7)

    def _alias_domains(self, domain: Domain, names: Iterable[str]) -> list[str]:
        wanted = [name.lower() for name in names]
        for name in wanted:
            if name not in domain.aliases and self.domain_taken(name):
                raise Refused(7)
        return wanted

    def _check_room(self, domain: Domain) -> None:
        limit = domain.attributes.get("limit_users")
        if isinstance(limit, int) and len(domain.accounts) >= limit:
            raise Refused(15)

    # -- keeping

    def summary(self) -> dict[str, object]:
        return {
            domain.name: {"disabled": domain.disabled, "owner": domain.owner, **domain.counts()}
            for domain in self.domains.values()
        }

    def dump(self) -> dict[str, Any]:
        return {
            "number": self._number,
            "domains": [asdict(domain) for domain in self.domains.values()],
        }

    def load(self, data: dict[str, Any]) -> None:
        self._number = int(data["number"])
        for saved in data["domains"]:
            domain = Domain(**{**saved, "accounts": {}, "deleted": []})
            domain.accounts = {key: Account(**one) for key, one in saved["accounts"].items()}
            domain.deleted = [
                Deleted(Account(**one["account"]), one["at"]) for one in saved["deleted"]
            ]
            self.domains[domain.name] = domain


def merge(attributes: dict[str, Any], changes: dict[str, Any]) -> None:
    """Null puts an attribute back to what is inherited."""
    for name, value in changes.items():
        if value is None:
            attributes.pop(name, None)
        else:
            attributes[name] = value
