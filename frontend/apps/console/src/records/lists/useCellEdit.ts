/** A cell that is changed in place: shown at once, sent with the version that was seen, taken back when refused. */
import { api, ApiProblem, type Page } from "@guanxi/api";
import { useI18n } from "@guanxi/i18n";
import { toast } from "@guanxi/ui";
import { useQueryClient, type InfiniteData } from "@tanstack/vue-query";

import { useSession } from "../../app/session";
import { keyOf, type RecordField } from "../fields";
import type { RecordBase } from "../types";
import { useProblemToast } from "../useProblemToast";

type Rows<R> = InfiniteData<Page<R>>;
/** These have a step of their own, or more to them than a value. */
const NOT_HERE = ["tags", "file", "formula", "auto_number", "relation", "choices"];

export function useCellEdit<R extends RecordBase>(kind: string, path: string) {
  const queries = useQueryClient();
  const session = useSession();
  const complain = useProblemToast();
  const { t } = useI18n();

  function put(id: R["id"], change: (row: R) => R): void {
    queries.setQueriesData<Rows<R>>({ queryKey: [kind, "list"] }, (data) =>
      data?.pages ? { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.map((row) => (row.id === id ? change(row) : row)) })) } : data,
    );
  }

  const patched = (row: R, field: RecordField, value: unknown): R =>
    field.is_custom ? { ...row, custom: { ...(row as { custom?: object }).custom, [keyOf(field.name)]: value } } : { ...row, [field.name]: value };

  async function save(row: R, field: RecordField, value: unknown): Promise<void> {
    const version = (row as { version?: number }).version;
    const body = field.is_custom ? { custom: { ...(row as { custom?: object }).custom, [keyOf(field.name)]: value } } : { [field.name]: value };
    put(row.id, (now) => patched(now, field, value));
    try {
      const saved = await api.patch<R>(`${path}/${row.id}`, body, version === undefined ? {} : { version });
      put(row.id, () => saved);
    } catch (error) {
      put(row.id, () => row);
      if (error instanceof ApiProblem && error.status === 412) {
        toast({ text: t("records.lists.edit.conflict"), tone: "warn" });
        void queries.invalidateQueries({ queryKey: [kind, "list"] });
      } else complain(error);
    }
  }

  return {
    save,
    editable: (_row: R, field: RecordField | undefined) => Boolean(field?.editable && field.mode === "edit" && !NOT_HERE.includes(field.type) && session.may(`${kind}.update`)),
  };
}
