// Times as people say them: the hour today, the day before that.
import type { Language, Words } from "./words";

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

function dayOf(moment: Date): number {
  return new Date(moment.getFullYear(), moment.getMonth(), moment.getDate()).getTime();
}

export function clockTime(iso: string): string {
  const moment = new Date(iso);
  return isNaN(moment.getTime()) ? "" : `${two(moment.getHours())}:${two(moment.getMinutes())}`;
}

export function dayLabel(iso: string, now: Date, words: Words, language: Language): string {
  const moment = new Date(iso);
  const days = Math.round((dayOf(now) - dayOf(moment)) / 86400000);
  if (days <= 0) return words.today;
  if (days === 1) return words.yesterday;
  const sameYear = moment.getFullYear() === now.getFullYear();
  if (language === "zh-CN") return `${sameYear ? "" : `${moment.getFullYear()}年`}${moment.getMonth() + 1}月${moment.getDate()}日`;
  const month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][moment.getMonth()];
  return `${moment.getDate()} ${month}${sameYear ? "" : ` ${moment.getFullYear()}`}`;
}

export function isoDay(iso: string): string {
  const moment = new Date(iso);
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}
