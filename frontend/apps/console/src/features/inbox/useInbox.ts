/** The list of conversations, kept in its order while talks go on. */
import { api, ApiProblem, useEndless, type EndlessList } from "@guanxi/api";
import { useLive } from "@guanxi/realtime";
import { useQueryClient, type QueryClient } from "@tanstack/vue-query";
import { computed, onScopeDispose, ref, watch, type ComputedRef, type Ref } from "vue";
import { useRoute, useRouter } from "vue-router";

import { useSession } from "../../app/session";
import { isView, type Conversation, type View } from "./model";
import { fits, place, type Pages } from "./talk";

const LAST_VIEW = "guanxi.inbox.view";

interface ListQuery {
  view?: View;
  q?: string;
}

/** Puts a conversation's newer state wherever it is shown. */
export function settle(queries: QueryClient, conversation: Conversation, me: number): void {
  queries.setQueryData(["conversation", "one", conversation.id], conversation);
  for (const [key] of queries.getQueriesData<Pages<Conversation>>({ queryKey: ["conversation", "list"] })) {
    const query = (key.at(-1) ?? {}) as ListQuery;
    queries.setQueryData<Pages<Conversation>>(key, (data) => {
      const known = data?.pages.some((page) => page.items.some((one) => one.id === conversation.id));
      // What a search found is the server's to say; here only what it found already is kept fresh.
      const belongs = query.q ? Boolean(known) : fits(conversation, query.view ?? "all", me);
      return place(data, conversation, belongs);
    });
  }
}

function lose(queries: QueryClient, id: number): void {
  queries.setQueriesData<Pages<Conversation>>({ queryKey: ["conversation", "list"] }, (data) =>
    data ? { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.filter((one) => one.id !== id) })) } : data,
  );
}

/** Asks for conversations anew that something happened to; many events of one talk ask once. */
export function useFreshConversations(): void {
  const queries = useQueryClient();
  const session = useSession();
  const pending = new Set<number>();
  let timer: ReturnType<typeof setTimeout> | null = null;

  async function refresh(id: number): Promise<void> {
    try {
      settle(queries, await api.get<Conversation>(`/conversations/${id}`), session.session?.member.id ?? 0);
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 404) lose(queries, id);
    }
  }

  useLive(["message.*", "conversation.*"], (event) => {
    if (event.record?.[0] !== "conversation") return;
    pending.add(event.record[1]);
    timer ??= setTimeout(() => {
      timer = null;
      for (const id of pending) void refresh(id);
      pending.clear();
    }, 60);
  });
  onScopeDispose(() => timer && clearTimeout(timer));
}

export interface Inbox {
  view: ComputedRef<View>;
  show: (view: View) => void;
  typed: Ref<string>;
  list: EndlessList<Conversation>;
  selected: ComputedRef<number | null>;
  open: (id: number | null) => void;
  step: (by: 1 | -1) => void;
}

export function useInbox(): Inbox {
  const route = useRoute();
  const router = useRouter();
  const remembered = localStorage.getItem(LAST_VIEW);
  const view = computed<View>(() => (isView(route.query.view) ? route.query.view : isView(remembered) && !route.query.q ? remembered : "all"));
  const q = ref(typeof route.query.q === "string" ? route.query.q : "");
  const typed = ref(q.value);
  let timer = 0;
  watch(typed, (text) => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => (q.value = text.trim()), 220);
  });

  const list = useEndless<Conversation>({ key: ["conversation", "list"], path: "/conversations", query: () => ({ view: view.value, q: q.value || undefined }), limit: 40 });
  const selected = computed(() => (route.params.id ? Number(route.params.id) : null));

  function go(id: number | null, to: View): void {
    void router[id === null || selected.value === null ? "push" : "replace"]({ name: "inbox", params: id === null ? {} : { id: String(id) }, query: { view: to } });
  }

  return {
    view,
    show: (to) => {
      try {
        localStorage.setItem(LAST_VIEW, to);
      } catch {
        // Then the next visit begins with all.
      }
      void router.replace({ name: "inbox", params: route.params, query: { view: to } });
    },
    typed,
    list,
    selected,
    open: (id) => go(id, view.value),
    step: (by) => {
      const rows = list.rows.value;
      const at = rows.findIndex((one) => one.id === selected.value);
      const next = rows[at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by))];
      if (next) go(next.id, view.value);
      if (at >= rows.length - 4) list.loadMore();
    },
  };
}
