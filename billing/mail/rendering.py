"""From a text and its values to a subject and a body. Names are replaced and nothing else happens:
there is no logic in a text, so there is none to abuse.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils import translation

from billing.mail.texts import CLOSING, GREETING, TEXTS
from billing.models import MailTemplate

PLACEHOLDER = re.compile(r"\{\{ *([a-z_]+) *\}\}")
LONGEST_SUBJECT = 200
LONGEST_VALUE = 4000


@dataclass(frozen=True)
class Rendered:
    subject: str
    body: str


def render(code: str, language: str, values: Mapping[str, str]) -> Rendered:
    """KeyError for an unknown code or a value that is missing."""
    subject, body = source(code, language)
    wanted = TEXTS[code].placeholders
    known = {name: str(values[name])[:LONGEST_VALUE] for name in wanted}
    return fill(subject, body, known)


def fill(subject: str, body: str, values: Mapping[str, str]) -> Rendered:
    """A subject is one line, whatever the values hold."""
    line = " ".join(_replace(subject, values).split())
    return Rendered(line[:LONGEST_SUBJECT], _replace(body, values))


def source(code: str, language: str) -> tuple[str, str]:
    """Staff's own text in the language, in English, or the built-in one."""
    rows = {
        row.language: row for row in MailTemplate.objects.filter(code=code)
    }  # few: one a language
    own = rows.get(language) or rows.get(language.partition("-")[0])
    return (own.subject, own.body) if own else builtin(code, language)


def builtin(code: str, language: str) -> tuple[str, str]:
    text = TEXTS[code]
    with translation.override(language):
        greeting, body = translation.gettext(GREETING), translation.gettext(text.body)
        return translation.gettext(text.subject), f"{greeting}\n\n{body}{CLOSING}"


def check(code: str, subject: str, body: str) -> None:
    """ValidationError keyed by field for a name the text may not use, or braces that are none."""
    errors = {
        field: problems
        for field, text in (("subject", subject), ("body", body))
        if (problems := _problems(code, text))
    }
    if errors:
        raise ValidationError(errors)


def _problems(code: str, text: str) -> list[str]:
    allowed = TEXTS[code].placeholders
    strange = sorted(set(PLACEHOLDER.findall(text)) - allowed.keys())
    found = [f"{{{{ {name} }}}} is not known here." for name in strange]
    rest = PLACEHOLDER.sub("", text)
    if any(mark in rest for mark in ("{{", "}}", "{%", "%}")):
        found.append("Only names in double braces can be used, such as {{ name }}.")
    return found


def _replace(text: str, values: Mapping[str, str]) -> str:
    """In one pass, so that a value which looks like a placeholder stays as it is."""
    return PLACEHOLDER.sub(lambda match: values.get(match[1], ""), text)
