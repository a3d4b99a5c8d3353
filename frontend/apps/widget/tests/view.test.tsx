import { fireEvent, render, screen, within } from "@testing-library/preact";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Bridge } from "../src/bridge";
import { Client, type State } from "../src/client";
import { Kept } from "../src/kept";
import { emptyTalk, withInfo, withLive, withMessages } from "../src/talk";
import type { Message } from "../src/types";
import { App } from "../src/view/App";
import { config, FakeSocket, message, serve, type Call } from "./support";

let calls: Call[];
let client: Client;

function show(values: Partial<State> = {}, messages: Message[] = []): void {
  client.state = { ...client.state, phase: "ready", line: "online", open: true, ...values };
  client.state.talk = withMessages(client.state.talk, messages);
  render(<App client={client} bridge={new Bridge([], { onInit: vi.fn(), onPage: vi.fn(), onShown: vi.fn() })} />);
}

beforeEach(() => {
  localStorage.clear();
  document.body.textContent = "";
  FakeSocket.install();
  vi.stubGlobal("matchMedia", () => ({ matches: false }));
  calls = serve((call) => ({ body: call.path.endsWith("/visits") ? { token: "t", talk: { state: "bot", agent: "" }, messages: [], older: null, contact_known: false } : call.path.endsWith("/handover") ? { message: message({ id: 1, sender: "visitor", text: "我想找人工客服" }), talk: { state: "queued", agent: "" } } : { items: [], next: null, talk: { state: "queued", agent: "" } } }));
  client = new Client(config, new Kept(config.key), "zh-CN");
});
afterEach(() => vi.unstubAllGlobals());

describe("messages", () => {
  it("greet, offer first questions, and send the one that is tapped", () => {
    const send = vi.spyOn(client, "send").mockResolvedValue();
    show();
    expect(screen.getByText("您好")).toBeTruthy();
    fireEvent.click(screen.getByRole("button", { name: "怎么发货？" }));
    expect(send.mock.calls[0]?.[0]).toBe("怎么发货？");
  });

  it("name their sender, carry the label of generated text and show sources on demand", () => {
    show({}, [
      message({ id: 1, sender: "visitor", text: "包邮吗" }),
      message({ id: 2, text: "满 99 包邮", generated: true, sources: [{ title: "运费说明", url: "https://a.cn/f" }, { title: "坏", url: "javascript:alert(1)" }] }),
      message({ id: 3, sender: "member", name: "王芳", text: "我来帮您" }),
    ]);
    const answer = screen.getByText("满 99 包邮").closest("article") as HTMLElement;
    expect(within(answer).getByText("AI 助手")).toBeTruthy();
    expect(within(answer).getByText("AI 生成")).toBeTruthy();
    expect(within(answer).getByText("运费说明").getAttribute("href")).toBe("https://a.cn/f");
    expect(within(answer).getByText("坏").tagName).toBe("LI");
    const person = screen.getByText("我来帮您").closest("article") as HTMLElement;
    expect(within(person).getByText("王芳")).toBeTruthy();
    expect(within(person).queryByText("AI 生成")).toBeNull();
  });

  it("draw text as text", () => {
    show({}, [message({ id: 1, text: "<img src=x onerror=alert(1)>" })]);
    expect(document.querySelector(".bubble img")).toBeNull();
    expect(screen.getByText("<img src=x onerror=alert(1)>")).toBeTruthy();
  });

  it("offer the menu only while it is the last word", () => {
    const send = vi.spyOn(client, "send").mockResolvedValue();
    const menu = message({ id: 2, text: "您想问的是？", choices: [{ id: "7", text: "怎么退货" }] });
    show({}, [menu]);
    fireEvent.click(screen.getByRole("button", { name: "怎么退货" }));
    expect(send).toHaveBeenCalledWith("怎么退货", { id: "7", text: "怎么退货" });
    document.body.textContent = "";
    show({}, [menu, message({ id: 3, sender: "visitor" })]);
    expect(screen.queryByRole("button", { name: "怎么退货" })).toBeNull();
    expect(screen.getByRole("listitem").textContent).toBe("怎么退货");
  });

  it("show an answer as it is written, labelled, and not read aloud token by token", () => {
    show({ talk: withLive(emptyTalk, { type: "token", message_key: "a", text: "我们" }, 0) });
    const stream = screen.getByText("我们").closest("article") as HTMLElement;
    expect(stream.getAttribute("aria-busy")).toBe("true");
    expect(stream.getAttribute("aria-live")).toBe("off");
    expect(within(stream).getByText("AI 生成")).toBeTruthy();
  });

  it("say where somebody else took the word, and only what was seen to happen", () => {
    const open = { state: "open", agent: "王芳" } as const;
    const before = withMessages({ ...emptyTalk, info: { state: "queued", agent: "" } }, [message({ id: 1, text: "稍等" })]);
    show({ talk: withInfo(withInfo(before, open), open) });
    expect(screen.getAllByText("王芳 已接入，为您服务")).toHaveLength(1);
    expect(withInfo(emptyTalk, { state: "bot", agent: "" }).notices).toEqual([]);
    expect(withInfo({ ...emptyTalk, info: open }, { state: "bot", agent: "" }).notices[0]?.code).toBe("handed_back");
  });
});

describe("the composer", () => {
  it("sends on Enter, but not while an input method is choosing, and keeps the draft until then", () => {
    const send = vi.spyOn(client, "send").mockResolvedValue();
    show();
    const field = screen.getByLabelText("请输入您的问题") as HTMLTextAreaElement;
    fireEvent.input(field, { target: { value: "ni hao" } });
    expect(client.draft()).toBe("ni hao");
    fireEvent.keyDown(field, { key: "Enter", isComposing: true });
    fireEvent.keyDown(field, { key: "Enter", keyCode: 229 });
    fireEvent.keyDown(field, { key: "Enter", shiftKey: true });
    expect(send).not.toHaveBeenCalled();
    fireEvent.keyDown(field, { key: "Enter" });
    expect(send).toHaveBeenCalledWith("ni hao");
    expect(field.value).toBe("");
    expect(client.draft()).toBe("");
  });
});

describe("a person", () => {
  it("can be asked for, and then the button is gone", async () => {
    show();
    fireEvent.click(screen.getByRole("button", { name: "转人工" }));
    await vi.waitFor(() => expect(calls.some((call) => call.path.endsWith("/handover"))).toBe(true));
    await vi.waitFor(() => expect(screen.getByText("已为您转人工，正在排队")).toBeTruthy());
    expect(screen.queryByRole("button", { name: "转人工" })).toBeNull();
  });
});

describe("the contact card", () => {
  it("stays, with what was typed, while other messages come", async () => {
    const ask = message({ id: 1, text: "方便留个电话吗", asks: "contact" });
    show({}, [ask]);
    fireEvent.input(screen.getByLabelText("称呼"), { target: { value: "李雷" } });
    client.state = { ...client.state, talk: withMessages(client.state.talk, [message({ id: 2, text: "另外" })]) };
    client.setLanguage("en");
    expect(((await screen.findByLabelText("Name")) as HTMLInputElement).value).toBe("李雷");
  });

  it("asks for what is missing, sends nothing without consent, and thanks at the end", async () => {
    const leave = vi.spyOn(client, "leaveContact").mockImplementation(async () => {
      client.state = { ...client.state, contactKnown: true };
      client.setLanguage("zh-CN");
      return {};
    });
    show({}, [message({ id: 1, text: "方便留个电话吗", asks: "contact" })]);
    fireEvent.submit(screen.getByRole("form"));
    for (const word of ["请填写称呼", "请填写正确的手机号或电话号码", "请先勾选同意"]) expect(await screen.findByText(word)).toBeTruthy();
    fireEvent.input(screen.getByLabelText("称呼"), { target: { value: "李雷" } });
    fireEvent.input(screen.getByLabelText("手机号"), { target: { value: "138 0013 8000" } });
    fireEvent.submit(screen.getByRole("form"));
    expect(leave).not.toHaveBeenCalled();
    fireEvent.click(screen.getByRole("checkbox"));
    fireEvent.submit(screen.getByRole("form"));
    expect(leave).toHaveBeenCalledWith({ name: "李雷", phone: "138 0013 8000", consent: "我同意商家为回复本次咨询使用以上信息" });
  });
});

describe("what did not arrive", () => {
  it("stays visible with the reason and a way on", () => {
    const retry = vi.spyOn(client, "retry").mockReturnValue();
    show({ pending: [{ key: "1", text: "很长", at: "", failed: "too_long" }, { key: "2", text: "等着", at: "" }], line: "offline" });
    expect(screen.getByText("内容过长，请分几条发送")).toBeTruthy();
    expect(screen.getByText("待发送")).toBeTruthy();
    fireEvent.click(screen.getByRole("button", { name: "重试" }));
    expect(retry).toHaveBeenCalledWith("1");
  });
});

it("speaks English when asked", () => {
  client.setLanguage("en");
  show();
  expect(screen.getByText("Hello")).toBeTruthy();
  expect(screen.getByRole("button", { name: "Talk to a person" })).toBeTruthy();
  expect(document.body.textContent).not.toMatch(/转人工/);
});
