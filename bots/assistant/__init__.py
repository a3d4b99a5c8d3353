"""The assistant: dialogue, lead capture, handover."""
