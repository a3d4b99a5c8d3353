"""Fields that a tenant adds to its kinds of records: definitions, values, uniqueness, formulas, numbers, layouts."""
