/** Where a person first came from, out of what the channel kept. */
export const TOUCHES = ["label", "scene", "event", "utm_source", "utm_medium", "utm_campaign", "referrer", "page", "landing"] as const;
export type TouchKey = (typeof TOUCHES)[number];

export function touchesOf(attribution: Record<string, unknown>): { key: TouchKey; value: string }[] {
  const first = attribution.first;
  const kept = (typeof first === "object" && first !== null ? first : attribution) as Record<string, unknown>;
  return TOUCHES.flatMap((key) => (typeof kept[key] === "string" && kept[key] ? [{ key, value: kept[key] as string }] : []));
}
