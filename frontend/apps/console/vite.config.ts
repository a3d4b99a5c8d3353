/** How the console is built and tested. */
import { vuePage } from "@guanxi/config/vite";
import { defineConfig, type UserConfig } from "vite";

export default defineConfig({
  ...(vuePage({ base: "/static/console/" }) as UserConfig),
  test: { environment: "happy-dom", include: ["tests/**/*.test.ts"] },
} as UserConfig);
