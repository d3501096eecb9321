"""One action: its form fields, what it may reach, and the answer's loose types."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qsl

from provisioning.modules.polarismail.simulator.model import Domain, User
from provisioning.modules.polarismail.simulator.state import State
from provisioning.modules.polarismail.simulator.tokens import Tokens
from provisioning.modules.polarismail.simulator.variants import Variants
from provisioning.simulation import Request

DONE = "Done"
LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN_NAME = re.compile(rf"{LABEL}(\.{LABEL})+")
LOCAL_PART = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class Refused(Exception):
    """`returncode` 0 with this text, or with these members."""

    def __init__(self, text: str, **members: Any) -> None:
        super().__init__(text)
        self.text = text
        self.members = members


@dataclass(frozen=True, slots=True)
class Reply:
    """`returndata`, and members beside it."""

    data: Any
    members: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Call:
    state: State
    tokens: Tokens
    variants: Variants
    form: Mapping[str, str]
    owner: str = ""  # the mailbox whose token it is

    def text(self, name: str, default: str = "") -> str:
        return self.form.get(name, default)

    def flag(self, name: str, default: str = "0") -> bool:
        value = self.form.get(name, default)
        if value not in ("0", "1"):
            raise Refused(f"{name} must be 0 or 1")
        return value == "1"

    def whole(self, name: str, default: int = 0) -> int:
        value = self.form.get(name, str(default))
        if not value.isdigit():
            raise Refused(f"{name} must be a number")
        return int(value)

    def megabytes(self, name: str) -> int:
        """A size given in GB, decimals allowed."""
        try:
            size = Decimal(self.text(name))
        except InvalidOperation:
            raise Refused("Invalid quota") from None
        if not size.is_finite() or not 0 < size <= 200:
            raise Refused("Invalid quota")
        return int(size * self.variants.mb_per_gb)

    def domain(self, name: str = "domain") -> Domain:
        found = self.state.domains.get(self.text(name).lower())
        if found is None:
            raise Refused("Domain not found")
        return found

    def verified_domain(self, name: str = "domain") -> Domain:
        found = self.domain(name)
        if not found.verified:
            raise Refused("Please verify the ownership of this domain first")
        return found

    def user(self, local: str = "username", domain: str = "domain") -> User:
        found = self.domain(domain).users.get(self.text(local).lower())
        if found is None:
            raise Refused("User not found")
        return found

    def new_name(self, domain: Domain, name: str) -> str:
        local = self.text(name).lower()
        if not LOCAL_PART.fullmatch(local):
            raise Refused("Invalid name")
        if domain.taken(local):
            raise Refused("This name already exists")
        return local

    # The form of what is answered

    def figure(self, value: float, usual: type[int] | type[str]) -> int | float | str:
        """`usual` is what the vendor's clients saw for this figure."""
        kinds: dict[str, type[int] | type[str]] = {"texts": str, "numbers": int}
        wanted = kinds.get(self.variants.figures, usual)
        plain = int(value) if value == int(value) else value
        return str(plain) if wanted is str else plain

    def listing(self, rows: list[Any]) -> Any:
        if rows:
            return rows
        if self.variants.empty_list == "refusal":
            raise Refused("No records found")
        return {"array": [], "null": None, "false": False}[self.variants.empty_list]


Handler = Callable[[Call], Any]


@dataclass(frozen=True, slots=True)
class Action:
    """A form with another field, or without a required one, is refused."""

    handler: Handler
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    writes: bool = False


def form_of(request: Request) -> dict[str, str] | None:
    """None when it is no form body; text that is no UTF-8 is none either."""
    kind = request.header("Content-Type").partition(";")[0].strip().lower()
    if request.method != "POST" or kind != "application/x-www-form-urlencoded":
        return None
    try:
        return dict(parse_qsl(request.body.decode("ascii"), True, True, errors="strict"))
    except ValueError:
        return None


def check_fields(action: Action, form: Mapping[str, str]) -> None:
    sent = form.keys() - {"action", "token"}
    if missing := [name for name in action.required if not form.get(name)]:
        raise Refused(f"Missing parameter: {missing[0]}")
    if strange := sorted(sent - {*action.required, *action.optional}):
        raise Refused(f"Unknown parameter: {strange[0]}")
