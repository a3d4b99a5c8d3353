"""Tests of the tenants package."""
