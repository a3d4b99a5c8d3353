"""The assistant answers once, honestly, and never over a person."""

import pytest

from bots.assistant.models import Answer
from bots.assistant.services import answer_message, settings_row, update_settings
from crm.conversations.models import Message
from crm.conversations.services import take_over
from crm.knowledge.models import Faq, UnansweredQuestion
from crm.leads.models import Lead
from guanxi.access import Actor
from tests.bots.assistant.talks import FAQS, Customer

pytestmark = pytest.mark.usefixtures("knowledge")


def test_a_known_question_gets_the_stored_answer_word_for_word(customer: Customer) -> None:
    reply = customer.ask("请问怎么开发票呀")
    assert reply is not None
    assert reply.text == FAQS[0][2]
    assert (reply.generated, reply.sender, reply.kind) == (False, "assistant", "text")
    assert [source["title"] for source in reply.sources] == ["怎么开发票？"]
    assert customer.last_answer.action == "direct"
    assert Faq.objects.get(question="怎么开发票？").use_count == 1


def test_traditional_characters_and_full_width_find_the_same(customer: Customer) -> None:
    reply = customer.ask("請問怎麼開發票？？？")
    assert reply is not None
    assert reply.text == FAQS[0][2]


def test_a_message_is_answered_once(customer: Customer) -> None:
    message_id = customer.write("包邮吗")
    first = answer_message(message_id=message_id)
    assert (first, answer_message(message_id=message_id)) == ("direct", "silent")
    assert Message.objects.filter(direction="out").count() == 1
    assert Answer.objects.count() == 1


def test_the_passive_answer_and_the_workers_are_one(customer: Customer) -> None:
    said = customer.ask_at_once("包邮吗")
    assert said is not None
    assert said.text == FAQS[1][2]
    asked = Message.objects.get(direction="in")
    assert answer_message(message_id=asked.pk) == "silent"
    sent = Message.objects.get(direction="out")
    assert (sent.pk, sent.state) == (said.message_id, "sent")


def test_nothing_is_said_over_a_person(customer: Customer, team: dict[str, Actor]) -> None:
    first = customer.write("包邮吗")
    take_over(actor=team["agent"], conversation_id=customer.talk.pk)
    assert answer_message(message_id=first) == "silent"
    assert customer.ask_at_once("营业时间是几点到几点？") is None
    assert not Message.objects.filter(sender="assistant").exists()


def test_a_person_who_takes_over_while_the_answer_is_thought_of_silences_it(
    customer: Customer, team: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    from bots.assistant.services import answering

    real = answering._carry_out

    def late(*args: object, **kwargs: object) -> object:
        take_over(actor=team["agent"], conversation_id=customer.talk.pk)
        return real(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(answering, "_carry_out", late)
    assert customer.ask("包邮吗") is None
    assert customer.last_answer.action == "silent"
    assert customer.talk.state == "open"


def test_what_nobody_knows_is_refused_and_kept_then_people_take_over(customer: Customer) -> None:
    refused = customer.ask("你们老板喜欢看什么电影")
    assert refused is not None
    assert "暂时没有准确的资料" in refused.text
    gap = UnansweredQuestion.objects.get()
    assert (gap.question, gap.asked_count, gap.conversation_id) == ("你们老板喜欢看什么电影", 1, customer.talk.pk)
    over = customer.ask("宇宙有多大")
    assert over is not None
    assert "人工" in over.text
    assert (customer.talk.state, customer.talk.handover_reason) == ("queued", "two_refusals")


def test_an_english_customer_is_refused_in_english(customer: Customer) -> None:
    refused = customer.ask("who won the world cup")
    assert refused is not None
    assert refused.text.startswith("Sorry, I have no reliable information")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("转人工", "asked"),
        ("I want to speak to a human", "asked"),
        ("我要投诉你们", "complaint"),
        ("喝了你们的茶拉肚子了", "complaint"),
        ("答非所问", "negative_feedback"),
        ("that's not what i asked", "negative_feedback"),
    ],
)
def test_reasons_to_hand_over(customer: Customer, text: str, reason: str) -> None:
    assert customer.ask(text) is not None
    assert (customer.talk.state, customer.talk.handover_reason) == ("queued", reason)
    assert customer.last_answer.reason == reason


def test_the_same_question_twice_hands_over(customer: Customer) -> None:
    customer.ask("包邮吗")
    customer.ask("包邮吗？？")
    assert customer.talk.handover_reason == "repeated_question"


def test_a_picture_without_words_goes_to_people(customer: Customer) -> None:
    customer.ask("", kind="image")
    assert customer.talk.handover_reason == "unsupported_media"


def test_a_question_about_refunds_is_answered_but_a_demand_is_not(customer: Customer) -> None:
    asked = customer.ask("退款多久到账？")
    assert asked is not None
    assert asked.text == FAQS[5][2]
    customer.ask("给我退款！不退款就投诉")
    assert customer.talk.handover_reason == "complaint"


def test_a_menu_offers_at_most_three_and_a_number_or_a_tap_chooses(customer: Customer) -> None:
    row = settings_row()
    row.thresholds = {"direct": 0.999, "menu": 0.0, "margin": 50.0, "direct_words": 0.999, "menu_words": 0.0}
    row.save()
    menu = customer.ask("退货和退款的事")
    assert menu is not None
    assert menu.kind == "menu"
    items = menu.payload["items"]
    assert 1 < len(items) <= 3
    assert menu.payload["tail"]
    chosen = customer.ask("2")
    assert chosen is not None
    assert chosen.text == Faq.objects.get(pk=int(items[1]["id"].removeprefix("faq:"))).answer
    tapped = customer.ask(items[0]["text"], payload={"menu_item": items[0]["id"]})
    assert tapped is not None
    assert tapped.text == Faq.objects.get(pk=int(items[0]["id"].removeprefix("faq:"))).answer


def test_a_buyer_is_helped_then_asked_then_caught_and_handed_over(customer: Customer) -> None:
    asked = customer.ask("我想订200盒礼盒，印我们公司的logo，下周五前要")
    assert asked is not None
    assert asked.payload.get("asks") == "contact"
    assert "仅用于本次联系" in asked.text
    lead = Lead.objects.get()
    assert (lead.phone, "200盒" in lead.need, lead.timing) == ("", True, "下周五前")
    thanked = customer.ask("13812345678 王女士 微信同号")
    assert thanked is not None
    assert thanked.text.startswith("已记下")
    lead = Lead.objects.get()
    assert (lead.phone, lead.wechat, lead.name) == ("13812345678", "13812345678", "王女士")
    assert customer.talk.handover_reason == "buying_intent"


def test_it_asks_at_most_twice_and_not_after_a_refusal(customer: Customer) -> None:
    customer.ask("我要订50盒")
    declined = customer.ask("不方便留电话")
    assert declined is not None
    assert "没关系" in declined.text
    later = customer.ask("包邮吗")
    assert later is not None
    assert later.text == FAQS[1][2]


def test_a_contact_told_in_passing_is_kept_and_the_question_answered(customer: Customer) -> None:
    reply = customer.ask("怎么开发票？我电话 139 0000 1111")
    assert reply is not None
    assert reply.text.startswith(FAQS[0][2])
    assert "已记下" in reply.text
    assert Lead.objects.get().phone == "13900001111"


def test_one_person_has_one_open_lead(customer: Customer) -> None:
    customer.ask("我的电话是13812345678")
    customer.ask("我叫李明，邮箱 li.ming@example.com")
    lead = Lead.objects.get()
    assert (lead.phone, lead.email, lead.name) == ("13812345678", "li.ming@example.com", "李明")


def test_a_contact_left_while_people_have_the_word_is_kept_in_silence(customer: Customer) -> None:
    customer.ask("转人工")
    assert customer.ask("我电话13812345678") is None
    assert Lead.objects.get().phone == "13812345678"


def test_switched_off_it_says_nothing(customer: Customer, owner: Actor) -> None:
    update_settings(actor=owner, changes={"enabled": False})
    assert customer.ask("包邮吗") is None
    assert customer.ask_at_once("营业时间是几点到几点？") is None


def test_courtesies_get_courtesies(customer: Customer) -> None:
    hello, thanks = customer.ask("你好"), customer.ask("好的谢谢")
    assert hello is not None
    assert thanks is not None
    assert "AI 助手" in hello.text
    assert thanks.text.startswith("不客气")
    assert not UnansweredQuestion.objects.exists()


def test_a_new_follower_is_greeted(customer: Customer) -> None:
    greeting = customer.ask("", kind="event", payload={"event": "subscribe"})
    assert greeting is not None
    assert "AI 助手" in greeting.text
    assert customer.ask("", kind="event", payload={"event": "view"}) is None


def test_new_knowledge_answers_at_once_even_before_it_is_embedded(customer: Customer, owner: Actor) -> None:
    from crm.knowledge.services import create_faq

    create_faq(actor=owner, values={"question": "可以去茶园参观吗？", "answer": "可以，提前三天预约。"}, publish=True)
    reply = customer.ask("可以去茶园参观吗")
    assert reply is not None
    assert reply.text == "可以，提前三天预约。"
