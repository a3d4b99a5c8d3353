/** Customers as the API shows them. */
import type { Option, Tone } from "@guanxi/ui";

import type { RecordBase } from "../../records/types";

export interface Customer extends RecordBase {
  name: string;
  kind: "company" | "person";
  level: "" | "A" | "B" | "C";
  industry: string;
  province: string;
  city: string;
  address: string;
  website: string;
  phone: string;
  email: string;
  description: string;
  parent_id: number | null;
}

export const LEVELS: readonly Option[] = ["A", "B", "C"].map((level) => ({ value: level, label: level }));
export const LEVEL_TONES: Record<string, Tone> = { A: "accent", B: "info", C: "quiet" };
export const SOURCES = ["wechat", "web", "phone", "referral", "exhibition", "campaign", "ads", "import", "manual", "other"] as const;
