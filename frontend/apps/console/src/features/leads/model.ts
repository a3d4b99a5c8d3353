/** Leads as the API shows them, and the way they go. */
import { Ban, CircleCheck, CircleDashed, CircleDot, PhoneCall, Sprout, UserRoundCheck } from "@lucide/vue";
import type { Tone } from "@guanxi/ui";
import type { Component } from "vue";

import type { RecordBase } from "../../records/types";

export type LeadState = "new" | "assigned" | "contacting" | "qualified" | "converted" | "nurturing" | "invalid";

export interface Lead extends RecordBase {
  name: string;
  company: string;
  phone: string;
  email: string;
  wechat: string;
  title: string;
  city: string;
  need: string;
  budget: string;
  timing: string;
  state: LeadState;
  state_reason: string;
  score: number;
  response_due_at: string | null;
  first_response_at: string | null;
  assigned_at: string | null;
  conversation_id: number | null;
  converted_customer_id: number | null;
  converted_contact_id: number | null;
  converted_deal_id: number | null;
  converted_at: string | null;
}

export const LEAD_SIGNS: Record<LeadState, { tone: Tone; icon: Component }> = {
  new: { tone: "info", icon: CircleDashed },
  assigned: { tone: "violet", icon: UserRoundCheck },
  contacting: { tone: "warn", icon: PhoneCall },
  qualified: { tone: "accent", icon: CircleDot },
  converted: { tone: "ok", icon: CircleCheck },
  nurturing: { tone: "quiet", icon: Sprout },
  invalid: { tone: "quiet", icon: Ban },
};
export const LEAD_STATES = Object.keys(LEAD_SIGNS) as LeadState[];

export const leadTitle = (lead: Pick<Lead, "name" | "company" | "phone" | "id">): string => lead.name || lead.company || lead.phone || `#${lead.id}`;

/** Nobody has answered yet, and the time for it is over. */
export function isLate(lead: Lead, now = Date.now()): boolean {
  return Boolean(lead.response_due_at && !lead.first_response_at && ["new", "assigned"].includes(lead.state) && Date.parse(lead.response_due_at) < now);
}
