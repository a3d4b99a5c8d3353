"""The pipeline and the loss reasons of a new workspace, in its language."""

from crm.deals.models import LossReason, Pipeline, Stage
from tenants.workspaces.types import Founding

# (name in zh-CN, name in English, kind, probability, longest stay in days, required fields)
STAGES = [
    ("初步接触", "First contact", Stage.Kind.OPEN, 10, 14, []),
    ("需求确认", "Needs confirmed", Stage.Kind.OPEN, 30, 21, []),
    ("方案报价", "Quoted", Stage.Kind.OPEN, 50, 21, ["amount"]),
    ("商务谈判", "Negotiation", Stage.Kind.OPEN, 75, 30, ["amount", "expected_close_on"]),
    ("赢单", "Won", Stage.Kind.WON, 100, None, []),
    ("输单", "Lost", Stage.Kind.LOST, 0, None, []),
]
PIPELINE = ("销售流程", "Sales")
# In zh-CN and in English.
LOSS_REASONS = [
    ("价格", "Price"),
    ("选了竞争对手", "Chose a competitor"),
    ("没有预算", "No budget"),
    ("需求取消", "No need any more"),
    ("联系不上", "No reply"),
    ("其他", "Other"),
]


def write_defaults(founding: Founding) -> None:
    """Write the pipeline, its stages, and the reasons why deals are lost."""
    chinese = founding.locale.startswith("zh")
    pipeline = Pipeline.objects.create(name=PIPELINE[0] if chinese else PIPELINE[1], is_default=True)
    Stage.objects.bulk_create(
        Stage(
            pipeline=pipeline,
            name=zh if chinese else en,
            kind=kind,
            probability=probability,
            max_days=days,
            required_fields=fields,
            position=position,
        )
        for position, (zh, en, kind, probability, days, fields) in enumerate(STAGES)
    )
    LossReason.objects.bulk_create(
        LossReason(name=zh if chinese else en, position=position) for position, (zh, en) in enumerate(LOSS_REASONS)
    )
