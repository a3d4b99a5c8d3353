/** The words of the pages: which language, where the catalogs are, and how both are kept. */
import { computed, type WritableComputedRef } from "vue";
import { createI18n, useI18n, type I18n } from "vue-i18n";

import errorsEn from "./catalogs/errors.en.json";
import errorsZh from "./catalogs/errors.zh-CN.json";
import uiEn from "./catalogs/ui.en.json";
import uiZh from "./catalogs/ui.zh-CN.json";

export type Locale = "zh-CN" | "en";
export interface Messages {
  [key: string]: string | Messages;
}
export type Catalogs = Record<Locale, () => Promise<Messages>>;
/** Words for a key, as vue-i18n's t. */
export type Translate = (key: string, params?: Record<string, unknown>) => string;

export const LOCALES: readonly Locale[] = ["zh-CN", "en"];
export const LOCALE_NAMES: Record<Locale, string> = { "zh-CN": "简体中文", en: "English" };
const STORED = "guanxi.locale";
const SHARED: Record<Locale, Messages> = {
  "zh-CN": { ui: uiZh, errors: errorsZh },
  en: { ui: uiEn, errors: errorsEn },
};

type GuanxiI18n = I18n<Record<string, never>, Record<string, never>, Record<string, never>, string, false>;
let catalogs: Catalogs | null = null;
let instance: GuanxiI18n | null = null;
const loaded = new Set<Locale>();

function isLocale(value: unknown): value is Locale {
  return value === "zh-CN" || value === "en";
}

/** What the person chose here before, else Chinese: the product's home language. */
export function storedLocale(): Locale {
  try {
    const value = localStorage.getItem(STORED);
    return isLocale(value) ? value : "zh-CN";
  } catch {
    return "zh-CN";
  }
}

/** `whenMissing` hears that the catalog could not be fetched; the shared words are there all the same. */
export async function createWords(
  source: Catalogs,
  locale: Locale = storedLocale(),
  whenMissing?: (error: unknown) => void,
): Promise<GuanxiI18n> {
  catalogs = source;
  loaded.clear();
  instance = createI18n({
    legacy: false,
    locale,
    fallbackLocale: "zh-CN",
    messages: {},
    missingWarn: false,
    fallbackWarn: false,
  }) as unknown as GuanxiI18n;
  try {
    await setLocale(locale);
  } catch (error) {
    if (!whenMissing) throw error;
    instance.global.locale.value = locale;
    document.documentElement.lang = locale;
    whenMissing(error);
  }
  return instance;
}

async function load(locale: Locale): Promise<void> {
  if (!instance || !catalogs || loaded.has(locale)) return;
  // The shared words are there at once, so that a page which cannot fetch its own can say so.
  instance.global.setLocaleMessage(locale, SHARED[locale] as never);
  const messages = await catalogs[locale]();
  instance.global.setLocaleMessage(locale, { ...SHARED[locale], ...messages } as never);
  loaded.add(locale);
}

export async function setLocale(locale: Locale): Promise<void> {
  await load(locale);
  if (!instance) return;
  instance.global.locale.value = locale;
  document.documentElement.lang = locale;
  try {
    localStorage.setItem(STORED, locale);
  } catch {
    // A private window keeps nothing; the choice then lasts as long as the page.
  }
}

/** The language as a ref that may be set. */
export function useLocale(): WritableComputedRef<Locale> {
  const { locale } = useI18n();
  return computed({
    get: () => (isLocale(locale.value) ? locale.value : "zh-CN"),
    set: (value) => void setLocale(value),
  });
}

/** Joins catalogs by feature: `./features/leads/locales/en.json` becomes `leads`. */
export function byFeature(modules: Record<string, Messages>): Messages {
  const joined: Messages = {};
  for (const [path, messages] of Object.entries(modules)) {
    const feature = /([^/]+)\/locales\/[^/]+\.json$/.exec(path)?.[1];
    if (feature) joined[feature] = messages;
  }
  return joined;
}

export { problemWords, fieldWords } from "./problems";
export { useI18n };
