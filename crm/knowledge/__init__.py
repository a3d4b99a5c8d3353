"""The knowledge base: FAQs and articles."""
