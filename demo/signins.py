"""Who may sign in to the demo. Printed by the supervisor, created by the seed."""

from __future__ import annotations

from typing import NamedTuple

PASSWORD = "postmeter-demo"  # noqa: S105 - printed on the screen; the demo holds nothing of value


class SignIn(NamedTuple):
    email: str
    name: str
    role: str
    what: str


STAFF = (
    SignIn("owner@northlight.example", "Robin Vermeer", "owner", "may do everything"),
    SignIn("support@northlight.example", "Sam Okafor", "support", "runs services, sees no money"),
    SignIn("billing@northlight.example", "Billie Laurent", "billing", "invoices and customers"),
)
CUSTOMER = (
    SignIn("anna@harbourlegal.example", "Anna Lindqvist", "owner", "owns Harbour Legal"),
    SignIn("tom@harbourlegal.example", "Tom Brandt", "technical", "its mailboxes, no invoices"),
    SignIn("clara@harbourlegal.example", "Clara Weiss", "billing", "its invoices, no mailboxes"),
)
OTHER_LANGUAGES = (
    SignIn("lena@nachtlicht.example", "Lena Hoffmann", "owner", "reads everything in German"),
    SignIn("camille@tilleuls.example", "Camille Girard", "owner", "reads everything in French"),
)
OTHER_PLATFORMS = (
    SignIn("ingrid@fjordline.example", "Ingrid Dahl", "owner", "has a service on each platform"),
)
