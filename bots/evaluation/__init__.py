"""Measuring retrieval on our own set and on anybody else's."""
