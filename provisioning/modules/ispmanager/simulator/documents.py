"""Answers in the panel's formats, from one tree of elements."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from provisioning.simulation import Response, html_response, text_response

XML = "text/xml; charset=UTF-8"
JSON = "application/json; charset=UTF-8"
REPEATED = "elem"  # stays an array even when it stands alone


@dataclass(slots=True)
class El:
    name: str
    text: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: list[El] = field(default_factory=list)


def row(values: Mapping[str, str | None]) -> El:
    """A list's row: what has no value is left out."""
    cells = [El(name, text) for name, text in values.items() if text is not None]
    return El(REPEATED, children=cells)


def fields(values: Mapping[str, str]) -> list[El]:
    return [El(name, text) for name, text in values.items()]


def render(doc: El, out: str, *, single_as_object: bool = False) -> Response:
    if out in ("xml", "devel"):
        body = b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(_xml(doc), "utf-8")
        return Response(200, body.replace(b"<?xml version='1.0' encoding='utf-8'?>\n", b""), XML)
    if out in ("json", "sjson"):
        return _json({"doc": _object(doc, single_as_object)})
    if out == "JSONdata":
        return _json(_flat(doc))
    if out == "text":
        return text_response(_text(doc))
    return html_response("<html><head><title>ispmanager</title></head><body>Panel</body></html>")


def _json(data: object) -> Response:
    return Response(200, json.dumps(data, ensure_ascii=False).encode(), JSON)


def _xml(element: El, parent: Element | None = None) -> Element:
    attributes = {name: _printable(text) for name, text in element.attributes.items()}
    made = (
        Element(element.name, attributes)
        if parent is None
        else SubElement(parent, element.name, attributes)
    )
    made.text = _printable(element.text) or None
    for child in element.children:
        _xml(child, made)
    return made


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable() or letter == "\n")


def _object(element: El, single_as_object: bool) -> dict[str, Any]:
    body: dict[str, Any] = {f"${name}": text for name, text in element.attributes.items()}
    if element.text:
        body["$"] = element.text
    grouped: dict[str, list[dict[str, Any]]] = {}
    for child in element.children:
        grouped.setdefault(child.name, []).append(_object(child, single_as_object))
    for name, found in grouped.items():
        alone = len(found) == 1 and (name != REPEATED or single_as_object)
        body[name] = found[0] if alone else found
    return body


def _flat(doc: El) -> Any:
    rows = [child for child in doc.children if child.name == REPEATED]
    error = [child for child in doc.children if child.name == "error"]
    if error:
        return {"error": {"code": error[0].attributes.get("type", ""), **_cells(error[0].children)}}
    if rows or any(child.name == "p_elems" for child in doc.children):
        return [_cells(each.children) for each in rows]
    return _cells(doc.children)


def _cells(children: Iterable[El]) -> dict[str, str]:
    return {child.name: child.text for child in children if not child.children}


def _text(doc: El) -> str:
    for child in doc.children:
        if child.name == "error":
            kind, what = child.attributes.get("type", ""), child.attributes.get("object", "")
            return f"ERROR {kind}({what})\n"
    rows = [child for child in doc.children if child.name == REPEATED]
    lines = [" ".join(f"{name}={text}" for name, text in _cells(r.children).items()) for r in rows]
    return "\n".join(lines or ["OK "]) + "\n"
