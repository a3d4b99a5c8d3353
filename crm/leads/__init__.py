"""Leads: capture, assignment, response time, conversion."""
