/** The shared catalogs speak both languages, and each refusal has its words. */
import { describe, expect, it } from "vitest";

import errorsEn from "../src/catalogs/errors.en.json";
import errorsZh from "../src/catalogs/errors.zh-CN.json";
import uiEn from "../src/catalogs/ui.en.json";
import uiZh from "../src/catalogs/ui.zh-CN.json";
import { askedIn, keysOf, placeholdersOf, usageIn, wordsInCode } from "../src/check";
import { codeKey, fieldWords, problemWords } from "../src/problems";

describe("shared catalogs", () => {
  it.each([
    ["ui", uiZh, uiEn],
    ["errors", errorsZh, errorsEn],
  ])("%s has the same keys in both languages", (_name, zh, en) => {
    expect(keysOf(en).sort()).toEqual(keysOf(zh).sort());
  });

  it("reads placeholders by name", () => {
    expect(placeholdersOf("{b} of {a}")).toEqual(["a", "b"]);
  });
});

describe("words for a refusal", () => {
  const known: Record<string, string> = { "errors.lead_taken": "taken", "errors.conflict": "conflict", "errors.fields.invalid": "no" };
  const t = (key: string) => known[key] ?? `?${key}`;
  const te = (key: string) => key in known;

  it("takes the code's own words first", () => {
    expect(problemWords(t, te, { code: "lead.taken", status: 409 })).toBe("taken");
  });

  it("falls back to the kind of refusal", () => {
    expect(problemWords(t, te, { code: "never.heard", status: 409 })).toBe("conflict");
  });

  it("has words for a field's code that it does not know", () => {
    expect(fieldWords(t, te, "never_heard")).toBe("no");
  });

  it("keeps dots out of keys", () => {
    expect(codeKey("deal.stage-locked")).toBe("deal_stage_locked");
  });
});

describe("the checker itself", () => {
  it("sees plain, attribute and finished keys", () => {
    const usage = usageIn("t('a.b'); keypath=\"c.d\"; label: 'e.f'; t(`g.h.${x}`)");
    expect([...usage.exact].sort()).toEqual(["a.b", "c.d", "e.f"]);
    expect([...usage.prefixes]).toEqual(["g.h."]);
  });

  it("asks only for what is surely a key", () => {
    expect(askedIn("t('a.b'); label: 'e.f'")).toEqual(["a.b"]);
  });

  it("finds words in code but not in comments", () => {
    expect(wordsInCode("// 注释\nconst a = '客户'; /* 说明 */")).toEqual(["客户"]);
  });
});
