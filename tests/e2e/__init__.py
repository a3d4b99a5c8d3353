"""The product as its users meet it: a whole stack, a real browser, the played WeChat."""
