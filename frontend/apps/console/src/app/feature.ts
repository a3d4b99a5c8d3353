/** What a feature brings: its routes, its place in the rail, its commands. Found by folder, so that features never edit a common list. */
import type { Component } from "vue";
import type { RouteLocationRaw, RouteRecordRaw } from "vue-router";

import type { Site } from "./site";

export interface NavEntry {
  id: string;
  /** Catalog key. */
  label: string;
  icon: Component;
  to: RouteLocationRaw;
  order: number;
  permission?: string;
  /** Place in the phone's bar of tabs; without one it is under More. */
  tab?: number;
  foot?: boolean;
  /** A live number beside the icon. */
  badge?: () => number | undefined;
}

export interface Command {
  id: string;
  label: string;
  icon?: Component;
  permission?: string;
  to?: RouteLocationRaw;
  run?: () => void;
  keys?: string;
  /** Shown in the menu of the new-record button. */
  creates?: boolean;
  order?: number;
}

export interface Feature {
  site?: Site;
  routes: RouteRecordRaw[];
  nav?: NavEntry[];
  commands?: Command[];
  /** Runs once in the shell, inside its setup: what a feature watches while other pages are open. */
  start?: () => void;
}

declare module "vue-router" {
  interface RouteMeta {
    /** Without the shell: sign-in and its like. */
    bare?: boolean;
    /** May be seen without a session. */
    open?: boolean;
    permission?: string;
    /** Catalog key of the page's name. */
    title?: string;
    /** Stays as it is when only its parameters change. */
    steady?: boolean;
    /** Which entry of the rail is lit. */
    nav?: string;
  }
}

export function defineFeature(feature: Feature): Feature {
  return feature;
}

const modules = import.meta.glob<{ default: Feature }>("../features/*/routes.ts", { eager: true });
export const features: Feature[] = Object.values(modules).map((module) => module.default);

export const navEntries = (): NavEntry[] => features.flatMap((feature) => feature.nav ?? []).sort((a, b) => a.order - b.order);
export const commands = (): Command[] =>
  features.flatMap((feature) => feature.commands ?? []).sort((a, b) => (a.order ?? 100) - (b.order ?? 100));
