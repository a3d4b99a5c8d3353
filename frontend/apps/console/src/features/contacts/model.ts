/** Contacts as the API shows them. */
import type { Brief, RecordBase } from "../../records/types";

export const ROLES = ["decider", "user", "influencer", "payer", "other"] as const;

export interface CustomerLink {
  customer: Brief;
  role: (typeof ROLES)[number];
  is_primary: boolean;
}

export interface Contact extends RecordBase {
  name: string;
  title: string;
  phone: string;
  email: string;
  wechat: string;
  birthday: string | null;
  description: string;
  customers: CustomerLink[];
}
