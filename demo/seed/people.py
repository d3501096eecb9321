"""Staff, customers and the persons behind them."""

from __future__ import annotations

from accounts import audit
from accounts.models import Customer, Membership, User
from accounts.people import create_person
from accounts.roles import CustomerRole
from demo.seed.cast import HARBOUR, Company
from demo.signins import CUSTOMER, PASSWORD, STAFF, SignIn


def staff() -> User:
    """The owner."""
    people = [
        create_person(email=one.email, password=PASSWORD, name=one.name, staff_role=one.role)
        for one in STAFF
    ]
    return people[0]


def customer(company: Company) -> Customer:
    made = Customer.objects.create(
        name=company.contact,
        company=company.name,
        email=company.email,
        phone=company.phone,
        address=company.address,
        postcode=company.postcode,
        city=company.city,
        region=company.region,
        country=company.country,
        tax_number=company.tax_number,
        tax_exempt=company.reverse_charge,
        currency=company.currency,
        language=company.language,
        time_zone=company.time_zone,
    )
    audit.record("customer.created", made, after=audit.facts(made))
    for person in CUSTOMER if company is HARBOUR else (_contact(company),):
        _join(made, person)
    return made


def _contact(company: Company) -> SignIn:
    return SignIn(company.email, company.contact, CustomerRole.OWNER, "")


def _join(made: Customer, person: SignIn) -> None:
    user = create_person(email=person.email, password=PASSWORD, name=person.name)
    membership = Membership.objects.create(user=user, customer=made, role=person.role)
    audit.record("member.joined", membership, after=audit.facts(membership))
