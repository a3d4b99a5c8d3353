"""Events of channels."""

CHANNEL_CREATED = "channel.created"
CHANNEL_UPDATED = "channel.updated"
CHANNEL_STATE = "channel.state_changed"
CHANNEL_HEALTH = "channel.health_changed"
