"""Duplicates: who is in the base already, what may be entered beside it, and two records made one."""
