"""Reads and writes tables: csv in the encodings that people have, xlsx row by row."""

from crm.imports.sheets.reading import Table, open_table
from crm.imports.sheets.writing import TableWriter, open_writer

__all__ = ["Table", "TableWriter", "open_table", "open_writer"]
