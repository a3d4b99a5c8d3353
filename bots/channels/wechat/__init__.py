"""WeChat Official Accounts: callbacks, passive answers, customer-service messages, tokens, codes."""
