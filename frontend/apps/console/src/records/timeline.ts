/** A record's timeline: what came, what was written, and what the system noted, in words. */
import { ArrowRightLeft, CalendarDays, CircleDot, Handshake, Mail, MapPin, MessageSquare, Phone, Sparkles, StickyNote, UserRoundCheck } from "@lucide/vue";
import { useEndless } from "@guanxi/api";
import { useI18n } from "@guanxi/i18n";
import type { TimelineItem, Tone } from "@guanxi/ui";
import { computed, toValue, type Component, type ComputedRef, type MaybeRefOrGetter, type Ref } from "vue";

import type { MemberBrief } from "./types";

export interface ActivityOut {
  id: number;
  kind: string;
  event: string;
  subject: string;
  body: string;
  data: Record<string, unknown>;
  at: string;
  member: MemberBrief | null;
  actor_kind: string;
  record_kind: string;
  record_id: number;
  duration_minutes: number | null;
  version: number;
}

export interface TimelineLine extends TimelineItem {
  activity: ActivityOut;
}

export const WRITTEN: readonly { kind: string; icon: Component }[] = [
  { kind: "note", icon: StickyNote },
  { kind: "call", icon: Phone },
  { kind: "visit", icon: MapPin },
  { kind: "meeting", icon: CalendarDays },
  { kind: "email", icon: Mail },
];
const SIGNS: Record<string, { icon: Component; tone?: Tone }> = {
  note: { icon: StickyNote, tone: "warn" },
  call: { icon: Phone, tone: "info" },
  visit: { icon: MapPin, tone: "violet" },
  meeting: { icon: CalendarDays, tone: "violet" },
  email: { icon: Mail, tone: "info" },
  message: { icon: MessageSquare, tone: "wechat" },
};
const EVENT_SIGNS: [RegExp, Component][] = [
  [/assigned|owner/, UserRoundCheck],
  [/stage|state|moved/, ArrowRightLeft],
  [/^lead/, Sparkles],
  [/^deal/, Handshake],
];

function signOf(activity: ActivityOut): { icon: Component; tone?: Tone } {
  const known = SIGNS[activity.kind];
  if (known) return known;
  return { icon: EVENT_SIGNS.find(([pattern]) => pattern.test(activity.event))?.[1] ?? CircleDot };
}

export function useTimeline(kind: string, id: MaybeRefOrGetter<number>, shown: Ref<string>) {
  const { t, te } = useI18n();
  const list = useEndless<{ id: number; at: string; activity: ActivityOut }>({
    key: computed(() => ["timeline", kind, toValue(id)]),
    path: computed(() => `/timeline/${kind}/${toValue(id)}`),
    query: computed(() => ({ kinds: shown.value || undefined })),
    limit: 30,
  });

  function named(value: unknown): unknown {
    const key = `records.values.${String(value)}`;
    return typeof value === "string" && te(key) ? t(key) : value;
  }

  function titleOf(activity: ActivityOut): string {
    if (activity.kind === "system") {
      const key = `records.events.${activity.event.replaceAll(".", "_")}`;
      const params = Object.fromEntries(Object.entries(activity.data).map(([name, value]) => [name, named(value)]));
      return te(key) ? t(key, { subject: activity.subject, ...params }) : activity.subject || t("records.events.other");
    }
    const said = t(`records.did.${activity.kind}`);
    const length = activity.duration_minutes ? t("records.minutes", { n: activity.duration_minutes }) : "";
    return [said, activity.subject, length].filter(Boolean).join(" · ");
  }

  const items: ComputedRef<TimelineLine[]> = computed(() =>
    list.rows.value.map(({ id: line, at, activity }) => ({
      id: line,
      kind: activity.kind,
      at,
      ...signOf(activity),
      actor: activity.member?.name ?? (activity.actor_kind === "assistant" ? t("records.assistant") : undefined),
      title: titleOf(activity),
      body: activity.body,
      activity,
    })),
  );
  const kinds = computed(() =>
    [...WRITTEN.map((one) => one.kind), "message", "system"].map((value) => ({ value, label: t(`records.activity.${value}`) })),
  );
  return { list, items, kinds };
}
