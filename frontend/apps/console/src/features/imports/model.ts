/** Imports and exports as the page knows them. */
import { api, type ApiProblem } from "@guanxi/api";
import { useI18n } from "@guanxi/i18n";
import { useLiveQueries } from "@guanxi/realtime";
import type { Tone } from "@guanxi/ui";
import { useQuery, type UseQueryReturnType } from "@tanstack/vue-query";
import { computed } from "vue";

export const KINDS = ["customer", "contact", "lead", "deal"] as const;
export type Kind = (typeof KINDS)[number];
export type OnMatch = "skip" | "fill" | "overwrite" | "create";

export interface Options {
  match_keys: string[];
  on_match: OnMatch;
  bad_rows: "skip" | "stop";
  owner_rule: "importer" | "nobody" | "turns";
  owner_ids: number[];
  tags: string[];
  source: string;
}

export interface Problem {
  row: number;
  column: string;
  code: string;
  cell: string;
}

export interface Report {
  rows?: number;
  bad?: number;
  create?: number;
  change?: number;
  skip?: number;
  repeated?: number;
  by_code?: Record<string, number>;
  by_column?: Record<string, number>;
  problems?: Problem[];
}

export interface ImportBrief {
  id: number;
  kind: Kind;
  state: "uploaded" | "checking" | "checked" | "running" | "done" | "failed" | "cancelled" | "undoing" | "undone";
  member: { id: number; name: string } | null;
  file_name: string;
  report: Report;
  counts: Record<string, number>;
  job_id: number | null;
  has_errors: boolean;
  may_undo: boolean;
  created_at: string;
  finished_at: string | null;
  undone_at: string | null;
}

export interface ImportWhole extends ImportBrief {
  table: { format: string; encoding: string; delimiter: string; header_row: number; size: number; remembered: boolean };
  headers: string[];
  mapping: string[];
  options: Options;
  sample: { row: number; cells: string[] }[];
}

export interface Target {
  name: string;
  kind: Kind;
  field: string;
  type: string;
  label: string;
  required: boolean;
  is_key: boolean;
  choices: string[];
}

export interface ExportBrief {
  id: number;
  kind: Kind;
  state: "running" | "done" | "failed" | "cancelled" | "expired";
  member: { id: number; name: string } | null;
  format: string;
  columns: string[];
  filters: Record<string, unknown>;
  chosen: number | null;
  rows: number;
  job_id: number | null;
  has_file: boolean;
  created_at: string;
  finished_at: string | null;
  expires_at: string | null;
}

export interface Job {
  id: number;
  state: string;
  done: number;
  total: number;
}

export const LIST_OF: Record<Kind, string> = { customer: "customers", contact: "contacts", lead: "leads", deal: "deals" };
export const BUSY: readonly string[] = ["checking", "running", "undoing"];
export const TONES: Record<string, Tone> = { uploaded: "quiet", checking: "accent", checked: "accent", running: "accent", undoing: "accent", done: "ok", failed: "bad", cancelled: "quiet", undone: "quiet", expired: "quiet" };

export function useImport(id: () => number | null): UseQueryReturnType<ImportWhole, ApiProblem> {
  useLiveQueries("import.*", () => [["import", "one", id()]]);
  return useQuery<ImportWhole, ApiProblem>({
    queryKey: computed(() => ["import", "one", id()]),
    queryFn: () => api.get<ImportWhole>(`/imports/${id()}`),
    enabled: computed(() => id() !== null),
    refetchInterval: (now) => (now.state.data && BUSY.includes(now.state.data.state) ? 5000 : false),
  });
}

/** How far the job of an import or export is. The socket tells it; a slow question stands behind, should the socket be away. */
export function useProgress(id: () => number | null | undefined): UseQueryReturnType<Job, ApiProblem> {
  useLiveQueries("job.*", () => [["job", "progress", id()]], 300);
  return useQuery<Job, ApiProblem>({
    queryKey: computed(() => ["job", "progress", id()]),
    queryFn: () => api.get<Job>(`/jobs/${id()}`),
    enabled: computed(() => Boolean(id())),
    refetchInterval: (now) => (now.state.data && ["queued", "running"].includes(now.state.data.state) ? 5000 : false),
  });
}

export function useTargets(kind: () => Kind | undefined): UseQueryReturnType<Target[], ApiProblem> {
  return useQuery<Target[], ApiProblem>({
    queryKey: computed(() => ["import", "targets", kind()]),
    queryFn: () => api.get<Target[]>("/imports/targets", { query: { kind: kind() } }),
    enabled: computed(() => Boolean(kind())),
  });
}

export function useDataWords(): { labelOf: (kind: string, name: string, label?: string) => string; wrong: (code: string) => string } {
  const { t, te } = useI18n();
  function labelOf(kind: string, name: string, label = ""): string {
    if (label) return label;
    if (name.startsWith("contact.")) return t("imports.ofContact", { field: labelOf("contact", name.slice(8)) });
    const key = [`imports.labels.${kind}.${name}`, `imports.labels.any.${name}`].find((one) => te(one));
    return key ? t(key) : name.replace(/^custom\./, "");
  }
  return { labelOf, wrong: (code) => (te(`imports.wrong.${code}`) ? t(`imports.wrong.${code}`) : code) };
}

/** Fetches a fresh link and lets the browser save what is behind it. */
export async function save(path: string): Promise<void> {
  const link = await api.get<{ url: string; name: string }>(path);
  const anchor = document.createElement("a");
  anchor.href = link.url;
  anchor.download = link.name;
  anchor.click();
}
