/** A record's timeline: what came, what was written, and what the system noted, in words. */
import { ArrowRightLeft, CalendarDays, CircleCheck, CircleDot, CircleX, Handshake, Mail, MailOpen, MapPin, MessageSquare, Phone, Sparkles, StickyNote, Trophy, UserRoundCheck } from "@lucide/vue";
import { useEndless } from "@guanxi/api";
import { useI18n } from "@guanxi/i18n";
import type { LiveEvent } from "@guanxi/realtime";
import { useSaying, type TimelineItem, type Tone } from "@guanxi/ui";
import { computed, toValue, type Component, type ComputedRef, type MaybeRefOrGetter, type Ref } from "vue";

import { recordRoute } from "../app/kinds";
import { useMembers } from "./members";
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
  state: "planned" | "done" | "cancelled";
  ends_at: string | null;
  place: string;
  outcome: string;
  next_step: string;
  check_in: { at: string; latitude: number | null; longitude: number | null; accuracy: number | null; address: string; distance: number | null; file_id: number | null } | null;
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
  { kind: "letter", icon: MailOpen },
];
const SIGNS: Record<string, { icon: Component; tone?: Tone }> = {
  note: { icon: StickyNote, tone: "warn" },
  call: { icon: Phone, tone: "info" },
  visit: { icon: MapPin, tone: "violet" },
  meeting: { icon: CalendarDays, tone: "violet" },
  email: { icon: Mail, tone: "info" },
  letter: { icon: MailOpen, tone: "info" },
  message: { icon: MessageSquare, tone: "wechat" },
};
const EVENT_SIGNS: [RegExp, Component, Tone?][] = [
  [/^deal_won/, Trophy, "ok"],
  [/^deal_lost/, CircleX, "bad"],
  [/converted|done/, CircleCheck, "ok"],
  [/assigned|owner/, UserRoundCheck],
  [/stage|state|moved/, ArrowRightLeft],
  [/^lead/, Sparkles, "accent"],
  [/^deal/, Handshake, "accent"],
];

/** What an event is called here: a move into a closing stage is won or lost, whatever the stage is named. */
export function eventName({ event, data }: Pick<ActivityOut, "event" | "data">): string {
  const name = event.replaceAll(".", "_");
  if (name === "deal_stage_changed") {
    if (data.to_kind === "won") return "deal_won";
    if (data.to_kind === "lost") return data.reason ? "deal_lost_because" : "deal_lost";
    if (data.from_kind && data.from_kind !== "open") return "deal_reopened";
  }
  if (name === "lead_state_changed" && data.reason) return "lead_state_changed_because";
  if (name === "lead_assigned" || name === "deal_assigned" || name === "customer_assigned") return data.to ? name : name.replace("assigned", "unassigned");
  return name;
}

function signOf(activity: ActivityOut): { icon: Component; tone?: Tone } {
  const known = SIGNS[activity.kind];
  if (known) return known;
  const sign = EVENT_SIGNS.find(([pattern]) => pattern.test(eventName(activity)));
  return { icon: sign?.[1] ?? CircleDot, tone: sign?.[2] };
}

export function useTimeline(kind: string, id: MaybeRefOrGetter<number>, shown: Ref<string>) {
  const { t, te } = useI18n();
  const list = useEndless<{ id: number; at: string; activity: ActivityOut }>({
    key: computed(() => ["timeline", kind, toValue(id)]),
    path: computed(() => `/timeline/${kind}/${toValue(id)}`),
    query: computed(() => ({ kinds: shown.value || undefined })),
    limit: 30,
  });

  const { nameOf } = useMembers();
  const saying = useSaying();
  const listed = (names: string[]) => new Intl.ListFormat(saying.value.locale, { type: "conjunction", style: "narrow" }).format(names);
  const first = (keys: string[], otherwise: string) => keys.map((key) => (te(key) ? t(key) : "")).find(Boolean) ?? otherwise;

  /** What the blanks of an event's words are filled with: names for ids, words for codes. */
  function blanks({ event, data, subject }: ActivityOut): Record<string, unknown> {
    const said: Record<string, unknown> = { subject, ...data };
    if (event.endsWith("assigned")) said.owner = nameOf(Number(data.to)) || t("records.somebody");
    if (event.startsWith("handover.")) for (const end of ["from", "to"]) said[end] = nameOf(Number(data[end])) || t("records.somebody");
    if (event.endsWith("state_changed")) for (const end of ["from", "to"]) said[end] = first([`records.values.${String(data[end])}`], String(data[end] ?? ""));
    if (typeof data.source === "string") said.source = first([`records.source.${data.source}`], data.source);
    if (Array.isArray(data.fields)) said.fields = listed(data.fields.map((field) => first([`records.fields.${String(field)}`, `leads.${String(field)}`], String(field))));
    if (data.title) said.subject = data.title;
    return said;
  }

  function titleOf(activity: ActivityOut): string {
    if (activity.kind === "system") {
      const key = `records.events.${eventName(activity)}`;
      const named = activity.record_kind !== kind && activity.data.name && !activity.event.endsWith("created") ? t("records.ofRecord", { kind: t(`records.kinds.${activity.record_kind}`), name: activity.data.name as string }) : "";
      return named + (te(key) ? t(key, blanks(activity)) : activity.subject || t("records.events.other"));
    }
    if (activity.event === "conversation.talk") return talkTitle(activity);
    const said = activity.state === "planned" ? t(`records.plans.${activity.kind}`) : t(`records.did.${activity.kind}`);
    const length = activity.duration_minutes ? t("records.minutes", { n: activity.duration_minutes }) : "";
    const outcome = activity.outcome ? t(`records.outcome.${activity.outcome}`) : "";
    const off = activity.state === "cancelled" ? t("records.cancelledPlan") : "";
    return [said, activity.subject, length, outcome, off].filter(Boolean).join(" · ");
  }

  /** One line a day and talk: over which channel, and how much was said. */
  function talkTitle({ data }: ActivityOut): string {
    const channel = first([`records.source.${String(data.channel)}`], String(data.channel ?? ""));
    return data.messages === 1 ? t("records.talkOne", { channel }) : t("records.talk", { channel, n: data.messages });
  }

  /** What happened to another record leads there. */
  function wayOf({ record_kind, record_id }: ActivityOut): TimelineItem["to"] {
    return record_kind === kind && record_id === toValue(id) ? undefined : (recordRoute(record_kind, record_id) ?? undefined);
  }

  const items: ComputedRef<TimelineLine[]> = computed(() =>
    list.rows.value.map(({ id: line, at, activity }) => ({
      id: line,
      kind: activity.kind,
      at,
      ...signOf(activity),
      actor: activity.member?.name ?? (activity.actor_kind === "assistant" ? t("records.assistant") : undefined),
      title: titleOf(activity),
      to: wayOf(activity),
      body: activity.body,
      activity,
    })),
  );
  const kinds = computed(() =>
    [...WRITTEN.map((one) => one.kind), "message", "system"].map((value) => ({ value, label: t(`records.activity.${value}`) })),
  );
  return { list, items, kinds };
}

/** Whether something that is heard of a talk concerns this timeline: it shows the talk, or was just joined to it. */
export function concerns(event: Pick<LiveEvent, "kind" | "record" | "data">, kind: string, id: number, shown: readonly ActivityOut[]): boolean {
  if (event.kind === "conversation.linked") return kind === "contact" || event.data[`${kind}_id`] === id;
  return shown.some((one) => one.record_kind === "conversation" && one.record_kind === event.record?.[0] && one.record_id === event.record[1]);
}
