/** Collaborators of a record and whoever can see it, as the API shows them. */
import { api } from "@guanxi/api";
import { useI18n, type Translate } from "@guanxi/i18n";
import { useLiveQueries } from "@guanxi/realtime";
import type { Option } from "@guanxi/ui";
import { useQuery } from "@tanstack/vue-query";
import { computed, toValue, type MaybeRefOrGetter } from "vue";

import { useSession } from "../../app/session";
import { useMembers } from "../members";

export interface Share {
  id: number;
  subject: string;
  name: string;
  level: "read" | "edit";
  until: string | null;
  by: string;
}

export interface Reason {
  code: string;
  role: string;
  scope: string;
  subject: string;
  level: string;
  until: string | null;
  by_id: number | null;
  member_id: number | null;
}

export interface Viewer {
  id: number;
  name: string;
  title: string;
  reasons: Reason[];
}

export interface Viewers {
  items: Viewer[];
  total: number;
  next: number | null;
  names: Record<string, string>;
}

export function useShares(kind: MaybeRefOrGetter<string>, id: MaybeRefOrGetter<number>) {
  const key = computed(() => ["shares", toValue(kind), toValue(id)]);
  const query = useQuery({
    queryKey: key,
    queryFn: () => api.get<{ items: Share[]; may_share: boolean; may_see_viewers: boolean }>(`/records/${toValue(kind)}/${toValue(id)}/shares`),
  });
  useLiveQueries("record.*", (event) => (event.record?.[0] === toValue(kind) && event.record[1] === toValue(id) ? [key.value, ["viewers", toValue(kind), toValue(id)]] : []));
  return { key, query, shares: computed(() => query.data.value?.items ?? []) };
}

/** Whom a record can be shared with: colleagues, teams, departments with all below them. */
export function useSubjects() {
  const { t } = useI18n();
  const session = useSession();
  const { members } = useMembers();
  const teams = useQuery({ queryKey: ["teams"], queryFn: () => api.get<{ items: { id: number; name: string; members: unknown[] }[] }>("/teams"), enabled: session.may("team.read"), staleTime: 60_000 });
  const departments = useQuery({ queryKey: ["departments"], queryFn: () => api.get<{ items: { id: number; name: string; path: string }[] }>("/departments"), enabled: session.may("department.read"), staleTime: 60_000 });
  const options = computed<Option[]>(() => [
    ...members.value.filter((one) => one.id !== session.session?.member.id).map((one) => ({ value: `member:${one.id}`, label: one.name, note: one.title })),
    ...(teams.data.value?.items ?? []).map((one) => ({ value: `team:${one.id}`, label: one.name, note: t("records.sharing.team") })),
    ...(departments.data.value?.items ?? []).map((one) => ({ value: `department:${one.id}`, label: one.name, note: t("records.sharing.department") })),
  ]);
  return { options };
}

/** Says a reason in a sentence. */
export function sayReason(t: unknown, te: (key: string) => boolean, reason: Reason, names: Record<string, string>): string {
  const say = t as Translate;
  const of = (id: number | null) => names[`member:${id}`] ?? "";
  const role = te(`settings.roles.names.${reason.role}`) ? say(`settings.roles.names.${reason.role}`) : reason.role;
  return say(`records.sharing.reasons.${reason.code}`, {
    role,
    scope: reason.scope ? say(`settings.roles.scopes.${reason.scope}`) : "",
    subject: names[reason.subject] ?? "",
    level: reason.level ? say(`records.sharing.levels.${reason.level}`) : "",
    by: of(reason.by_id),
    member: of(reason.member_id),
  });
}
