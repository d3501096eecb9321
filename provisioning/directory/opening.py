"""The way to one service's directory on its platform, for a request of a person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.utils.translation import gettext as _

from provisioning.connection.links import WEB_BUDGET, account_of, open_module
from provisioning.contract import (
    Account,
    InvalidInput,
    Module,
    PermanentError,
    TemporaryError,
    UnsupportedError,
)
from provisioning.engine.dispatch import send
from provisioning.engine.observation import with_platform
from provisioning.models import Service


@dataclass(frozen=True)
class Opened:
    module: Module
    account: Account


@contextmanager
def reading(service: Service, *, budget: float = WEB_BUDGET) -> Iterator[Opened]:
    whole = with_platform(service.pk)
    if whole.server is None:
        raise UnsupportedError(f"{whole} is on no mail platform.")
    with open_module(whole.server, service=whole, budget=budget) as module:
        yield Opened(module, account_of(whole))


@contextmanager
def writing(service: Service) -> Iterator[Opened]:
    """PermanentError unless the service is active. The mirror is read anew after a lost answer,
    since the write may have happened all the same, and after a refusal, since it may have happened
    in part, or of something that is not there any more.
    """
    fresh = Service.objects.get(pk=service.pk)
    if fresh.desired != Service.Desired.ACTIVE or fresh.activated_at is None:
        raise PermanentError(
            f"{fresh} is {fresh.desired}.",
            message=_("This service is not active, so nothing can be changed in it."),
        )
    try:
        with reading(fresh) as opened:
            yield opened
    except TemporaryError as error:
        if error.maybe_applied:
            send("refresh_directory", service.pk)
        raise
    except PermanentError as error:
        if not isinstance(error, InvalidInput):
            send("refresh_directory", service.pk)
        raise
