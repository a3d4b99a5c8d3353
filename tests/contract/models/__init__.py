"""The model stub held to what OpenAI clients expect of it."""
