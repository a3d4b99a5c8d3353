/** Where records come from. */
import type { Option } from "@guanxi/ui";

export const SOURCES = ["wechat", "web", "phone", "referral", "repeat", "exhibition", "campaign", "ads", "import", "api", "manual", "other"] as const;

/** A source that nobody foresaw stays as it is written. */
export function sourceOptions(t: (key: string) => string, present = ""): Option[] {
  const known = SOURCES.map((value) => ({ value, label: t(`records.source.${value}`) })) as Option[];
  return present && !known.some((option) => option.value === present) ? [...known, { value: present, label: present }] : known;
}
