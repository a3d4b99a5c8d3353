/** Conversations and messages as the API shows them. */
import { BellOff, Bot, CircleCheck, Globe, Hourglass, MessageCircle, MessageSquare } from "@lucide/vue";
import type { Tone } from "@guanxi/ui";
import type { Component } from "vue";

import type { MemberBrief } from "../../records/types";

export type ConversationState = "bot" | "queued" | "open" | "snoozed" | "resolved";

export interface Conversation {
  id: number;
  channel_id: number;
  channel_kind: string;
  state: ConversationState;
  person: { id: number; kind: string; display_name: string; avatar_url: string };
  assignee: MemberBrief | null;
  handover_reason: string;
  handed_over_at: string | null;
  first_replied_at: string | null;
  resolved_at: string | null;
  last_message_at: string;
  last_inbound_at: string | null;
  last_message_preview: string;
  waiting_since: string | null;
  snoozed_until: string | null;
  unread_count: number;
  lead_id: number | null;
  contact_id: number | null;
  customer_id: number | null;
  attribution: Record<string, unknown>;
  version: number;
  created_at: string;
  updated_at: string;
}

export interface Message {
  id: number;
  conversation_id: number;
  direction: "in" | "out";
  sender: "customer" | "assistant" | "member" | "system";
  member_id: number | null;
  kind: string;
  text: string;
  payload: Record<string, unknown>;
  file_id: number | null;
  generated: boolean;
  sources: Record<string, unknown>[];
  state: string;
  error: string;
  sent_at: string;
  created_at: string;
}

export interface SendWindow {
  limited: boolean;
  open: boolean;
  remaining: number | null;
  bot_remaining: number | null;
  until: string | null;
  reason: string;
}

export interface CannedReply {
  id: number;
  shortcut: string;
  title: string;
  text: string;
  use_count: number;
}

export interface Preview {
  action: string;
  reason: string;
  text: string;
  items: { id: string; text: string }[];
  tail: string;
  generated: boolean;
  asks_contact: boolean;
  confidence: number;
  direct_from: number;
  menu_from: number;
  embedded: boolean;
  sources: { ref: string; title: string; score: number }[];
  candidates: { ref: string; question: string; answer: string; score: number }[];
  captured: Record<string, string>;
  memory: Record<string, unknown>;
}

export const CONVERSATION_SIGNS: Record<ConversationState, { tone: Tone; icon: Component }> = {
  bot: { tone: "info", icon: Bot },
  queued: { tone: "bad", icon: Hourglass },
  open: { tone: "accent", icon: MessageSquare },
  snoozed: { tone: "quiet", icon: BellOff },
  resolved: { tone: "ok", icon: CircleCheck },
};

export const CHANNEL_SIGNS: Record<string, { tone: Tone; icon: Component }> = {
  wechat: { tone: "wechat", icon: MessageCircle },
  web: { tone: "info", icon: Globe },
};
export const channelSign = (kind: string) => CHANNEL_SIGNS[kind] ?? { tone: "quiet" as Tone, icon: MessageSquare };

export const VIEWS = ["mine", "unassigned", "waiting", "bot", "open", "snoozed", "resolved", "all"] as const;
export type View = (typeof VIEWS)[number];
export type Counts = Record<Exclude<View, "resolved" | "all">, number>;
/** Those that stand as tabs; the others are in the menu beside them. */
export const TABS: readonly View[] = ["mine", "unassigned", "waiting", "bot"];

export const isView = (value: unknown): value is View => VIEWS.includes(value as View);
