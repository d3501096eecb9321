from __future__ import annotations

import pytest
from kombu.exceptions import ContentDisallowed
from kombu.serialization import dumps, loads
from pytest_django import Settings

from config.celery import app, schedule


def test_every_scheduled_task_exists() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in schedule().values()} <= set(app.tasks)


def test_billing_runs_at_the_sellers_hour(settings: Settings) -> None:
    settings.BILLING_HOUR = 6
    when = schedule()["billing.tasks.run_billing"]["schedule"]
    assert (when.hour, when.minute) == ({6}, {0})
    assert app.conf.timezone == settings.TIME_ZONE


@pytest.mark.parametrize(("billing", "ahead"), [(6, {3, 4}), (1, {22, 23})])
def test_vat_numbers_are_checked_in_the_hours_before_billing(settings, billing, ahead) -> None:
    settings.BILLING_HOUR = billing
    assert schedule()["billing.tasks.check_vat_numbers_ahead"]["schedule"].hour == ahead


def test_a_killed_workers_task_comes_back() -> None:
    conf = app.conf
    assert conf.task_acks_late and conf.task_reject_on_worker_lost
    assert conf.worker_prefetch_multiplier == 1
    assert conf.task_time_limit < 900, "a task must end before its message is given to another"


def test_messages_that_could_carry_code_are_refused() -> None:
    content_type, encoding, payload = dumps({"a": 1}, serializer="pickle")
    with pytest.raises(ContentDisallowed):
        loads(payload, content_type, encoding, accept=app.conf.accept_content)
