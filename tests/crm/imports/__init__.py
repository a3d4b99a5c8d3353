"""Tables of every sort, taken in and out."""
