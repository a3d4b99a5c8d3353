"""Events of imports and exports; a chunk of an import is told once, as `<kind>.imported`."""

IMPORT_CHANGED = "import.changed"
EXPORT_CHANGED = "export.changed"
CUSTOMER_IMPORTED = "customer.imported"
CONTACT_IMPORTED = "contact.imported"
LEAD_IMPORTED = "lead.imported"
DEAL_IMPORTED = "deal.imported"
IMPORTED = {
    "customer": CUSTOMER_IMPORTED,
    "contact": CONTACT_IMPORTED,
    "lead": LEAD_IMPORTED,
    "deal": DEAL_IMPORTED,
}
