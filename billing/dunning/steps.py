"""Which step of a policy is next for an invoice on a day: pure, from facts it is given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

REMIND, CHARGE, LATE_FEE = "remind", "charge", "late_fee"
RESTRICT, SUSPEND, TERMINATE = "restrict", "suspend", "terminate"
# What a reminder announced, and therefore waits for it.
CONSEQUENCES = frozenset({RESTRICT, SUSPEND, TERMINATE})
SATURDAY = 5
ONE_DAY = timedelta(days=1)

Key = tuple[int, str]  # offset and action: what a step is, whichever version of the policy it is of


@dataclass(frozen=True, kw_only=True)
class Step:
    offset: int  # days after the due date
    action: str
    business_days: bool = False
    pk: int = 0

    @property
    def key(self) -> Key:
        return self.offset, self.action


@dataclass(frozen=True, kw_only=True)
class Case:
    """An open invoice as dunning sees it. `grace` in days moves all that comes after the due date;
    `taken` is when each step was taken.
    """

    due_on: date
    taken: Mapping[Key, date] = field(default_factory=dict)
    grace: int = 0
    exempt_until: date | None = None
    no_late_fee: bool = False
    paused: bool = False  # a payment is under way


def next_step(
    steps: Sequence[Step], case: Case, *, on: date, after_outage: bool = False
) -> Step | None:
    """One day takes the steps of one offset only, however many were missed. After an outage nothing
    asks for a termination: people may not have been able to pay.
    """
    if case.paused or _exempt(case, on):
        return None
    today = {offset for (offset, _action), day in case.taken.items() if day == on}
    step = next(iter(_open(steps, case, on)), None)
    if step is None or (today and step.offset not in today):
        return None
    if step.action == TERMINATE and after_outage:
        return None
    return step if earliest(step, steps, case) <= on else None


def planned(step: Step, case: Case) -> date:
    """The day by the calendar, before anything came in between."""
    grace = case.grace if step.offset > 0 else 0
    day = case.due_on + timedelta(days=step.offset + grace)
    while step.business_days and day.weekday() >= SATURDAY:
        day += ONE_DAY
    return day


def earliest(step: Step, steps: Iterable[Step], case: Case) -> date:
    """Not before the calendar's day; and a consequence keeps its distance from the reminder that
    announced it, so that "in 3 days" stays true when the reminder went out late.
    """
    day = planned(step, case)
    if step.action not in CONSEQUENCES:
        return day
    notices = [each for each in steps if each.action == REMIND and 0 < each.offset < step.offset]
    notice = max(notices, key=lambda each: each.offset, default=None)
    sent = case.taken.get(notice.key) if notice else None
    if notice is None or sent is None:
        return day
    return max(day, sent + timedelta(days=step.offset - notice.offset))


def timeline(steps: Sequence[Step], case: Case) -> list[tuple[date, Step]]:
    """Day by day, if nobody pays and nothing goes wrong: for the preview of a policy."""
    return [(planned(step, case), step) for step in _in_order(steps)]


def _open(steps: Sequence[Step], case: Case, on: date) -> Iterator[Step]:
    for step in _in_order(steps):
        outdated = step.offset < 0 and on >= case.due_on
        waived = step.action == LATE_FEE and case.no_late_fee
        if step.key not in case.taken and not outdated and not waived:
            yield step


def _in_order(steps: Sequence[Step]) -> list[Step]:
    """On one day money is asked for first: who has paid need not be reminded."""
    return sorted(steps, key=lambda step: (step.offset, step.action != CHARGE, step.action))


def _exempt(case: Case, on: date) -> bool:
    return case.exempt_until is not None and on <= case.exempt_until
