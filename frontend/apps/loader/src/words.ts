// The few words that the launcher itself says.

export interface Words {
  open: string;
  close: string;
  unread: (count: number) => string;
  title: string;
  newTab: string;
}

const ZH: Words = {
  open: "打开在线咨询",
  close: "收起在线咨询",
  unread: (count) => `打开在线咨询，${count} 条未读消息`,
  title: "在线咨询",
  newTab: "加载较慢，点此在新窗口打开",
};

const EN: Words = {
  open: "Open chat",
  close: "Close chat",
  unread: (count) => `Open chat, ${count} unread ${count === 1 ? "message" : "messages"}`,
  title: "Chat",
  newTab: "This is slow to load. Open it in a new window",
};

export function pickLanguage(...candidates: Array<string | null | undefined>): "zh-CN" | "en" {
  for (const candidate of candidates) {
    if (candidate) return /^zh\b/i.test(candidate) ? "zh-CN" : "en";
  }
  return "zh-CN";
}

export function wordsFor(language: string): Words {
  return language === "zh-CN" ? ZH : EN;
}
