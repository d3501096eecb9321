"""What each call does, in either description."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from provisioning.modules.easymailarchive.simulator.state import (
    ACTIVE,
    DELETED,
    SUSPENDED,
    State,
    Tenant,
)
from provisioning.modules.easymailarchive.simulator.variants import Variants
from provisioning.simulation import Request, Response, json_response

SLUG = re.compile(r"[a-z][a-z0-9-]{1,46}[a-z0-9]")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
PASSWORD_LENGTH = 8
BUILDING = "provisioning"
# The platform's own list, which it does not publish.
RESERVED = frozenset({"www", "api", "admin", "app", "mail", "status", "support", "internal"})
REQUIRED = {
    "help": ("slug", "name"),
    "apis": ("company_name", "admin_email", "admin_name", "admin_password"),
}
OPTIONAL = {"help": (), "apis": ("plan",)}


class Refused(Exception):
    def __init__(
        self, status: int, message: str, errors: Mapping[str, list[str]] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Call:
    state: State
    variants: Variants
    base_domain: str
    request: Request
    args: Mapping[str, str]

    @property
    def tenant(self) -> Tenant:
        found = self.state.find(self.args["slug"])
        if found is None:
            raise Refused(404, "Tenant not found.")
        return found

    def answer(self, data: Mapping[str, Any], *, status: int = 200) -> Response:
        wrapped = {"data": data} if self.variants.dialect == "help" else data
        return json_response(wrapped, status=status)

    def body(self) -> dict[str, Any]:
        kind = self.request.header("Content-Type").partition(";")[0].strip().lower()
        try:
            data = self.request.json() if kind == "application/json" else None
        except ValueError:
            data = None
        return data if isinstance(data, dict) else {}

    def status_of(self, tenant: Tenant) -> str:
        if tenant.looks and tenant.status == ACTIVE:
            tenant.looks -= 1
            return BUILDING
        return tenant.status

    def figure(self, value: int) -> int | str:
        return str(value) if self.variants.figures_as_text else value


def create(call: Call) -> Response:
    body = call.body()
    errors = _problems(call.variants, body)
    if errors:
        raise _invalid(errors)
    slug = _slug_for(call, body)
    if call.state.taken(slug) or slug in RESERVED:
        raise _taken(call.variants, body)
    tenant = call.state.add(
        slug,
        str(body.get("name") if call.variants.dialect == "help" else body["company_name"]),
        plan=str(body.get("plan") or "starter"),
        users=1,
        admin_email=str(body.get("admin_email") or ""),
        admin_password=str(body.get("admin_password") or ""),
        looks=call.variants.building_looks,
    )
    return call.answer(_made(call, tenant), status=201 if call.variants.dialect == "help" else 200)


def show_all(call: Call) -> Response:
    tenants = sorted(call.state.tenants.values(), key=lambda each: each.slug)
    if call.variants.dialect == "apis":
        return json_response(
            [
                {
                    "slug": each.slug,
                    "company_name": each.name,
                    "status": call.status_of(each),
                    "plan": each.plan,
                }
                for each in tenants
            ]
        )
    return _paged(call, [_row(call, each) for each in tenants])


def show(call: Call) -> Response:
    tenant = call.tenant
    if call.variants.dialect == "help":
        usage = _figures(call, tenant) if call.variants.show_tells_usage else {}
        return call.answer(_row(call, tenant) | usage)
    shown: dict[str, Any] = {
        "slug": tenant.slug, "status": call.status_of(tenant), "plan": tenant.plan,
    }  # fmt: skip
    if call.variants.show_tells_usage:
        shown["usage"] = {
            "active_users": call.figure(tenant.users),
            "storage_bytes": call.figure(tenant.storage),
            "message_count": call.figure(tenant.messages),
        }
    return call.answer(shown)


def usage(call: Call) -> Response:
    tenant = call.tenant
    if call.variants.dialect == "apis":
        raise Refused(404, f"The route {call.request.path.strip('/')} could not be found.")
    return call.answer(_figures(call, tenant) | {"messages_count": call.figure(tenant.messages)})


def suspend(call: Call) -> Response:
    return _switch(call, SUSPENDED)


def unsuspend(call: Call) -> Response:
    return _switch(call, ACTIVE)


def delete(call: Call) -> Response:
    slug = call.tenant.slug
    call.state.delete(slug)
    return call.answer({"slug": slug, "status": DELETED})


def _switch(call: Call, status: str) -> Response:
    tenant = call.tenant
    if tenant.status == status and call.variants.repeated == 409:
        raise Refused(409, f"Tenant is already {status}.")
    tenant.status = status
    call.state.touch()
    return call.answer({"slug": tenant.slug, "status": tenant.status})


def _problems(variants: Variants, body: Mapping[str, Any]) -> dict[str, list[str]]:
    required = REQUIRED[variants.dialect]
    errors: dict[str, list[str]] = {}
    for name in required:
        if not isinstance(body.get(name), str) or not body[name].strip():
            errors[name] = [f"The {name.replace('_', ' ')} field is required."]
    if variants.dialect == "help" and "slug" not in errors and not SLUG.fullmatch(body["slug"]):
        errors["slug"] = ["The slug field format is invalid."]
    if variants.dialect == "apis":
        errors |= _bad_admin(body, errors)
    known = {*required, *OPTIONAL[variants.dialect]}
    if variants.slug_honoured:
        known.add("slug")
    if variants.strict_fields:
        for name in sorted(body.keys() - known):
            errors[name] = [f"The {name.replace('_', ' ')} field is prohibited."]
    return errors


def _bad_admin(body: Mapping[str, Any], errors: Mapping[str, list[str]]) -> dict[str, list[str]]:
    found = {}
    if "admin_email" not in errors and not EMAIL.fullmatch(body["admin_email"]):
        found["admin_email"] = ["The admin email field must be a valid email address."]
    if "admin_password" not in errors and len(body["admin_password"]) < PASSWORD_LENGTH:
        found["admin_password"] = ["The admin password field must be at least 8 characters."]
    return found


def _slug_for(call: Call, body: Mapping[str, Any]) -> str:
    if call.variants.dialect == "help":
        return str(body["slug"])
    asked = str(body.get("slug") or "")
    if call.variants.slug_honoured and SLUG.fullmatch(asked):
        return asked
    plain = unicodedata.normalize("NFKD", body["company_name"]).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:48].strip("-")


def _taken(variants: Variants, body: Mapping[str, Any]) -> Refused:
    if variants.conflict == 409:
        return Refused(409, "A tenant with this slug already exists.")
    named = variants.dialect == "help" or (variants.slug_honoured and body.get("slug"))
    field = "slug" if named else "company_name"
    return _invalid({field: [f"The {field.replace('_', ' ')} has already been taken."]})


def _invalid(errors: Mapping[str, list[str]]) -> Refused:
    first = next(iter(errors.values()))[0]
    more = f" (and {len(errors) - 1} more errors)" if len(errors) > 1 else ""
    return Refused(422, f"{first}{more}", errors)


def _made(call: Call, tenant: Tenant) -> dict[str, Any]:
    if call.variants.dialect == "help":
        return {
            "slug": tenant.slug,
            "name": tenant.name,
            "status": tenant.status,
            "created_at": tenant.created_at,
        }
    made = {"slug": tenant.slug, "status": tenant.status}
    if call.variants.url_in_answer:
        made["url"] = f"https://{tenant.slug}.{call.base_domain}"
    return made


def _row(call: Call, tenant: Tenant) -> dict[str, Any]:
    row = {
        "slug": tenant.slug,
        "name": tenant.name,
        "status": call.status_of(tenant),
        "created_at": tenant.created_at,
    }
    return row | (_figures(call, tenant) if call.variants.list_tells_usage else {})


def _figures(call: Call, tenant: Tenant) -> dict[str, Any]:
    return {
        "users_count": call.figure(tenant.users),
        "storage_bytes": call.figure(tenant.storage),
    }


def _paged(call: Call, rows: list[dict[str, Any]]) -> Response:
    query = call.request.query
    size = call.variants.page_size
    asked = query.get("per_page", "")
    if call.variants.page_size_honoured and asked.isdigit() and int(asked):
        size = min(int(asked), 100)
    number = int(query["page"]) if query.get("page", "").isdigit() else 1
    last = max(1, -(-len(rows) // size))
    shown = rows[(number - 1) * size : number * size]
    meta = {"current_page": number, "last_page": last, "total": len(rows)}
    return json_response({"data": shown, "meta": meta})


Handler = Callable[[Call], Response]
ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "", show_all),
    ("POST", "", create),
    ("GET", "{slug}", show),
    ("DELETE", "{slug}", delete),
    ("GET", "{slug}/usage", usage),
)
SWITCHES: tuple[tuple[str, Handler], ...] = (
    ("{slug}/suspend", suspend),
    ("{slug}/unsuspend", unsuspend),
)
