"""The two kinds of accounts that can be sold, and what the panel calls everything about them."""

from __future__ import annotations

from dataclasses import dataclass

from provisioning.modules.ispmanager.limits import HOSTING_LIMITS, RESELLER_LIMITS, Limit

USER_LEVEL = "16"


@dataclass(frozen=True)
class Kind:
    """`list`, `create`, ... are names of the panel's functions."""

    noun: str
    list: str
    form: str
    create: str
    suspend: str
    resume: str
    delete: str
    stats: str
    limits: tuple[Limit, ...]

    def fits(self, level: str) -> bool:
        """Whether a template of this level is for this kind. Panels need not tell the level."""
        return not level or (level == USER_LEVEL) == (self is HOSTING)


HOSTING = Kind(
    noun="account",
    list="user",
    form="user.edit",
    create="user.add.finish",
    suspend="user.suspend",
    resume="user.resume",
    delete="user.delete",
    stats="userstat",
    limits=HOSTING_LIMITS,
)
RESELLER = Kind(
    noun="reseller",
    list="reseller",
    form="reseller.edit",
    create="reseller.edit",
    suspend="reseller.suspend",
    resume="reseller.resume",
    delete="reseller.delete",
    stats="resellerstat",
    limits=RESELLER_LIMITS,
)
