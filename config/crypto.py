"""Secrets at rest: a versioned format over MultiFernet, and model fields that hold it.

The newest key of ENCRYPTION_KEYS encrypts, all of them decrypt; `manage.py rotate_secrets`
brings every stored secret to the newest one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django import forms
from django.conf import settings
from django.db import models
from django.db.models.query_utils import DeferredAttribute

if TYPE_CHECKING:
    TextField = models.TextField[Any, Any]
    JSONField = models.JSONField[Any, Any]
else:
    TextField, JSONField = models.TextField, models.JSONField

# Names the format, so that a later one can live beside it while secrets are migrated.
PREFIX = "pm1:"
# How a secret lies in JSON: {"sealed": "pm1:…"}.
SEALED_KEY = "sealed"
_OWN = ("encoder", "decoder")


class SecretUnreadable(Exception):
    """A stored secret that none of ENCRYPTION_KEYS opens."""

    def __init__(self) -> None:
        super().__init__("A stored secret cannot be opened with the keys in ENCRYPTION_KEYS.")


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _current() -> MultiFernet:
    return _fernet(tuple(settings.ENCRYPTION_KEYS))


def seal(text: str) -> str:
    return PREFIX + _current().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    return _guarded(_current().decrypt, sealed).decode()


def reseal(sealed: str) -> str:
    """The same secret under the newest key."""
    return PREFIX + _guarded(_current().rotate, sealed).decode()


def _guarded(act: Callable[[bytes], bytes], sealed: str) -> bytes:
    if not sealed.startswith(PREFIX):
        raise SecretUnreadable
    try:
        return act(sealed.removeprefix(PREFIX).encode())
    except InvalidToken:
        raise SecretUnreadable from None


class Sealed:
    """A secret as the database holds it. Shows nothing of itself."""

    __slots__ = ("token",)

    def __init__(self, token: str) -> None:
        self.token = token

    @classmethod
    def of(cls, text: str) -> Sealed:
        return cls(seal(text) if text else "")

    def open(self) -> str:
        return unseal(self.token) if self.token else ""

    def renewed(self) -> Sealed:
        """Under the newest key."""
        return Sealed(reseal(self.token) if self.token else "")

    def __repr__(self) -> str:
        return "<sealed>"

    def __bool__(self) -> bool:
        return bool(self.token)


class SealedAttribute(DeferredAttribute):
    """Keeps ciphertext on the instance and opens it on each read, so no traceback shows it."""

    field: SealedField

    def __get__(self, instance: models.Model | None, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        return self.field.opened(value) if isinstance(value, Sealed) else value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = self.field.sealed(value)


class SealedField(TextField):
    """What both fields share. ``values()`` gives ``Sealed``; a query can only ask for isnull.

    Forms never receive the stored secret, and leave it alone when the input is empty.
    """

    descriptor_class = SealedAttribute
    # For django-stubs: what an attribute of the model takes and gives.
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def encode(self, value: Any) -> str:
        raise NotImplementedError

    def decode(self, text: str) -> Any:
        raise NotImplementedError

    def sealed(self, value: Any) -> Any:
        # Deferred loading and expressions pass through untouched.
        if value is None or isinstance(value, Sealed) or hasattr(value, "resolve_expression"):
            return value
        return Sealed.of(self.encode(value))

    def opened(self, value: Sealed) -> Any:
        return self.decode(value.open())

    def from_db_value(self, value: str | None, *_args: Any) -> Sealed | None:
        return None if value is None else Sealed(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        return model_instance.__dict__[self.attname]

    def get_prep_value(self, value: Any) -> Any:
        value = self.sealed(value)
        return value.token if isinstance(value, Sealed) else value

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    def value_from_object(self, obj: models.Model) -> Any:
        return ""

    def value_to_string(self, obj: models.Model) -> str:
        return ""

    def save_form_data(self, instance: models.Model, data: Any) -> None:
        if data:
            super().save_form_data(instance, data)

    def formfield(self, **kwargs: Any) -> Any:
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        return forms.CharField(
            widget=widget,
            required=not self.blank,
            label=self.verbose_name,
            help_text=self.help_text,
        )


class EncryptedTextField(SealedField):
    def encode(self, value: Any) -> str:
        return str(value)

    def decode(self, text: str) -> str:
        return text


class EncryptedJSONField(SealedField):
    """JSON data. Each read gives a fresh copy: assign a changed one back to store it."""

    def encode(self, value: Any) -> str:
        return json.dumps(value, separators=(",", ":"))

    def decode(self, text: str) -> Any:
        return json.loads(text) if text else None

    def formfield(self, **kwargs: Any) -> None:
        return None  # the owner of the data declares a field for each of its parts


class _Encoder(json.JSONEncoder):
    def default(self, o: Any) -> Any:
        return {SEALED_KEY: o.token} if isinstance(o, Sealed) else super().default(o)


class _Decoder(json.JSONDecoder):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options, object_hook=_found)


def _found(value: dict[str, Any]) -> Any:
    return Sealed(value[SEALED_KEY]) if value.keys() == {SEALED_KEY} else value


class SettingsField(JSONField):
    """{name: value}, in clear but for the secrets among them: those are ``Sealed``, here only.

    Any other JSON column refuses them, so `manage.py rotate_secrets` misses none.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options | {"encoder": _Encoder, "decoder": _Decoder})

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        return name, path, args, {k: v for k, v in options.items() if k not in _OWN}

    def value_to_string(self, obj: models.Model) -> Any:
        values = self.value_from_object(obj)
        return {name: None if isinstance(each, Sealed) else each for name, each in values.items()}

    def formfield(self, **kwargs: Any) -> None:
        return None  # the owner of the data declares a field for each of its parts
