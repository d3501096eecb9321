"""The control endpoints under ``/_sim/``, for driving a simulator in another process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from provisioning.simulation.faults import FaultRule
from provisioning.simulation.messages import Request, Response, json_response
from provisioning.simulation.router import Router

if TYPE_CHECKING:
    from provisioning.simulation.server import Simulator

PREFIX = "/_sim/"
Control = Callable[["Simulator", Request, Mapping[str, str]], object]


def answer(simulator: Simulator, request: Request) -> Response:
    """200 with what was asked, 400 with ``{"error": sentence}``, 404 for an unknown control."""
    found = CONTROLS.find(request.method, request.path)
    if found is None:
        return json_response({"error": f"no control {request.method} {request.path}"}, status=404)
    try:
        return json_response(found.target(simulator, request, found.args))
    except (ValueError, TypeError, KeyError) as refused:
        return json_response({"error": str(refused)}, status=400)


def _state(simulator: Simulator, request: Request, args: Mapping[str, str]) -> object:
    return {
        "url": simulator.url,
        "now": simulator.clock.now().isoformat(),
        "requests": simulator.journal.total,
        "faults": simulator.faults.as_list(),
        "actions": sorted(simulator.actions()),
        "state": simulator.describe(),
    }


def _add_faults(simulator: Simulator, request: Request, args: Mapping[str, str]) -> object:
    data = request.json()
    rules = [FaultRule.from_json(item) for item in (data if isinstance(data, list) else [data])]
    for rule in rules:
        simulator.faults.add(rule)
    return {"faults": simulator.faults.as_list()}


def _list_faults(simulator: Simulator, request: Request, args: Mapping[str, str]) -> object:
    return {"faults": simulator.faults.as_list()}


def _clear_faults(simulator: Simulator, request: Request, args: Mapping[str, str]) -> object:
    simulator.faults.clear()
    return {"faults": []}


def _clock(simulator: Simulator, request: Request, args: Mapping[str, str]) -> object:
    """``{"advance": seconds}``, ``{"now": iso}`` or ``{"reset": true}``."""
    data = _object(request)
    if "advance" in data:
        simulator.clock.advance(float(data["advance"]))
    elif "now" in data:
        simulator.clock.set(datetime.fromisoformat(data["now"]))
    elif data.get("reset"):
        simulator.clock.reset()
    else:
        raise ValueError("say advance, now or reset")
    return {"now": simulator.clock.now().isoformat()}


def _journal(simulator: Simulator, request: Request, args: Mapping[str, str]) -> object:
    found = simulator.journal.find(
        request.query.get("path", "*"), method=request.query.get("method", "*")
    )
    return {"total": simulator.journal.total, "exchanges": [entry.as_dict() for entry in found]}


def _clear_journal(simulator: Simulator, request: Request, args: Mapping[str, str]) -> object:
    simulator.journal.clear()
    return {"total": 0}


def _act(simulator: Simulator, request: Request, args: Mapping[str, str]) -> object:
    """Run one of the vendor's own actions; the JSON object's keys are its arguments."""
    act = simulator.actions().get(args["action"])
    if act is None:
        raise ValueError(f"unknown action; known: {', '.join(sorted(simulator.actions()))}")
    with simulator.lock:
        return {"result": act(**_object(request))}


def _object(request: Request) -> dict[str, Any]:
    data = request.json()
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise ValueError("send a JSON object")
    return data


CONTROLS: Router[Control] = Router()
for _method, _pattern, _control in (
    ("GET", "/_sim/state", _state),
    ("GET", "/_sim/faults", _list_faults),
    ("POST", "/_sim/faults", _add_faults),
    ("DELETE", "/_sim/faults", _clear_faults),
    ("POST", "/_sim/clock", _clock),
    ("GET", "/_sim/journal", _journal),
    ("DELETE", "/_sim/journal", _clear_journal),
    ("POST", "/_sim/do/{action}", _act),
):
    CONTROLS.add(_method, _pattern, _control)
