"""Events of webhooks themselves; no webhook tells them."""

WEBHOOK_CHANGED = "webhook.changed"
WEBHOOK_DISABLED = "webhook.disabled"
