"""A customer who writes, and an assistant that answers, over the real services."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from django.db import transaction

from bots.assistant.models import Answer
from bots.assistant.services import answer_message, embed_knowledge
from bots.assistant.services.answering import PassiveAssistant
from crm.conversations.models import Conversation, Message
from crm.conversations.services import receive_message
from crm.conversations.types import ChannelRef, Inbound, Said
from crm.customers.types import PersonKey
from crm.knowledge.services import create_faq
from guanxi.access import Actor
from guanxi.common import clock

_numbers = count(1)

FAQS = (
    ("怎么开发票？", ["如何申请开票"], "付款后在小程序里申请，电子发票发到邮箱。"),
    ("运费怎么算？", ["包邮吗"], "满 500 元包邮，不满收 10 元。"),
    ("最小起订量是多少？", ["起批数量"], "礼盒 10 盒起批。"),
    ("礼盒可以印我们公司的 logo 吗？", ["定制印字"], "可以，100 盒起，7 天交货。"),
    ("支持七天无理由退货吗？", ["怎么退货"], "未拆封 7 天内可退。"),
    ("退款多久到账？", ["退的钱什么时候到"], "1–3 个工作日原路退回。"),
    ("营业时间是几点到几点？", ["周末上班吗"], "每天 9:00–21:00。"),
    ("绿茶怎么保存？", ["龙井要放冰箱吗"], "密封冷藏，一个月内喝完。"),
)


def fill_knowledge(actor: Actor, *, embed: bool = True) -> None:
    """Publish the FAQs, and embed them as the worker would."""
    for question, similar, answer in FAQS:
        create_faq(actor=actor, values={"question": question, "similar": similar, "answer": answer}, publish=True)
    if embed:
        embed_knowledge()


@dataclass
class Customer:
    """Somebody who writes over a channel."""

    kind: str = "web"
    channel_id: int = 1
    name: str = ""
    ident: str = field(default_factory=lambda: f"visitor-{next(_numbers)}")

    def write(self, text: str, *, kind: str = "text", payload: dict[str, Any] | None = None) -> int:
        """Write a message; return its id."""
        inbound = Inbound(
            channel=ChannelRef(self.channel_id, self.kind),
            sender=PersonKey("wechat_openid" if self.kind != "web" else "web_visitor", self.ident, True, self.name),
            dedupe_key=f"k{next(_numbers)}",
            kind=kind,
            text=text,
            sent_at=clock.now(),
            payload=payload or {},
        )
        return receive_message(inbound=inbound).message_id

    def ask(self, text: str, **more: Any) -> Message | None:
        """Write, let the worker answer, return what the assistant said."""
        message_id = self.write(text, **more)
        answer_message(message_id=message_id)
        return self.reply_to(message_id)

    def ask_at_once(self, text: str, *, seconds: float = 1.5, **more: Any) -> Said | None:
        """Write, and let the assistant answer in the callback."""
        message_id = self.write(text, **more)
        with transaction.atomic():
            return PassiveAssistant().respond(conversation_id=self.talk.pk, message_id=message_id, seconds=seconds)

    def reply_to(self, message_id: int) -> Message | None:
        """Return what the assistant said to a message."""
        return Message.objects.filter(channel_id=self.channel_id, dedupe_key=f"answer:{message_id}").first()

    @property
    def talk(self) -> Conversation:
        """The conversation as it stands."""
        return Conversation.objects.get(channel_id=self.channel_id, identity__value=self.ident)

    @property
    def last_answer(self) -> Answer:
        """What the assistant decided last."""
        found = Answer.objects.filter(conversation_id=self.talk.pk).order_by("-id").first()
        assert found is not None
        return found
