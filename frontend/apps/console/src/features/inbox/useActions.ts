/** Who has the word: each step shows at once, returns to what was when refused, and may be undone where the server can. */
import { api, ApiProblem } from "@guanxi/api";
import { useI18n } from "@guanxi/i18n";
import { toast } from "@guanxi/ui";
import { useQueryClient } from "@tanstack/vue-query";
import { ref, type Ref } from "vue";

import { useSession } from "../../app/session";
import { useMembers } from "../../records/members";
import { useProblemToast } from "../../records/useProblemToast";
import type { Conversation, ConversationState } from "./model";
import { settle } from "./useInbox";

interface Step {
  path: string;
  body?: Record<string, unknown>;
  shown: Partial<Conversation>;
  said: string;
  undo?: () => void;
}

export interface Actions {
  busy: Ref<string>;
  takeOver: (conversation: Conversation) => Promise<void>;
  handBack: (conversation: Conversation) => Promise<void>;
  assign: (conversation: Conversation, memberId: number) => Promise<void>;
  resolve: (conversation: Conversation) => Promise<void>;
  reopen: (conversation: Conversation) => Promise<void>;
  snooze: (conversation: Conversation, until: Date) => Promise<void>;
  read: (conversation: Conversation) => Promise<void>;
}

export function useActions(): Actions {
  const { t } = useI18n();
  const queries = useQueryClient();
  const session = useSession();
  const complain = useProblemToast();
  const { nameOf } = useMembers();
  const busy = ref("");
  const me = () => ({ id: session.session?.member.id ?? 0, name: session.session?.member.name ?? "" });
  const held = (id: number) => queries.getQueryData<Conversation>(["conversation", "one", id]);
  const put = (conversation: Conversation) => settle(queries, conversation, me().id);

  async function step(conversation: Conversation, { path, body, shown, said, undo }: Step): Promise<void> {
    if (busy.value) return;
    busy.value = path;
    put({ ...conversation, ...shown });
    try {
      const after = await api.post<Conversation>(`/conversations/${conversation.id}/${path}`, body);
      put(after);
      void queries.invalidateQueries({ queryKey: ["conversation", "counts"] });
      void queries.invalidateQueries({ queryKey: ["conversation", "history", conversation.id] });
      // What can be seen and not undone needs no message over the composer.
      if (undo) toast({ text: said, tone: "ok", undo });
    } catch (error) {
      put(conversation);
      refused(conversation, error);
    } finally {
      busy.value = "";
    }
  }

  function refused(conversation: Conversation, error: unknown): void {
    if (!(error instanceof ApiProblem)) throw error;
    void queries.invalidateQueries({ queryKey: ["conversation", "one", conversation.id] });
    if (error.code !== "taken_by_another") return complain(error);
    const name = nameOf(Number(error.params.member_id)) || t("inbox.colleague");
    const action = session.may("conversation.assign") ? { label: t("inbox.do.assignToMe"), run: () => void actions.assign(held(conversation.id) ?? conversation, me().id) } : undefined;
    toast({ text: t("inbox.said.takenBy", { name }), tone: "warn", action });
  }

  /** The way back to how it was, as far as there is one: nothing can be put into the queue by hand. */
  function back(conversation: Conversation): (() => void) | undefined {
    const now = () => held(conversation.id) ?? conversation;
    const ways: Partial<Record<ConversationState, () => void>> = {
      bot: () => void actions.handBack(now()),
      open: () => void (now().state === "resolved" ? actions.reopen(now()) : actions.takeOver(now())),
      snoozed: () => conversation.snoozed_until && void actions.snooze(now(), new Date(conversation.snoozed_until)),
      resolved: () => void actions.resolve(now()),
    };
    return ways[conversation.state];
  }

  const actions: Actions = {
    busy,
    takeOver: (conversation) =>
      step(conversation, { path: "take-over", shown: { state: "open", assignee: me() }, said: t("inbox.said.takenOver"), undo: conversation.state === "bot" ? back(conversation) : undefined }),
    handBack: (conversation) => step(conversation, { path: "hand-back", shown: { state: "bot", assignee: null, waiting_since: null }, said: t("inbox.said.handedBack"), undo: conversation.assignee?.id === me().id ? back(conversation) : undefined }),
    assign: (conversation, memberId) => {
      const before = conversation.assignee?.id;
      const undo = before ? () => void actions.assign(held(conversation.id) ?? conversation, before) : back(conversation);
      const name = nameOf(memberId);
      return step(conversation, { path: "assign", body: { member_id: memberId }, shown: { state: "open", assignee: { id: memberId, name } }, said: t("inbox.said.assigned", { name }), undo });
    },
    resolve: (conversation) =>
      step(conversation, { path: "resolve", shown: { state: "resolved", assignee: null, waiting_since: null, unread_count: 0 }, said: t("inbox.said.resolved", { name: conversation.person.display_name || t("inbox.somebody") }), undo: conversation.state === "queued" ? () => void actions.reopen(held(conversation.id) ?? conversation) : back(conversation) }),
    reopen: (conversation) => step(conversation, { path: "reopen", shown: { state: "open", assignee: me() }, said: t("inbox.said.reopened") }),
    snooze: (conversation, until) =>
      step(conversation, { path: "snooze", body: { until: until.toISOString() }, shown: { state: "snoozed", snoozed_until: until.toISOString() }, said: t("inbox.said.snoozed"), undo: back({ ...conversation, state: "open" }) }),
    read: async (conversation) => {
      put({ ...conversation, unread_count: 0 });
      try {
        await api.post(`/conversations/${conversation.id}/read`);
      } catch (error) {
        // It is only a number: the next event brings it back.
        if (!(error instanceof ApiProblem)) throw error;
      }
    },
  };
  return actions;
}

/** Tonight, tomorrow, Monday: the moments that people mean. */
export function snoozeChoices(now: Date): { id: "hour" | "evening" | "tomorrow" | "monday"; at: Date }[] {
  const at = (days: number, hour: number) => {
    const moment = new Date(now);
    moment.setDate(moment.getDate() + days);
    moment.setHours(hour, 0, 0, 0);
    return moment;
  };
  const monday = (8 - now.getDay()) % 7 || 7;
  const evening = at(0, 18);
  return [
    { id: "hour" as const, at: new Date(now.getTime() + 3_600_000) },
    ...(evening.getTime() - now.getTime() > 3_600_000 ? [{ id: "evening" as const, at: evening }] : []),
    { id: "tomorrow" as const, at: at(1, 9) },
    ...(monday > 1 ? [{ id: "monday" as const, at: at(monday, 9) }] : []),
  ];
}
