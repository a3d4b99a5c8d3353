"""What a tenant's plan allows: a port that billing fills."""

from guanxi.entitlements.port import Plan, Provider, has_feature, public_plans, register_provider, start_trial, take_quota

__all__ = ["Plan", "Provider", "has_feature", "public_plans", "register_provider", "start_trial", "take_quota"]
