"""What forms and record pages need to know: the fields of a kind, how its page is laid out, what fields point at."""
