// Reads what the server wrote into the page, and makes every field safe to use.
import type { WidgetConfig } from "./types";

const EMPTY: WidgetConfig = {
  key: "",
  api: "/api/widget/v1",
  socket: "/ws/widget/",
  name: "",
  color: "#0f7b6c",
  side: "right",
  greeting: { zh: "", en: "" },
  starters: { zh: [], en: [] },
  allowed_origins: [],
  max_file_bytes: 10 * 1024 * 1024,
};

/** The socket's whole address: its scheme follows the page's, which only the browser knows behind a proxy. */
export function socketAddress(path: string, page: { protocol: string; host: string } = location): string {
  return `${page.protocol === "https:" ? "wss:" : "ws:"}//${page.host}${path}`;
}

export function readConfig(root: Document = document): WidgetConfig {
  const node = root.getElementById("guanxi-config");
  const given = JSON.parse(node?.textContent || "{}") as Partial<WidgetConfig>;
  return { ...EMPTY, ...given };
}
