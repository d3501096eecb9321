"""Two runs at once, and one that is killed, on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from billing.dunning import acts, run
from billing.models import DunningEvent, DunningStep, Invoice, SentMail
from config import clock
from tests.billing import build as billing_build
from tests.dunning import build

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def due_today(count: int) -> None:
    policy = build.policy((3, "remind"), (3, "late_fee"), (4, "suspend"))
    DunningStep.objects.filter(policy=policy).update(fee_minimum=5)
    for _each in range(count):
        build.invoice(due_on=clock.today() - timedelta(days=3))


def test_runs_at_the_same_moment_take_each_step_once() -> None:
    billing_build.seller()
    due_today(8)
    barrier = Barrier(4)

    def work() -> None:
        try:
            barrier.wait()
            run.run(clock.today())
        finally:
            connection.close()

    threads = [Thread(target=work) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert DunningEvent.objects.count() == 16
    assert SentMail.objects.filter(code="reminder_first").count() == 8
    numbers = Invoice.objects.filter(late_fee_of__isnull=False).values_list("number", flat=True)
    assert sorted(str(number)[-5:] for number in numbers) == [f"{each:05d}" for each in range(1, 9)]


def test_a_run_that_is_killed_leaves_no_half_step(monkeypatch: pytest.MonkeyPatch) -> None:
    billing_build.seller()
    due_today(5)
    real, calls = acts.take, iter(range(100))

    def dies(*arguments: object) -> str:
        outcome = real(*arguments)
        if next(calls) == 5:
            raise KeyboardInterrupt
        return outcome

    monkeypatch.setattr(acts, "take", dies)
    with pytest.raises(KeyboardInterrupt):
        run.run(clock.today())
    assert DunningEvent.objects.count() == 5

    monkeypatch.setattr(acts, "take", real)
    run.run(clock.today())

    assert DunningEvent.objects.count() == 10
    assert Invoice.objects.filter(late_fee_of__isnull=False).count() == 5
    assert not DunningEvent.objects.filter(outcome="").exists()
