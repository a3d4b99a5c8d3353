/** Conversations and messages as the API shows them. */
import { BellOff, Bot, CircleCheck, Hourglass, MessageSquare } from "@lucide/vue";
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

export const CONVERSATION_SIGNS: Record<ConversationState, { tone: Tone; icon: Component }> = {
  bot: { tone: "info", icon: Bot },
  queued: { tone: "bad", icon: Hourglass },
  open: { tone: "accent", icon: MessageSquare },
  snoozed: { tone: "quiet", icon: BellOff },
  resolved: { tone: "ok", icon: CircleCheck },
};
