// The frame's entry: reads the configuration, finds its place on the page, draws.
import { render } from "preact";
import { inkOn, isColor } from "../../loader/src/dom";
import { cleanUrl } from "../../loader/src/page";
import { pickLanguage } from "../../loader/src/words";
import { Bridge } from "./bridge";
import { Client } from "./client";
import { readConfig } from "./config";
import { Kept } from "./kept";
import "./style.css";
import { App } from "./view/App";

function dress(color: string): void {
  if (!isColor(color)) return;
  const root = document.documentElement.style;
  root.setProperty("--accent", color);
  root.setProperty("--accent-ink", inkOn(color));
}

function main(): void {
  const config = readConfig();
  const query = new URLSearchParams(location.search);
  const kept = new Kept(config.key);
  dress(config.color);
  const client = new Client(config, kept, pickLanguage(query.get("lang"), navigator.language), {
    onUnread: (count, preview) => bridge.tell({ type: "unread", count, preview }),
    onEngaged: () => bridge.tell({ type: "engaged" }),
  });
  const bridge = new Bridge(config.allowed_origins, {
    onInit: (init) => {
      kept.useMirror((key, value) => bridge.tell({ type: "store", key, value }), init.stored || {});
      document.documentElement.setAttribute("data-theme", init.theme);
      client.setPage(init.page);
      client.setLanguage(pickLanguage(init.lang));
      bridge.tell({ type: "appearance", color: config.color, name: config.name, side: config.side });
      client.show(init.open);
      // Closed, but known from before: an answer may have come meanwhile.
      if (!init.open && client.known) void client.start();
    },
    onPage: (page) => client.setPage(page),
    onShown: (open, fullscreen) => {
      document.documentElement.setAttribute("data-fullscreen", String(fullscreen));
      client.show(open);
    },
  });
  if (!bridge.framed) {
    client.setPage({ url: cleanUrl(document.referrer), title: "", referrer: cleanUrl(document.referrer) });
    client.show(true);
  }
  window.addEventListener("online", () => client.wake());
  window.addEventListener("offline", () => client.lose());
  document.addEventListener("visibilitychange", () => document.hidden || client.wake());
  const root = document.getElementById("guanxi");
  if (root) render(<App client={client} bridge={bridge} />, root);
}

main();
