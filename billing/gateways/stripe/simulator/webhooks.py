"""Delivering events to the seller, signed, and again when nobody took them."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass

import requests
from stripe import WebhookSignature

from billing.gateways.stripe.simulator.state import Data

PAUSES = (0.0, 0.5, 2.0, 5.0, 10.0, 30.0)
TIMEOUT = 10


@dataclass(frozen=True)
class Signed:
    headers: dict[str, str]
    body: bytes


def signed(event: Data, secret: str, at: int) -> Signed:
    body = json.dumps(event)
    header = WebhookSignature.generate_signature_header(body, secret, timestamp=at)
    return Signed(
        {"Stripe-Signature": header, "Content-Type": "application/json; charset=utf-8"},
        body.encode(),
    )


class Postman:
    """One thread; what nobody takes is tried again after growing pauses, then given up."""

    def __init__(self, *, now: Callable[[], int], stopping: threading.Event) -> None:
        self.url = ""
        self.secret = ""
        self.answers: list[tuple[str, int]] = []  # event id, HTTP status (0: nobody there)
        self._now = now
        self._stopping = stopping
        self._queue: queue.Queue[Data | None] = queue.Queue()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._queue.put(None)
        if self._thread:
            self._thread.join()

    def take(self, event: Data) -> None:
        if self.url:
            self._queue.put(event)

    def _run(self) -> None:
        while (event := self._queue.get()) is not None:
            for pause in PAUSES:
                if self._stopping.wait(pause) or self.post(event) < 300:
                    break

    def post(self, event: Data) -> int:
        letter = signed(event, self.secret, self._now())
        session = requests.Session()
        session.trust_env = False
        try:
            answer = session.post(
                self.url, data=letter.body, headers=letter.headers, timeout=TIMEOUT
            )
            status = answer.status_code
        except requests.RequestException:
            status = 0
        finally:
            session.close()
        self.answers.append((event["id"], status))
        return status or 599
