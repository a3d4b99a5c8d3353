/** The inbox's order, grouping, windows and what is kept: what must hold while messages come and go. */
import { beforeEach, describe, expect, it } from "vitest";

import { touchesOf } from "../src/features/inbox/attribution";
import { keepDraft, keepUnsent, readDraft, readUnsent } from "../src/features/inbox/keep";
import { wordsAndLinks } from "../src/features/inbox/links";
import type { Conversation, Message, Preview } from "../src/features/inbox/model";
import { suggestionsOf } from "../src/features/inbox/suggestions";
import { byDay, findCanned, firstUnread, fits, partsOf, place, previewKind, slashWord, takeIn, timeLeft, timeSince } from "../src/features/inbox/talk";
import { snoozeChoices } from "../src/features/inbox/useActions";

const ME = 7;

function talk(id: number, minute: number, more: Partial<Conversation> = {}): Conversation {
  return { id, state: "bot", assignee: null, waiting_since: null, last_message_at: `2026-03-02T10:${String(minute).padStart(2, "0")}:00Z`, ...more } as Conversation;
}
function said(id: number, at: string, more: Partial<Message> = {}): Message {
  return { id, conversation_id: 1, direction: "in", sender: "customer", member_id: null, kind: "text", text: "x", payload: {}, file_id: null, generated: false, sources: [], state: "received", error: "", sent_at: at, created_at: at, ...more };
}
const pages = (next: string | null, ...lists: Conversation[][]) => ({ pages: lists.map((items, at) => ({ items, next: at < lists.length - 1 ? "c" : next })), pageParams: [] });
const ids = (data: { pages: { items: { id: number }[] }[] } | undefined) => data?.pages.map((page) => page.items.map((one) => one.id));

describe("which view a conversation belongs to", () => {
  it.each([
    ["mine", { assignee: { id: ME, name: "" }, state: "open" }, true],
    ["mine", { assignee: { id: ME, name: "" }, state: "resolved" }, false],
    ["mine", { assignee: { id: 8, name: "" }, state: "open" }, false],
    ["unassigned", { state: "queued" }, true],
    ["unassigned", { state: "open" }, false],
    ["open", { state: "queued" }, true],
    ["waiting", { waiting_since: "2026-03-02T10:00:00Z" }, true],
    ["waiting", {}, false],
    ["bot", { state: "bot" }, true],
    ["resolved", { state: "snoozed" }, false],
    ["all", { state: "resolved" }, true],
  ] as const)("%s %o", (view, more, expected) => {
    expect(fits(talk(1, 0, more as Partial<Conversation>), view, ME)).toBe(expected);
  });
});

describe("a conversation's place in the list", () => {
  const loaded = () => pages("more", [talk(1, 50), talk(2, 40)], [talk(3, 30), talk(4, 20)]);

  it("moves to the head when something new is said", () => {
    expect(ids(place(loaded(), talk(3, 55), true))).toEqual([[3, 1, 2], [4]]);
  });
  it("goes between those that it belongs between", () => {
    expect(ids(place(loaded(), talk(9, 35), true))).toEqual([[1, 2], [9, 3, 4]]);
  });
  it("leaves when it no longer belongs", () => {
    expect(ids(place(loaded(), talk(2, 41), false))).toEqual([[1], [3, 4]]);
  });
  it("waits for its page when it is older than what is loaded", () => {
    expect(ids(place(loaded(), talk(9, 5), true))).toEqual([[1, 2], [3, 4]]);
    expect(ids(place(pages(null, [talk(1, 50)]), talk(9, 5), true))).toEqual([[1, 9]]);
  });
  it("is the first of an empty list", () => {
    expect(ids(place(pages(null, []), talk(9, 5), true))).toEqual([[9]]);
  });
});

describe("messages that come in", () => {
  const loaded = () => ({ pages: [{ items: [said(5, "2026-03-02T10:05:00Z"), said(4, "2026-03-02T10:04:00Z")], next: "c" }], pageParams: [] });

  it("stand newest first and never twice", () => {
    const data = takeIn(loaded(), [said(7, "2026-03-02T10:07:00Z"), said(6, "2026-03-02T10:06:00Z"), said(5, "2026-03-02T10:05:00Z", { state: "sent" })]);
    expect(ids(data)).toEqual([[7, 6, 5, 4]]);
    expect(data?.pages[0]?.items[2]?.state).toBe("sent");
  });
  it("do not put an older one above a gap", () => {
    expect(ids(takeIn(loaded(), [said(2, "2026-03-02T10:02:00Z")]))).toEqual([[5, 4]]);
  });
  it("are grouped by day and by who said them in one go", () => {
    const days = byDay(
      [
        said(1, "2026-03-01T15:59:00Z"),
        said(2, "2026-03-01T16:01:00Z"),
        said(3, "2026-03-01T16:03:00Z"),
        said(4, "2026-03-01T16:04:00Z", { direction: "out", sender: "assistant" }),
        said(5, "2026-03-01T16:05:00Z", { direction: "out", sender: "member", member_id: 1 }),
        said(6, "2026-03-01T16:06:00Z", { direction: "out", sender: "member", member_id: 2 }),
        said(7, "2026-03-01T16:20:00Z", { direction: "out", sender: "member", member_id: 2 }),
        said(8, "2026-03-01T16:21:00Z", { direction: "out", sender: "member", member_id: 2, kind: "note" }),
        said(9, "2026-03-01T16:22:00Z", { kind: "event" }),
      ],
      "Asia/Shanghai",
    );
    expect(days.map((day) => day.day)).toEqual(["2026-03-01", "2026-03-02"]);
    expect(days[1]?.runs.map((run) => [run.who, run.messages.length, run.side])).toEqual([
      ["customer", 2, "in"],
      ["assistant", 1, "out"],
      ["member", 1, "out"],
      ["member", 1, "out"],
      ["member", 1, "out"],
      ["note", 1, "middle"],
      ["event", 1, "middle"],
    ]);
  });
  it("have the line of what is new above the first unseen one", () => {
    const all = [said(1, "2026-03-02T10:01:00Z"), said(2, "2026-03-02T10:02:00Z"), said(3, "2026-03-02T10:03:00Z", { direction: "out" }), said(4, "2026-03-02T10:04:00Z")];
    expect(firstUnread(all, 2)).toBe(2);
    expect(firstUnread(all, 0)).toBeNull();
    expect(firstUnread(all, 9)).toBeNull();
  });
});

describe("the channel's window", () => {
  const now = Date.parse("2026-03-02T10:00:00Z");
  it("is said in whole hours, then in minutes, never in more than is left", () => {
    expect(timeLeft("2026-03-04T09:59:00Z", now)).toEqual({ unit: "hours", n: 47 });
    expect(timeLeft("2026-03-02T10:59:59Z", now)).toEqual({ unit: "minutes", n: 59 });
    expect(timeLeft("2026-03-02T09:00:00Z", now)).toEqual({ unit: "minutes", n: 0 });
  });
  it("counts the parts of a long text by bytes", () => {
    expect([partsOf(""), partsOf("茶".repeat(682)), partsOf("茶".repeat(683)), partsOf("a".repeat(4096))]).toEqual([1, 1, 2, 2]);
  });
  it("says how long somebody waits", () => {
    expect([timeSince("2026-03-02T09:59:50Z", now), timeSince("2026-03-02T07:10:00Z", now), timeSince("2026-02-26T10:00:00Z", now)]).toEqual([
      { unit: "minutes", n: 1 },
      { unit: "hours", n: 2 },
      { unit: "days", n: 4 },
    ]);
  });
});

describe("canned replies", () => {
  it("open on a slash that begins a word", () => {
    expect(slashWord("您好 /报", 5)).toEqual({ from: 3, word: "报" });
    expect(slashWord("/", 1)).toEqual({ from: 0, word: "" });
    expect(slashWord("https://x", 9)).toBeNull();
    expect(slashWord("1/2", 3)).toBeNull();
  });
  it("come by shortcut before title before text", () => {
    const all = [
      { shortcut: "a", title: "", text: "price list" },
      { shortcut: "b", title: "Price", text: "" },
      { shortcut: "price", title: "", text: "" },
      { shortcut: "c", title: "", text: "" },
    ];
    expect(findCanned(all, "Pri").map((one) => one.shortcut)).toEqual(["price", "b", "a"]);
  });
});

describe("what is kept", () => {
  beforeEach(() => localStorage.clear());
  it("is each member's and each conversation's own, and goes when it is empty", () => {
    keepDraft(1, 5, { text: "half", note: "" });
    expect([readDraft(1, 5).text, readDraft(2, 5).text, readDraft(1, 6).text]).toEqual(["half", "", ""]);
    keepDraft(1, 5, { text: "", note: "" });
    expect(localStorage.length).toBe(0);
  });
  it("holds what was not sent, under the key that makes it go out once", () => {
    keepUnsent(1, 5, [{ key: "k", text: "hello", at: Date.now() }]);
    expect(readUnsent(1, 5).map((one) => one.key)).toEqual(["k"]);
    localStorage.setItem("guanxi.unsent.1.5", "{broken");
    expect(readUnsent(1, 5)).toEqual([]);
  });
});

describe("what is shown beside", () => {
  it("follows addresses without their punctuation", () => {
    expect(wordsAndLinks("见 https://a.cn/x?y=1，或 http://b.cn/).")).toEqual([{ text: "见 " }, { text: "https://a.cn/x?y=1", href: "https://a.cn/x?y=1" }, { text: "，或 " }, { text: "http://b.cn/", href: "http://b.cn/" }, { text: ")." }]);
    expect(wordsAndLinks("javascript:alert(1)")).toEqual([{ text: "javascript:alert(1)" }]);
  });
  it("knows previews that are only a kind", () => {
    expect([previewKind("[image]"), previewKind("[image] x")]).toEqual(["image", null]);
  });
  it("takes the first touch where there are two", () => {
    expect(touchesOf({ first: { label: "Fair", scene: "s" }, last: { label: "Shop" } })).toEqual([{ key: "label", value: "Fair" }, { key: "scene", value: "s" }]);
    expect(touchesOf({ utm_source: "baidu", nested: {} })).toEqual([{ key: "utm_source", value: "baidu" }]);
  });
  it("offers the assistant's answer and what is near it, else what it would offer, never what it is not sure of", () => {
    const candidates = [{ ref: "faq:1", question: "Q1", answer: "A", score: 9 }, { ref: "faq:2", question: "Q2", answer: "B", score: 6 }, { ref: "faq:3", question: "Q3", answer: "C", score: -1 }];
    const preview = { action: "direct", text: "A", sources: [{ ref: "faq:1", title: "Q1", score: 1 }], items: [], generated: false, confidence: 0.9, menu_from: 0.4, candidates } as unknown as Preview;
    const texts = (more: Partial<Preview>) => suggestionsOf({ ...preview, ...more }).map((one) => one.text);
    expect(texts({})).toEqual(["A", "B"]);
    expect(texts({ action: "menu", text: "Which?", items: [{ id: "faq:3", text: "Q3" }, { id: "faq:1", text: "Q1" }] })).toEqual(["A", "C"]);
    expect(texts({ action: "handed_over", text: "A colleague comes" })).toEqual(["A", "B"]);
    expect(texts({ action: "handed_over", confidence: 0 })).toEqual([]);
    expect(texts({ action: "refused", candidates: [] })).toEqual([]);
  });
});

describe("until when a talk is put aside", () => {
  it("never offers a moment that is over", () => {
    for (const hour of [1, 9, 17, 18, 23]) {
      for (let day = 1; day <= 7; day += 1) {
        const now = new Date(2026, 2, day, hour, 30);
        for (const choice of snoozeChoices(now)) expect(choice.at.getTime()).toBeGreaterThan(now.getTime());
      }
    }
  });
  it("has no Monday beside a tomorrow that is Monday", () => {
    expect(snoozeChoices(new Date(2026, 2, 1, 10)).map((one) => one.id)).toEqual(["hour", "evening", "tomorrow"]);
  });
});
