/** Colleagues, for owners, assignees and filters: few enough to be fetched once. */
import { api, type Page } from "@guanxi/api";
import type { Option } from "@guanxi/ui";
import { useQuery } from "@tanstack/vue-query";
import { computed, type ComputedRef } from "vue";

export interface MemberCard {
  id: number;
  name: string;
  title?: string;
  active?: boolean;
  state?: string;
}

/** The answer may be a page or a plain list; both hold the same cards. */
async function fetchMembers(): Promise<MemberCard[]> {
  const answer = await api.get<Page<MemberCard> | MemberCard[]>("/members", { query: { limit: 100 } });
  return Array.isArray(answer) ? answer : answer.items;
}

export function useMembers(): { members: ComputedRef<MemberCard[]>; options: ComputedRef<Option[]>; numbers: ComputedRef<Option<number>[]>; nameOf: (id: number | null) => string } {
  const query = useQuery({ queryKey: ["members", "brief"], queryFn: fetchMembers, staleTime: 5 * 60_000 });
  const members = computed(() => query.data.value ?? []);
  return {
    members,
    options: computed(() => members.value.map((member) => ({ value: String(member.id), label: member.name, note: member.title }))),
    numbers: computed(() => members.value.map((member) => ({ value: member.id, label: member.name, note: member.title }))),
    nameOf: (id) => members.value.find((member) => member.id === id)?.name ?? "",
  };
}
