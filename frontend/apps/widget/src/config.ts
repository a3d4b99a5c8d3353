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

export function readConfig(root: Document = document): WidgetConfig {
  const node = root.getElementById("guanxi-config");
  const given = JSON.parse(node?.textContent || "{}") as Partial<WidgetConfig>;
  return { ...EMPTY, ...given };
}
