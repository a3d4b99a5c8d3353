"""What is due when: one public table for every reminder and time limit."""
