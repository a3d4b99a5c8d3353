/** Saved views of a kind: those that come with the product, one's own, and shared ones. */
import { api } from "@guanxi/api";
import type { FilterValues, SavedView } from "@guanxi/ui";
import { useQuery, useQueryClient } from "@tanstack/vue-query";
import { computed, type ComputedRef } from "vue";

import type { ListLook, ListState } from "./useListState";

interface StoredView {
  id: number;
  name: string;
  member_id: number;
  shared: boolean;
  filters: Record<string, string | string[]>;
  columns: string[];
  order: string;
}

export interface FixedView {
  id: string;
  label: string;
  filters: Readonly<Record<string, string | string[] | undefined>>;
}

export interface Views {
  views: ComputedRef<SavedView[]>;
  dirty: ComputedRef<boolean>;
  choose: (id: string) => void;
  save: (name: string, columns: string[]) => Promise<void>;
  update: (id: string, columns: string[]) => Promise<void>;
  remove: (id: string) => Promise<void>;
}

function same(a: ListLook, b: ListLook): boolean {
  const plain = (look: ListLook) => JSON.stringify([Object.entries(look.filters).sort(), look.order]);
  return plain(a) === plain(b);
}

export function useViews(kind: string, fixed: ComputedRef<FixedView[]>, state: ListState, order: string): Views {
  const queries = useQueryClient();
  const queryKey = ["views", kind];
  const stored = useQuery({ queryKey, queryFn: () => api.get<StoredView[]>("/views", { query: { kind } }), staleTime: 5 * 60_000 });
  const rows = computed(() => stored.data.value ?? []);

  function lookOf(id: string): ListLook | null {
    const known = fixed.value.find((view) => view.id === id);
    if (known) return { filters: known.filters as FilterValues, order };
    const row = rows.value.find((view) => String(view.id) === id);
    return row ? { filters: row.filters, order: row.order || order } : null;
  }

  const refresh = () => queries.invalidateQueries({ queryKey });

  return {
    views: computed(() => [
      ...fixed.value.map((view) => ({ id: view.id, label: view.label, fixed: true })),
      ...rows.value.map((view) => ({ id: String(view.id), label: view.name, shared: view.shared })),
    ]),
    dirty: computed(() => {
      const look = lookOf(state.view.value);
      return look !== null && !same(look, state.look.value);
    }),
    choose: (id) => {
      const look = lookOf(id);
      if (look) state.show(id, look);
    },
    save: async (name, columns) => {
      const made = await api.post<StoredView>("/views", { kind, name, columns, ...state.look.value });
      await refresh();
      state.show(String(made.id), state.look.value);
    },
    update: async (id, columns) => {
      await api.patch(`/views/${id}`, { columns, ...state.look.value });
      await refresh();
    },
    remove: async (id) => {
      await api.delete(`/views/${id}`);
      await refresh();
      const first = fixed.value[0];
      if (first) state.show(first.id, { filters: first.filters as FilterValues, order });
    },
  };
}
