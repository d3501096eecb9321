"""Sending work to the workers. A message is only a hint: what is lost, the sweeper sends again."""

from __future__ import annotations

from functools import partial
from typing import Any

import structlog
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from config.celery import app

log = structlog.get_logger(__name__)

TASKS = "provisioning.tasks."
FEW_TRIES = {"max_retries": 2, "interval_start": 0.0, "interval_step": 0.2}


def send(task: str, *arguments: Any, countdown: float = 0) -> bool:
    """Whether the broker took it. `task` is named in provisioning.tasks, or in full; `countdown` in
    seconds.
    """
    name = task if "." in task else TASKS + task
    try:
        app.send_task(name, args=arguments, countdown=countdown or None, retry_policy=FEW_TRIES)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("broker did not take a task", task=task, arguments=arguments, error=str(error))
        return False
    return True


def send_on_commit(task: str, *arguments: Any, countdown: float = 0) -> None:
    transaction.on_commit(partial(send, task, *arguments, countdown=countdown))
