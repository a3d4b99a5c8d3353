"""The chat on a company's own web site: one script tag, a frame, and a visitor who never signs in."""
