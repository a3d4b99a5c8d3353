"""Lists of any kind: conditions over the fields of the catalogue, orders, pages and counts at a million rows."""

from crm.records.lists.paging import Count, count_of, list_page, list_rows

__all__ = ["Count", "count_of", "list_page", "list_rows"]
