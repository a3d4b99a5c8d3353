"""Each rule of the syntax trees seen to fail: a breach in a made-up module, and beside it what must stay allowed."""

import pytest

from tests.architecture import rules
from tests.architecture.sources import Source

CAUGHT: list[tuple[rules.Rule, str, str, str]] = [
    (
        rules.only_public_names_of_others,
        "crm.leads.services",
        "from crm.customers.schemas import CustomerOut",
        "crm.customers.schemas",
    ),
    (
        rules.only_public_names_of_others,
        "crm.leads.services",
        "from crm.customers.models import Customer",
        "crm.customers.models",
    ),
    (
        rules.only_public_names_of_others,
        "crm.leads.services",
        "def f() -> None:\n    from crm.customers import models",
        "crm.customers.models",
    ),
    (
        rules.only_public_names_of_others,
        "crm.leads.services",
        "if other:\n    from crm.customers.models import Customer",
        "crm.customers.models",
    ),
    (rules.only_public_names_of_others, "bots.assistant.api", "import crm.leads.api", "crm.leads.api"),
    (
        rules.only_public_names_of_others,
        "crm.leads.api",
        "from ..customers.tasks import tidy",
        "crm.customers.tasks",
    ),
    (
        rules.only_public_names_of_others,
        "crm.leads.services",
        "from guanxi.events.models import OutboxEvent",
        "guanxi.events.models",
    ),
    (rules.libraries_behind_their_fence, "crm.leads.services", "from ninja import Schema", "imports ninja"),
    (
        rules.libraries_behind_their_fence,
        "bots.assistant.dialogue",
        "import langchain_core.messages",
        "imports langchain_core",
    ),
    (rules.libraries_behind_their_fence, "billing.subscriptions.services", "import stripe", "imports stripe"),
    (
        rules.libraries_behind_their_fence,
        "bots.channels.web",
        "from wechatpy.crypto import WeChatCrypto",
        "imports wechatpy",
    ),
    (
        rules.libraries_behind_their_fence,
        "guanxi.config.devstack.demo",
        "from tests.fakes import wechat",
        "imports tests",
    ),
    (rules.schema_only_by_the_tenancy, "crm.leads.services", "connection.set_schema('acme')", "uses set_schema"),
    (
        rules.schema_only_by_the_tenancy,
        "crm.leads.tasks",
        "from django_tenants.utils import schema_context",
        "uses schema_context",
    ),
    (rules.schema_only_by_the_tenancy, "crm.leads.tasks", "with tenant_context(t): pass", "uses tenant_context"),
    (
        rules.schema_only_by_the_tenancy,
        "crm.leads.selectors",
        "cursor.execute('SET search_path TO acme')",
        "search_path by hand",
    ),
    (
        rules.time_from_the_clock,
        "crm.leads.services",
        "from django.utils import timezone\nx = timezone.now()",
        "timezone.now",
    ),
    (rules.time_from_the_clock, "crm.leads.services", "at = datetime.now(UTC)", "datetime.now"),
    (rules.time_from_the_clock, "crm.leads.models", "f = models.DateTimeField(default=timezone.now)", "timezone.now"),
    (rules.time_from_the_clock, "crm.leads.services", "on = date.today()", "date.today"),
    (rules.no_signals, "crm.leads.apps", "from django.db.models.signals import post_save", "signals"),
    (rules.no_signals, "crm.leads.subscribers", "from django.dispatch import receiver", "django.dispatch"),
    (
        rules.no_logic_in_save,
        "crm.leads.models",
        "class Lead(Model):\n    def save(self, *args: object) -> None: ...",
        "overrides save()",
    ),
    (rules.services_take_keywords, "crm.leads.services", "def close_lead(actor, lead_id): ...", "by position"),
    (rules.services_take_keywords, "crm.leads.services", "def close_lead(lead_id, *, actor): ...", "by position"),
    (rules.services_take_keywords, "crm.records.services", "def stamp_new(record, actor): ...", "begin with the actor"),
    (
        rules.services_take_keywords,
        "crm.made_up.services.closing",
        "def close_lead(*, lead_id, actor): ...",
        "begin with the actor",
    ),
    (
        rules.keys_to_others_by_string,
        "crm.deals.models",
        "customer = models.ForeignKey('customers.Customer', on_delete=models.PROTECT)",
        "without related_name",
    ),
    (rules.no_words_for_people, "crm.leads.services", "raise Invalid('phone', '手机号不对')", "says"),
    (rules.no_words_for_people, "bots.assistant.dialogue", "REPLY = '稍等，马上为您转接'", "says"),
    (rules.no_words_for_people, "crm.leads.api", "title = f'{total} 条'", "says"),
]

ALLOWED: list[tuple[rules.Rule, str, str]] = [
    (
        rules.only_public_names_of_others,
        "crm.leads.services",
        "from crm.customers.selectors import access_customer\nfrom crm.leads.models import Lead\n"
        "from crm.records.base import Record",
    ),
    (
        rules.only_public_names_of_others,
        "crm.leads.models",
        "from guanxi.common.models import Timestamped\nfrom guanxi.access import Actor",
    ),
    (
        rules.only_public_names_of_others,
        "crm.leads.selectors",
        "if TYPE_CHECKING:\n    from crm.customers.models import Customer",
    ),
    (rules.only_public_names_of_others, "bots.evaluation.cli", "from bots.retrieval.index import Index"),
    (rules.only_public_names_of_others, "crm.leads.schemas", "from crm.deals.schemas import DealFields"),
    (rules.only_public_names_of_others, "guanxi.config.api", "from crm.leads.api import router"),
    (rules.only_public_names_of_others, "crm.deals.migrations.0002_more", "from crm.customers.models import x"),
    (rules.libraries_behind_their_fence, "crm.leads.schemas", "from ninja import Schema"),
    (rules.libraries_behind_their_fence, "crm.leads.api.lists", "from ninja import Query"),
    (rules.libraries_behind_their_fence, "bots.llm.chat", "from langchain_openai import ChatOpenAI"),
    (rules.libraries_behind_their_fence, "billing.gateways.stripe", "import stripe"),
    (rules.libraries_behind_their_fence, "bots.channels.wechat.crypto", "from wechatpy.crypto import WeChatCrypto"),
    (rules.schema_only_by_the_tenancy, "guanxi.tenancy.raw", "connection.set_schema('acme')"),
    (rules.schema_only_by_the_tenancy, "crm.leads.tasks", "with tenant_scope(ref): pass"),
    (
        rules.time_from_the_clock,
        "crm.leads.services",
        "from guanxi.common import clock\nx = clock.now()\ny = order.now",
    ),
    (rules.no_signals, "guanxi.config.worker", "import signal\nfrom celery.signals import heartbeat_sent"),
    (rules.no_logic_in_save, "crm.leads.services", "class Draft:\n    def save(self) -> None: ..."),
    (
        rules.services_take_keywords,
        "crm.leads.services",
        "def close_lead(*, actor, lead_id): ...\ndef _helper(actor): ...\ndef clean(text): ...\n"
        "@on_due('lead.response')\ndef remind(lead_id): ...",
    ),
    (
        rules.keys_to_others_by_string,
        "crm.deals.models",
        "a = models.ForeignKey('customers.Customer', related_name='+')\n"
        "b = models.ForeignKey('deals.Stage', related_name='deals')",
    ),
    (rules.no_words_for_people, "crm.leads.services", '"""Converts a 线索."""\n# 线索\nx = "lead_converted"'),
    (rules.no_words_for_people, "crm.deals.defaults", "STAGES = ['初步接触']"),
    (rules.no_words_for_people, "bots.channels.wechat.replies", "ALONE = '[\\ud800-\\udfff]'"),
    (rules.no_words_for_people, "bots.assistant.dialogue", "ASKING = ('吗', '可不可以')"),
    (rules.no_words_for_people, "bots.retrieval.normalise", "STOP = '的了吗'"),
]


@pytest.mark.parametrize(
    ("rule", "module", "text", "words"),
    CAUGHT,
    ids=[f"{rule.__name__}-{number}" for number, (rule, *_) in enumerate(CAUGHT)],
)
def test_a_breach_is_caught(rule: rules.Rule, module: str, text: str, words: str) -> None:
    breaches = rule(Source(module, text))
    assert len(breaches) == 1
    assert breaches[0].startswith(f"{module}:")
    assert words in breaches[0]


@pytest.mark.parametrize(
    ("rule", "module", "text"), ALLOWED, ids=[f"{rule.__name__}-{number}" for number, (rule, *_) in enumerate(ALLOWED)]
)
def test_what_is_right_passes(rule: rules.Rule, module: str, text: str) -> None:
    assert rule(Source(module, text)) == []


def test_every_rule_was_seen_both_ways() -> None:
    assert {rule for rule, *_ in CAUGHT} == set(rules.RULES) == {rule for rule, *_ in ALLOWED}
