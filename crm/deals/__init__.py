"""Deals, pipelines and stages."""
