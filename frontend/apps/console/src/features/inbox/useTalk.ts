/** One talk: its messages, what is being sent, who types, and what is left of the channel's window. */
import { api, ApiProblem, newIdempotencyKey, useEndless, type EndlessList, type Page } from "@guanxi/api";
import { useLive, useLiveClient, useLiveState, useTransient } from "@guanxi/realtime";
import { useQuery, useQueryClient, type UseQueryReturnType } from "@tanstack/vue-query";
import { computed, onScopeDispose, ref, watch, type ComputedRef, type Ref } from "vue";

import { useSession } from "../../app/session";
import { keepUnsent, readUnsent } from "./keep";
import type { Conversation, Message, SendWindow } from "./model";
import { takeIn, type Pages } from "./talk";

export interface Sending {
  key: string;
  text: string;
  kind: "text" | "image" | "file";
  fileId: number | null;
  /** A picture that is still here only. */
  picture: string;
  fileName: string;
  at: string;
  problem: ApiProblem | null;
}

export interface Typing {
  who: "customer" | "member";
  name: string;
}

const TYPING_FOR = 6000;

export function useConversation(id: () => number | null): UseQueryReturnType<Conversation, ApiProblem> {
  return useQuery<Conversation, ApiProblem>({
    queryKey: computed(() => ["conversation", "one", id()]),
    queryFn: () => api.get<Conversation>(`/conversations/${id()}`),
    enabled: computed(() => id() !== null),
  });
}

export function useWindow(id: () => number): UseQueryReturnType<SendWindow, ApiProblem> {
  return useQuery<SendWindow, ApiProblem>({ queryKey: computed(() => ["conversation", "window", id()]), queryFn: () => api.get<SendWindow>(`/conversations/${id()}/window`), enabled: computed(() => id() > 0), refetchInterval: 60_000 });
}

/** Who types, and an answer while it is being written. */
export function usePassing(id: () => number): { typing: Ref<Typing | null>; streamed: Ref<string> } {
  const session = useSession();
  const client = useLiveClient();
  const live = useLiveState();
  const typing = ref<Typing | null>(null);
  const streamed = ref("");
  let streaming = "";
  let timer = 0;

  const channel = () => `conversation:${id()}`;
  watch(
    [() => id(), live],
    ([now, state], [old]) => {
      typing.value = null;
      streamed.value = "";
      if (state !== "live" || !now) return;
      if (old && old !== now) client?.send({ type: "unwatch", channel: `conversation:${old}` });
      client?.send({ type: "watch", channel: channel() });
    },
    { immediate: true },
  );
  useTransient(channel, (payload) => {
    if (payload.type === "token") {
      if (payload.message_key !== streaming) streamed.value = "";
      streaming = String(payload.message_key ?? "");
      streamed.value += String(payload.text ?? "");
      return;
    }
    if (payload.type !== "typing" || payload.member_id === session.session?.member.id) return;
    typing.value = { who: payload.who === "member" ? "member" : "customer", name: String(payload.name ?? "") };
    window.clearTimeout(timer);
    timer = window.setTimeout(() => (typing.value = null), TYPING_FOR);
  });
  // The stored message takes the place of what was shown in passing.
  useLive(["message.queued", "message.sent", "message.received"], (event) => {
    if (event.record?.[1] !== id()) return;
    typing.value = null;
    if (event.kind !== "message.received") streamed.value = "";
  });
  onScopeDispose(() => {
    window.clearTimeout(timer);
    client?.send({ type: "unwatch", channel: channel() });
  });
  return { typing, streamed };
}

export interface Talk {
  list: EndlessList<Message>;
  /** Oldest first. */
  messages: ComputedRef<Message[]>;
  sending: Ref<Sending[]>;
  say: (text: string) => Promise<void>;
  sendFile: (file: File) => Promise<void>;
  retry: (one: Sending) => Promise<void>;
  discard: (one: Sending) => void;
  note: (text: string) => Promise<void>;
  again: (message: Message) => Promise<void>;
}

export function useTalk(id: () => number, sent: (message: Message) => void): Talk {
  const queries = useQueryClient();
  const session = useSession();
  const me = () => session.session?.member.id ?? 0;
  const key = (of: number) => ["conversation", "talk", of, {}];
  const list = useEndless<Message>({ key: () => ["conversation", "talk", id()], path: () => `/conversations/${id()}/messages`, limit: 40, enabled: () => id() > 0 });
  const messages = computed(() => [...list.rows.value].filter((one) => one.conversation_id === id()).reverse());
  const sending = ref<Sending[]>([]);
  let flying = 0;

  watch(
    id,
    (now) => {
      sending.value = readUnsent(me(), now).map((one) => ({ ...blank(one.key, one.text), at: new Date(one.at).toISOString(), problem: new ApiProblem({ code: "unreachable", status: 0 }) }));
    },
    { immediate: true },
  );

  function take(of: number, fresh: readonly Message[]): void {
    queries.setQueryData<Pages<Message>>(key(of), (data) => takeIn(data, fresh));
  }

  /** The newest messages answer every event, also one that was missed before it; an older one that changed is asked for by its id. */
  async function refresh(of: number, messageId: unknown): Promise<void> {
    const page = await api.get<Page<Message>>(`/conversations/${of}/messages`, { query: { limit: 15 } });
    const own = (one: Message) => flying > 0 && one.member_id === me() && one.state === "pending" && one.kind !== "note";
    take(of, page.items.filter((one) => !own(one)));
    if (typeof messageId === "number" && !page.items.some((one) => one.id === messageId)) take(of, [await api.get<Message>(`/messages/${messageId}`)]);
  }

  let timer = 0;
  let asked: unknown = null;
  useLive(["message.*", "conversation.note_added"], (event) => {
    if (event.record?.[0] !== "conversation" || event.record[1] !== id()) return;
    const of = id();
    asked = event.data.message_id;
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void refresh(of, asked).catch(() => list.reload()), 30);
    void queries.invalidateQueries({ queryKey: ["conversation", "window", of] });
  });
  onScopeDispose(() => window.clearTimeout(timer));

  function blank(sendKey: string, text: string): Sending {
    return { key: sendKey, text, kind: "text", fileId: null, picture: "", fileName: "", at: new Date().toISOString(), problem: null };
  }

  function keep(): void {
    keepUnsent(me(), id(), sending.value.filter((one) => one.kind === "text").map((one) => ({ key: one.key, text: one.text, at: Date.parse(one.at) })));
  }

  function drop(one: Sending): void {
    if (one.picture) URL.revokeObjectURL(one.picture);
    sending.value = sending.value.filter((other) => other.key !== one.key);
    keep();
  }

  function mark(one: Sending, changes: Partial<Sending>): void {
    sending.value = sending.value.map((other) => (other.key === one.key ? { ...other, ...changes } : other));
  }

  /** The key names the message: sent twice, it is written once. */
  async function send(one: Sending): Promise<void> {
    const of = id();
    flying += 1;
    mark(one, { problem: null });
    try {
      const message = await api.post<Message>(`/conversations/${of}/messages`, { text: one.text, kind: one.kind, file_id: one.fileId, key: one.key }, { idempotencyKey: one.key });
      take(of, [message]);
      drop(one);
      sent(message);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      mark(one, { problem: error });
      if (error.status === 409) void queries.invalidateQueries({ queryKey: ["conversation", "window", of] });
    } finally {
      flying -= 1;
      if (!flying) void refresh(of, null).catch(() => undefined);
    }
  }

  async function upload(one: Sending, file: File): Promise<void> {
    const body = new FormData();
    body.append("file", file);
    body.append("purpose", "message");
    flying += 1;
    try {
      const stored = await api.post<{ id: number }>("/files", body);
      mark(one, { fileId: stored.id });
      await send({ ...one, fileId: stored.id });
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      mark(one, { problem: error });
    } finally {
      flying -= 1;
    }
  }

  const waiting = new Map<string, File>();
  return {
    list,
    messages,
    sending,
    say: async (text) => {
      const one = blank(newIdempotencyKey(), text);
      sending.value = [...sending.value, one];
      keep();
      await send(one);
    },
    sendFile: async (file) => {
      const picture = file.type.startsWith("image/");
      const one: Sending = { ...blank(newIdempotencyKey(), ""), kind: picture ? "image" : "file", picture: picture ? URL.createObjectURL(file) : "", fileName: file.name };
      waiting.set(one.key, file);
      sending.value = [...sending.value, one];
      await upload(one, file);
    },
    retry: async (one) => {
      const file = waiting.get(one.key);
      mark(one, { problem: null });
      if (file && one.fileId === null) await upload(one, file);
      else await send(one);
    },
    discard: drop,
    note: async (text) => take(id(), [await api.post<Message>(`/conversations/${id()}/notes`, { text })]),
    again: async (message) => take(id(), [await api.post<Message>(`/messages/${message.id}/retry`)]),
  };
}
