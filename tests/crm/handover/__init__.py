"""Handovers and what nobody looks after."""
