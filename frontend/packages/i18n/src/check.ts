/** Holds catalogs and code together: keys that are missing, unused, or in one language only. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import type { Messages } from "./index";

/** All keys of a catalog, dotted. */
export function keysOf(messages: Messages, prefix = ""): string[] {
  return Object.entries(messages).flatMap(([name, value]) =>
    typeof value === "string" ? [prefix + name] : keysOf(value, `${prefix}${name}.`),
  );
}

export function placeholdersOf(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string).sort();
}

export interface Usage {
  exact: Set<string>;
  /** Beginnings of keys that are finished at run time: t(`state.${x}`). */
  prefixes: Set<string>;
}

const EXACT = /\b(?:t|tm|te|\$t)\(\s*["']([\w.-]+)["']/g;
const KEY_ATTRIBUTE = /\bkeypath="([\w.-]+)"/g;
const TEMPLATE = /`([a-z][\w-]*\.[\w.-]*)\$\{/g;
/** A whole string that looks like a key of a known catalog: labels in tables of columns, menus, routes. */
const LITERAL = /["']([a-z][\w-]*(?:\.[\w-]+)+)["']/g;

export function usageIn(source: string): Usage {
  const exact = new Set<string>();
  for (const pattern of [EXACT, KEY_ATTRIBUTE, LITERAL]) {
    for (const match of source.matchAll(pattern)) exact.add(match[1] as string);
  }
  return { exact, prefixes: new Set([...source.matchAll(TEMPLATE)].map((match) => match[1] as string)) };
}

/** Keys that the code certainly asks for. */
export function askedIn(source: string): string[] {
  return [EXACT, KEY_ATTRIBUTE].flatMap((pattern) => [...source.matchAll(pattern)].map((match) => match[1] as string));
}

export function sourcesUnder(folder: string): { path: string; text: string }[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return name === "node_modules" || name === "dist" ? [] : sourcesUnder(path);
    return /\.(vue|ts)$/.test(name) && !name.endsWith(".d.ts") ? [{ path, text: readFileSync(path, "utf8") }] : [];
  });
}

/** Chinese characters in code, comments left out: words belong into a catalog. */
export function wordsInCode(source: string): string[] {
  const code = source
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/<!--[\s\S]*?-->/g, "")
    .replaceAll(/(^|\s)\/\/.*$/gm, "$1");
  return code.match(/[\u4e00-\u9fff][^\n"'`<]*/g) ?? [];
}
