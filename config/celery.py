from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import setup_logging
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("postmeter")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**_kwargs: Any) -> None:
    """Connected so that Celery leaves the logging Django has set up alone."""


def schedule() -> dict[str, dict[str, Any]]:
    """What beat starts, in the seller's time zone."""
    usage_hours = ",".join(str(hour) for hour in settings.USAGE_SYNC_HOURS)
    plan: dict[str, float | crontab] = {
        "provisioning.tasks.sync_usage": crontab(minute=15, hour=usage_hours),
        "provisioning.tasks.sync_directories": crontab(minute=45),
        "provisioning.tasks.sweep_commands": 60.0,
        "provisioning.tasks.check_servers": 600.0,
        "provisioning.tasks.sync_states": crontab(minute=5),
        "provisioning.tasks.purge_module_log": crontab(minute=30, hour=3),
        "config.tasks.clear_sessions": crontab(minute=50, hour=3),
        "billing.tasks.carry_out_cancellations": crontab(minute=5),
        "billing.tasks.expire_orders": crontab(minute=35, hour=3),
        "billing.tasks.check_vat_numbers": crontab(minute=20, hour="*/3"),
        # Twice, so that an outage of an hour does not matter; the run itself asks nobody.
        "billing.tasks.check_vat_numbers_ahead": crontab(minute=10, hour=_ahead_of_billing()),
        "billing.tasks.run_billing": crontab(minute=0, hour=settings.BILLING_HOUR),
        "billing.tasks.run_dunning": crontab(minute=30, hour=settings.BILLING_HOUR),
        "billing.tasks.announce": 60.0,
        "billing.tasks.sweep_mail": 60.0,
        "billing.tasks.warn_of_limits": crontab(minute=40, hour="*/6"),
        "billing.tasks.sweep_payments": 60.0,
        "billing.tasks.look_again_at_payments": crontab(minute=20),
        "billing.tasks.use_account_credit": crontab(minute="*/15"),
    }
    return {name: {"task": name, "schedule": when} for name, when in plan.items()}


def _ahead_of_billing() -> str:
    return ",".join(str((settings.BILLING_HOUR - hours) % 24) for hours in (3, 2))


@app.on_after_configure.connect
def install_schedule(sender: Celery, **_kwargs: Any) -> None:
    sender.conf.beat_schedule = schedule()
