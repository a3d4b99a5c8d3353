/** Members, roles and departments as the API shows them. */
import { api } from "@guanxi/api";
import { useI18n, type Translate } from "@guanxi/i18n";
import { useQuery } from "@tanstack/vue-query";
import { computed } from "vue";

export interface Member {
  id: number;
  name: string;
  email: string;
  phone: string;
  title: string;
  state: string;
  roles: string[];
  department: { id: number; name: string } | null;
  manager: { id: number; name: string } | null;
  last_seen_at: string | null;
  version: number;
}

export interface Invitation {
  id: number;
  email: string;
  name: string;
  roles: string[];
  department: { id: number; name: string } | null;
  state: string;
  expires_at: string;
  created_at: string;
}

export interface Department {
  id: number;
  name: string;
  parent_id: number | null;
  path: string;
  position: number;
  head_id: number | null;
  members: number;
}

export interface Grant {
  scope: string;
  departments: string[];
}

export interface Role {
  id: number;
  code: string;
  name: string;
  built_in: boolean;
  grants: Record<string, Grant>;
  field_modes: Record<string, Record<string, string>>;
  members: number;
  /** What a built-in role grants as shipped: permission → scope. */
  defaults: Record<string, string> | null;
}

/** A code for a new role: people see its name alone. */
export const newRoleCode = (): string => `role_${Date.now().toString(36)}`;

export const SCOPES = ["SELF", "SUBORDINATES", "DEPARTMENT", "DEPARTMENT_AND_BELOW", "ALL"] as const;

/** Built-in roles have words in the catalog; others the name that somebody gave them. */
export function roleName(t: unknown, te: (key: string) => boolean, code: string, name = ""): string {
  const key = `settings.roles.names.${code}`;
  return te(key) ? (t as Translate)(key) : name || code;
}

export function useRoles() {
  const { t, te } = useI18n();
  const query = useQuery({ queryKey: ["roles"], queryFn: () => api.get<{ items: Role[]; permissions: Record<string, string[]> }>("/roles"), staleTime: 60_000 });
  const roles = computed(() => query.data.value?.items ?? []);
  return {
    query,
    roles,
    permissions: computed(() => query.data.value?.permissions ?? {}),
    options: computed(() => roles.value.map((role) => ({ value: role.code, label: roleName(t, te, role.code, role.name) }))),
  };
}

export const depthOf = (department: Department): number => Math.max(0, department.path.split("/").filter(Boolean).length - 1);

export function useDepartments() {
  const query = useQuery({ queryKey: ["departments"], queryFn: () => api.get<{ items: Department[] }>("/departments"), staleTime: 60_000 });
  const departments = computed(() => query.data.value?.items ?? []);
  return {
    query,
    departments,
    options: computed(() => departments.value.map((one) => ({ value: one.id, label: `${"\u2003".repeat(depthOf(one))}${one.name}` }))),
  };
}
