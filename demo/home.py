"""The demo's own directory: its database, queue, simulated servers, keys and logs. Nothing else
of the machine is touched, and nothing of the environment is believed.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
KEPT_VARIABLES = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR", "USER", "LD_LIBRARY_PATH")


class AlreadyRunning(Exception):
    """Another supervisor holds the directory."""


class Home:
    def __init__(self, path: Path) -> None:
        self.path = path.resolve()

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def simulators(self) -> Path:
        return self.path / "simulators"

    @property
    def addresses(self) -> Path:
        """Where the simulators listen, by the code of their module; there when they do."""
        return self.simulators / "addresses.json"

    @property
    def zones(self) -> Path:
        """What the demo's name server answers."""
        return self.path / "zones.json"

    @property
    def mail(self) -> Path:
        return self.path / "mail"

    @property
    def seeded(self) -> bool:
        return self._seeded.exists()

    @property
    def _seeded(self) -> Path:
        return self.path / "seeded"

    def note_seeded(self) -> None:
        self._seeded.touch()

    @contextmanager
    def held(self) -> Iterator[None]:
        """AlreadyRunning when the demo of this directory is up. A crash lets go of it too."""
        self.path.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o700)
        with (self.path / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise AlreadyRunning from None
            yield

    def prepare(self) -> None:
        """Half a reseller is worth nothing: what was not seeded to the end starts over."""
        if not self.seeded:
            self.empty()
        for folder in (self.logs, self.simulators, self.mail, self.path / "queue"):
            folder.mkdir(exist_ok=True)

    def empty(self) -> None:
        for entry in self.path.iterdir():
            if entry.name == "lock":
                continue
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def keys(self) -> dict[str, str]:
        """SECRET_KEY and ENCRYPTION_KEYS, made at the first start."""
        path = self.path / "keys.json"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(json.dumps(_new_keys()))
        keys: dict[str, str] = json.loads(path.read_text())
        return keys

    def environment(
        self, *, address: str, broker: str, name_server: str, stripe: str
    ) -> dict[str, str]:
        """All that the demo's processes get to know. `broker` is empty when there is no Valkey."""
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        return kept | self.keys() | self._connections(broker) | {
            "DEMO": "1",
            "ENV_FILE": os.devnull,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONUNBUFFERED": "1",
            "SITE_URL": address,
            "ALLOWED_HOSTS": "*",
            "CURRENCIES": "EUR,USD",
            "TIME_ZONE": "Europe/Amsterdam",
            "DNS_NAMESERVERS": name_server,
            "STRIPE_API_BASE": stripe,
            "LOG_FORMAT": "text",
            "CLOCK_FILE": str(self.path / "clock"),
        }  # fmt: skip

    def _connections(self, broker: str) -> dict[str, str]:
        folder = quote(str(self.path))
        return {
            "DATABASE_URL": f"sqlite:///{folder}/panel.sqlite3",
            "EMAIL_URL": f"filemail:///{folder}/mail",
            "REDIS_URL": broker or f"filesystem://{self.path}/queue",
        }


def _new_keys() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(60),
        "ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }
