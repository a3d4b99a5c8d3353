/** Columns for the fields that a page did not think of: the workspace's own, and the rarer ones of the catalogue. */
import type { Column } from "@guanxi/ui";

import { keyOf, type FieldOption, type RecordField } from "../fields";

const WIDE = ["text", "long_text", "link", "email", "choices"];
/** Of these a page has its own way, or a list has no room. */
const NEVER = ["long_text", "file", "tags"];

/** What a field of a row says as plain text. */
export function cellText(row: unknown, field: RecordField, optionLabel: (option: FieldOption) => string): string {
  const record = row as Record<string, unknown> & { custom?: Record<string, unknown> };
  const value = field.is_custom ? record.custom?.[keyOf(field.name)] : record[field.name];
  if (value === null || value === undefined || value === "") return "";
  if (typeof value === "boolean") return value ? "✓" : "–";
  const one = (part: unknown) => {
    const option = field.options.find((known) => known.id === part);
    return option ? optionLabel(option) : String(part);
  };
  const text = [value].flat().map(one).join("、");
  return field.type === "datetime" ? text.slice(0, 16).replace("T", " ") : text;
}

export function moreColumns<R>(own: readonly Column<R>[], fields: readonly RecordField[], label: (field: RecordField) => string, optionLabel: (option: FieldOption) => string): Column<R>[] {
  const there = new Set(own.map((column) => column.id));
  return fields
    .filter((field) => !there.has(field.name) && !there.has(field.name.replace(/_id$/, "")) && !NEVER.includes(field.type) && !(field.type === "relation" && !field.is_custom) && field.mode !== "hidden")
    .map((field) => ({
      id: field.name,
      label: label(field),
      width: WIDE.includes(field.type) ? 160 : 112,
      align: ["number", "money", "integer", "formula"].includes(field.type) ? ("end" as const) : undefined,
      sortable: field.sortable,
      optional: true,
      value: (row: R) => cellText(row, field, optionLabel),
    }));
}
