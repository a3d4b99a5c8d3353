/** How values are said: money, phones, dates as people say them. Pure functions; the words come in. */
import type { Locale, Translate } from "@guanxi/i18n";

import places from "./places.json";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface Saying {
  t: Translate;
  locale: Locale;
  timezone?: string;
  now?: Date;
}

function formatter(saying: Saying, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(saying.locale, { hourCycle: "h23", timeZone: saying.timezone, ...options });
}

/** Days between the calendar dates of two moments, in the person's own zone. */
function daysBetween(from: Date, to: Date, timezone?: string): number {
  const day = new Intl.DateTimeFormat("en-CA", { timeZone: timezone, year: "numeric", month: "2-digit", day: "2-digit" });
  return Math.round((Date.parse(`${day.format(to)}T00:00:00Z`) - Date.parse(`${day.format(from)}T00:00:00Z`)) / DAY);
}

function calendarDate(moment: Date, now: Date, saying: Saying): string {
  const sameYear = moment.getFullYear() === now.getFullYear();
  return formatter(saying, { year: sameYear ? undefined : "numeric", month: "short", day: "numeric" }).format(moment);
}

/** 刚刚 · 5 分钟前 · 今天 14:05 · 昨天 09:12 · 3 天前 · 11月3日. */
export function sayMoment(value: string | number | Date, saying: Saying): string {
  const moment = new Date(value);
  const now = saying.now ?? new Date();
  const apart = moment.getTime() - now.getTime();
  const minutes = Math.round(Math.abs(apart) / MINUTE);
  if (minutes < 1) return saying.t("ui.time.now");
  if (minutes < 60) return saying.t(apart < 0 ? "ui.time.minutesAgo" : "ui.time.minutesAhead", { n: minutes });
  const time = formatter(saying, { hour: "2-digit", minute: "2-digit" }).format(moment);
  const days = daysBetween(now, moment, saying.timezone);
  if (days === 0) return saying.t("ui.time.today", { time });
  if (days === -1) return saying.t("ui.time.yesterday", { time });
  if (days === 1) return saying.t("ui.time.tomorrow", { time });
  if (Math.abs(days) < 7) return saying.t(days < 0 ? "ui.time.daysAgo" : "ui.time.daysAhead", { n: Math.abs(days) });
  return calendarDate(moment, now, saying);
}

/** A date without a time: 今天 · 明天 · 3 天前 · 11月3日. */
export function sayDate(value: string, saying: Saying): string {
  const now = saying.now ?? new Date();
  const date = new Date(/^\d{4}-\d{2}-\d{2}$/.test(value) ? `${value}T12:00:00` : value);
  const local = /^\d{4}-\d{2}-\d{2}$/.test(value) ? { ...saying, timezone: undefined } : saying;
  const days = daysBetween(now, date, local.timezone);
  if (days === 0) return saying.t("ui.time.dateToday");
  if (days === -1) return saying.t("ui.time.dateYesterday");
  if (days === 1) return saying.t("ui.time.dateTomorrow");
  if (Math.abs(days) < 7) return saying.t(days < 0 ? "ui.time.daysAgo" : "ui.time.daysAhead", { n: Math.abs(days) });
  return calendarDate(date, now, local);
}

export function exactMoment(value: string | number | Date, saying: Pick<Saying, "locale" | "timezone">): string {
  return new Intl.DateTimeFormat(saying.locale, {
    timeZone: saying.timezone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).format(new Date(value));
}

export function clockTime(value: string | number | Date, saying: Pick<Saying, "locale" | "timezone">): string {
  return new Intl.DateTimeFormat(saying.locale, { timeZone: saying.timezone, hourCycle: "h23", hour: "2-digit", minute: "2-digit" }).format(
    new Date(value),
  );
}

/** How long something took, in the one unit that fits: 12 分钟, 3 小时, 2 天. */
export function sayLength(milliseconds: number, saying: Pick<Saying, "locale">): string {
  const [unit, size] = milliseconds < HOUR ? (["minute", MINUTE] as const) : milliseconds < DAY ? (["hour", HOUR] as const) : (["day", DAY] as const);
  return new Intl.NumberFormat(saying.locale, { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 0 }).format(Math.max(1, Math.round(milliseconds / size)));
}

export interface MoneyStyle {
  currency?: string;
  locale: Locale;
  /** ¥12.5万 instead of ¥125,000.00, where room is short. */
  compact?: boolean;
}

export function sayMoney(amount: number | string, { currency = "CNY", locale, compact = false }: MoneyStyle): string {
  const number = Number(amount);
  const whole = Number.isInteger(number);
  // Below ten thousand the whole amount is as short as any abbreviation.
  const short = compact && Math.abs(number) >= 10_000;
  return new Intl.NumberFormat(locale, {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
    ...(short
      ? { notation: "compact", minimumFractionDigits: 0, maximumFractionDigits: 1 }
      : { minimumFractionDigits: whole || compact ? 0 : 2, maximumFractionDigits: compact ? 0 : 2 }),
  }).format(number);
}

/** 138 1234 5678 · +86 138 1234 5678 · 021-6288 1234 · 400-820-1234; what is masked stays as it is grouped. */
export function groupPhone(phone: string): string {
  const compact = phone.replaceAll(/[\s-]/g, "");
  const mobile = /^(\+?86)?(1[\d*]{2})([\d*]{4})([\d*]{4})$/.exec(compact);
  if (mobile) return [mobile[1] ? "+86" : "", mobile[2], mobile[3], mobile[4]].filter(Boolean).join(" ");
  const service = /^([48]00)(\d{3})(\d{4})$/.exec(compact);
  if (service) return `${service[1]}-${service[2]}-${service[3]}`;
  const landline = /^(\+?86)?(0(?:10|2\d|[3-9]\d{2}))(\d{3,4})(\d{4})$/.exec(compact);
  if (landline) return `${landline[1] ? "+86 " : ""}${landline[2]}-${landline[3]} ${landline[4]}`;
  return phone;
}

const longestFirst = (words: readonly string[]): string[] => [...words].sort((one, other) => other.length - one.length);
const PLACES = longestFirst([...places.provinces, ...places.cities]);
const ENDINGS = longestFirst(places.endings);
const HAN = /[\u4e00-\u9fff]/;

export const isCompanyName = (name: string): boolean => HAN.test(name) && places.endings.some((ending) => name.trim().endsWith(ending) && name.trim().length > ending.length + 1);

/** Without "Zhejiang Province", "Hangzhou City", as long as two characters of a name stay. */
function withoutPlace(name: string): string {
  const place = PLACES.find((one) => name.startsWith(one) && name.length >= one.length + 2);
  if (!place) return name;
  const rest = name.slice(place.length);
  // A bank of Suzhou is told by the place.
  if (ENDINGS.includes(rest)) return name;
  const level = places.levels.find((one) => rest.startsWith(one) && rest.length >= one.length + 2);
  return withoutPlace(level ? rest.slice(level.length) : rest);
}

/** What tells a company from the others: its name without place, brackets and legal form. */
export function companyCore(name: string): string {
  const clean = name.trim().replaceAll(/[（(][^）)]*[）)]/g, "");
  if (!HAN.test(clean)) return clean || name.trim();
  const here = withoutPlace(clean);
  const ending = ENDINGS.find((one) => here.endsWith(one) && here.length >= one.length + 2);
  return ending ? here.slice(0, -ending.length) : here;
}

/** What stands in the avatar: the last two characters of a Chinese person's name, the first two of anything longer, the initials of another. */
export function initials(name: string): string {
  const clean = name.trim();
  if (HAN.test(clean)) {
    const characters = companyCore(clean).replaceAll(/[^\u4e00-\u9fff]/g, "");
    return isCompanyName(clean) || characters.length > 4 ? characters.slice(0, 2) : characters.slice(-2);
  }
  const words = clean.split(/\s+/).filter(Boolean);
  return words
    .slice(0, 2)
    .map((word) => word[0]?.toUpperCase() ?? "")
    .join("");
}

export function sayBytes(bytes: number, locale: Locale): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  return new Intl.NumberFormat(locale, { style: "unit", unit: units[power], unitDisplay: "short", maximumFractionDigits: 1 }).format(
    bytes / 1024 ** power,
  );
}
