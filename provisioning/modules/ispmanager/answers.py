"""One shape for the panel's answers, whether they come as XML or as JSON.

XML: elements, attributes, text. JSON: `{"doc": {...}}` with attributes as "$name", text as "$", and
a repeated element as an array or, when there is one only, sometimes as an object.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

_DEEPEST = 30


@dataclass(frozen=True)
class Node:
    text: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: Mapping[str, tuple[Node, ...]] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.children

    def all(self, name: str) -> tuple[Node, ...]:
        return self.children.get(name, ())

    def first(self, name: str) -> Node | None:
        return next(iter(self.all(name)), None)

    def value(self, name: str) -> str:
        """The text of a child, "" when there is none."""
        found = self.first(name)
        return found.text if found else ""


def parse(content: bytes) -> Node:
    """The document. ValueError when it is none."""
    start = content.lstrip()[:1]
    try:
        return _from_xml(content) if start == b"<" else _from_json(content)
    except (ParseError, DefusedXmlException, RecursionError, UnicodeError, LookupError) as error:
        raise ValueError(type(error).__name__) from None


def _from_xml(content: bytes) -> Node:
    root = fromstring(content, forbid_dtd=True)
    if root.tag != "doc":
        raise ValueError(f"the root element is {root.tag}")
    return _element(root, 0)


def _element(element: Element, depth: int) -> Node:
    _check_depth(depth)
    children: dict[str, list[Node]] = {}
    for child in element:
        children.setdefault(str(child.tag), []).append(_element(child, depth + 1))
    return Node(
        (element.text or "").strip(),
        dict(element.attrib),
        {name: tuple(nodes) for name, nodes in children.items()},
    )


def _from_json(content: bytes) -> Node:
    body = json.loads(content)
    if isinstance(body, list):  # the flat form of a list
        return Node(children={"elem": tuple(_nodes(body, 1))})
    if not isinstance(body, dict):
        raise ValueError("neither an object nor a list")
    if "doc" not in body and "error" not in body:
        raise ValueError("an object without doc")
    doc = body.get("doc", body)
    if not isinstance(doc, dict):
        raise ValueError("doc is no object")
    return _object(doc, 0)


def _object(body: Mapping[str, Any], depth: int) -> Node:
    _check_depth(depth)
    attributes, children, text = {}, {}, ""
    for name, value in body.items():
        if name == "$":
            text = _plain(value)
        elif name.startswith("$"):
            attributes[name[1:]] = _plain(value)
        else:
            children[name] = tuple(_nodes(value, depth + 1))
    return Node(text, attributes, {name: nodes for name, nodes in children.items() if nodes})


def _nodes(value: Any, depth: int) -> Iterator[Node]:
    """Absent, one or many; flat forms have a bare text or number in the place of an object."""
    _check_depth(depth)
    if isinstance(value, list):
        for each in value:
            yield from _nodes(each, depth + 1)
    elif isinstance(value, dict):
        yield _object(value, depth)
    elif value is not None:
        yield Node(_plain(value))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _check_depth(depth: int) -> None:
    if depth > _DEEPEST:
        raise ValueError("nested too deeply")
