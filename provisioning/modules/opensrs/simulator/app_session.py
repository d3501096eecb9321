"""One APP connection: greeting, VER, LOGIN, commands, QUIT. Numbers other than 16, 17 and 34 are
this simulator's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from provisioning.modules.opensrs.simulator import app_domains, app_mailboxes
from provisioning.modules.opensrs.simulator.app_call import AppCall, Refusal, Reply
from provisioning.modules.opensrs.simulator.call import Platform
from provisioning.modules.opensrs.simulator.errors import Refused
from provisioning.simulation import LineSession

COMMANDS = {**app_domains.COMMANDS, **app_mailboxes.COMMANDS}
_TERMINATOR = b"\r\n.\r\n"
_NAME = re.compile(r"\s*([A-Za-z_]+)")
# Unquoted values are a defect of the vendor's own toolkit, which the platform puts up with.
_ATTRIBUTE = re.compile(r'\s+([A-Za-z_]+)=(?:"((?:[^"]|"")*)"|([^\s"]*))')
# What the rules of the platform say in OMA's numbers, in numbers of this wire.
_NUMBERS = {7: 16, 23: 16, 3: 16, 2: 17, 9: 5, 10: 10, 15: 11, 16: 11, 18: 12}


class AppSession(LineSession):
    method = "APP"
    terminator = _TERMINATOR

    def __init__(self, platform: Platform, epoch: Callable[[], int]) -> None:
        self._platform = platform
        self._epoch = epoch
        self._began = epoch()
        self._version = ""
        self._signed_in = False
        self.piece = platform.variants.app_packet

    def greeting(self) -> str:
        return self._platform.variants.app_greeting

    def path(self, command: str) -> str:
        found = _NAME.match(command)
        return f"/app/{found[1].lower()}" if found else "/app/greeting"

    def answer(self, command: str) -> str:
        if self._epoch() != self._began:
            self.ended = True
            return "ER 34 Connection timed out"
        try:
            name, attributes = _parsed(command)
            return self._carried_out(name, attributes)
        except Refusal as refusal:
            return f"ER {refusal.number} {refusal}"
        except Refused as refused:
            return f"ER {_NUMBERS.get(refused.number, 99)} {refused}"

    def _carried_out(self, name: str, attributes: dict[str, str]) -> str:
        if name == "quit":
            self.ended = True
            return "OK 0 Bye"
        if name == "ver":
            return self._ver(attributes.get("ver", ""))
        if not self._version:
            raise Refusal(1, "Say VER first")
        if name == "login":
            return self._login(attributes)
        if not self._signed_in:
            raise Refusal(2, "Say LOGIN first")
        if name not in COMMANDS:
            raise Refusal(3, "Unknown command")
        return self._worded(COMMANDS[name](AppCall(self._platform, attributes)))

    def _ver(self, version: str) -> str:
        if version not in self._platform.variants.app_versions:
            raise Refusal(4, "Version not supported")
        self._version = version
        return "OK 0 Success"

    def _login(self, attributes: dict[str, str]) -> str:
        given = f"{attributes.get('user', '')}@{attributes.get('domain', '')}"
        right = (self._platform.admin, self._platform.password)
        if (given, attributes.get("password", "")) != right:
            raise Refusal(6, "Authentication failed")
        self._signed_in = True
        return "OK 0 Success"

    def _worded(self, reply: Reply) -> str:
        modern = self._version == "3.5"
        status = "OK 0 Success" if modern else "OK 0"
        if isinstance(reply, dict):
            record = " ".join(f"{name}={_quoted(value)}" for name, value in reply.items())
            return f"{status}\r\n{record}" if record else status
        header, rows = reply
        lines = [_row(row, "," if modern else " ") for row in rows]
        if modern:
            return "\r\n".join([status, ",".join(header), *lines])
        return "\r\n".join([status, " ".join(header), *(f",\r\n{line}" for line in lines)])


def _row(values: Sequence[str], separator: str) -> str:
    return separator.join(_quoted(value) for value in values)


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def _parsed(command: str) -> tuple[str, dict[str, str]]:
    """Anything that is no attribute, from wherever it comes, makes the whole command invalid."""
    found = _NAME.match(command)
    if found is None:
        raise Refusal(3, "Syntax error")
    attributes: dict[str, str] = {}
    end = found.end()
    while match := _ATTRIBUTE.match(command, end):
        value = match[3] if match[2] is None else match[2].replace('""', '"')
        attributes[match[1].lower()] = value
        end = match.end()
    if command[end:].strip():
        raise Refusal(3, "Syntax error")
    return found[1].lower(), attributes
