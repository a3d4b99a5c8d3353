/** How many rows fit: exact up to ten thousand, honest beyond. */
import { api, type Query } from "@guanxi/api";
import { useI18n } from "@guanxi/i18n";
import { keepPreviousData, useQuery } from "@tanstack/vue-query";
import { computed, type ComputedRef } from "vue";

interface Count {
  count: number | null;
  exact: boolean;
}

export function useCount(kind: string, path: string, query: ComputedRef<Query>, enabled: () => boolean) {
  const { t, locale } = useI18n();
  const asked = computed(() => ({ ...query.value, order: undefined }));
  const count = useQuery<Count>({ queryKey: computed(() => [kind, "list", "count", asked.value]), queryFn: ({ signal }) => api.get<Count>(`${path}/count`, { query: asked.value, signal }), enabled, placeholderData: keepPreviousData });
  const number = computed(() => count.data.value?.count ?? null);
  const said = computed(() => {
    if (number.value === null) return "";
    const shown = number.value.toLocaleString(locale.value);
    return t("records.lists.count", { n: count.data.value?.exact ? shown : `${shown}+` });
  });
  return { number, said, exact: computed(() => count.data.value?.exact ?? false) };
}
