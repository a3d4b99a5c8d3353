/** The person's language and zone for components that say times and money. */
import { useI18n, type Locale } from "@guanxi/i18n";
import { computed, inject, provide, ref, type ComputedRef, type InjectionKey, type Ref } from "vue";

import type { Saying } from "./format";

const ZONE: InjectionKey<Ref<string | undefined>> = Symbol("zone");
const NOW: InjectionKey<Ref<Date>> = Symbol("now");

/** Called once at the top: the person's zone, and a clock that ticks each half minute for all relative times. */
export function provideSaying(timezone: Ref<string | undefined>): void {
  const now = ref(new Date());
  setInterval(() => (now.value = new Date()), 30_000);
  provide(ZONE, timezone);
  provide(NOW, now);
}

export function useSaying(): ComputedRef<Saying> {
  const { t, locale } = useI18n();
  const zone = inject(ZONE, ref(undefined));
  const now = inject(NOW, null);
  return computed(() => ({
    t: t as Saying["t"],
    locale: locale.value as Locale,
    timezone: zone.value,
    now: now?.value ?? new Date(),
  }));
}
