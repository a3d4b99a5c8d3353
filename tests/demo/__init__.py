"""Tests of the demo's filling."""
