"""The customers of the example reseller and what becomes of them. Data alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Fate(StrEnum):
    FINE = "fine"
    PAYS_LATE = "pays_late"
    SUSPENDED = "suspended"  # has not paid for months
    ENDED = "ended"
    ABSURD_USAGE = "absurd_usage"  # the platform reports nonsense for it
    REFUSED = "refused"  # its domain belongs to somebody else on the platform
    SERVER_LOST = "server_lost"  # delivered on a server that went down since
    SERVER_DOWN = "server_down"  # ordered on that server


class Care(StrEnum):
    """How well a customer looks after the domain's DNS."""

    GOOD = "good"
    NO_DMARC = "no_dmarc"
    TWO_SPF = "two_spf"
    OLD_MX = "old_mx"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Order:
    """`gb` is the disk used at the start and today; `eas` and `mapi` count mailboxes."""

    domain: str
    product: str = "Email Hosting"
    cycle: str = "monthly"
    gb: tuple[float, float] = (1, 1)
    mailboxes: int = 5
    eas: int = 0
    mapi: int = 0
    options: dict[str, Any] = field(default_factory=dict)
    dns: Care = Care.GOOD


@dataclass(frozen=True, kw_only=True)
class Company:
    """`since` counts days from the first day of the history; below 0, back from today."""

    name: str
    contact: str
    email: str
    address: str
    postcode: str
    city: str
    country: str
    since: int
    orders: tuple[Order, ...]
    fate: Fate = Fate.FINE
    region: str = ""
    tax_number: str = ""
    reverse_charge: bool = False
    currency: str = "EUR"
    time_zone: str = "Europe/Amsterdam"
    phone: str = ""
    language: str = "en"


HARBOUR = Company(
    name="Harbour Legal",
    contact="Anna Lindqvist",
    email="anna@harbourlegal.example",
    phone="+31 20 555 0144",
    address="Oosterdokskade 63",
    postcode="1011 DL",
    city="Amsterdam",
    country="NL",
    tax_number="NL000000012B34",
    since=0,
    orders=(
        Order(
            domain="harbourlegal.example",
            gb=(12.4, 20.61),
            mailboxes=34,
            eas=9,
            mapi=6,
            dns=Care.NO_DMARC,
        ),
        Order(
            domain="harbournotaries.example",
            product="Starter Mail",
            gb=(0.4, 1.2),
            mailboxes=4,
            dns=Care.NONE,
        ),
        Order(domain="harbourlegal.example", product="Domain name", cycle="annually"),
    ),
)

COMPANIES = (
    HARBOUR,
    Company(
        name="Vanderveen Logistics B.V.",
        contact="Joost Vanderveen",
        email="it@vanderveen.example",
        address="Waalhaven Oostzijde 81",
        postcode="3087 BM",
        city="Rotterdam",
        country="NL",
        since=2,
        orders=(
            Order(domain="vanderveen.example", gb=(181, 312.5), mailboxes=420, eas=60, mapi=24),
        ),
    ),
    Company(
        name="Lindgren & Falk Arkitekter AB",
        contact="Elsa Falk",
        email="elsa@lindgrenfalk.example",
        address="Stora Nygatan 40",
        postcode="211 37",
        city="Malmö",
        country="SE",
        reverse_charge=True,
        since=4,
        orders=(
            Order(
                domain="lindgrenfalk.example",
                dns=Care.TWO_SPF,
                gb=(27.8, 41.3),
                mailboxes=18,
                eas=7,
                mapi=7,
            ),
        ),
    ),
    Company(
        name="Meadow Lane Clinic",
        contact="Dr. Ines Marchetti",
        email="office@meadowlane.example",
        address="Maliebaan 22",
        postcode="3581 CP",
        city="Utrecht",
        country="NL",
        since=7,
        orders=(
            Order(domain="meadowlane.example", dns=Care.OLD_MX, gb=(5.2, 9.7), mailboxes=12, eas=4),
        ),
    ),
    Company(
        name="Cascade Outdoor Inc.",
        contact="Maya Torres",
        email="maya@cascadeoutdoor.example",
        address="1420 NW Lovejoy Street",
        postcode="97209",
        city="Portland",
        region="Oregon",
        country="US",
        currency="USD",
        time_zone="America/Los_Angeles",
        since=9,
        orders=(Order(domain="cascadeoutdoor.example", gb=(43, 72.4), mailboxes=55, eas=12),),
    ),
    Company(
        name="Prairie Robotics LLC",
        contact="Devon Blake",
        email="devon@prairierobotics.example",
        address="615 E Washington Avenue",
        postcode="53703",
        city="Madison",
        region="Wisconsin",
        country="US",
        currency="USD",
        time_zone="America/Chicago",
        since=12,
        fate=Fate.PAYS_LATE,
        orders=(
            Order(
                domain="prairierobotics.example",
                product="Business Mail",
                gb=(16, 38),
                mailboxes=27,
                mapi=10,
                options={"max_domain_aliases": 3, "support": "priority", "migration": "yes"},
            ),
        ),
    ),
    Company(
        name="Bakkerij De Molen",
        contact="Pieter de Graaf",
        email="pieter@bakkerijdemolen.example",
        address="Molenstraat 5",
        postcode="2611 KA",
        city="Delft",
        country="NL",
        since=15,
        orders=(
            Order(
                domain="bakkerijdemolen.example",
                product="Starter Mail",
                gb=(0.3, 0.9),
                mailboxes=4,
            ),
        ),
    ),
    Company(
        name="Studio Nachtlicht",
        contact="Lena Hoffmann",
        email="lena@nachtlicht.example",
        address="Oranienstraße 24",
        postcode="10999",
        city="Berlin",
        country="DE",
        language="de",
        time_zone="Europe/Berlin",
        since=18,
        orders=(
            Order(domain="nachtlicht.example", product="Starter Mail", gb=(2.1, 6.4), mailboxes=3),
        ),
    ),
    Company(
        name="Atelier des Tilleuls",
        contact="Camille Girard",
        email="camille@tilleuls.example",
        phone="+33 4 55 01 02 03",
        address="18 rue des Capucins",
        postcode="69001",
        city="Lyon",
        country="FR",
        language="fr",
        time_zone="Europe/Paris",
        since=19,
        orders=(Order(domain="tilleuls.example", gb=(6.3, 12.7), mailboxes=8, eas=3, mapi=1),),
    ),
    Company(
        name="Polder Youth Orchestra",
        contact="Famke Bos",
        email="bestuur@polderorkest.example",
        address="Stationsweg 2",
        postcode="8011 CZ",
        city="Zwolle",
        country="NL",
        since=21,
        orders=(
            Order(
                domain="polderorkest.example",
                product="Email Hosting, prepaid",
                cycle="annually",
                gb=(3, 7.5),
                mailboxes=9,
            ),
        ),
    ),
    Company(
        name="Kestrel Insurance Brokers",
        contact="Owen Price",
        email="owen@kestrelbrokers.example",
        address="Spui 21",
        postcode="2511 BL",
        city="The Hague",
        country="NL",
        since=24,
        fate=Fate.SERVER_LOST,
        orders=(Order(domain="kestrelbrokers.example", gb=(18, 24), mailboxes=22, eas=5),),
    ),
    Company(
        name="Brightside Events",
        contact="Nadia Haddad",
        email="nadia@brightside.example",
        address="Strijp-S 14",
        postcode="5617 AB",
        city="Eindhoven",
        country="NL",
        since=5,
        fate=Fate.SUSPENDED,
        orders=(Order(domain="brightside.example", gb=(8.5, 15.2), mailboxes=11, mapi=3),),
    ),
    Company(
        name="Tidewater Surveys",
        contact="Grace Adeyemi",
        email="grace@tidewater.example",
        address="Boulevard 12",
        postcode="4381 CK",
        city="Vlissingen",
        country="NL",
        since=26,
        fate=Fate.ABSURD_USAGE,
        orders=(Order(domain="tidewater.example", gb=(11, 17.9), mailboxes=14, eas=3),),
    ),
    Company(
        name="Winterdok Festival",
        contact="Ruben Claes",
        email="ruben@winterdok.example",
        address="Dok-Noord 7",
        postcode="9000",
        city="Ghent",
        country="BE",
        since=3,
        fate=Fate.ENDED,
        orders=(Order(domain="winterdok.example", gb=(2, 4), mailboxes=6),),
    ),
    Company(
        name="Lakeside Dental",
        contact="Dr. Femi Olawale",
        email="desk@lakesidedental.example",
        address="Keizersgracht 402",
        postcode="1016 GC",
        city="Amsterdam",
        country="NL",
        since=-2,
        fate=Fate.REFUSED,
        orders=(Order(domain="lakesidedental.example"),),
    ),
    Company(
        name="Copperfield Books",
        contact="Hugo Steen",
        email="hugo@copperfieldbooks.example",
        address="Botermarkt 19",
        postcode="2312 AN",
        city="Leiden",
        country="NL",
        since=-1,
        fate=Fate.SERVER_DOWN,
        orders=(Order(domain="copperfieldbooks.example"),),
    ),
)

# On the server since before the panel: somebody may adopt it.
UNMANAGED = ("oldmillbrewery.example", 9, 6.8)
