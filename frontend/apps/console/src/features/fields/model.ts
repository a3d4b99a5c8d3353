/** The workspace's own fields as the settings page writes them. */
import { AlignLeft, AtSign, Building, Calculator, Calendar, CalendarClock, CircleDot, CircleUserRound, Coins, FileText, Hash, Link2, ListChecks, ListOrdered, Phone, ToggleLeft, Type, Waypoints } from "@lucide/vue";
import type { Component } from "vue";

import type { FieldConfig, FieldKind, FieldOption, LayoutSection, ShowWhen } from "../../records/fields";

export interface CustomField {
  id: number;
  kind: FieldKind;
  key: string;
  name: string;
  type: string;
  label: string;
  label_en: string;
  help_text: string;
  required: boolean;
  unique: boolean;
  default: unknown;
  options: FieldOption[];
  config: FieldConfig;
  show_when: ShowWhen | null;
  filterable: boolean;
  searchable: boolean;
  data_class: "plain" | "personal" | "sensitive";
  position: number;
  indexed_at: string | null;
  job_id: number | null;
  archived_at: string | null;
}

export const TYPES: readonly { id: string; icon: Component }[] = [
  { id: "text", icon: Type },
  { id: "long_text", icon: AlignLeft },
  { id: "number", icon: Hash },
  { id: "money", icon: Coins },
  { id: "date", icon: Calendar },
  { id: "datetime", icon: CalendarClock },
  { id: "boolean", icon: ToggleLeft },
  { id: "choice", icon: CircleDot },
  { id: "choices", icon: ListChecks },
  { id: "member", icon: CircleUserRound },
  { id: "department", icon: Building },
  { id: "phone", icon: Phone },
  { id: "email", icon: AtSign },
  { id: "link", icon: Link2 },
  { id: "file", icon: FileText },
  { id: "relation", icon: Waypoints },
  { id: "formula", icon: Calculator },
  { id: "auto_number", icon: ListOrdered },
];
export const iconOf = (type: string): Component => TYPES.find((one) => one.id === type)?.icon ?? Type;

const UNIQUE = new Set(["text", "number", "phone", "email", "link"]);
const SEARCHABLE = new Set(["text", "phone", "email", "auto_number"]);
const SAFE: Record<string, string[]> = { text: ["long_text"], phone: ["text", "long_text"], email: ["text", "long_text"], link: ["text", "long_text"] };
export const may = {
  options: (type: string) => type === "choice" || type === "choices",
  require: (type: string) => type !== "formula" && type !== "auto_number",
  unique: (type: string) => UNIQUE.has(type),
  filter: (type: string) => type !== "long_text" && type !== "file",
  search: (type: string) => SEARCHABLE.has(type),
  become: (type: string) => [type, ...(SAFE[type] ?? [])],
};
export const COLOURS = ["", "grey", "blue", "green", "orange", "red", "purple"] as const;

/** A list with the row at one place put to another. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list];
  const [row] = next.splice(from, 1);
  if (row !== undefined) next.splice(to, 0, row);
  return next;
}

/** A field put into a section at a place, and taken from where it stood; without a section it is on no page. */
export function placed(sections: readonly LayoutSection[], name: string, section: number | null, at: number): LayoutSection[] {
  return sections.map((one, index) => {
    const before = one.fields.indexOf(name);
    const rest = one.fields.filter((field) => field !== name);
    if (index !== section) return { ...one, fields: rest };
    const place = before >= 0 && before < at ? at - 1 : at;
    return { ...one, fields: [...rest.slice(0, place), name, ...rest.slice(place)] };
  });
}
