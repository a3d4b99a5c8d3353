// The talk as the page shows it, and how each thing that happens changes it. Pure: no network, no clock, no page.
import type { Live, Message, TalkInfo, TalkState } from "./types";

export interface Stream {
  key: string;
  text: string;
  since: number;
}

/** A change of who has the word, as it was seen to happen: between the messages, never stored. */
export interface Notice {
  after: number;
  code: "queued" | "joined" | "handed_back" | "resolved";
  name: string;
}

export interface Talk {
  messages: Message[];
  notices: Notice[];
  streams: Stream[];
  typing: { who: "assistant" | "member"; name: string; until: number } | null;
  info: TalkInfo;
  older: string | null;
}

export const emptyTalk: Talk = { messages: [], notices: [], streams: [], typing: null, info: { state: "none", agent: "" }, older: null };

const TYPING_MS = 6000;

/** Messages in the order of the server's numbers, each once; a stored message takes the place of its stream. */
export function withMessages(talk: Talk, arrived: Message[]): Talk {
  if (arrived.length === 0) return talk;
  const byId = new Map<number, Message>();
  for (const message of talk.messages) byId.set(message.id, message);
  for (const message of arrived) byId.set(message.id, message);
  const messages = Array.from(byId.values()).sort((a, b) => a.id - b.id);
  const keys = new Set(arrived.map((message) => message.key));
  const answered = arrived.some((message) => message.sender !== "visitor");
  return {
    ...talk,
    messages,
    streams: talk.streams.filter((stream) => !keys.has(stream.key)),
    typing: answered ? null : talk.typing,
  };
}

export function withLive(talk: Talk, live: Live, now: number): Talk {
  switch (live.type) {
    case "message":
      return withInfo(withMessages(talk, [live.message]), live.talk ?? talk.info);
    case "token":
      return withToken(talk, live.message_key, live.text, now);
    case "typing":
      return { ...talk, typing: live.active === false ? null : { who: live.who, name: live.name, until: now + TYPING_MS } };
    case "talk":
      return withInfo(talk, live.talk);
    default:
      return talk;
  }
}

/** Takes over who has the word, and leaves a line in the talk where that changed before the visitor's eyes. */
export function withInfo(talk: Talk, info: TalkInfo): Talk {
  const code = change(talk.info, info);
  const notices = code ? talk.notices.concat({ after: lastId(talk), code, name: info.agent }) : talk.notices;
  // Whoever was typing an answer as the assistant does so no more once people have the word.
  const typing = talk.typing && talk.typing.who === "assistant" && info.state !== "bot" ? null : talk.typing;
  return { ...talk, info, notices, typing };
}

function change(from: TalkInfo, to: TalkInfo): Notice["code"] | "" {
  const people: TalkState[] = ["open", "snoozed"];
  if (to.state === from.state && to.agent === from.agent) return "";
  if (to.state === "queued") return from.state === "queued" ? "" : "queued";
  if (people.indexOf(to.state) >= 0) return to.agent && to.agent !== from.agent ? "joined" : "";
  if (to.state === "bot" && (from.state === "queued" || people.indexOf(from.state) >= 0)) return "handed_back";
  return to.state === "resolved" && from.state !== "none" ? "resolved" : "";
}

const THINKING_MS = 20000;

/** The assistant has the word and the visitor has just asked: it is at work until it says something, or too long for that. */
export function awaiting(talk: Talk, asked: Message, now: number): Talk {
  const answered = talk.messages.some((message) => message.id > asked.id && message.sender !== "visitor");
  if (talk.info.state !== "bot" || answered || talk.streams.length) return talk;
  return { ...talk, typing: { who: "assistant", name: "", until: now + THINKING_MS } };
}

function withToken(talk: Talk, key: string, text: string, now: number): Talk {
  // A token that was overtaken by its stored message must not open a second bubble.
  if (talk.messages.some((message) => message.key === key)) return talk;
  const known = talk.streams.some((stream) => stream.key === key);
  const streams = known
    ? talk.streams.map((stream) => (stream.key === key ? { ...stream, text: stream.text + text, since: now } : stream))
    : talk.streams.concat({ key, text, since: now });
  return { ...talk, streams, typing: null };
}

/** Forgets what has gone quiet: a stream whose end was never stored, somebody who stopped typing. */
export function settled(talk: Talk, now: number, quietMs: number): Talk {
  const streams = talk.streams.filter((stream) => now - stream.since < quietMs);
  const typing = talk.typing && talk.typing.until > now ? talk.typing : null;
  return streams.length === talk.streams.length && typing === talk.typing ? talk : { ...talk, streams, typing };
}

export function lastId(talk: Talk): number {
  const last = talk.messages[talk.messages.length - 1];
  return last ? last.id : 0;
}

/** The last message before a gap that a live message reveals; null where nothing is missing. */
export function gapBefore(talk: Talk, previous: number | null | undefined): number | null {
  if (!previous || talk.messages.some((message) => message.id === previous)) return null;
  const first = talk.messages[0];
  // Older than everything here: the page has only not scrolled that far back.
  if (first && previous < first.id) return null;
  return talk.messages.reduce((last, message) => (message.id < previous ? message.id : last), 0);
}

/** The newest question for a contact; its form stays while other messages come, so that nothing typed into it is lost. */
export function lastAsk(talk: Talk): number {
  return talk.messages.reduce((last, message) => (message.asks === "contact" ? message.id : last), 0);
}

/** Only the newest message may still be answered by a tap on its menu. */
export function isLatest(talk: Talk, message: Message): boolean {
  return lastId(talk) === message.id;
}
