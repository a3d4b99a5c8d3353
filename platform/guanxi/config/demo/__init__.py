"""The demo: a believable wholesaler of tea and gifts with two years of history, and a second company beside it."""
