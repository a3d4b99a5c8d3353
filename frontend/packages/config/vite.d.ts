/** Types of the shared Vite settings. */
import type { UserConfig } from "vite";

export function vuePage(options?: { base?: string }): UserConfig;
