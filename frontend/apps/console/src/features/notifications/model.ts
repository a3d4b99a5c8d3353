/** Notifications: what came, and that it was seen. */
import { api, useEndless, type Page } from "@guanxi/api";
import { useI18n } from "@guanxi/i18n";
import { useLiveQueries } from "@guanxi/realtime";
import { useMutation, useQuery, useQueryClient } from "@tanstack/vue-query";
import { computed } from "vue";
import type { RouteLocationRaw } from "vue-router";

import { recordRoute } from "../../app/kinds";
import { useSession } from "../../app/session";

export interface NotificationRow {
  id: number;
  kind: string;
  params: Record<string, unknown>;
  record: [string, number] | null;
  read_at: string | null;
  created_at: string;
}

export function useNotificationWords() {
  const { t, te } = useI18n();
  const session = useSession();
  return {
    title: (row: NotificationRow) => {
      const mine = row.params.owner && row.params.owner === session.session?.member.name ? "_mine" : "";
      const key = `notifications.kinds.${row.kind.replaceAll(".", "_")}${mine}`;
      return te(key) ? t(key, row.params) : t("notifications.kinds.other", row.params);
    },
    to: (row: NotificationRow): RouteLocationRaw => {
      if (row.kind.startsWith("delegation_")) return { name: "settings-delegations" };
      if (row.kind === "handover_orphans") return { name: "settings-handovers" };
      if (row.record?.[0] === "handover") return { name: "handover", params: { id: String(row.record[1]) } };
      if (row.record?.[0] === "channel") return { name: "settings-channels" };
      if (row.record?.[0] === "webhook") return { name: "settings-webhook", params: { id: row.record[1] } };
      if (row.record?.[0] === "transfer_request") return { name: "duplicates" };
      if (row.record?.[0] === "pool") return { name: "pool", params: { id: String(row.record[1]) } };
      return (row.record && recordRoute(row.record[0], row.record[1])) ?? { name: "notifications" };
    },
  };
}

export function useBell() {
  const queries = useQueryClient();
  const unread = useQuery({ queryKey: ["notifications", "unread"], queryFn: () => api.get<{ unread: number }>("/notifications/unread") });
  const newest = useQuery({
    queryKey: ["notifications", "newest"],
    queryFn: () => api.get<Page<NotificationRow>>("/notifications", { query: { limit: 12 } }),
  });
  useLiveQueries("notification.*", () => [["notifications"]]);

  const read = useMutation({
    mutationFn: (ids: number[] | null) => api.post("/notifications/read", ids ? { ids } : { all: true }),
    onMutate: (ids) => {
      const now = new Date().toISOString();
      queries.setQueryData<Page<NotificationRow>>(["notifications", "newest"], (page) =>
        page ? { ...page, items: page.items.map((row) => (!ids || ids.includes(row.id) ? { ...row, read_at: row.read_at ?? now } : row)) } : page,
      );
      queries.setQueryData<{ unread: number }>(["notifications", "unread"], (before) =>
        before ? { unread: ids ? Math.max(0, before.unread - ids.length) : 0 } : before,
      );
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: ["notifications"] }),
  });

  return {
    unread: computed(() => unread.data.value?.unread ?? 0),
    items: computed(() => newest.data.value?.items ?? []),
    markRead: (row: NotificationRow) => !row.read_at && read.mutate([row.id]),
    markAll: () => read.mutate(null),
  };
}

export function useAllNotifications() {
  return useEndless<NotificationRow>({ key: ["notifications", "all"], path: "/notifications" });
}
