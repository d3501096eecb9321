"""The EU's look-up of VAT numbers (VIES, its REST interface): asked once, never relied upon.

Only the words VALID and INVALID are answers. Everything else - an error code, an HTTP error, a page
of HTML, silence - says nothing about the number. The service also answers "not valid" beside an
error code; that is an outage too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import requests
from django.conf import settings

MOST_BYTES = 64 * 1024
PATH = "/check-vat-number"
HIDDEN = "---"  # how some member states say that they do not tell
VALID, INVALID = "VALID", "INVALID"


class NoAnswer(Exception):
    """The text says why, in few words, for staff."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    valid: bool
    consultation: str = ""
    name: str = ""
    address: str = ""


def ask(number: str, *, requester: str = "") -> Answer:
    """`number` and `requester` with their prefixes; only with the latter a consultation number is
    given. NoAnswer.
    """
    question = {"countryCode": number[:2], "vatNumber": number[2:]}
    if requester:
        question |= {
            "requesterMemberStateCode": requester[:2],
            "requesterNumber": requester[2:],
        }
    return _read(_post(question))


def _post(question: dict[str, str]) -> dict[str, Any]:
    try:
        with requests.post(
            settings.VIES_URL + PATH,
            json=question,
            timeout=(settings.HTTP_CONNECT_TIMEOUT, settings.HTTP_READ_TIMEOUT),
            allow_redirects=False,
            stream=True,
        ) as response:
            body = response.raw.read(MOST_BYTES, decode_content=True)
            status = response.status_code
        found = json.loads(body)
    except (requests.RequestException, OSError) as error:
        raise NoAnswer(type(error).__name__) from error
    except ValueError:
        raise NoAnswer(f"HTTP {status}, not in JSON") from None
    if not isinstance(found, dict):
        raise NoAnswer(f"HTTP {status}, not an object")
    return found


def _read(found: dict[str, Any]) -> Answer:
    trouble = _trouble(found)
    valid = found.get("valid", found.get("isValid"))
    if trouble or not isinstance(valid, bool):
        raise NoAnswer(trouble or "no answer in the answer")
    return Answer(
        valid=valid,
        consultation=_text(found, "requestIdentifier", 60),
        name=_text(found, "name", 250),
        address=_text(found, "address", 400),
    )


def _trouble(found: dict[str, Any]) -> str:
    wrappers = found.get("errorWrappers")
    errors = wrappers if isinstance(wrappers, list) else []
    codes = [str(each.get("error", "")) for each in errors if isinstance(each, dict)]
    said = str(found.get("userError") or "")
    if said and said not in (VALID, INVALID):
        codes.append(said)
    if not codes and found.get("actionSucceed") is False:
        codes.append("ACTION_FAILED")
    return " ".join(codes)[:120]


def _text(found: dict[str, Any], name: str, most: int) -> str:
    value = str(found.get(name) or "").strip()
    return "" if value == HIDDEN else value[:most]
