/** Finds records by name while somebody types, for fields that point at another record. */
import { api, type Page, type Query } from "@guanxi/api";
import type { Option } from "@guanxi/ui";

interface Named {
  id: number;
  name: string;
}

export function finder(path: string, query: Query = {}): (text: string) => Promise<Option<number>[]> {
  return async (text) => {
    const page = await api.get<Page<Named>>(path, { query: { ...query, q: text, limit: 20 } });
    return page.items.map((row) => ({ value: row.id, label: row.name }));
  };
}

export function textFinder(path: string): (text: string) => Promise<Option[]> {
  const find = finder(path);
  return async (text) => (await find(text)).map((option) => ({ ...option, value: String(option.value) }));
}
