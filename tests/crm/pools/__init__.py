"""Tests of public pools."""
