/** How a custom value is read, and when its field is shown: the page's side of the server's rules. */
import type { Tone } from "@guanxi/ui";

import { keyOf, type FieldOption, type RecordField } from "../fields";

export type Values = Record<string, unknown>;
export const TONES: Record<string, Tone> = { grey: "quiet", blue: "info", green: "ok", orange: "warn", red: "bad", purple: "violet" };

export const isEmpty = (value: unknown) => value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length);

export function isShown(field: RecordField, record: Values, custom: Values): boolean {
  const rule = field.show_when;
  if (!rule) return true;
  const value = rule.field.startsWith("custom.") ? custom[keyOf(rule.field)] : record[rule.field];
  if (rule.op === "empty" || rule.op === "not_empty") return isEmpty(value) === (rule.op === "empty");
  const wanted = [rule.value].flat();
  const held = [value].flat().some((one) => wanted.some((other) => one === other || (one !== null && one !== undefined && String(one) === String(other))));
  return held !== (rule.op === "ne");
}

export function chosen(field: RecordField, value: unknown): FieldOption[] {
  const ids = [value].flat().filter((one) => one !== null && one !== undefined);
  return ids.map((id) => field.options.find((option) => option.id === id) ?? { id: String(id), label: String(id), label_en: "", colour: "", archived: true });
}

/** What a field holds as far as reading goes: a formula is what it yields. */
export function readAs(field: RecordField): string {
  return field.type === "formula" ? (field.config.result ?? "text") : field.type;
}

export function numberText(field: RecordField, value: unknown, locale: string): string {
  const decimals = field.config.decimals ?? 2;
  const said = Number(value).toLocaleString(locale, { maximumFractionDigits: decimals });
  return field.config.unit ? `${said} ${field.config.unit}` : said;
}
