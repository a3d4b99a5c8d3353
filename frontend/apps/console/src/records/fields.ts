/** The fields of a kind and how its page is laid out: what forms, lists and record pages are made of. */
import { api, type ApiProblem } from "@guanxi/api";
import { useI18n } from "@guanxi/i18n";
import { useLiveQueries } from "@guanxi/realtime";
import { useQuery } from "@tanstack/vue-query";
import { computed, type ComputedRef } from "vue";

export interface FieldOption {
  id: string;
  label: string;
  label_en: string;
  colour: string;
  archived: boolean;
}

export interface ShowWhen {
  field: string;
  op: "eq" | "ne" | "in" | "empty" | "not_empty";
  value?: unknown;
}

export interface FieldConfig {
  decimals?: number;
  unit?: string;
  min?: number;
  max?: number;
  relation?: string;
  formula?: string;
  result?: "number" | "text" | "date" | "boolean";
  prefix?: string;
  digits?: number;
  period?: string;
}

export interface RecordField {
  name: string;
  type: string;
  label: string;
  label_en: string;
  required: boolean;
  editable: boolean;
  filterable: boolean;
  sortable: boolean;
  choices: string[];
  relation: string;
  mode: "edit" | "read" | "masked" | "hidden";
  is_custom: boolean;
  id: number | null;
  help_text: string;
  default: unknown;
  options: FieldOption[];
  config: FieldConfig;
  show_when: ShowWhen | null;
}

export interface LayoutSection {
  code: string;
  label: string;
  label_en: string;
  fields: string[];
}

export interface Layout {
  kind: string;
  role: string;
  own: boolean;
  sections: LayoutSection[];
}

export type FieldKind = "customer" | "contact" | "lead" | "deal";
export const FIELD_KINDS: readonly FieldKind[] = ["customer", "contact", "lead", "deal"];
/** What a field is called where the page's words know it by another name. */
const WORDS: Record<string, string> = { owner_id: "owner", customer_id: "customer", contact_id: "contact", parent_id: "parent", pipeline_id: "pipeline", stage_id: "stage" };
const OWN_WORDS: Record<string, Record<string, string>> = {
  contact: { name: "contacts.name" },
  lead: { name: "leads.name", company: "leads.company", need: "leads.need", budget: "leads.budget", timing: "leads.timing" },
  deal: { name: "deals.name" },
};

export const keyOf = (name: string) => name.replace(/^custom\./, "");

export function useFieldWords(): { labelOf: (kind: string, field: Pick<RecordField, "name" | "label" | "label_en">) => string; optionLabel: (option: FieldOption) => string; sectionLabel: (section: LayoutSection) => string } {
  const { t, te, locale } = useI18n();
  const english = () => locale.value === "en";
  return {
    labelOf: (kind, field) => {
      if (field.label) return (english() && field.label_en) || field.label;
      const own = OWN_WORDS[kind]?.[field.name];
      return own ? t(own) : t(`records.fields.${WORDS[field.name] ?? field.name}`);
    },
    optionLabel: (option) => (english() && option.label_en) || option.label,
    sectionLabel: (section) => {
      const said = (english() && section.label_en) || section.label;
      return said || (te(`fields.sections.${section.code}`) ? t(`fields.sections.${section.code}`) : section.code);
    },
  };
}

export function useRecordFields(kind: () => string): { fields: ComputedRef<RecordField[]>; custom: ComputedRef<RecordField[]>; byName: ComputedRef<Map<string, RecordField>>; ready: ComputedRef<boolean>; problem: ComputedRef<ApiProblem | null> } {
  const query = useQuery<RecordField[], ApiProblem>({ queryKey: computed(() => ["fields", kind()]), queryFn: () => api.get<RecordField[]>(`/record-fields/${kind()}`), staleTime: 5 * 60_000 });
  useLiveQueries("custom_field.*", () => [["fields"], ["layout"]]);
  const fields = computed(() => query.data.value ?? []);
  return {
    fields,
    custom: computed(() => fields.value.filter((field) => field.is_custom)),
    byName: computed(() => new Map(fields.value.map((field) => [field.name, field]))),
    ready: computed(() => query.data.value !== undefined),
    problem: computed(() => query.error.value),
  };
}

export function useLayout(kind: () => string): { sections: ComputedRef<LayoutSection[]> } {
  const query = useQuery<Layout, ApiProblem>({ queryKey: computed(() => ["layout", kind()]), queryFn: () => api.get<Layout>(`/record-layouts/${kind()}`), staleTime: 5 * 60_000 });
  useLiveQueries("record_layout.*", () => [["layout"]]);
  return { sections: computed(() => query.data.value?.sections ?? []) };
}
