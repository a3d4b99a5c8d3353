import { describe, expect, it, vi } from "vitest";
import { Bridge } from "../src/bridge";
import { seal } from "../../loader/src/protocol";

function frame(): { host: Window; parent: { postMessage: ReturnType<typeof vi.fn> }; hear: (data: unknown, origin: string, source?: unknown) => void } {
  let listener: (event: unknown) => void = () => undefined;
  const parent = { postMessage: vi.fn() };
  const host = {
    parent,
    location: { origin: "https://crm.cn" },
    addEventListener: (_kind: string, handler: (event: unknown) => void) => (listener = handler),
  };
  return { host: host as unknown as Window, parent, hear: (data, origin, source = parent) => listener({ data, origin, source }) };
}

const init = seal({ type: "init", lang: "en", theme: "auto", page: { url: "", title: "", referrer: "" }, open: true, fullscreen: false, stored: {} });

describe("the frame's bridge", () => {
  it("says it is there, and talks only to the page that answered", () => {
    const { host, parent, hear } = frame();
    const onInit = vi.fn();
    const bridge = new Bridge(["https://shop.cn"], { onInit, onPage: vi.fn(), onShown: vi.fn() }, host);
    expect(parent.postMessage.mock.calls).toEqual([[{ guanxi: 1, type: "ready" }, "*"]]);
    bridge.tell({ type: "close" });
    expect(parent.postMessage).toHaveBeenCalledTimes(1);
    hear(init, "https://shop.cn");
    expect(onInit).toHaveBeenCalledTimes(1);
    bridge.tell({ type: "close" });
    expect(parent.postMessage.mock.calls[1]).toEqual([{ guanxi: 1, type: "close" }, "https://shop.cn"]);
  });

  it("hears nobody but its parent, on an allowed origin, in our protocol", () => {
    const { host, hear } = frame();
    const onInit = vi.fn();
    const onShown = vi.fn();
    new Bridge(["https://shop.cn"], { onInit, onPage: vi.fn(), onShown }, host);
    hear(init, "https://evil.cn");
    hear(init, "https://shop.cn", {});
    hear({ type: "init" }, "https://shop.cn");
    hear("init", "https://shop.cn");
    hear(seal({ type: "shown", open: true, fullscreen: false }), "https://shop.cn");
    expect(onInit).not.toHaveBeenCalled();
    expect(onShown).not.toHaveBeenCalled();
  });

  it("tells a page without an origin nothing", () => {
    const { host, parent, hear } = frame();
    const bridge = new Bridge([], { onInit: vi.fn(), onPage: vi.fn(), onShown: vi.fn() }, host);
    hear(init, "null");
    bridge.tell({ type: "store", key: "token", value: "secret" });
    expect(parent.postMessage).toHaveBeenCalledTimes(1);
  });
});
