/** How conversations are placed in lists and messages in a talk: pure functions, so that live updates never shuffle what is read. */
import type { Page } from "@guanxi/api";

import type { Conversation, Message, View } from "./model";

export interface Pages<T> {
  pages: Page<T>[];
  pageParams: unknown[];
}

/** The same rule as the server's views. */
export function fits(conversation: Conversation, view: View, me: number): boolean {
  switch (view) {
    case "mine":
      return conversation.assignee?.id === me && conversation.state !== "resolved";
    case "unassigned":
      return conversation.state === "queued";
    case "open":
      return conversation.state === "queued" || conversation.state === "open";
    case "waiting":
      return conversation.waiting_since !== null;
    case "all":
      return true;
    default:
      return conversation.state === view;
  }
}

function before(a: Conversation, b: Conversation): boolean {
  const apart = Date.parse(a.last_message_at) - Date.parse(b.last_message_at);
  return apart !== 0 ? apart > 0 : a.id > b.id;
}

/** Puts a conversation where it belongs by now, or takes it out; one that belongs below what is loaded waits for its page. */
export function place(data: Pages<Conversation> | undefined, conversation: Conversation, belongs: boolean): Pages<Conversation> | undefined {
  if (!data) return data;
  const pages = data.pages.map((page) => ({ ...page, items: page.items.filter((one) => one.id !== conversation.id) }));
  if (!belongs) return { ...data, pages };
  for (const [number, page] of pages.entries()) {
    const at = page.items.findIndex((one) => before(conversation, one));
    const last = number === pages.length - 1;
    if (at >= 0) page.items.splice(at, 0, conversation);
    else if (last && page.next === null) page.items.push(conversation);
    else continue;
    break;
  }
  return { ...data, pages };
}

/** Takes a message in, or its newer state; newest first, as the API gives them. */
export function takeIn(data: Pages<Message> | undefined, messages: readonly Message[]): Pages<Message> | undefined {
  if (!data) return data;
  const fresh = new Map(messages.map((one) => [one.id, one]));
  const pages = data.pages.map((page) => ({
    ...page,
    items: page.items.map((one) => {
      const newer = fresh.get(one.id);
      fresh.delete(one.id);
      return newer ?? one;
    }),
  }));
  const [first] = pages;
  if (!first) return { ...data, pages };
  const oldest = pages.at(-1)?.items.at(-1)?.id ?? 0;
  const more = [...fresh.values()].filter((one) => one.id > oldest || pages.at(-1)?.next === null);
  first.items = [...more, ...first.items].sort((a, b) => b.id - a.id);
  return { ...data, pages };
}

export interface Run {
  key: string;
  who: "customer" | "assistant" | "member" | "note" | "event";
  memberId: number | null;
  side: "in" | "out" | "middle";
  at: string;
  messages: Message[];
}

export interface Day {
  day: string;
  at: string;
  runs: Run[];
}

const TOGETHER = 5 * 60_000;

function whoOf(message: Message): Run["who"] {
  if (message.kind === "note") return "note";
  if (message.kind === "event" || message.sender === "system") return "event";
  return message.sender as Run["who"];
}

function sameRun(run: Run | undefined, message: Message): run is Run {
  const last = run?.messages.at(-1);
  if (!run || !last || run.who !== whoOf(message) || run.memberId !== message.member_id || run.who === "event" || run.who === "note") return false;
  return Date.parse(message.created_at) - Date.parse(last.created_at) < TOGETHER;
}

/** Oldest first: days, and in them what one person said in one go. */
export function byDay(messages: readonly Message[], timezone?: string): Day[] {
  const format = new Intl.DateTimeFormat("en-CA", { timeZone: timezone, year: "numeric", month: "2-digit", day: "2-digit" });
  const days: Day[] = [];
  for (const message of messages) {
    const day = format.format(new Date(message.created_at));
    let last = days.at(-1);
    if (last?.day !== day) days.push((last = { day, at: message.created_at, runs: [] }));
    const run = last.runs.at(-1);
    if (sameRun(run, message)) {
      run.messages.push(message);
      continue;
    }
    const who = whoOf(message);
    const side = who === "customer" ? "in" : who === "event" || who === "note" ? "middle" : "out";
    last.runs.push({ key: `m${message.id}`, who, memberId: message.member_id, side, at: message.created_at, messages: [message] });
  }
  return days;
}

/** The first message that nobody has seen, for the line above it. */
export function firstUnread(messages: readonly Message[], unread: number): number | null {
  let left = unread;
  for (let at = messages.length - 1; at >= 0 && left > 0; at -= 1) {
    const message = messages[at];
    if (message?.direction === "in" && message.kind !== "event") left -= 1;
    if (left === 0) return message?.id ?? null;
  }
  return null;
}

/** Whole hours while there are some, else minutes; never more than is left. */
export function timeLeft(until: string, now: number): { unit: "hours" | "minutes"; n: number } {
  const minutes = Math.max(0, Math.floor((Date.parse(until) - now) / 60_000));
  return minutes >= 60 ? { unit: "hours", n: Math.floor(minutes / 60) } : { unit: "minutes", n: minutes };
}

/** How long somebody has waited, in the largest unit that fits. */
export function timeSince(since: string, now: number): { unit: "minutes" | "hours" | "days"; n: number } {
  const minutes = Math.max(1, Math.floor((now - Date.parse(since)) / 60_000));
  if (minutes < 60) return { unit: "minutes", n: minutes };
  return minutes < 48 * 60 ? { unit: "hours", n: Math.floor(minutes / 60) } : { unit: "days", n: Math.floor(minutes / 1440) };
}

/** What stands before the caret after the last `/` that begins a word. */
export function slashWord(text: string, caret: number): { from: number; word: string } | null {
  const found = /(?:^|\s)\/(\S{0,30})$/.exec(text.slice(0, caret));
  return found ? { from: caret - (found[1]?.length ?? 0) - 1, word: found[1] ?? "" } : null;
}

/** `[image]` is what the server writes where there are no words. */
export function previewKind(preview: string): string | null {
  return /^\[(\w+)\]$/.exec(preview)?.[1] ?? null;
}

const WECHAT_BYTES = 2048;
const encoder = new TextEncoder();

/** WeChat takes 2,048 bytes a message, and each part counts. */
export function partsOf(text: string): number {
  return Math.max(1, Math.ceil(encoder.encode(text).length / WECHAT_BYTES));
}

/** By shortcut first, then by what is in it. */
export function findCanned<C extends { shortcut: string; title: string; text: string }>(all: readonly C[], word: string): C[] {
  const wanted = word.toLocaleLowerCase();
  const rank = (one: C) => (one.shortcut.toLocaleLowerCase().startsWith(wanted) ? 0 : one.title.toLocaleLowerCase().includes(wanted) ? 1 : one.text.toLocaleLowerCase().includes(wanted) ? 2 : 3);
  return all
    .map((one, at) => ({ one, at, rank: rank(one) }))
    .filter((each) => each.rank < 3)
    .sort((a, b) => a.rank - b.rank || a.at - b.at)
    .map((each) => each.one);
}
