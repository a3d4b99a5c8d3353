"""The catalogue that this release brings. A changed plan gets a new version: who has bought the old one keeps it."""

from billing.plans.types import Interval, PlanDefinition, PriceDefinition

TEAM_FEATURES = ("wechat", "web_chat", "knowledge", "assistant", "inbox", "sales", "api")


def _prices(*, cny_month: int, cny_year: int, usd_month: int, usd_year: int) -> tuple[PriceDefinition, ...]:
    """Return a plan's four prices; the amounts are for a seat, in the currency's smallest unit."""
    return (
        PriceDefinition("CNY", Interval.MONTH, cny_month),
        PriceDefinition("CNY", Interval.YEAR, cny_year),
        PriceDefinition("USD", Interval.MONTH, usd_month),
        PriceDefinition("USD", Interval.YEAR, usd_year),
    )


CATALOGUE = (
    PlanDefinition(code="trial", version=1, position=0, trial_days=14, at_sign_up=True, for_sale=False),
    PlanDefinition(
        code="team",
        version=1,
        position=1,
        features=TEAM_FEATURES,
        limits={
            "records": 50_000,
            "channels": 3,
            "ai_answers": 5_000,
            "outbound_messages": 20_000,
            "storage_gb": 20,
            "api_calls": 200_000,
        },
        prices=_prices(cny_month=99_00, cny_year=990_00, usd_month=15_00, usd_year=150_00),
    ),
    PlanDefinition(
        code="business",
        version=1,
        position=2,
        limits={
            "records": 500_000,
            "channels": 20,
            "ai_answers": 50_000,
            "outbound_messages": 200_000,
            "storage_gb": 200,
            "api_calls": 2_000_000,
        },
        prices=_prices(cny_month=199_00, cny_year=1_990_00, usd_month=29_00, usd_year=290_00),
    ),
)
