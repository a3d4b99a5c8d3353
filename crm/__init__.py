"""The customer relationship management itself."""
