/** The catalogs of the console, one chunk a language. */
import type { Catalogs } from "@guanxi/i18n";

export const catalogs: Catalogs = {
  "zh-CN": async () => (await import("./words.zh-CN")).default,
  en: async () => (await import("./words.en")).default,
};
