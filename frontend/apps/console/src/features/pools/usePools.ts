/** The pools that one may look into, kept fresh. */
import { api, type ApiProblem } from "@guanxi/api";
import { useLiveQueries } from "@guanxi/realtime";
import { useQuery } from "@tanstack/vue-query";
import { computed } from "vue";

import type { Pool, PoolBrief } from "./model";

export function usePools() {
  const query = useQuery<PoolBrief[], ApiProblem>({ queryKey: ["pools", "list"], queryFn: () => api.get<PoolBrief[]>("/pools") });
  useLiveQueries(["pool.*"], () => [["pools"]], 600);
  return query;
}

export function usePool(id: () => number) {
  const query = useQuery<Pool, ApiProblem>({ queryKey: computed(() => ["pools", "one", id()]), queryFn: () => api.get<Pool>(`/pools/${id()}`) });
  useLiveQueries(["pool.*"], () => [["pools"]], 600);
  return query;
}
