"""Live events over WebSocket, numbered and replayable."""
