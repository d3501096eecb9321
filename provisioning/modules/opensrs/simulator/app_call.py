"""One APP command on its way through the simulator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from provisioning.modules.opensrs.simulator import judge
from provisioning.modules.opensrs.simulator.call import Platform
from provisioning.modules.opensrs.simulator.errors import Refused
from provisioning.modules.opensrs.simulator.model import Account, Domain
from provisioning.modules.opensrs.simulator.state import State

# A record, or the header and the rows of a table.
Reply = dict[str, str] | tuple[Sequence[str], Sequence[Sequence[str]]]
_FLAGS = {"T": True, "F": False}


class Refusal(Exception):
    def __init__(self, number: int, text: str) -> None:
        super().__init__(text)
        self.number = number


@dataclass(frozen=True)
class AppCall:
    platform: Platform
    attributes: dict[str, str]

    @property
    def state(self) -> State:
        return self.platform.state

    def text(self, name: str) -> str:
        value = self.attributes.get(name, "")
        if not value:
            raise Refusal(7, f"Missing {name.upper()}")
        return value

    def flag(self, name: str) -> bool:
        value = self.text(name)
        if value not in _FLAGS:
            raise Refusal(8, f"{name.upper()} is T or F")
        return _FLAGS[value]

    def domain(self) -> Domain:
        try:
            return self.state.own_domain(self.text("domain"))
        except Refused:
            raise Refusal(5, "Domain does not exist") from None

    def address(self, name: str = "mailbox") -> str:
        local = self.text(name)
        if "@" in local:
            raise Refusal(9, "A local part, please")
        return judge.check_address(f"{local}@{self.domain().name}")

    def account(self, name: str = "mailbox", *kinds: str) -> Account:
        address = self.address(name)
        account = self.domain().accounts.get(address)
        if account is None or (kinds and account.kind not in kinds):
            raise Refused(2)
        return account


Command = Callable[[AppCall], Reply]


def local(address: str) -> str:
    return address.partition("@")[0]
