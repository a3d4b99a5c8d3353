"""Measurements, each beside a baseline of the same run. They assert nothing about time."""
