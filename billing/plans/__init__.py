"""Plans and what they contain."""
