from __future__ import annotations

from typing import Any

from django.db import migrations

# Days after the due date, what is done, and the e-mail that goes with it.
STEPS = (
    (-3, "remind", "reminder_before"),
    (0, "charge", ""),
    (1, "charge", ""),
    (3, "remind", "reminder_first"),
    (3, "charge", ""),
    (7, "remind", "reminder_restrict"),
    (10, "restrict", "service_restricted"),
    (17, "suspend", "service_suspended"),
    (24, "remind", "reminder_final"),
    (45, "terminate", ""),
)


def seed(apps: Any, _editor: Any) -> None:
    policies = apps.get_model("billing", "DunningPolicy").objects
    if policies.exists():
        return
    policy = policies.create(name="Standard", version=1, is_default=True)
    step = apps.get_model("billing", "DunningStep")
    step.objects.bulk_create(
        step(policy=policy, offset=offset, action=action, template=template)
        for offset, action, template in STEPS
    )


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
