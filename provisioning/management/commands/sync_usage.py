from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from provisioning.metering.usage import SyncResult, servers_to_sync, sync_server
from provisioning.models import Server

AT_ONCE = 8


class Command(BaseCommand):
    help = "Reads the usage of all services now, every server beside the others."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--server", help="the name of the only server to sync")

    def handle(self, *_args: Any, server: str | None, **_options: Any) -> None:
        servers = [each for each in servers_to_sync() if server in (None, each.name)]
        for result in all_of(servers):
            self.stdout.write(_sentence(result))
            for domain, why in result.unknown.items():
                self.stdout.write(f"  {domain}: {why}")


def all_of(servers: list[Server]) -> list[SyncResult]:
    """One dead server must not make the others wait, so each has a thread."""
    if len(servers) < 2:
        return [sync_server(server) for server in servers]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(_in_thread, servers))


def _in_thread(server: Server) -> SyncResult:
    try:
        return sync_server(server)
    finally:
        connection.close()


def _sentence(result: SyncResult) -> str:
    if result.error:
        return f"{result.server}: {result.error}"
    return (
        f"{result.server}: {result.services} services, {result.good} readings,"
        f" {result.parked} parked, {len(result.unknown)} unknown, {result.polled} polled."
    )
