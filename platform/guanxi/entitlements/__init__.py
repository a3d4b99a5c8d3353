"""What a workspace may use: a port that billing fills; until it does, a trial with everything."""

from guanxi.entitlements.port import (
    EntitlementProvider,
    features,
    has_feature,
    public_plans,
    register_provider,
    require_feature,
    require_quota,
    seats,
    start_trial,
    take_quota,
)
from guanxi.entitlements.types import Plan

__all__ = [
    "EntitlementProvider",
    "Plan",
    "features",
    "has_feature",
    "public_plans",
    "register_provider",
    "require_feature",
    "require_quota",
    "seats",
    "start_trial",
    "take_quota",
]
