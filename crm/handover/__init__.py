"""Handover: everything of one person, or part of it, to others, with nobody left unattended."""
