"""The words customers read: gathered from the code into locale/, compiled, and checked.

Gathering needs xgettext; compiling and checking need nothing but Python, so a bare machine can tell
that a translation is missing, doubtful, or not compiled.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import django
import polib
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
LANGUAGES = ("de", "fr")
# The administration is in English, and what only it says is not gathered.
PYTHON = ("accounts", "billing", "clientarea", "config", "products", "provisioning")
TEMPLATES = ("templates", "clientarea/templates")
LEFT_OUT = ("templates/backoffice", "templates/admin", "templates/unfold")
NAMES = {"gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
TEXT = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
ONE = re.compile(rf"\b(?:gettext|_)\(\s*({TEXT})\s*\)")
MANY = re.compile(rf"\bngettext\(({TEXT}),\s*({TEXT}),\s*count\)")
PLACE = re.compile(r"%\([a-z_]+\)[sd]|%[sd]|\{[a-z]*\}|\{\{ [a-z_]+ \}\}")

KEPT = ("Language", "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Plural-Forms")
Message = tuple[str, str]  # singular, and plural or nothing


def gather() -> None:
    command = [sys.executable, "manage.py", "makemessages", "--no-wrap", "--no-location"]
    command += ["--no-obsolete", *(f"--locale={each}" for each in LANGUAGES)]
    left_out = (*LEFT_OUT, "backoffice", "demo", "tests", "tools", "bench", "build", ".venv")
    command += [f"--ignore={each}" for each in (*left_out, "staticfiles", "*simulat*")]
    subprocess.run(command, cwd=ROOT, check=True, env=os.environ | {"DEBUG": "1"})
    for language in LANGUAGES:
        found = _catalogue(language)
        # A date of each run would be in every change.
        found.metadata = {name: found.metadata[name] for name in KEPT if name in found.metadata}
        found.header, found.metadata_is_fuzzy = "", False
        found.save()
        found.save_as_mofile(str(_compiled(language)))


def problems() -> Iterator[str]:
    wanted = set(messages())
    for language in LANGUAGES:
        found = _catalogue(language)
        known = {(entry.msgid, entry.msgid_plural) for entry in found if not entry.obsolete}
        for missing in sorted(wanted - known):
            yield f"{language}: not gathered: {missing[0]!r}"
        for strange in sorted(known - wanted):
            yield f"{language}: said nowhere: {strange[0]!r}"
        for entry in found:
            yield from (f"{language}: {each}: {entry.msgid!r}" for each in _faults(entry))
        if not _is_compiled(language, found):
            yield f"{language}: django.mo is not made of django.po; run make messages"


def messages() -> Iterator[Message]:
    for folder in PYTHON:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "simulat" not in str(path):
                yield from _of_code(ast.parse(path.read_text("utf-8")))
    for folder in TEMPLATES:
        for path in sorted((ROOT / folder).rglob("*.*")):
            if not str(path.relative_to(ROOT)).startswith(LEFT_OUT):
                yield from _of_template(path.read_text("utf-8"))


def _of_code(tree: ast.AST) -> Iterator[Message]:
    names = NAMES | _renamed(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            if name in names:
                yield from _told(node.args, plural=name.startswith("ngettext"))


def _renamed(tree: ast.AST) -> set[str]:
    return {
        each.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for each in node.names
        if each.asname and each.name in NAMES
    }


def _told(arguments: list[ast.expr], *, plural: bool) -> Iterator[Message]:
    texts = [each.value for each in arguments[: 1 + plural] if isinstance(each, ast.Constant)]
    if len(texts) == 1 + plural and all(isinstance(text, str) for text in texts):
        yield str(texts[0]), str(texts[1]) if plural else ""


def _of_template(source: str) -> Iterator[Message]:
    text: str = templatize(source)
    for found in MANY.finditer(text):
        yield ast.literal_eval(found[1]), ast.literal_eval(found[2])
    for found in ONE.finditer(text):
        yield ast.literal_eval(found[1]), ""


def _faults(entry: polib.POEntry) -> Iterator[str]:
    texts = list(entry.msgstr_plural.values()) or [entry.msgstr]
    if entry.fuzzy:
        yield "doubtful"
    if not all(texts):
        yield "not translated"
    allowed = set(PLACE.findall(entry.msgid + entry.msgid_plural))
    if any(set(PLACE.findall(text)) - allowed for text in texts):
        yield "fills in what is not there"
    if (
        not entry.msgid_plural
        and all(texts)
        and any(allowed - set(PLACE.findall(text)) for text in texts)
    ):
        yield "leaves something out"


def _is_compiled(language: str, found: polib.POFile) -> bool:
    path = _compiled(language)
    return path.exists() and path.read_bytes() == found.to_binary()


def _catalogue(language: str) -> polib.POFile:
    return polib.pofile(str(_compiled(language).with_suffix(".po")), wrapwidth=0)


def _compiled(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.mo"


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    if "--check" not in sys.argv:
        gather()
    found = list(problems())
    print("\n".join(found) or "Every message is translated and compiled.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
