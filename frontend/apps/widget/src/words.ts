// Every word that the widget says by itself, in both languages.

import type { Notice } from "./talk";

const zh = {
  chat: "在线咨询",
  bot: "AI 助手在线",
  queued: "已为您转人工，正在排队",
  open: (name: string) => (name ? `${name} 为您服务` : "人工客服为您服务"),
  resolved: "本次咨询已结束，可继续提问",
  assistant: "AI 助手",
  person: "客服",
  me: "我",
  generated: "AI 生成",
  generatedHelp: "此回答由人工智能生成，请以实际信息为准",
  sources: (count: number) => `参考来源 ${count}`,
  choices: "猜您想问",
  starters: "您可以这样问",
  placeholder: "请输入您的问题",
  send: "发送",
  attach: "发送图片",
  handover: "转人工",
  handoverAsked: "已请求人工客服",
  handoverText: "我想找人工客服",
  close: "收起",
  typingAssistant: "正在思考",
  typingMember: (name: string) => `${name || "客服"} 正在输入`,
  writing: "正在回答",
  older: "查看更早的消息",
  newMessages: "有新消息",
  connecting: "正在连接…",
  offline: "网络已断开，您的消息会在恢复后自动发送",
  waiting: "待发送",
  sending: "发送中",
  sent: "已发送",
  retry: "重试",
  discard: "删除",
  image: "图片",
  openImage: "查看大图",
  file: "文件",
  greeting: "您好，请问有什么可以帮您？",
  contactTitle: "留下联系方式，我们尽快回复您",
  contactName: "称呼",
  contactPhone: "手机号",
  contactSubmit: "提交",
  contactLater: "暂不填写",
  contactDone: "已收到您的联系方式，我们会尽快与您联系。",
  consent: "我同意商家为回复本次咨询使用以上信息",
  consentNeeded: "请先勾选同意",
  nameNeeded: "请填写称呼",
  phoneWrong: "请填写正确的手机号或电话号码",
  startFailed: "暂时无法连接客服",
  startRetry: "重新连接",
  loading: "正在载入",
  today: "今天",
  yesterday: "昨天",
  skip: "跳到输入框",
  errors: {
    offline: "网络不可用，恢复后会自动发送",
    timeout: "网络较慢，正在重试",
    rate_limited: "发送太快，稍后会自动发送",
    file_too_large: (megabytes: number) => `图片不能超过 ${megabytes} MB`,
    file_kind_refused: "只能发送 JPG、PNG、WebP 或 GIF 图片",
    file_lost: "图片未发出，请重新选择",
    too_long: "内容过长，请分几条发送",
    message_empty: "还没有内容，请先输入",
    contact_incomplete: "请填写称呼和正确的电话号码",
    unknown: "发送失败",
  },
  notices: {
    queued: "正在为您转接人工客服，请稍候",
    joined: (name: string) => `${name || "客服"} 已接入，为您服务`,
    handed_back: "已转回 AI 助手",
    resolved: "本次咨询已结束",
  },
};

export type Words = typeof zh;

const en: Words = {
  chat: "Chat",
  bot: "AI assistant online",
  queued: "Waiting for a person",
  open: (name) => (name ? `You are talking to ${name}` : "You are talking to a person"),
  resolved: "This talk has ended. You can ask again any time",
  assistant: "AI assistant",
  person: "Support",
  me: "Me",
  generated: "AI generated",
  generatedHelp: "Written by an AI. Please check important details",
  sources: (count) => (count === 1 ? "1 source" : `${count} sources`),
  choices: "Did you mean",
  starters: "You could ask",
  placeholder: "Type your question",
  send: "Send",
  attach: "Send a picture",
  handover: "Talk to a person",
  handoverAsked: "A person has been asked",
  handoverText: "I would like to talk to a person",
  close: "Close",
  typingAssistant: "Thinking",
  typingMember: (name) => `${name || "Support"} is typing`,
  writing: "Answering",
  older: "Show earlier messages",
  newMessages: "New messages",
  connecting: "Connecting…",
  offline: "You are offline. Your messages go out when the network is back",
  waiting: "Waiting",
  sending: "Sending",
  sent: "Sent",
  retry: "Try again",
  discard: "Delete",
  image: "Picture",
  openImage: "Open the picture",
  file: "File",
  greeting: "Hello! How can we help?",
  contactTitle: "Leave your contact and we will get back to you",
  contactName: "Name",
  contactPhone: "Phone",
  contactSubmit: "Submit",
  contactLater: "Not now",
  contactDone: "Thank you. We have your contact and will get back to you.",
  consent: "I agree that these details are used to answer this enquiry",
  consentNeeded: "Please agree first",
  nameNeeded: "Please enter your name",
  phoneWrong: "Please enter a valid phone number",
  startFailed: "The chat cannot be reached right now",
  startRetry: "Connect again",
  loading: "Loading",
  today: "Today",
  yesterday: "Yesterday",
  skip: "Skip to the message box",
  errors: {
    offline: "No network. This goes out when it is back",
    timeout: "The network is slow. Trying again",
    rate_limited: "A little too fast. This goes out in a moment",
    file_too_large: (megabytes) => `Pictures can be up to ${megabytes} MB`,
    file_kind_refused: "Only JPG, PNG, WebP or GIF pictures can be sent",
    file_lost: "The picture was not sent. Please choose it again",
    too_long: "This is too long. Please send it in parts",
    message_empty: "There is nothing to send yet",
    contact_incomplete: "Please give your name and a valid phone number",
    unknown: "Not sent",
  },
  notices: {
    queued: "We are finding a person for you",
    joined: (name) => `${name || "A colleague"} has joined`,
    handed_back: "You are back with the AI assistant",
    resolved: "This talk has ended",
  },
};

export type Language = "zh-CN" | "en";

export function wordsFor(language: Language): Words {
  return language === "zh-CN" ? zh : en;
}

/** What to say for a problem's code; a code that this version does not know gets the plain sentence. */
export function errorWord(words: Words, code: string, maxFileBytes: number): string {
  if (code === "file_too_large") return words.errors.file_too_large(Math.floor(maxFileBytes / 1048576));
  const word = own(words.errors, code);
  return typeof word === "string" ? word : words.errors.unknown;
}

export function noticeWord(words: Words, notice: Notice): string {
  return notice.code === "joined" ? words.notices.joined(notice.name) : words.notices[notice.code];
}

function own(words: object, code: string): unknown {
  return Object.prototype.hasOwnProperty.call(words, code) ? (words as Record<string, unknown>)[code] : undefined;
}
