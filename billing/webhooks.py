"""Where gateways tell what happened. The body stays as it came: the signature is over its bytes."""

from __future__ import annotations

import structlog
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing.gateways.contract import Ability
from billing.gateways.errors import ForgedEvent, GatewayError
from billing.gateways.registry import kind_of
from billing.payments import events

log = structlog.get_logger(__name__)
TRY_AGAIN = 503


@csrf_exempt  # nobody is signed in here: the signature says who it is
@require_POST
def receive(request: HttpRequest, gateway: str) -> HttpResponse:
    kind = kind_of(gateway)
    if kind is None or not kind.can(Ability.EVENTS):
        raise Http404
    try:
        events.handle(gateway, request.headers, request.body)
    except ForgedEvent as error:
        log.warning("a notification was not accepted", gateway=gateway, reason=str(error))
        return HttpResponse("not accepted", status=400, content_type="text/plain")
    except GatewayError as error:
        log.error("a notification cannot be read", gateway=gateway, reason=str(error))
        return HttpResponse("try again later", status=TRY_AGAIN, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")
