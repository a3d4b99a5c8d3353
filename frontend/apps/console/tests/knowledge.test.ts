/** Markdown becomes elements and never HTML; marks go on and off; what is edited is kept. */
import { beforeEach, describe, expect, it } from "vitest";
import { createApp, h } from "vue";

import { keepEdit, readEdit, same } from "../src/features/knowledge/drafts";
import { prefix, renderMarkdown, wrap } from "../src/features/knowledge/markdown";

function shown(source: string): HTMLElement {
  const root = document.createElement("div");
  createApp({ render: () => h("div", renderMarkdown(source)) }).mount(root);
  return root;
}

describe("markdown", () => {
  it("becomes headings, lists, tables, links", () => {
    const root = shown("# 标题\n\n- 一\n- **二**\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n[看](https://a.cn) `x < y` 3 &lt; 4");
    expect(root.querySelector("h2")?.textContent).toBe("标题");
    expect([...root.querySelectorAll("li")].map((one) => one.textContent)).toEqual(["一", "二"]);
    expect(root.querySelector("td:last-child")?.textContent).toBe("2");
    expect(root.querySelector("a")?.getAttribute("rel")).toBe("noopener noreferrer");
    expect(root.querySelector("code")?.textContent).toBe("x < y");
    expect(root.textContent).toContain("3 < 4");
  });
  it.each(["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "text <b onclick=alert(1)>bold</b>", "<svg/onload=alert(1)>", "<iframe srcdoc='x'></iframe>"])("shows %s as text", (evil) => {
    const root = shown(evil);
    expect(root.querySelectorAll("script,img,svg,iframe,b").length).toBe(0);
    expect(root.textContent).toContain(evil.slice(0, 6));
  });
  it.each(["[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](data:text/html,1)", "[x](//evil.example)", "![x](javascript:alert(1))", "[x](vbscript:1)"])("does not follow %s", (evil) => {
    expect(shown(evil).querySelectorAll("a,img").length).toBe(0);
  });
});

describe("marks", () => {
  it("go around what is chosen and off again", () => {
    const on = wrap({ text: "a bc d", from: 2, to: 4 }, "**");
    expect(on).toEqual({ text: "a **bc** d", from: 4, to: 6 });
    expect(wrap(on, "**")).toEqual({ text: "a bc d", from: 2, to: 4 });
  });
  it("go before each chosen line and off again", () => {
    const on = prefix({ text: "x\none\ntwo\ny", from: 3, to: 7 }, "- ");
    expect(on.text).toBe("x\n- one\n- two\ny");
    expect(prefix(on, "- ").text).toBe("x\none\ntwo\ny");
  });
});

describe("what is edited", () => {
  beforeEach(() => localStorage.clear());
  it("is kept with the version that it began from", () => {
    keepEdit("faq", 3, { version: 5, values: { question: "half" } });
    expect(readEdit("faq", 3)).toEqual({ version: 5, values: { question: "half" } });
    expect(readEdit("article", 3)).toBeNull();
    keepEdit("faq", 3, null);
    expect(localStorage.length).toBe(0);
  });
  it("is the same whatever the order of fields", () => {
    expect([same({ a: 1, b: [2] }, { b: [2], a: 1 }), same({ a: 1 }, { a: 2 })]).toEqual([true, false]);
  });
});
