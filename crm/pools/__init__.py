"""Public pools: what is nobody's, who may take it, and what comes back by itself."""
