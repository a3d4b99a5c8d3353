/** The kinds of records that the whole console knows: their sign, their page, their name. */
import { BookOpenText, Building2, CircleUserRound, FileText, Handshake, ListTodo, MessagesSquare, Sparkles } from "@lucide/vue";
import type { Component } from "vue";
import type { RouteLocationRaw } from "vue-router";

interface KindInfo {
  icon: Component;
  label: string;
  route: string;
}

const KINDS: Record<string, KindInfo> = {
  customer: { icon: Building2, label: "records.kinds.customer", route: "customer" },
  contact: { icon: CircleUserRound, label: "records.kinds.contact", route: "contact" },
  lead: { icon: Sparkles, label: "records.kinds.lead", route: "lead" },
  deal: { icon: Handshake, label: "records.kinds.deal", route: "deal" },
  task: { icon: ListTodo, label: "records.kinds.task", route: "task" },
  conversation: { icon: MessagesSquare, label: "records.kinds.conversation", route: "conversation" },
  faq: { icon: BookOpenText, label: "records.kinds.faq", route: "faq" },
  article: { icon: FileText, label: "records.kinds.article", route: "article" },
};

export function kindInfo(kind: string): KindInfo | null {
  return KINDS[kind] ?? null;
}

export function kindIcon(kind: string): Component {
  return KINDS[kind]?.icon ?? FileText;
}

export function recordRoute(kind: string, id: number | string | null | undefined): RouteLocationRaw | null {
  const info = KINDS[kind];
  return info && id !== null && id !== undefined ? { name: info.route, params: { id: String(id) } } : null;
}
