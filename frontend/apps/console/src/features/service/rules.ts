/** Assignment rules as the API shows them, and their order. */
export interface Rule {
  id: number;
  name: string;
  active: boolean;
  position: number;
  sources: string[];
  method: "round_robin" | "least_loaded";
  member_ids: number[];
  online_only: boolean;
  response_minutes: number;
}

export const ordered = (rules: readonly Rule[]): Rule[] => [...rules].sort((a, b) => a.position - b.position || a.id - b.id);

/** The rules that get another place when one is moved by a step; several may share a place, so that all are counted anew. */
export function moved(rules: readonly Rule[], id: number, by: 1 | -1): { id: number; position: number }[] {
  const order = ordered(rules);
  const from = order.findIndex((rule) => rule.id === id);
  const to = from + by;
  if (from < 0 || to < 0 || to >= order.length) return [];
  const [rule] = order.splice(from, 1);
  if (rule) order.splice(to, 0, rule);
  return order.flatMap((one, position) => (one.position === position ? [] : [{ id: one.id, position }]));
}

/** Rules that never come to work: an earlier one takes all that they would take. */
export function shadowed(rules: readonly Rule[]): Set<number> {
  const seen = new Set<string>();
  const hidden = new Set<number>();
  let everything = false;
  for (const rule of ordered(rules)) {
    if (!rule.active) continue;
    if (everything || (rule.sources.length > 0 && rule.sources.every((source) => seen.has(source)))) hidden.add(rule.id);
    if (!rule.sources.length) everything = true;
    for (const source of rule.sources) seen.add(source);
  }
  return hidden;
}
