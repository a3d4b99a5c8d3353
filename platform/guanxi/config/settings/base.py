"""What is the same everywhere."""

from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlparse

from guanxi.config.env import ROOT, database_settings, read_env
from guanxi.jobs.celery_settings import celery_settings

ENV = read_env()
GUANXI_ENV = ENV.name
BASE_DIR = ROOT
STATE_DIR: Path = ENV.state_dir
SECRET_KEY = ENV.secret_key
DEBUG = False

# --- hosts ------------------------------------------------------------------------------------------------------------
GUANXI_BASE_URL = ENV.base_url
GUANXI_BASE_DOMAIN = ENV.base_domain
GUANXI_BASE_HOSTS = frozenset({ENV.base_domain, f"www.{ENV.base_domain}", *ENV.extra_base_hosts})
# The tenant middleware knows every host that is ours, custom domains too, and answers the rest with a page that says
# so.
ALLOWED_HOSTS = ["*"]
CSRF_TRUSTED_ORIGINS: list[str] = []
USE_X_FORWARDED_HOST = False

# --- applications -----------------------------------------------------------------------------------------------------
# An app stands in one of the two lists, never in both: a missing tenant table would silently read the public one.
SHARED_APPS = [
    "django_tenants",
    "django.contrib.staticfiles",
    "guanxi.events",
    "guanxi.timers",
    "tenants.workspaces",
    "billing.plans",
    "billing.subscriptions",
    "guanxi.config",
]
TENANT_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.headless",
    "guanxi.audit",
    "guanxi.files",
    "guanxi.jobs",
    "guanxi.http",
    "guanxi.realtime",
    "guanxi.notifications",
    "guanxi.customfields",
    "tenants.accounts",
    "tenants.members",
    "crm.records",
    "crm.activities",
    "crm.duplicates",
    "crm.customers",
    "crm.deals",
    "crm.leads",
    "crm.outreach",
    "crm.knowledge",
    "crm.conversations",
    "crm.imports",
    "crm.handover",
    "crm.pools",
    "crm.workday",
    "crm.integration",
    "bots.channels",
    "bots.assistant",
]
INSTALLED_APPS = [*SHARED_APPS, *TENANT_APPS]
TENANT_MODEL = "workspaces.Workspace"
TENANT_DOMAIN_MODEL = "workspaces.Domain"
TENANT_LIMIT_SET_CALLS = True
TENANT_SYNC_ROUTER = "django_tenants.routers.TenantSyncRouter"
DATABASE_ROUTERS = [TENANT_SYNC_ROUTER]
PUBLIC_SCHEMA_NAME = "public"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- requests ---------------------------------------------------------------------------------------------------------
MIDDLEWARE = [
    "guanxi.http.middleware.RequestContextMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "guanxi.http.middleware.HealthMiddleware",
    "guanxi.tenancy.middleware.TenantMiddleware",
    "guanxi.http.middleware.TenantSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "guanxi.http.middleware.TenantAuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "guanxi.http.middleware.ContentSecurityPolicyMiddleware",
    "guanxi.http.middleware.MethodProblemMiddleware",
]
ROOT_URLCONF = "guanxi.config.urls"
PUBLIC_SCHEMA_URLCONF = "guanxi.config.urls_base"
UNKNOWN_HOST_URLCONF = "guanxi.config.urls_unknown"
ASGI_APPLICATION = "guanxi.config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "platform" / "guanxi" / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
            ]
        },
    }
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
APPEND_SLASH = False

# --- database, cache, Redis -------------------------------------------------------------------------------------------
ORIGINAL_BACKEND = "django_zero_downtime_migrations.backends.postgres"
ZERO_DOWNTIME_MIGRATIONS_RAISE_FOR_UNSAFE = True
ZERO_DOWNTIME_MIGRATIONS_LOCK_TIMEOUT = "2s"
ZERO_DOWNTIME_MIGRATIONS_STATEMENT_TIMEOUT = "30s"
ZERO_DOWNTIME_MIGRATIONS_FLEXIBLE_STATEMENT_TIMEOUT = True
ZERO_DOWNTIME_DEFERRED_SQL = False
DATABASES = {
    "default": {
        "ENGINE": "guanxi.tenancy.backend",
        **database_settings(ENV.database_url),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
    }
}
DATABASES["default"]["OPTIONS"] = {
    **DATABASES["default"]["OPTIONS"],  # type: ignore[dict-item]
    "pool": {"min_size": 1, "max_size": 16, "max_lifetime": 600, "timeout": 10},
}
REDIS_URL = ENV.redis_url
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_FUNCTION": "guanxi.tenancy.cache.make_key",
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "gx_session"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_NAME = "gx_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "guanxi.http.problems.csrf_failure"

# --- people -----------------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# A signed key names a row by its id, and ids are the same in every tenant; a stored key is only in its own.
ACCOUNT_EMAIL_CONFIRMATION_HMAC = False
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "tenants.accounts.tokens.TenantTokenGenerator"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_ADAPTER = "tenants.accounts.adapter.AccountAdapter"
MFA_ADAPTER = "tenants.accounts.adapter.MFAAdapter"
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("browser",)
HEADLESS_ADAPTER = "tenants.accounts.adapter.HeadlessAdapter"
HEADLESS_FRONTEND_URLS = {
    "account_confirm_email": "/verify-email/{key}",
    "account_reset_password": "/forgot-password",
    "account_reset_password_from_key": "/reset-password/{key}",
    "account_signup": "/sign-in",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Guanxi"
MFA_TOTP_TOLERANCE = 1  # phones go a little wrong

# --- language, time, static -------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "Simplified Chinese"), ("en", "English")]
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
CONSOLE_DIST = ROOT / "frontend" / "apps" / "console" / "dist"
WIDGET_DIST = ROOT / "frontend" / "apps" / "widget" / "dist"
LOADER_DIST = ROOT / "frontend" / "apps" / "loader" / "dist"
# Swagger UI comes with Ninja; the page of the API takes it from here and from nobody else.
SWAGGER_DIST = Path(find_spec("ninja").origin or "").parent / "static" / "ninja"  # type: ignore[union-attr]
STATICFILES_DIRS = [
    (name, path)
    for name, path in (("console", CONSOLE_DIST), ("widget", WIDGET_DIST), ("swagger", SWAGGER_DIST))
    if path.is_dir()
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600
FILES_DIR = STATE_DIR / "files"

# --- the kernel -------------------------------------------------------------------------------------------------------
GUANXI_SECRET_KEYS = ENV.secret_keys
GUANXI_OUTBOUND_ALLOW = ENV.outbound_allow
# host:port of the resolvers that prove companies' own domains; empty: the machine's own.
GUANXI_DNS_SERVERS = ENV.dns_servers
GUANXI_WECHAT_API_BASE = ENV.wechat_api_base
GUANXI_STRIPE_API_BASE = ENV.stripe_api_base
STRIPE_SECRET_KEY = ENV.stripe_secret_key
STRIPE_WEBHOOK_SECRET = ENV.stripe_webhook_secret
GUANXI_SPARE_SCHEMAS = ENV.spare_schemas
GUANXI_SIGN_UP_RATE = "30/h"  # an address
GUANXI_API_CALLS_A_MINUTE = 1200  # of a key, reads and writes apart
GUANXI_PG_DUMP = ENV.pg_dump
CELERY = celery_settings(REDIS_URL)

# --- mail -------------------------------------------------------------------------------------------------------------
_smtp = urlparse(ENV.smtp_url)
DEFAULT_FROM_EMAIL = ENV.mail_from
if ENV.smtp_url:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _smtp.hostname or "localhost"
    EMAIL_PORT = _smtp.port or 25
    EMAIL_HOST_USER = _smtp.username or ""
    EMAIL_HOST_PASSWORD = _smtp.password or ""
    EMAIL_USE_TLS = _smtp.scheme == "smtp+tls"
    EMAIL_USE_SSL = _smtp.scheme == "smtps"
    EMAIL_TIMEOUT = 10
else:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"context": {"()": "guanxi.http.logs.ContextFilter"}},
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s tenant=%(tenant)s request=%(request_id)s %(message)s"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["context"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "daphne": {"level": "WARNING"},
        "django.channels.server": {"level": "WARNING"},
        # It writes whole addresses, and those of receivers and models may hold secrets.
        "httpx2": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        # At INFO it writes a line for every call, with addresses of customers and invoices in it.
        "stripe": {"level": "WARNING"},
    },
}
