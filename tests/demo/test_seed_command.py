from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User


@pytest.mark.django_db
@pytest.mark.parametrize("demo, clock", [(False, "clock"), (True, None)])
def test_outside_the_demo_nothing_is_seeded(settings, tmp_path, demo, clock):
    settings.DEMO, settings.CLOCK_FILE = demo, clock and tmp_path / clock
    with pytest.raises(CommandError, match="for the demo alone"):
        call_command("seed_demo", tmp_path / "addresses.json", tmp_path / "zones.json")
    assert not User.objects.exists()


@pytest.mark.django_db
def test_a_database_that_holds_somebody_is_left_alone(settings, tmp_path):
    settings.DEMO, settings.CLOCK_FILE = True, tmp_path / "clock"
    (tmp_path / "addresses.json").write_text('{"smartermail": "http://127.0.0.1:1"}')
    User.objects.create_user("somebody@example.net")
    with pytest.raises(CommandError, match="RESET=1"):
        call_command("seed_demo", tmp_path / "addresses.json", tmp_path / "zones.json")
    assert User.objects.count() == 1
