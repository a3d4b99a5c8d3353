"""Reads the environment once, typed, and lists everything that is missing or wrong in one message."""

import base64
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlparse

ROOT = Path(__file__).resolve().parents[3]


class EnvironmentFault(RuntimeError):
    """The environment cannot be used; the text lists every fault."""


@dataclass(frozen=True)
class Env:
    """What the process learned from its environment."""

    name: str
    secret_key: str
    secret_keys: str
    database_url: str
    redis_url: str
    base_url: str
    base_domain: str
    extra_base_hosts: tuple[str, ...]
    state_dir: Path
    smtp_url: str
    mail_from: str
    wechat_api_base: str
    stripe_api_base: str
    stripe_secret_key: str
    stripe_webhook_secret: str
    outbound_allow: tuple[str, ...]
    spare_schemas: int
    pg_dump: str
    dns_servers: tuple[str, ...]
    demo_links: dict[str, str] = field(default_factory=dict)

    @property
    def is_production(self) -> bool:
        """Return whether this is a real installation."""
        return self.name == "production"


REQUIRED_IN_PRODUCTION = ("DJANGO_SECRET_KEY", "GUANXI_SECRET_KEYS", "DATABASE_URL", "REDIS_URL", "GUANXI_BASE_URL")


def _split(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def read_env(environ: dict[str, str] | None = None) -> Env:
    """Read the environment; raise EnvironmentFault with every fault found."""
    env = dict(os.environ if environ is None else environ)
    name = env.get("GUANXI_ENV", "dev")
    faults = []
    if name not in {"dev", "demo", "test", "production"}:
        faults.append(f"GUANXI_ENV is {name!r}; use dev, demo, test or production")
    if name == "production":
        faults += [f"{key} is missing" for key in REQUIRED_IN_PRODUCTION if not env.get(key)]
    base_url = env.get("GUANXI_BASE_URL", "http://localhost:8000").rstrip("/")
    parsed = urlparse(base_url)
    if parsed.scheme not in {"http", "https"} or not parsed.hostname:
        faults.append(f"GUANXI_BASE_URL is {base_url!r}; it needs a scheme and a host, such as https://example.com")
    try:
        spares = int(env.get("GUANXI_SPARE_SCHEMAS", "3"))
    except ValueError:
        spares = 3
        faults.append("GUANXI_SPARE_SCHEMAS must be a whole number")
    if faults:
        raise EnvironmentFault("The environment cannot be used:\n  - " + "\n  - ".join(faults))
    throwaway = base64.b64encode(b"guanxi-development-only-32-bytes").decode()
    return Env(
        name=name,
        secret_key=env.get("DJANGO_SECRET_KEY")
        or (secrets.token_urlsafe(50) if name == "production" else "development-only"),
        secret_keys=env.get("GUANXI_SECRET_KEYS") or f"dev:{throwaway}",
        database_url=env.get("DATABASE_URL", "postgresql://guanxi@127.0.0.1:5432/guanxi"),
        redis_url=env.get("REDIS_URL", "redis://127.0.0.1:6379/0"),
        base_url=base_url,
        base_domain=env.get("GUANXI_BASE_DOMAIN") or parsed.hostname or "localhost",
        extra_base_hosts=_split(env.get("GUANXI_BASE_HOSTS", "")),
        state_dir=Path(env.get("GUANXI_STATE_DIR") or ROOT / "var").resolve(),
        smtp_url=env.get("GUANXI_SMTP_URL", ""),
        mail_from=env.get("GUANXI_MAIL_FROM", f"Guanxi <no-reply@{parsed.hostname or 'localhost'}>"),
        wechat_api_base=env.get("GUANXI_WECHAT_API_BASE", "https://api.weixin.qq.com"),
        stripe_api_base=env.get("GUANXI_STRIPE_API_BASE", ""),
        stripe_secret_key=env.get("STRIPE_SECRET_KEY", ""),
        stripe_webhook_secret=env.get("STRIPE_WEBHOOK_SECRET", ""),
        outbound_allow=_split(env.get("GUANXI_OUTBOUND_ALLOW", "")),
        spare_schemas=spares,
        pg_dump=env.get("GUANXI_PG_DUMP", ""),
        dns_servers=_split(env.get("GUANXI_DNS_SERVERS", "")),
    )


def database_settings(url: str) -> dict[str, object]:
    """Turn a postgresql:// URL into Django's settings; `?host=/path` names a socket folder."""
    parsed = urlparse(url)
    if parsed.scheme not in {"postgres", "postgresql"}:
        raise EnvironmentFault(f"DATABASE_URL must begin with postgresql://, not {parsed.scheme}://")
    query = dict(part.split("=", 1) for part in parsed.query.split("&") if "=" in part)
    return {
        "NAME": unquote(parsed.path.lstrip("/")) or "guanxi",
        "USER": unquote(parsed.username or ""),
        "PASSWORD": unquote(parsed.password or ""),
        "HOST": unquote(query.pop("host", "")) or parsed.hostname or "",
        "PORT": str(parsed.port or query.pop("port", "") or ""),
        "OPTIONS": {key: unquote(value) for key, value in query.items()},
    }
