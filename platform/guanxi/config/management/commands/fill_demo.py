"""`fill_demo`: makes the demo's companies, once, and writes var/demo.json at each start."""

import json
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from guanxi.common import clock
from guanxi.config.demo.company import (
    PLANS,
    Company,
    channel_of,
    check_channels,
    connect_channels,
    describe,
    finished,
    for_programs,
    found,
    hire,
    load_people,
    make_api_key,
    mark_finished,
    play_wechat,
    show_webhook,
    write_knowledge,
)
from guanxi.config.demo.dice import Dice
from guanxi.config.demo.fields import define_fields, fill_fields
from guanxi.config.demo.history import LEADS_A_MONTH, History
from guanxi.config.demo.leavers import let_people_leave
from guanxi.config.demo.pools import fill_pools
from guanxi.config.demo.tables import fill_tables
from guanxi.config.demo.today import arrange_today
from guanxi.config.demo.together import work_together
from guanxi.tenancy import public_scope, tenant_scope

FILE = settings.STATE_DIR / "demo.json"


class Command(BaseCommand):
    """Fills an empty database with the demo, or brings the addresses of a filled one up to date."""

    help = __doc__ or ""

    def add_arguments(self, parser: Any) -> None:
        """Add --months."""
        parser.add_argument("--months", type=int, default=24, help="how many months of history to tell")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make what is missing, then write the file."""
        if settings.GUANXI_ENV == "production":
            raise CommandError("The demo is not for a real installation.")
        known = {tenant["schema"]: tenant for tenant in self._before().get("tenants", [])}
        tenants = []
        for plan in PLANS:
            with public_scope():
                tenant = finished(plan)
                whole = tenant is not None
                tenant = tenant or found(plan)
            company = Company(plan, tenant)
            with tenant_scope(tenant):
                if not whole:
                    self._fill(company, options["months"])
                else:
                    self._find(company)
                play_wechat(company, settings.GUANXI_WECHAT_API_BASE)
                check_channels(company)
                key = known.get(tenant.schema, {}).get("api_key") or make_api_key(company)
                widget = channel_of(company, "web").key
                tenants.append(describe(company, api_key=key, widget_key=widget, fake=settings.GUANXI_WECHAT_API_BASE))
        self._write(
            {"base_url": settings.GUANXI_BASE_URL, "api_url": for_programs("/api/public/v1"), "tenants": tenants}
        )

    def _fill(self, company: Company, count: int) -> None:
        started = time.monotonic()
        hire(company)
        connect_channels(company)
        if company.plan.with_knowledge:
            write_knowledge(company)
            show_webhook(company)
            define_fields(company)
        dice = Dice(company.plan.slug, clock.now())
        small = not company.plan.with_knowledge
        History(company, dice).tell(
            min(count, 5) if small else count, leads_a_month=6 if small else LEADS_A_MONTH, say=self._say
        )
        if not small:
            fill_pools(company, dice)
            arrange_today(company, dice)
            fill_fields(company, dice)
            work_together(company)
            let_people_leave(company)
            fill_tables(company)
        mark_finished()
        self._say(f"{company.plan.company}: {time.monotonic() - started:.0f} s")

    def _find(self, company: Company) -> None:
        load_people(company)
        company.wechat_id, company.web_id = channel_of(company, "wechat").pk, channel_of(company, "web").pk

    def _before(self) -> dict[str, Any]:
        try:
            before: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return before

    def _say(self, text: str) -> None:
        self.stdout.write(f"  {text}")
        self.stdout.flush()

    def _write(self, demo: dict[str, Any]) -> None:
        FILE.parent.mkdir(parents=True, exist_ok=True)
        fresh = FILE.with_suffix(".json.new")
        fresh.write_text(json.dumps(demo, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        fresh.chmod(0o600)
        fresh.replace(FILE)
        self.stdout.write(f"{FILE.name} written")
