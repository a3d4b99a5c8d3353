/** The live line in components: handlers by kind, and lists that refresh themselves. */
import { useQueryClient, type QueryKey } from "@tanstack/vue-query";
import { inject, onScopeDispose, provide, ref, type InjectionKey, type Ref } from "vue";

import type { LiveClient, LiveEvent, LiveState, Transient } from "./client";

const LIVE: InjectionKey<LiveClient> = Symbol("live");

export function provideLive(client: LiveClient): void {
  provide(LIVE, client);
}

/** `lead.created`, `lead.*` or `*`. */
export function kindFits(pattern: string, kind: string): boolean {
  if (pattern === "*" || pattern === kind) return true;
  return pattern.endsWith(".*") && kind.startsWith(pattern.slice(0, -1));
}

function fitsAny(patterns: string | readonly string[], kind: string): boolean {
  return [patterns].flat().some((pattern) => kindFits(pattern, kind));
}

/** Runs `handler` for live events of these kinds, as long as the component stands. */
export function useLive(kinds: string | readonly string[], handler: (event: LiveEvent) => void): void {
  const client = inject(LIVE, null);
  if (!client) return;
  onScopeDispose(client.onEvent((event) => fitsAny(kinds, event.kind) && handler(event)));
}

/** Lets cached queries be asked anew when something of these kinds happens; a burst of events asks once. */
export function useLiveQueries(kinds: string | readonly string[], keys: (event: LiveEvent) => readonly QueryKey[], wait = 120): void {
  const queries = useQueryClient();
  const pending = new Map<string, QueryKey>();
  let timer: ReturnType<typeof setTimeout> | null = null;
  const flush = () => {
    timer = null;
    for (const queryKey of pending.values()) void queries.invalidateQueries({ queryKey });
    pending.clear();
  };
  useLive(kinds, (event) => {
    for (const key of keys(event)) pending.set(JSON.stringify(key), key);
    timer ??= setTimeout(flush, wait);
  });
  onScopeDispose(() => timer && clearTimeout(timer));
}

/** What is said once and not kept: who types, the words of an answer as they come. */
export function useTransient(channel: () => string | null, handler: (payload: Transient["payload"]) => void): void {
  const client = inject(LIVE, null);
  if (client) onScopeDispose(client.onTransient((transient) => transient.channel === channel() && handler(transient.payload)));
}

export function useLiveState(): Ref<LiveState> {
  const client = inject(LIVE, null);
  const state = ref<LiveState>(client?.state ?? "stopped");
  if (client) onScopeDispose(client.onState((next) => (state.value = next)));
  return state;
}

export function useLiveClient(): LiveClient | null {
  return inject(LIVE, null);
}
