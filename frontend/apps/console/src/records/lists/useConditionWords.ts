/** Conditions in words: for chips, menus and what a screen reader says. */
import { useI18n } from "@guanxi/i18n";

import { useFieldWords, type RecordField } from "../fields";
import { useMembers } from "../members";
import { sourceOptions } from "../sources";
import { needsValue, partsOf, SPANS, type Condition, type Group } from "./conditions";
import type { Option } from "@guanxi/ui";

export function useConditionWords(kind: () => string, byName: () => Map<string, RecordField>) {
  const { t, te } = useI18n();
  const { labelOf, optionLabel } = useFieldWords();
  const { options: members } = useMembers();

  const fieldLabel = (name: string) => {
    const field = byName().get(name);
    return field ? labelOf(kind(), field) : name;
  };
  const opLabel = (op: string) => t(`records.lists.op.${op}`);

  /** The values that a field offers by itself; null where one types. */
  function optionsOf(field: RecordField, op: string): Option[] | null {
    if (op === "within") return SPANS.map((value) => ({ value, label: t(`records.lists.span.${value}`) }));
    if (op === "in_department") return [{ value: "mine", label: t("records.lists.myDepartment") }];
    if (field.type === "member") return [{ value: "me", label: t("records.lists.me") }, ...members.value];
    if (field.type === "boolean") return ["true", "false"].map((value) => ({ value, label: t(`records.lists.${value === "true" ? "yes" : "no"}`) }));
    if (field.options.length) return field.options.filter((one) => !one.archived).map((one) => ({ value: one.id, label: optionLabel(one) }));
    if (field.choices.length) return field.choices.map((value) => ({ value, label: choiceLabel(field, value) }));
    if (field.name === "source") return sourceOptions(t as never);
    return null;
  }

  function choiceLabel(field: RecordField, value: string): string {
    const places = [`${kind()}s.${field.name}.${value}`, `${kind()}s.states.${value}`, `${kind()}s.state.${value}`];
    const known = places.find((key) => te(key));
    return known ? t(known) : value;
  }

  function valueLabel(one: Condition): string {
    const field = byName().get(one.field);
    const options = field ? optionsOf(field, one.op) : null;
    const name = (value: unknown) => options?.find((option) => option.value === String(value))?.label ?? String(value ?? "");
    if (one.op === "between" && Array.isArray(one.value)) return one.value.map(name).join(" – ");
    return (Array.isArray(one.value) ? one.value : [one.value]).map(name).join(" / ");
  }

  const say = (one: Condition) => [fieldLabel(one.field), opLabel(one.op), needsValue(one.op) ? valueLabel(one) : ""].filter(Boolean).join(" ");
  const sayGroup = (group: Group) => partsOf(group).map(say).join(` ${t("records.lists.or")} `);

  return { fieldLabel, opLabel, optionsOf, valueLabel, say, sayGroup };
}
