/** Values as people say them. */
import { describe, expect, it } from "vitest";

import { companyCore, groupPhone, initials, isCompanyName, sayDate, sayLength, sayMoment, sayMoney, type Saying } from "../src/format";

const words: Record<string, string> = {
  "ui.time.now": "刚刚", "ui.time.minutesAgo": "{n} 分钟前", "ui.time.minutesAhead": "{n} 分钟后", "ui.time.today": "今天 {time}", "ui.time.yesterday": "昨天 {time}",
  "ui.time.tomorrow": "明天 {time}", "ui.time.daysAgo": "{n} 天前", "ui.time.daysAhead": "{n} 天后", "ui.time.dateToday": "今天", "ui.time.dateYesterday": "昨天", "ui.time.dateTomorrow": "明天",
};
const saying: Saying = {
  t: (key, params) => (words[key] ?? key).replaceAll(/\{(\w+)\}/g, (_, name: string) => String(params?.[name])),
  locale: "zh-CN",
  timezone: "Asia/Shanghai",
  now: new Date("2025-11-22T16:30:00Z"),
};

describe("times", () => {
  // 16:30 UTC is half past midnight of the 23rd in Shanghai: days are the person's own.
  it.each([
    ["2025-11-22T16:29:50Z", "刚刚"],
    ["2025-11-22T16:25:00Z", "5 分钟前"],
    ["2025-11-22T06:05:00Z", "昨天 14:05"],
    ["2025-11-23T06:05:00Z", "今天 14:05"],
    ["2025-11-23T17:05:00Z", "明天 01:05"],
    ["2025-11-19T17:05:00Z", "3 天前"],
    ["2025-11-03T06:05:00Z", "11月3日"],
    ["2024-11-03T06:05:00Z", "2024年11月3日"],
  ])("%s is %s", (moment, said) => {
    expect(sayMoment(moment, saying)).toBe(said);
  });

  it("says a plain date without a clock", () => {
    const now = { ...saying, now: new Date() };
    const day = new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit" }).format(now.now);
    expect(sayDate(day, now)).toBe("今天");
  });
});

describe("lengths", () => {
  it.each([
    [20_000, "1分钟"],
    [12 * 60_000, "12分钟"],
    [3.2 * 3_600_000, "3小时"],
    [2 * 86_400_000, "2天"],
  ])("%s is %s", (milliseconds, said) => {
    expect(sayLength(milliseconds, { locale: "zh-CN" })).toBe(said);
  });
});

describe("money", () => {
  it.each([
    [1234567, {}, "¥1,234,567"],
    ["99.50", {}, "¥99.50"],
    [1280000, { compact: true }, "¥128万"],
    [8900, { compact: true }, "¥8,900"],
    [12, { currency: "USD" }, "$12"],
  ])("%s %j is %s", (amount, style, said) => {
    expect(sayMoney(amount, { locale: "zh-CN", ...style })).toBe(said);
  });
});

describe("phones", () => {
  it.each([
    ["13812345678", "138 1234 5678"],
    ["+8613812345678", "+86 138 1234 5678"],
    ["138****5678", "138 **** 5678"],
    ["02162881234", "021-6288 1234"],
    ["4008201234", "400-820-1234"],
    ["ext. 12", "ext. 12"],
  ])("%s is %s", (number, said) => {
    expect(groupPhone(number)).toBe(said);
  });
});

describe("names in a circle", () => {
  it.each([
    ["王芳", "王芳"],
    ["欧阳建国", "建国"],
    ["Mary Ann Lee", "MA"],
    ["杭州茗溪茶业有限公司", "茗溪"],
    ["礼盒可以印我们", "礼盒"],
  ])("%s is %s", (name, said) => {
    expect(initials(name)).toBe(said);
  });
});

describe("companies", () => {
  it.each([
    ["杭州茗溪茶业有限公司", "茗溪茶业"],
    ["浙江省宁波市海曙万家超市", "海曙万家"],
    ["上海东方（集团）有限公司", "东方"],
    ["苏州银行", "苏州"],
    ["茗溪茶业", "茗溪茶业"],
    ["中国茶叶股份有限公司", "中国茶叶"],
    ["Acme Ltd", "Acme Ltd"],
  ])("%s is told by %s", (name, core) => {
    expect(companyCore(name)).toBe(core);
  });

  it("are told from people", () => {
    expect(["青岛山海文创有限公司", "王芳", "陈店"].map(isCompanyName)).toEqual([true, false, false]);
  });
});
