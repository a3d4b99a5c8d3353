// One classic script and one stylesheet: old phones load them too. The server adds the content's digest to the address.
import { defineConfig } from "vite";

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2017",
    cssTarget: ["chrome61", "safari11", "firefox60"],
    outDir: "dist",
    emptyOutDir: true,
    cssCodeSplit: false,
    lib: { entry: "src/index.tsx", formats: ["iife"], name: "guanxiWidget", fileName: () => "widget.js", cssFileName: "widget" },
  },
  test: { environment: "happy-dom", include: ["tests/**/*.test.{ts,tsx}"] },
} as Parameters<typeof defineConfig>[0]);
