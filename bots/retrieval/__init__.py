"""Finding the stored answer to a customer's question: lexical and semantic search over one tenant's published knowledge."""
