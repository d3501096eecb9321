"""From database rows to what a module works with: an open way to a server, and accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.conf import settings

from accounts.models import Customer
from config.crypto import Sealed
from products.models import Product
from provisioning.connection import breaker, slots
from provisioning.connection.breaker import ServerUnavailable
from provisioning.connection.call_log import COMMON_SECRETS, CallLog
from provisioning.connection.slots import Lane
from provisioning.connection.tokens import CacheTokens
from provisioning.contract import (
    Account,
    HttpClient,
    HttpOptions,
    MisconfiguredError,
    Module,
    ModuleError,
    Owner,
    ServerLink,
    TemporaryError,
)
from provisioning.declared.settings_forms import opened
from provisioning.models import Command, Server, Service
from provisioning.registry import module_class

# Seconds that all calls together may take while a person waits for the page.
WEB_BUDGET = 20.0
STANDARD_PORTS = {True: 443, False: 80}


@contextmanager
def open_module(  # noqa: PLR0913 - all but the server have a usual value
    server: Server,
    *,
    service: Service | None = None,
    command: Command | None = None,
    budget: float = 60.0,
    forced: bool = False,
    lane: Lane | None = None,
) -> Iterator[Module]:
    """The server's module, for `budget` seconds of calls in all.

    TemporaryError at once while the circuit is open, except when `forced`: a person tests it.
    How the block ends is what the circuit breaker learns from.
    """
    kind = module_class(server.module)
    usual = slots.PEOPLE if budget <= WEB_BUDGET else slots.WORKERS
    with slots.hold(server, lane or usual, lease=2 * budget + 10):
        trial = forced or breaker.admit(server)
        known = _known(server, service, command)
        calls = CallLog(server, service=service, command=command, secrets=known)
        http = HttpClient(
            base_url(server),
            _options(server, budget),
            secrets=_masked_names(kind),
            on_call=calls,
            on_send=calls.sending,
        )
        try:
            yield kind(_link(server, kind, http))
        except ModuleError as error:
            _learn(server, error, trial=trial)
            raise
        else:
            breaker.record_success(server)
        finally:
            http.close()
            calls.flush()


def account_of(
    service: Service,
    *,
    product: Product | None = None,
    options: Mapping[str, Any] | None = None,
) -> Account:
    """The service as its module sees it; in a change, `product` and `options` replace its own."""
    return Account(
        key=service.public_id,
        domain=service.domain,
        settings=product_settings(product or service.product),
        options=chosen_options(service) if options is None else options,
        inputs=service_inputs(service),
        data=service.module_data or {},
        secrets=service.module_secrets or {},
        owner=owner_of(service.customer),
    )


def product_settings(product: Product) -> dict[str, Any]:
    """Typed, and lifted to the module's present version."""
    if not product.module:
        return {}
    fields = module_class(product.module).product_fields
    return opened(fields.load(product.module_settings, version=product.module_settings_version))


def service_inputs(service: Service) -> dict[str, Any]:
    """The module's service fields, typed."""
    if not service.product.module:
        return {}
    fields = module_class(service.product.module).service_fields
    return opened(fields.load(service.inputs or {}))


def server_settings(server: Server) -> dict[str, Any]:
    fields = module_class(server.module).server_fields
    return opened(fields.load(server.settings or {}))


def chosen_options(service: Service) -> dict[str, Any]:
    """{code: chosen value or quantity}."""
    return {
        row.option.code: row.choice.value if row.choice else row.quantity
        for row in service.options.all()
    }


def owner_of(customer: Customer) -> Owner:
    return Owner(
        name=customer.name,
        company=customer.company,
        email=customer.email,
        phone=customer.phone,
        address=customer.address,
        city=customer.city,
        region=customer.region,
        postcode=customer.postcode,
        country=customer.country,
        language=customer.language,
    )


def base_url(server: Server) -> str:
    scheme = "https" if server.secure else "http"
    host = f"[{server.hostname}]" if ":" in server.hostname else server.hostname
    port = "" if server.port == STANDARD_PORTS[server.secure] else f":{server.port}"
    return f"{scheme}://{host}{port}"


def _options(server: Server, budget: float) -> HttpOptions:
    return HttpOptions(
        connect_timeout=settings.HTTP_CONNECT_TIMEOUT,
        read_timeout=min(settings.HTTP_READ_TIMEOUT, budget),
        budget=budget,
        verify_tls=server.verify_tls,
        allow_private=server.allow_private,
    )


def _link(server: Server, kind: type[Module], http: HttpClient) -> ServerLink:
    return ServerLink(
        hostname=server.hostname,
        port=server.port,
        secure=server.secure,
        username=server.username,
        password=server.password or "",
        settings=server_settings(server),
        http=http,
        tokens=CacheTokens(server.pk),
    )


def _masked_names(kind: type[Module]) -> frozenset[str]:
    declared = (kind.server_fields, kind.product_fields, kind.service_fields)
    return COMMON_SECRETS.union(kind.secret_names, *(fields.secrets() for fields in declared))


def _known(server: Server, service: Service | None, command: Command | None) -> list[str]:
    """Secret values that may come back in an answer under any name."""
    values: list[Any] = [server.password, *_sealed(server.settings)]
    if service:
        values += (service.module_secrets or {}).values()
        values += _sealed(service.inputs) + _sealed(service.product.module_settings)
    values += [(command.arguments or {}).get("password")] if command else ()
    return [value for value in values if isinstance(value, str)]


def _sealed(values: Mapping[str, Any] | None) -> list[str]:
    return [value.open() for value in (values or {}).values() if isinstance(value, Sealed)]


def _learn(server: Server, error: ModuleError, *, trial: bool) -> None:
    """A refusal is an answer; so is 429. A wrong password or certificate tells nothing."""
    if isinstance(error, ServerUnavailable | MisconfiguredError):
        return
    if isinstance(error, TemporaryError) and error.retry_after is None:
        breaker.record_failure(server, error.detail, trial=trial)
    else:
        breaker.record_success(server)
