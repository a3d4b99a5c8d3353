"""The base of the API: actors, problems, pages, idempotency, throttles."""
