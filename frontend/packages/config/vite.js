/** Vite settings that every page of the project shares. */
import vue from "@vitejs/plugin-vue";

/** Vue pages: modern browsers only, one vendor chunk per slow-moving library. */
export function vuePage({ base = "/" } = {}) {
  return {
    base,
    plugins: [vue()],
    // Django puts a fresh nonce in place of this word in each page that it serves.
    html: { cspNonce: "__CSP_NONCE__" },
    build: {
      target: "es2022",
      manifest: true,
      sourcemap: false,
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 900,
    },
  };
}
