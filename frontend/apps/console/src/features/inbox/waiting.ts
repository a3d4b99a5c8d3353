/** How many talks wait for an answer by people, for the number in the rail: kept up to date on whatever page is open. */
import { api } from "@guanxi/api";
import { useLiveQueries } from "@guanxi/realtime";
import { useQuery, type UseQueryReturnType } from "@tanstack/vue-query";
import { computed, ref, watchEffect } from "vue";

import { useSession } from "../../app/session";
import type { Counts } from "./model";

export const waitingCount = ref(0);

export function useCounts(): UseQueryReturnType<Counts, Error> {
  const session = useSession();
  return useQuery({
    queryKey: ["conversation", "counts"],
    queryFn: () => api.get<Counts>("/conversations/counts"),
    enabled: computed(() => session.may("conversation.read")),
    staleTime: 30_000,
  });
}

export function useWaiting(): void {
  const counts = useCounts();
  useLiveQueries(["message.*", "conversation.*"], () => [["conversation", "counts"]], 600);
  watchEffect(() => (waitingCount.value = counts.data.value?.waiting ?? 0));
}
