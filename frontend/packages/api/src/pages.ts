/** Keyset pages for vue-query: one endless list per set of filters, old rows kept while it refreshes. */
import { keepPreviousData, useInfiniteQuery } from "@tanstack/vue-query";
import { computed, toValue, type ComputedRef, type MaybeRefOrGetter, type Ref } from "vue";

import { api, type Query } from "./http";
import type { ApiProblem } from "./problem";

export interface Page<T> {
  items: T[];
  next: string | null;
  total?: number | null;
}

export interface EndlessList<T> {
  rows: ComputedRef<T[]>;
  total: ComputedRef<number | null>;
  /** Nothing to show yet. */
  loading: ComputedRef<boolean>;
  /** Rows stand while newer ones are fetched. */
  refreshing: ComputedRef<boolean>;
  more: ComputedRef<boolean>;
  loadingMore: Ref<boolean>;
  problem: ComputedRef<ApiProblem | null>;
  loadMore: () => void;
  reload: () => void;
}

export interface EndlessOptions {
  key: MaybeRefOrGetter<readonly unknown[]>;
  path: MaybeRefOrGetter<string>;
  query?: MaybeRefOrGetter<Query>;
  limit?: number;
  enabled?: MaybeRefOrGetter<boolean>;
}

export function useEndless<T>(options: EndlessOptions): EndlessList<T> {
  const list = useInfiniteQuery<Page<T>, ApiProblem>({
    queryKey: computed(() => [...toValue(options.key), toValue(options.query) ?? {}]),
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<T>>(toValue(options.path), {
        query: { ...toValue(options.query), limit: options.limit ?? 50, cursor: (pageParam as string | null) ?? undefined },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
    enabled: computed(() => toValue(options.enabled) ?? true),
  });
  return {
    rows: computed(() => list.data.value?.pages.flatMap((page) => page.items) ?? []),
    total: computed(() => list.data.value?.pages[0]?.total ?? null),
    loading: computed(() => list.isPending.value && list.fetchStatus.value !== "idle"),
    refreshing: computed(() => list.isFetching.value && !list.isPending.value && !list.isFetchingNextPage.value),
    more: computed(() => list.hasNextPage.value),
    loadingMore: list.isFetchingNextPage,
    problem: computed(() => list.error.value),
    loadMore: () => {
      if (list.hasNextPage.value && !list.isFetchingNextPage.value) void list.fetchNextPage();
    },
    reload: () => void list.refetch(),
  };
}
