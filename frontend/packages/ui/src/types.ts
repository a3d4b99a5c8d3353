/** Shapes that several components share. */
import type { Component } from "vue";
import type { RouteLocationRaw } from "vue-router";

export type Tone = "ok" | "warn" | "bad" | "info" | "quiet" | "violet" | "accent" | "wechat";

export interface Option<V extends string | number = string> {
  value: V;
  label: string;
  note?: string;
  disabled?: boolean;
}

export interface MenuItem {
  id: string;
  label: string;
  icon?: Component;
  keys?: string;
  danger?: boolean;
  disabled?: boolean;
  divided?: boolean;
  checked?: boolean;
  run?: () => void;
}

export interface NavItem {
  id: string;
  label: string;
  icon: Component;
  to: RouteLocationRaw;
  badge?: number;
}

export interface Column<T> {
  id: string;
  label: string;
  /** Pixels, or a share of what is left such as `2fr`. */
  width?: number | `${number}fr`;
  min?: number;
  align?: "start" | "end";
  sortable?: boolean;
  /** Not shown until the person asks for it. */
  optional?: boolean;
  value?: (row: T) => string;
}

export interface Sort {
  id: string;
  down: boolean;
}

export interface FilterDefinition {
  id: string;
  label: string;
  kind: "choice" | "text" | "date";
  icon?: Component;
  multiple?: boolean;
  options?: readonly Option[];
  find?: (text: string) => Promise<Option[]>;
}
export type FilterValues = Record<string, string | string[]>;

export interface SavedView {
  id: string;
  label: string;
  /** Comes with the product: cannot be renamed or deleted. */
  fixed?: boolean;
  shared?: boolean;
}

export interface Stage {
  id: string;
  label: string;
  tone?: Tone;
  count?: number;
  amount?: string;
  locked?: boolean;
}

export interface PaletteItem {
  id: string;
  label: string;
  note?: string;
  icon?: Component;
  keys?: string;
  to?: RouteLocationRaw;
  run?: () => void;
  words?: string;
}

export interface PaletteGroup {
  id: string;
  label: string;
  items: PaletteItem[];
}

export interface TimelineItem {
  id: string | number;
  kind: string;
  at: string;
  icon: Component;
  tone?: Tone;
  actor?: string;
  /** One line; the body may be long. */
  title: string;
  /** Where the line leads, when it tells of another record. */
  to?: RouteLocationRaw;
  body?: string;
}

/** One measure over time, and how a value of it is said. */
export interface BarPanel {
  label: string;
  values: readonly number[];
  say: (value: number) => string;
  /** Grey, for the measure that is not the page's main one. */
  quiet?: boolean;
}
