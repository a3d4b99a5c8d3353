/** How a list is looked at: in the address bar, so that Back returns to it and a colleague can be sent it. */
import type { Query } from "@guanxi/api";
import type { FilterValues, Sort } from "@guanxi/ui";
import { computed, type ComputedRef, type WritableComputedRef } from "vue";
import { useRoute, useRouter, type LocationQueryRaw } from "vue-router";

export interface ListLook {
  filters: FilterValues;
  order: string;
}

export interface ListState {
  view: WritableComputedRef<string>;
  q: WritableComputedRef<string>;
  filters: WritableComputedRef<FilterValues>;
  sort: WritableComputedRef<Sort | null>;
  query: ComputedRef<Query>;
  look: ComputedRef<ListLook>;
  show: (view: string, look: ListLook) => void;
}

const OWN = new Set(["view", "q", "order", "new"]);

export function useListState(standard: { view: string; order?: string; filters?: FilterValues }): ListState {
  const route = useRoute();
  const router = useRouter();
  const place = route.name;

  function put(next: LocationQueryRaw): void {
    // A list that is just being left must not write into the next page's address.
    if (route.name === place) void router.replace({ query: next });
  }

  const text = (name: string) => (typeof route.query[name] === "string" ? (route.query[name] as string) : "");
  const written = computed<FilterValues>(() => {
    const found: FilterValues = {};
    for (const [name, value] of Object.entries(route.query)) {
      if (OWN.has(name) || value === null || value === undefined) continue;
      found[name] = Array.isArray(value) ? value.map(String) : String(value);
    }
    return found;
  });
  /** An address without a word of view or filters means the first view, with what it filters by. */
  const current = computed<FilterValues>(() => (!text("view") && !Object.keys(written.value).length ? (standard.filters ?? {}) : written.value));

  const rest = (without: string[]) => Object.fromEntries(Object.entries(route.query).filter(([name]) => !without.includes(name)));

  const filters = computed({
    get: () => current.value,
    set: (next) => put({ ...rest(Object.keys(written.value)), view: text("view") || standard.view, ...next }),
  });
  const q = computed({
    get: () => text("q"),
    set: (next) => put({ ...rest(["q"]), ...(next ? { q: next } : {}) }),
  });
  const order = computed(() => text("order") || standard.order || "");

  return {
    filters,
    q,
    view: computed({ get: () => text("view") || standard.view, set: (next) => put({ ...rest(["view"]), view: next }) }),
    sort: computed({
      get: () => (order.value ? { id: order.value.replace(/^-/, ""), down: order.value.startsWith("-") } : null),
      set: (next) => put({ ...rest(["order"]), ...(next ? { order: (next.down ? "-" : "") + next.id } : {}) }),
    }),
    query: computed(() => ({ ...current.value, q: q.value || undefined, order: order.value || undefined })),
    look: computed(() => ({ filters: current.value, order: order.value })),
    show: (view, look) => put({ view, ...look.filters, ...(look.order && look.order !== standard.order ? { order: look.order } : {}) }),
  };
}
