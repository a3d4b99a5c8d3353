"""What companies pay: catalogue, subscriptions, Stripe."""
