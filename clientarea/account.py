"""What a module has to show of a service's account: a card of facts and links, and next steps."""

from __future__ import annotations

from dataclasses import dataclass, replace

from clientarea.platform import Platform
from config.language import told
from provisioning.connection.links import account_of
from provisioning.contract import Fact, Link

# Steps in whose course it helps to look at the platform again.
CHECKED = ("dns", "proof")


@dataclass(frozen=True)
class AccountCard:
    """Empty where the module declares nothing."""

    facts: tuple[Fact, ...] = ()
    links: tuple[Link, ...] = ()
    first_steps: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.facts or self.links)

    @classmethod
    def of(cls, platform: Platform) -> AccountCard:
        module = platform.module
        if module is None or platform.service.server is None:
            return cls()
        account = account_of(platform.service)
        facts = (replace(each, label=told(each.label)) for each in module.facts(account))
        links = (replace(each, label=told(each.label)) for each in module.links(account))
        steps = (told(each) for each in module.first_steps(account))
        return cls(tuple(facts), tuple(links), tuple(steps))
