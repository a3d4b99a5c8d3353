// @vitest-environment happy-dom
/** The chosen language stays chosen. */
import { beforeEach, describe, expect, it } from "vitest";

import { byFeature, createWords, setLocale, storedLocale } from "../src/index";

const catalogs = {
  "zh-CN": async () => ({ home: { title: "工作台" } }),
  en: async () => ({ home: { title: "Home" } }),
};

describe("language", () => {
  beforeEach(() => localStorage.clear());

  it("is Chinese until somebody chooses", async () => {
    const words = await createWords(catalogs);
    expect(words.global.t("home.title")).toBe("工作台");
    expect(document.documentElement.lang).toBe("zh-CN");
  });

  it("is kept over a reload", async () => {
    const words = await createWords(catalogs);
    await setLocale("en");
    expect(words.global.t("home.title")).toBe("Home");
    expect(words.global.t("ui.save")).toBe("Save");
    expect(storedLocale()).toBe("en");
  });

  it("joins catalogs by feature", () => {
    expect(byFeature({ "./features/leads/locales/en.json": { a: "b" } })).toEqual({ leads: { a: "b" } });
  });
});
