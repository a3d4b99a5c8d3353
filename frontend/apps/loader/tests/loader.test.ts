import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { inkOn, isColor } from "../src/dom";
import { start } from "../src/main";
import { cleanUrl } from "../src/page";
import { seal, unseal } from "../src/protocol";
import { pickLanguage, wordsFor } from "../src/words";

const media: Record<string, boolean> = {};

function tag(attributes: Record<string, string>, src = "https://crm.cn/widget.js"): HTMLScriptElement {
  const node = document.createElement("script");
  Object.defineProperty(node, "src", { value: src });
  for (const name of Object.keys(attributes)) node.setAttribute(name, attributes[name] as string);
  return node;
}

const host = (): HTMLElement => document.querySelector("[data-guanxi]") as HTMLElement;
const inside = <T extends HTMLElement>(selector: string): T => host().shadowRoot?.querySelector(selector) as T;
const button = (): HTMLButtonElement => inside("button");

/** The frame's window: happy-dom does not load it, so a test plays it. */
function frame(): { said: unknown[]; say: (message: object, origin?: string) => void } {
  const node = inside<HTMLIFrameElement>("iframe");
  const said: unknown[] = [];
  const peer = { postMessage: (data: unknown, origin: string) => said.push([data, origin]) };
  Object.defineProperty(node, "contentWindow", { value: peer, configurable: true });
  const say = (message: object, origin = "https://crm.cn"): void => {
    const event = new Event("message");
    Object.assign(event, { data: seal(message), origin, source: peer });
    window.dispatchEvent(event);
  };
  return { said, say };
}

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  for (const query of Object.keys(media)) delete media[query];
  vi.stubGlobal("matchMedia", (query: string) => ({ matches: media[query] ?? false, addListener: () => undefined, removeListener: () => undefined }));
});
afterEach(() => {
  window.Guanxi?.destroy();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("starting", () => {
  it("draws one launcher in a shadow, however often the tag stands in the page", () => {
    const first = start(tag({ "data-key": "gxw_abcdefgh" }));
    expect(start(tag({ "data-key": "gxw_abcdefgh" }))).toBe(first);
    expect(document.querySelectorAll("[data-guanxi]")).toHaveLength(1);
    expect(button().getAttribute("aria-label")).toBe(wordsFor(pickLanguage(document.documentElement.lang, navigator.language)).open);
  });

  it("takes the key from the address where a tag manager dropped the attribute", () => {
    expect(start(tag({}, "https://crm.cn/widget.js?key=gxw_abcdefgh"))?.key).toBe("gxw_abcdefgh");
  });

  it("says in the console what is wrong with a bad tag, and draws nothing", () => {
    const error = vi.spyOn(console, "error").mockReturnValue();
    expect(start(tag({ "data-key": "nonsense" }))).toBeNull();
    expect(error).toHaveBeenCalled();
    expect(host()).toBeNull();
  });
});

describe("the frame", () => {
  it("is loaded only when somebody comes near", () => {
    start(tag({ "data-key": "gxw_abcdefgh", "data-lang": "en" }));
    expect(inside("iframe")).toBeNull();
    button().dispatchEvent(new Event("pointerenter"));
    expect(inside<HTMLIFrameElement>("iframe").src).toBe("https://crm.cn/widget/gxw_abcdefgh?lang=en");
  });

  it("is greeted once it is ready, at its own origin and no other", () => {
    start(tag({ "data-key": "gxw_abcdefgh", "data-lang": "en" }));
    button().click();
    const { said, say } = frame();
    say({ type: "ready" }, "https://evil.cn");
    expect(said).toEqual([]);
    say({ type: "ready" });
    const [data, origin] = said[0] as [Record<string, unknown>, string];
    expect(origin).toBe("https://crm.cn");
    expect(data).toMatchObject({ type: "init", lang: "en", open: true, stored: {} });
  });

  it("closes, counts, dresses and keeps a token for the next page", () => {
    start(tag({ "data-key": "gxw_abcdefgh", "data-lang": "en" }));
    button().click();
    const { say } = frame();
    say({ type: "ready" });
    expect(button().getAttribute("aria-expanded")).toBe("true");
    say({ type: "close" });
    expect(button().getAttribute("aria-expanded")).toBe("false");
    say({ type: "unread", count: 3, preview: "" });
    expect(button().getAttribute("aria-label")).toBe("Open chat, 3 unread messages");
    say({ type: "appearance", color: "#123456", name: "x", side: "left" });
    expect(button().style.getPropertyValue("left")).toBe("20px");
    say({ type: "appearance", color: "red;}", name: "x", side: "up" });
    expect(localStorage.getItem("guanxi:gxw_abcdefgh:color")).toBe("#123456");
    say({ type: "store", key: "token", value: "t1" });
    say({ type: "store", key: "../../x", value: "no" });
    window.Guanxi?.destroy();
    start(tag({ "data-key": "gxw_abcdefgh" }));
    button().click();
    const again = frame();
    again.say({ type: "ready" });
    expect((again.said[0] as [object])[0]).toMatchObject({ stored: { token: "t1" } });
    expect(Object.keys(localStorage).filter((name) => name.includes(".."))).toEqual([]);
  });

  it("comes back open on the next page, but not over a whole phone", () => {
    start(tag({ "data-key": "gxw_abcdefgh" }));
    button().click();
    expect(sessionStorage.getItem("guanxi:gxw_abcdefgh:open")).toBe("1");
    const nextPage = (): void => {
      window.Guanxi?.destroy();
      sessionStorage.setItem("guanxi:gxw_abcdefgh:open", "1");
    };
    nextPage();
    start(tag({ "data-key": "gxw_abcdefgh" }));
    expect(button().getAttribute("aria-expanded")).toBe("true");
    nextPage();
    media["(max-width: 480px), (max-height: 420px)"] = true;
    start(tag({ "data-key": "gxw_abcdefgh" }));
    expect(button().getAttribute("aria-expanded")).toBe("false");
  });

  it("gives way to a page of its own where the embedding page forbids frames", () => {
    const open = vi.spyOn(window, "open").mockReturnValue(null);
    start(tag({ "data-key": "gxw_abcdefgh", "data-lang": "en" }));
    button().click();
    const violation = new Event("securitypolicyviolation");
    Object.assign(violation, { blockedURI: "https://crm.cn", violatedDirective: "frame-src" });
    document.dispatchEvent(violation);
    button().click();
    expect(open).toHaveBeenCalledWith("https://crm.cn/widget/gxw_abcdefgh?lang=en", "_blank", "noopener");
  });
});

describe("a hostile or moving page", () => {
  it("cannot outrank the launcher: each property is inline and important", () => {
    start(tag({ "data-key": "gxw_abcdefgh" }));
    for (const name of ["display", "position", "visibility", "opacity"]) expect(host().style.getPropertyPriority(name)).toBe("important");
  });

  it("gets the launcher back after it threw it out", async () => {
    start(tag({ "data-key": "gxw_abcdefgh" }));
    host().remove();
    await vi.waitFor(() => expect(host()).not.toBeNull());
    expect(host().parentElement).toBe(document.documentElement);
  });

  it("is left clean by destroy", () => {
    start(tag({ "data-key": "gxw_abcdefgh" }));
    window.Guanxi?.destroy();
    expect(host()).toBeNull();
    expect(window.Guanxi).toBeUndefined();
  });
});

describe("small parts", () => {
  it("strip fragments that may carry a token, and keep routes", () => {
    expect(cleanUrl("https://a.cn/x#access_token=1")).toBe("https://a.cn/x");
    expect(cleanUrl("https://a.cn/x#/cart")).toBe("https://a.cn/x#/cart");
    expect(cleanUrl("https://a.cn/x#/cb?id_token=1")).toBe("https://a.cn/x");
  });

  it("write in the ink that can be read", () => {
    expect(inkOn("#0f7b6c")).toBe("#ffffff");
    expect(inkOn("#ffe066")).toBe("#111816");
    expect([isColor("#0f7b6c"), isColor("#fff"), isColor("red"), isColor(null)]).toEqual([true, false, false, false]);
  });

  it("know their own messages", () => {
    expect(unseal(seal({ type: "ready" }))).toMatchObject({ type: "ready" });
    expect(unseal({ type: "ready" })).toBeNull();
    expect(unseal(null)).toBeNull();
  });

  it("choose the page's language first", () => {
    expect(pickLanguage(null, "zh-TW", "en")).toBe("zh-CN");
    expect(pickLanguage(null, "", "de-DE")).toBe("en");
    expect(pickLanguage()).toBe("zh-CN");
  });
});
