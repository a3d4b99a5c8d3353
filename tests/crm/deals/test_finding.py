"""A deal is found by its customer's name, also after the customer was renamed."""

from crm.customers.services import create_customer, update_customer
from crm.deals.models import Deal
from crm.deals.selectors import find_deals
from crm.deals.services import archive_deal, create_deal
from guanxi.access import Actor
from tests.crm.makers import settle


def _found(actor: Actor, text: str, **more: object) -> set[int]:
    return {deal.pk for deal in find_deals(actor, {"q": text, **more})}


def test_deals_follow_the_name_of_their_customer(rep: Actor) -> None:
    customer = create_customer(actor=rep, values={"name": "武汉恒瑞科技有限公司"})
    other = create_customer(actor=rep, values={"name": "武汉长江茶行"})
    deal = create_deal(actor=rep, values={"name": "年货礼盒", "customer_id": customer.pk})
    kept = create_deal(actor=rep, values={"name": "春茶", "customer_id": customer.pk})
    archive_deal(actor=rep, deal_id=kept.pk)
    foreign = create_deal(actor=rep, values={"name": "中秋礼盒", "customer_id": other.pk})
    settle()
    before = Deal.objects.get(pk=deal.pk)
    update_customer(actor=rep, customer_id=customer.pk, changes={"name": "苏州知音文化有限公司"})
    settle()
    assert _found(rep, "知音") == {deal.pk} == _found(rep, "苏州")
    assert _found(rep, "恒瑞") == set()
    assert _found(rep, "武汉") == {foreign.pk}
    assert _found(rep, "知音", archived=True) == {kept.pk}
    after = Deal.objects.get(pk=deal.pk)
    assert (after.version, after.updated_at, after.updated_by_id) == (
        before.version,
        before.updated_at,
        before.updated_by_id,
    )


def test_other_changes_of_a_customer_leave_deals_alone(rep: Actor) -> None:
    customer = create_customer(actor=rep, values={"name": "武汉恒瑞科技有限公司"})
    deal = create_deal(actor=rep, values={"name": "年货礼盒", "customer_id": customer.pk})
    settle()
    Deal.objects.filter(pk=deal.pk).update(search_keys=["untouched"])
    update_customer(actor=rep, customer_id=customer.pk, changes={"city": "武汉"})
    settle()
    assert Deal.objects.get(pk=deal.pk).search_keys == ["untouched"]
