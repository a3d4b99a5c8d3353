// One classic script without a hash in its name: the address stands in our customers' pages for ever.
import { defineConfig } from "vite";

export default defineConfig({
  build: {
    target: "es2017",
    outDir: "dist",
    emptyOutDir: true,
    lib: { entry: "src/index.ts", formats: ["iife"], name: "guanxiLoader", fileName: () => "widget.js" },
  },
  test: { environment: "happy-dom", include: ["tests/**/*.test.ts"] },
} as Parameters<typeof defineConfig>[0]);
