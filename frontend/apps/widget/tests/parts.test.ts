import { describe, expect, it } from "vitest";
import { matchesOrigin } from "../src/bridge";
import { socketAddress } from "../src/config";
import { fitWithin, refusal } from "../src/picture";
import { pieces, safeLink } from "../src/rich";
import { pause } from "../src/socket";
import { looksLikePhone } from "../src/view/ContactCard";
import { dayLabel } from "../src/when";
import { errorWord, noticeWord, wordsFor } from "../src/words";

describe("text", () => {
  it("finds links and leaves the sentence's punctuation outside", () => {
    expect(pieces("见 https://a.cn/x?y=1。再看http://b.cn.")).toEqual([
      { text: "见 " }, { link: "https://a.cn/x?y=1", text: "https://a.cn/x?y=1" }, { text: "。再看" }, { link: "http://b.cn", text: "http://b.cn" }, { text: "." },
    ]);
  });

  it("keeps plain text whole and never links another scheme", () => {
    expect(pieces("<b>1 & 2</b>")).toEqual([{ text: "<b>1 & 2</b>" }]);
    expect(pieces("javascript:alert(1)")).toEqual([{ text: "javascript:alert(1)" }]);
    expect(safeLink("javascript:alert(1)")).toBe("");
    expect(safeLink("HTTPS://a.cn")).toBe("HTTPS://a.cn");
  });
});

it("opens the socket as safely as the page", () => {
  expect(socketAddress("/ws/widget/", { protocol: "https:", host: "crm.cn" })).toBe("wss://crm.cn/ws/widget/");
  expect(socketAddress("/ws/widget/", { protocol: "http:", host: "127.0.0.1:8000" })).toBe("ws://127.0.0.1:8000/ws/widget/");
});

describe("origins", () => {
  it("match whole, or below a star, and nothing that only looks alike", () => {
    expect(matchesOrigin("https://shop.cn", "https://shop.cn")).toBe(true);
    expect(matchesOrigin("https://shop.cn", "https://shop.cn.evil.com")).toBe(false);
    expect(matchesOrigin("https://*.shop.cn", "https://www.shop.cn")).toBe(true);
    expect(matchesOrigin("https://*.shop.cn", "https://shop.cn")).toBe(false);
    expect(matchesOrigin("https://*.shop.cn", "https://evilshop.cn")).toBe(false);
    expect(matchesOrigin("https://*.shop.cn", "http://www.shop.cn")).toBe(false);
  });
});

describe("phones", () => {
  it("are taken as people write them", () => {
    for (const good of ["13800138000", "138-0013-8000", "+86 138 0013 8000", "１３８００１３８０００", "(021) 5555-6666"]) expect(looksLikePhone(good)).toBe(true);
    for (const bad of ["", "12345", "call me", "1380013800013800138000"]) expect(looksLikePhone(bad)).toBe(false);
  });
});

describe("pictures", () => {
  it("are checked before they are sent", () => {
    expect(refusal({ type: "image/svg+xml", size: 10 }, 100)).toBe("file_kind_refused");
    expect(refusal({ type: "image/gif", size: 101 }, 100)).toBe("file_too_large");
    expect(refusal({ type: "image/jpeg", size: 101 }, 100)).toBe("");
    expect(refusal({ type: "image/jpeg", size: 401 }, 100)).toBe("file_too_large");
    expect(fitWithin(4000, 3000, 2000)).toEqual({ width: 2000, height: 1500 });
    expect(fitWithin(100, 50, 2000)).toEqual({ width: 100, height: 50 });
  });
});

it("waits longer each time, never beyond half a minute, and not in step with others", () => {
  expect([0, 1, 2].map((attempt) => pause(attempt, 1))).toEqual([500, 1000, 2000]);
  expect(pause(50, 1)).toBe(30000);
  expect(pause(50, 0)).toBe(15000);
});

describe("words", () => {
  it("exist for each key in both languages", () => {
    const shape = (value: object): string[] =>
      Object.entries(value).reduce<string[]>((all, [key, inner]: [string, unknown]) => {
        const below = typeof inner === "object" && inner !== null ? shape(inner).map((rest) => `${key}.${rest}`) : [`${key}:${typeof inner}`];
        return all.concat(below);
      }, []);
    expect(shape(wordsFor("en"))).toEqual(shape(wordsFor("zh-CN")));
  });

  it("stand for codes, also for codes that a newer server invents", () => {
    const words = wordsFor("en");
    expect(errorWord(words, "file_too_large", 10 * 1048576)).toBe("Pictures can be up to 10 MB");
    expect(errorWord(words, "constructor", 0)).toBe("Not sent");
    expect(errorWord(words, "contact_incomplete", 0)).toBe("Please give your name and a valid phone number");
    expect(errorWord(wordsFor("zh-CN"), "message_empty", 0)).toBe("还没有内容，请先输入");
    expect(noticeWord(words, { after: 0, code: "joined", name: "Fang" })).toBe("Fang has joined");
  });

  it("name days as people do", () => {
    const words = wordsFor("zh-CN");
    const now = new Date(2026, 2, 5, 12);
    const at = (...parts: [number, number, number]): string => new Date(parts[0], parts[1], parts[2], 9).toISOString();
    expect(dayLabel(at(2026, 2, 5), now, words, "zh-CN")).toBe("今天");
    expect(dayLabel(at(2026, 2, 4), now, words, "zh-CN")).toBe("昨天");
    expect(dayLabel(at(2026, 1, 3), now, words, "zh-CN")).toBe("2月3日");
    expect(dayLabel(at(2025, 11, 31), now, wordsFor("en"), "en")).toBe("31 Dec 2025");
  });
});
