"""What workers and beat call: take an id, call a use case."""

from __future__ import annotations

from celery import shared_task

from provisioning import directory, retention, servers
from provisioning.engine import execution, observation, states
from provisioning.engine.dispatch import send
from provisioning.metering import usage
from provisioning.models import Server, Service

# After 2, 4 and 8 minutes; then the next sync of the day comes anyway.
SYNC_ATTEMPTS = 4
# A server that is busy is free again soon; one that is paused is left to the next round.
A_MOMENT = 10.0


@shared_task
def carry_out(command_id: int) -> None:
    execution.carry_out(command_id)


@shared_task
def sweep_commands() -> None:
    execution.sweep()


@shared_task
def observe_service(service_id: int) -> None:
    observation.look_again(service_id)


@shared_task
def sync_usage() -> None:
    for server in usage.servers_to_sync():
        send("sync_server_usage", server.pk)


@shared_task
def sync_server_usage(server_id: int, attempt: int = 1) -> None:
    server = Server.objects.filter(pk=server_id).first()
    failed = server is not None and usage.sync_server(server).error
    if failed and attempt < SYNC_ATTEMPTS:
        send("sync_server_usage", server_id, attempt + 1, countdown=60.0 * 2**attempt)


@shared_task
def sync_directories() -> None:
    for service_id in directory.services_to_refresh():
        send("refresh_directory", service_id)


@shared_task
def refresh_directory(service_id: int) -> None:
    service = Service.objects.filter(pk=service_id).first()
    if service:
        busy_for = directory.refresh_quietly(service)
        if busy_for and busy_for <= A_MOMENT:
            send("refresh_directory", service_id, countdown=busy_for)


@shared_task
def check_servers() -> None:
    for server_id in Server.objects.filter(enabled=True).values_list("pk", flat=True):
        send("check_server", server_id)


@shared_task
def check_server(server_id: int) -> None:
    server = Server.objects.filter(pk=server_id).first()
    if server:
        servers.check(server)


@shared_task
def sync_states() -> None:
    for server_id in Server.objects.filter(enabled=True).values_list("pk", flat=True):
        send("sync_server_states", server_id)


@shared_task
def sync_server_states(server_id: int) -> None:
    server = Server.objects.filter(pk=server_id).first()
    if server:
        states.refresh(server)


@shared_task
def purge_module_log() -> None:
    retention.purge_module_log()
