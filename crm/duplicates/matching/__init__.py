"""How the same company, number and address are told from others: no database, no actor."""
