"""Finding the stored answer to a question: search by words and by meaning over one tenant's knowledge."""
