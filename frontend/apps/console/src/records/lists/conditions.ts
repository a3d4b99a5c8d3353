/** Conditions over the fields of a kind: what each type can be asked, and how they stand in the address bar. */
import type { RecordField } from "../fields";

export type ConditionValue = string | number | boolean | (string | number)[] | null;

export interface Condition {
  field: string;
  op: string;
  value?: ConditionValue;
}

/** One condition, or several of which one holds. */
export type Group = Condition | { any: Condition[] };

const THERE = ["empty", "not_empty"];
const WORDS = ["contains", "eq", "ne", "starts", ...THERE];
const AMOUNTS = ["gte", "lte", "between", "eq", ...THERE];
const DAYS = ["within", "eq", "gte", "lte", "between", ...THERE];
const CUSTOM_WORDS = ["contains", "eq", "ne", ...THERE];

/** What a type can be asked, the likeliest first; the API knows some more. */
const OPERATORS: Record<string, string[]> = {
  text: WORDS,
  long_text: WORDS,
  link: WORDS,
  email: WORDS,
  phone: ["ends", ...THERE],
  integer: AMOUNTS,
  number: AMOUNTS,
  money: AMOUNTS,
  formula: AMOUNTS,
  date: DAYS,
  datetime: DAYS,
  boolean: ["eq"],
  choice: ["in", "not_in", ...THERE],
  choices: ["in", "not_in", ...THERE],
  tags: ["in", "all", "not_in", ...THERE],
  member: ["in", "not_in", ...THERE],
  department: ["in", "not_in", ...THERE],
  relation: ["in", "not_in", ...THERE],
  auto_number: ["eq"],
};

export const SPANS = ["today", "tomorrow", "this_week", "last_week", "next_week", "this_month", "last_month", "last_7_days", "last_30_days", "last_90_days", "next_7_days", "next_30_days", "this_quarter", "this_year"] as const;

export function operatorsOf(field: RecordField): string[] {
  if (field.name === "owner_id") return [...OPERATORS.member!, "in_department"];
  if (field.is_custom && ["text", "link", "email", "phone"].includes(field.type)) return CUSTOM_WORDS;
  return OPERATORS[field.type] ?? THERE;
}

export const needsValue = (op: string) => !THERE.includes(op);

export function parse(text: string | string[] | undefined): Group[] {
  if (typeof text !== "string" || !text) return [];
  try {
    const found: unknown = JSON.parse(text);
    return Array.isArray(found) ? (found as Group[]) : [];
  } catch {
    return [];
  }
}

export const write = (groups: readonly Group[]) => (groups.length ? JSON.stringify(groups) : "");

export const partsOf = (group: Group): Condition[] => ("any" in group ? group.any : [group]);

export function groupOf(parts: readonly Condition[]): Group | null {
  if (!parts.length) return null;
  return parts.length === 1 ? parts[0]! : { any: [...parts] };
}

/** Views that come with the product, for every kind. */
export const NEW_THIS_WEEK = write([{ field: "created_at", op: "within", value: "this_week" }]);
export const NO_NEXT_STEP = write([{ field: "next_action_at", op: "empty" }]);
