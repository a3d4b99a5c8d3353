/** Channels as the API shows them, and how they fare. */
import { api, type ApiProblem } from "@guanxi/api";
import { useLiveQueries } from "@guanxi/realtime";
import type { Tone } from "@guanxi/ui";
import { useQuery, type UseQueryReturnType } from "@tanstack/vue-query";
import { computed } from "vue";

export interface ChannelStep {
  name: string;
  state: "done" | "waiting" | "failed";
  code: string;
  params: Record<string, unknown>;
}

export interface Channel {
  id: number;
  kind: string;
  name: string;
  key: string;
  state: "setup" | "active" | "disconnected";
  health: "unknown" | "ok" | "warning" | "error";
  fault: string;
  fault_at: string | null;
  settings: Record<string, unknown>;
  capabilities: Record<string, boolean>;
  verified_at: string | null;
  last_inbound_at: string | null;
  version: number;
}

export interface ChannelDetail extends Channel {
  steps: ChannelStep[];
  secrets_set: string[];
  refused: Record<string, number>;
}

export interface QrCode {
  id: number;
  scene: string;
  label: string;
  permanent: boolean;
  url: string;
  image_url: string;
  expires_at: string | null;
  scans: number;
  follows: number;
  created_at: string;
}

export interface WebLook {
  color: string;
  side: "left" | "right";
  greeting: { zh: string; en: string };
  starters: { zh: string[]; en: string[] };
  allowed_origins: string[];
}

/** One word for how a channel fares: a fault before all, then how far connecting is. */
export function standing(channel: Channel): { code: string; tone: Tone } {
  if (channel.state === "disconnected") return { code: "disconnected", tone: "quiet" };
  if (channel.health === "error") return { code: channel.fault || "error", tone: "bad" };
  if (channel.health === "warning") return { code: channel.fault || "warning", tone: "warn" };
  return channel.state === "active" ? { code: "active", tone: "ok" } : { code: "setup", tone: "info" };
}

/** The first step that is not done is the one to look at. */
export const nextStep = (steps: readonly ChannelStep[]): ChannelStep | null => steps.find((step) => step.state !== "done") ?? null;

export function webLook(settings: Record<string, unknown>): WebLook {
  const words = (value: unknown) => (typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {});
  const list = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
  const greeting = words(settings.greeting);
  const starters = words(settings.starters);
  return {
    color: String(settings.color ?? "#0f7b6c"),
    side: settings.side === "left" ? "left" : "right",
    greeting: { zh: String(greeting.zh ?? ""), en: String(greeting.en ?? "") },
    starters: { zh: list(starters.zh), en: list(starters.en) },
    allowed_origins: list(settings.allowed_origins),
  };
}

/** One entry a line, without what is empty. */
export const lines = (text: string): string[] => text.split("\n").map((line) => line.trim()).filter(Boolean);

/** Black or white, whichever can be read on a colour. */
export function inkOn(color: string): string {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255).map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  const light = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 ? "#ffffff" : "#1b1d1f";
}

const WAITING_LOOKS_EVERY = 5000;

export function useChannel(id: () => number): UseQueryReturnType<ChannelDetail, ApiProblem> {
  useLiveQueries("channel.*", () => [["channel"]]);
  return useQuery<ChannelDetail, ApiProblem>({
    queryKey: computed(() => ["channel", "one", id()]),
    queryFn: () => api.get<ChannelDetail>(`/channels/${id()}`),
    // While one waits for the other side, the page looks by itself.
    refetchInterval: (query) => (query.state.data && nextStep(query.state.data.steps) ? WAITING_LOOKS_EVERY : false),
  });
}
