import { describe, expect, it } from "vitest";
import { awaiting, emptyTalk, gapBefore, lastId, settled, withInfo, withLive, withMessages } from "../src/talk";
import { message } from "./support";

describe("messages", () => {
  it("stand in the server's order, each once, however they arrive", () => {
    const talk = withMessages(withMessages(emptyTalk, [message({ id: 3 }), message({ id: 1 })]), [message({ id: 2 }), message({ id: 3, text: "changed" })]);
    expect(talk.messages.map((item) => item.id)).toEqual([1, 2, 3]);
    expect(talk.messages[2]?.text).toBe("changed");
    expect(lastId(talk)).toBe(3);
  });

  it("keep the same talk when nothing came", () => {
    expect(withMessages(emptyTalk, [])).toBe(emptyTalk);
  });
});

describe("streams", () => {
  const token = (text: string): Parameters<typeof withLive>[1] => ({ type: "token", message_key: "a", text });

  it("grow token by token and give way to the stored message", () => {
    let talk = withLive(emptyTalk, token("我们"), 0);
    talk = withLive(talk, token("包邮"), 10);
    expect(talk.streams).toEqual([{ key: "a", text: "我们包邮", since: 10 }]);
    talk = withLive(talk, { type: "message", message: message({ id: 9, key: "a", text: "我们包邮。" }) }, 20);
    expect(talk.streams).toEqual([]);
    expect(talk.messages.map((item) => item.text)).toEqual(["我们包邮。"]);
  });

  it("do not come back when a token arrives after its message", () => {
    const talk = withMessages(emptyTalk, [message({ id: 9, key: "a" })]);
    expect(withLive(talk, token("late"), 5)).toBe(talk);
  });

  it("are forgotten when they go quiet", () => {
    const talk = withLive(emptyTalk, token("x"), 1000);
    expect(settled(talk, 5000, 10000)).toBe(talk);
    expect(settled(talk, 11001, 10000).streams).toEqual([]);
  });
});

describe("typing", () => {
  it("ends by itself, by a word, or by the answer", () => {
    const typing = withLive(emptyTalk, { type: "typing", who: "member", name: "王芳" }, 0);
    expect(typing.typing?.name).toBe("王芳");
    expect(settled(typing, 6001, 1).typing).toBeNull();
    expect(withLive(typing, { type: "typing", who: "member", name: "王芳", active: false }, 1).typing).toBeNull();
    expect(withMessages(typing, [message({ id: 1, sender: "member" })]).typing).toBeNull();
    expect(withMessages(typing, [message({ id: 1, sender: "visitor" })]).typing).not.toBeNull();
  });
});

it("shows the assistant at work from the question to the first word", () => {
  const asked = message({ id: 1, sender: "visitor" });
  const talk = withMessages({ ...emptyTalk, info: { state: "bot", agent: "" } }, [asked]);
  const thinking = awaiting(talk, asked, 0);
  expect(thinking.typing).toEqual({ who: "assistant", name: "", until: 20000 });
  expect(withLive(thinking, { type: "token", message_key: "a", text: "x" }, 1).typing).toBeNull();
  expect(withInfo(thinking, { state: "queued", agent: "" }).typing).toBeNull();
  expect(settled(thinking, 20001, 1).typing).toBeNull();
  expect(awaiting(withMessages(talk, [message({ id: 2 })]), asked, 0).typing).toBeNull();
  expect(awaiting({ ...talk, info: { state: "open", agent: "王芳" } }, asked, 0).typing).toBeNull();
});

it("knows from the message before whether one was missed", () => {
  const talk = withMessages(emptyTalk, [message({ id: 5 }), message({ id: 7 })]);
  expect(gapBefore(talk, 7)).toBeNull();
  expect(gapBefore(talk, null)).toBeNull();
  expect(gapBefore(talk, 6)).toBe(5);
  expect(gapBefore(talk, 9)).toBe(7);
  expect(gapBefore(talk, 3)).toBeNull();
  expect(gapBefore(emptyTalk, 3)).toBe(0);
});

it("takes over the state of the talk", () => {
  const talk = withLive(emptyTalk, { type: "talk", talk: { state: "open", agent: "王芳" } }, 0);
  expect(talk.info).toEqual({ state: "open", agent: "王芳" });
});
