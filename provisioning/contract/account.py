"""What passes between the panel and a module: plain frozen data, never database objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Owner:
    """The customer as the platform may need to know them."""

    name: str
    company: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""  # ISO 3166-1 alpha-2
    language: str = "en"


@dataclass(frozen=True, kw_only=True)
class Account:
    """One service as a module sees it.

    `settings` are the product's settings, typed; `options` map a configurable option's code to the
    chosen value (str) or quantity (int); `inputs` are the values of the module's service fields;
    `data` and `secrets` are what the module stored earlier.
    """

    key: str  # the panel's own name of the service, stable and unique
    domain: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    owner: Owner | None = None


class State(StrEnum):
    """Where a service stands on its platform, as last seen."""

    UNKNOWN = "unknown"
    MISSING = "missing"
    WAITING = "waiting"  # something outside must happen first, e.g. a DNS record
    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, kw_only=True)
class Observed:
    """What the platform says of one account. `data`/`secrets` are merged into what is stored.

    `restricted`: whether its outgoing mail is stopped; None when that was not told.
    """

    state: State
    restricted: bool | None = None
    detail: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    notes: tuple[
        str, ...
    ] = ()  # for staff: things that did not stop the command, e.g. DKIM not set up


@dataclass(frozen=True, kw_only=True)
class ConnectionReport:
    """The answer of Test Connection. Every fact but the latency is optional on some platform."""

    latency_ms: int
    version: str = ""
    edition: str = ""
    accounts: int | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RemoteAccount:
    """A row of the platform's inventory, for import and drift."""

    domain: str
    state: State
    mailboxes: int | None = None
    disk_bytes: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One measured value. `value` is in the metric's unit; disk is bytes."""

    metric: str
    value: Decimal


@dataclass(frozen=True, kw_only=True)
class FeatureState:
    """Mailboxes on which a billable feature was on when we looked: {feature code: addresses}.

    A code left out was not readable, which is not the same as an empty set.
    """

    enabled: Mapping[str, frozenset[str]]


@dataclass(frozen=True, kw_only=True)
class UsageReport:
    """Usage of many accounts, by `Account.key`. An account in `unknown` keeps its last reading.

    Values that are no plausible number (text, negative) go to `absurd`, in the platform's words.
    """

    readings: Mapping[str, tuple[Reading, ...]] = field(default_factory=dict)
    unknown: Mapping[str, str] = field(default_factory=dict)  # key -> reason
    absurd: Mapping[str, Mapping[str, str]] = field(
        default_factory=dict
    )  # key -> metric -> raw value
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class LoginLink:
    """Single use; fetched at click time and never stored. `fields` non-empty means POST."""

    url: str = field(repr=False)
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    expires_at: datetime | None = None
