/** What was typed into an existing piece and not saved: kept until it was, beside the version that it began from. */
export interface KeptDraft<V> {
  version: number;
  values: V;
}

const nameOf = (kind: string, id: number) => `guanxi.edit.${kind}.${id}`;

export function readEdit<V>(kind: string, id: number): KeptDraft<V> | null {
  try {
    return JSON.parse(localStorage.getItem(nameOf(kind, id)) ?? "null") as KeptDraft<V> | null;
  } catch {
    return null;
  }
}

export function keepEdit<V>(kind: string, id: number, draft: KeptDraft<V> | null): void {
  try {
    if (draft === null) localStorage.removeItem(nameOf(kind, id));
    else localStorage.setItem(nameOf(kind, id), JSON.stringify(draft));
  } catch {
    // Without storage it lasts as long as the page.
  }
}

/** Whether two forms hold the same, whatever the order of their fields. */
export function same(a: object, b: object): boolean {
  const sorted = (value: object) => JSON.stringify(Object.entries(value).sort(([x], [y]) => x.localeCompare(y)));
  return sorted(a) === sorted(b);
}
