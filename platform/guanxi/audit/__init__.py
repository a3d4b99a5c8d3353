"""The trail of what was changed, revealed and exported, by whom."""
