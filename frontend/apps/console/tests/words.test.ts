/** The words: every key that the code asks for is there in both languages, none is left over, and none is in the code itself. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import errorsZh from "../../../packages/i18n/src/catalogs/errors.zh-CN.json";
import uiZh from "../../../packages/i18n/src/catalogs/ui.zh-CN.json";
import { askedIn, keysOf, placeholdersOf, sourcesUnder, usageIn, wordsInCode } from "@guanxi/i18n/check";
import type { Messages } from "@guanxi/i18n";
import { describe, expect, it } from "vitest";

const SRC = join(import.meta.dirname, "../src");
const UI = join(import.meta.dirname, "../../../packages/ui/src");
const read = (path: string) => JSON.parse(readFileSync(path, "utf8")) as Messages;

function catalogs(language: string): Record<string, Messages> {
  const features = readdirSync(join(SRC, "features")).map((name) => [name, join(SRC, "features", name)]);
  const all = [...features, ["shell", join(SRC, "shell")], ["records", join(SRC, "records")]] as [string, string][];
  return Object.fromEntries(all.map(([name, folder]) => [name, read(join(folder, "locales", `${language}.json`))]));
}

const zh = catalogs("zh-CN");
const en = catalogs("en");
const sources = [...sourcesUnder(SRC), ...sourcesUnder(UI)];
const known = new Set([...keysOf(zh), ...keysOf({ ui: uiZh, errors: errorsZh } as Messages)]);

function lookUp(messages: Messages, key: string): string {
  return key.split(".").reduce<string | Messages>((at, part) => (typeof at === "string" ? at : (at[part] ?? "")), messages) as string;
}

describe("catalogs", () => {
  it.each(Object.keys(zh))("%s says the same things in both languages", (feature) => {
    expect(keysOf(en[feature] as Messages).sort()).toEqual(keysOf(zh[feature] as Messages).sort());
  });

  it.each(Object.keys(zh))("%s fills the same blanks in both languages", (feature) => {
    for (const key of keysOf(zh[feature] as Messages)) {
      const chinese = placeholdersOf(lookUp(zh[feature] as Messages, key));
      expect({ key, blanks: placeholdersOf(lookUp(en[feature] as Messages, key)) }).toEqual({ key, blanks: chinese });
    }
  });

  it("has every word that the code asks for", () => {
    const missing = sources.flatMap(({ path, text }) => askedIn(text).filter((key) => !known.has(key)).map((key) => `${path}: ${key}`));
    expect(missing).toEqual([]);
  });

  it("has words behind every key that is finished at run time", () => {
    const prefixes = [...new Set(sources.flatMap(({ text }) => [...usageIn(text).prefixes]))].filter((prefix) => known.has(prefix) || [...known].some((key) => key.startsWith(prefix.split(".")[0] + ".")));
    expect(prefixes.filter((prefix) => ![...known].some((key) => key.startsWith(prefix)))).toEqual([]);
  });

  it("has no word that nobody asks for", () => {
    const usage = sources.map(({ text }) => usageIn(text));
    const asked = new Set(usage.flatMap(({ exact }) => [...exact]));
    const prefixes = usage.flatMap(({ prefixes: some }) => [...some]);
    const unused = keysOf(zh).filter((key) => !asked.has(key) && !prefixes.some((prefix) => key.startsWith(prefix)));
    expect(unused).toEqual([]);
  });
});

describe("code", () => {
  it("holds no words of its own", () => {
    const found = sources
      .filter(({ path }) => !path.endsWith("BrandMark.vue"))
      .flatMap(({ path, text }) => wordsInCode(text).map((words) => `${path}: ${words}`))
      // Ranges in regular expressions are not words.
      .filter((line) => !line.includes("一-"));
    expect(found).toEqual([]);
  });
});
