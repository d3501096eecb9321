"""Everything that differs between installations comes from the environment; see .env.example."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from config import connections
from config.env import Reader, currency_codes, with_env_file
from config.keys import DEVELOPMENT_FERNET_KEY, DEVELOPMENT_SECRET_KEY, fernet_keys

BASE_DIR = Path(__file__).resolve().parent.parent
env = Reader(with_env_file(os.environ, Path(os.environ.get("ENV_FILE", BASE_DIR / ".env"))))

# The installation
DEBUG = env.flag("DEBUG", default=False)
DEMO = env.flag("DEMO", default=False)
SECRET_KEY = env.text(
    "SECRET_KEY",
    DEVELOPMENT_SECRET_KEY if DEBUG else None,
    expected="a long random text",
)
ENCRYPTION_KEYS = env.parsed(
    "ENCRYPTION_KEYS",
    fernet_keys,
    default=DEVELOPMENT_FERNET_KEY if DEBUG else None,
    expected="Fernet keys separated by commas, the newest first",
)
SITE_URL = env.url(
    "SITE_URL",
    "http://127.0.0.1:8000" if DEBUG else None,
    schemes=("http", "https"),
    expected="the public address, such as https://panel.example.com",
).rstrip("/")
SECURE = env.flag("SECURE", default=SITE_URL.startswith("https://"))
TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXY_COUNT", 0, high=10)
ALLOWED_HOSTS = env.names(
    "ALLOWED_HOSTS",
    f"{urlsplit(SITE_URL).hostname}{',localhost,127.0.0.1' if DEBUG else ''}",
    expected="host names separated by commas",
)

# The seller
TIME_ZONE = env.zone("TIME_ZONE", "UTC")
CURRENCIES = env.parsed(
    "CURRENCIES",
    currency_codes,
    default="EUR",
    expected="ISO codes separated by commas, the default first, such as EUR,USD",
)
DEFAULT_CURRENCY = CURRENCIES[0]
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("fr", "Français")]
LANGUAGE_CODE = env.choice("LANGUAGE_CODE", ("en", "de", "fr"), default="en")

# What the panel does and when
USAGE_STALE_DAYS = env.integer("USAGE_STALE_DAYS", 3, low=1, high=31)
USAGE_STALE_POLICY = env.choice("USAGE_STALE_POLICY", ("bill", "hold"), default="bill")
USAGE_SYNC_HOURS = env.hours("USAGE_SYNC_HOURS", "2,8,14,20")
BILLING_HOUR = env.integer("BILLING_HOUR", 4, high=23)
# Parts of a billing run that workers bill side by side; as many as there are worker processes.
BILLING_SHARDS = env.integer("BILLING_SHARDS", 1, low=1, high=64)
# A billing run that would issue so many times the largest day of the last weeks stops and asks.
BILLING_GUARD_FACTOR = env.integer("BILLING_GUARD_FACTOR", 4, low=2, high=1000)
BILLING_GUARD_FLOOR = env.integer("BILLING_GUARD_FLOOR", 1000)
MODULE_LOG_DAYS = env.integer("MODULE_LOG_DAYS", 30, low=1)
COMMAND_MAX_ATTEMPTS = env.integer("COMMAND_MAX_ATTEMPTS", 8, low=1, high=100)
STAFF_REQUIRE_MFA = env.flag("STAFF_REQUIRE_MFA", default=not (DEBUG or DEMO))
CLOCK_OFFSET_SECONDS = env.integer("CLOCK_OFFSET_SECONDS", 0, low=-(10**9))
CLOCK_FILE = env.path("CLOCK_FILE")

# The outside world
HTTP_CONNECT_TIMEOUT = env.seconds("HTTP_CONNECT_TIMEOUT", 5)
HTTP_READ_TIMEOUT = env.seconds("HTTP_READ_TIMEOUT", 30)
HTTP_DEADLINE = env.seconds("HTTP_DEADLINE", 60)
STRIPE_API_BASE = env.url(
    "STRIPE_API_BASE",
    "https://api.stripe.com",
    schemes=("http", "https"),
    expected="the address of Stripe's API or of a simulated one",
).rstrip("/")
VIES_URL = env.url(
    "VIES_URL",
    "https://ec.europa.eu/taxation_customs/vies/rest-api",
    schemes=("http", "https"),
    expected="the address of the EU's REST service for VAT numbers",
).rstrip("/")
DNS_NAMESERVERS = env.names("DNS_NAMESERVERS", "", expected="addresses separated by commas")
DNS_LIFETIME_SECONDS = env.seconds("DNS_LIFETIME_SECONDS", 3)
DNS_PANELS = env.names("DNS_PANELS", "", expected="pairs such as *.ns.example.com=cpanel")

# Django
INSTALLED_APPS = [
    "config",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "crispy_forms",
    "django_countries",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "accounts",
    "products",
    "provisioning",
    "billing",
    "backoffice",
    "clientarea",
    "demo",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.csp.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.ActorMiddleware",
    "accounts.middleware.LanguageMiddleware",
    "accounts.middleware.EntranceMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["config.templatetags.figures"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.people",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_I18N = True
USE_TZ = True
LOCALE_PATHS = [BASE_DIR / "locale"]

DATABASES = {
    "default": connections.database(
        env.database("DATABASE_URL", f"sqlite:///{BASE_DIR}/db.sqlite3" if DEBUG else None)
    )
}
REDIS_URL = env.url(
    "REDIS_URL",
    "memory://" if DEBUG else None,
    schemes=connections.BROKER_SCHEMES,
    expected="the broker, such as redis://127.0.0.1:6379/0",
)
CACHE_URL = env.url(
    "CACHE_URL",
    connections.next_database(REDIS_URL),
    schemes=connections.CACHE_SCHEMES,
    expected="the cache, such as redis://127.0.0.1:6379/1",
)
CACHES = {"default": connections.cache(CACHE_URL)}

_email = env.email("EMAIL_URL", "consolemail://" if DEBUG else None)
EMAIL_BACKEND = _email["EMAIL_BACKEND"]
EMAIL_HOST = _email.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = _email.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _email.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _email.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = _email.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _email.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH = _email.get("EMAIL_FILE_PATH") or None
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text(
    "DEFAULT_FROM_EMAIL",
    f"postmaster@{urlsplit(SITE_URL).hostname}",
)
SERVER_EMAIL = DEFAULT_FROM_EMAIL

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
_PLAIN_STATIC = "django.contrib.staticfiles.storage.StaticFilesStorage"
_MANIFEST_STATIC = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _PLAIN_STATIC if DEBUG or DEMO else _MANIFEST_STATIC},
}
WHITENOISE_USE_FINDERS = DEBUG or DEMO
MEDIA_ROOT = BASE_DIR / "media"

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
SIGNUP_OPEN = env.flag("SIGNUP_OPEN", default=False)
TERMS_URL = env.text("TERMS_URL", "")  # what customers accept when they order
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_RATE_LIMITS = {
    # Every way in together, per visitor: what is sent, then what is only looked at.
    "entrance": "30/m/ip",
    "entrance_page": "120/m/ip",
    "login_failed": "10/m/ip,5/5m/key,30/d/key",
    "reset_password": "20/m/ip,3/m/key,10/d/key",
}
ACCOUNT_SESSION_REMEMBER = False
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# An address that waits for its confirmation must not keep anybody from a second factor.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Postmeter"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG or DEMO
MFA_ADAPTER = "config.mfa.SealingAdapter"

# The browser
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = True
# Browsers accept the __Host- prefix on secure cookies alone.
_COOKIE_PREFIX = "__Host-" if SECURE else ""
SESSION_COOKIE_NAME = f"{_COOKIE_PREFIX}session"
CSRF_COOKIE_NAME = f"{_COOKIE_PREFIX}csrf"
LANGUAGE_COOKIE_SECURE = SECURE
LANGUAGE_COOKIE_AGE = 365 * 86_400
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz"]
SECURE_HSTS_SECONDS = 365 * 86_400 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
# HSTS for the domain's other hosts is not for a panel on one of them to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
ADMIN_PATH = "/admin/"

# Celery: read by config.celery
CELERY_BROKER_URL, CELERY_BROKER_TRANSPORT_OPTIONS = connections.broker(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_ENABLE_UTC = True
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 840
CELERY_TASK_SOFT_TIME_LIMIT = 780
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# Logs
LOG_FORMAT = env.choice("LOG_FORMAT", ("text", "json"), default="text" if DEBUG else "json")
LOG_LEVEL = env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO")
LOGGING_CONFIG = "config.logs.configure"
LOGGING = {"format": LOG_FORMAT, "level": LOG_LEVEL}
