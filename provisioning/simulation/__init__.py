"""Vendor-neutral base of every vendor simulator: a real HTTP server, a journal, faults on demand.

Only the standard library and ``cryptography``; nothing here knows the panel or a vendor.
"""

from __future__ import annotations

from provisioning.simulation.clock import SimClock
from provisioning.simulation.faults import FaultBook, FaultRule
from provisioning.simulation.journal import Exchange, Journal
from provisioning.simulation.lines import LineServer, LineSession
from provisioning.simulation.listener import Listener
from provisioning.simulation.messages import (
    Request,
    Response,
    html_response,
    json_response,
    redirect_response,
    text_response,
)
from provisioning.simulation.router import Match, Router
from provisioning.simulation.server import Simulator

__all__ = [
    "Exchange",
    "FaultBook",
    "FaultRule",
    "Journal",
    "LineServer",
    "LineSession",
    "Listener",
    "Match",
    "Request",
    "Response",
    "Router",
    "SimClock",
    "Simulator",
    "html_response",
    "json_response",
    "redirect_response",
    "text_response",
]
