// What the widget's API sends and takes. The server's schemas of bots.channels.web say the same.

export type Sender = "visitor" | "assistant" | "member";
export type TalkState = "none" | "bot" | "queued" | "open" | "snoozed" | "resolved";

export interface Source {
  title: string;
  url: string;
}

export interface Choice {
  id: string;
  text: string;
}

export interface SharedFile {
  /** Names the upload in a message. */
  ref: string;
  url: string;
  name: string;
  size: number;
  content_type: string;
}

export interface Message {
  id: number;
  /** The name that streamed tokens carry before the message itself is stored. */
  key: string;
  /** The idempotency key that this visitor's browser sent it with. */
  client_key: string;
  sender: Sender;
  name: string;
  text: string;
  generated: boolean;
  sources: Source[];
  choices: Choice[];
  /** What stands below a menu. */
  tail: string;
  asks: "" | "contact";
  file: SharedFile | null;
  at: string;
}

export interface TalkInfo {
  state: TalkState;
  agent: string;
}

export interface Visit {
  token: string;
  talk: TalkInfo;
  messages: Message[];
  older: string | null;
  contact_known: boolean;
}

export interface MessagePage {
  items: Message[];
  next: string | null;
  talk: TalkInfo;
}

/** What the server writes into the page itself, so that the first paint needs no request. */
export interface WidgetConfig {
  key: string;
  api: string;
  socket: string;
  name: string;
  color: string;
  side: "left" | "right";
  greeting: { zh: string; en: string };
  starters: { zh: string[]; en: string[] };
  allowed_origins: string[];
  max_file_bytes: number;
}

export type Live =
  /** `previous` is the message before this one; a page that does not have it missed something. */
  | { type: "message"; message: Message; previous?: number | null; talk?: TalkInfo }
  | { type: "token"; message_key: string; text: string }
  | { type: "typing"; who: "assistant" | "member"; name: string; active?: boolean }
  | { type: "talk"; talk: TalkInfo };
