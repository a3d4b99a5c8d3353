"""Language models and embeddings behind thin adapters; the only package that knows LangChain."""
