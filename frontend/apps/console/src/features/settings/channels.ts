/** Channels as the API shows them. */
import type { Tone } from "@guanxi/ui";

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
  state: string;
  health: string;
  fault: string;
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

export function channelTone(channel: Channel): Tone {
  if (channel.fault || channel.health === "failed" || channel.health === "faulty") return "bad";
  return channel.last_inbound_at || channel.verified_at ? "ok" : "warn";
}
