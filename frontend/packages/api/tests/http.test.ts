// @vitest-environment happy-dom
/** What goes over the wire, against a real HTTP server. */
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { apiAt, queryString, whenSignedOut, type Api } from "../src/http";
import { ApiProblem } from "../src/problem";

interface Call {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

const calls: Call[] = [];
let answer: { status: number; body: unknown; headers?: Record<string, string> } = { status: 200, body: {} };
let server: Server;
let api: Api;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => {
      calls.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers, body });
      const cors = { "access-control-allow-origin": "*", "access-control-allow-headers": "*", "access-control-allow-methods": "*" };
      if (request.method === "OPTIONS") return void response.writeHead(204, cors).end();
      response.writeHead(answer.status, { "content-type": "application/problem+json", ...cors, ...answer.headers });
      response.end(answer.status === 204 ? undefined : JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  (window as unknown as { happyDOM: { setURL: (url: string) => void } }).happyDOM.setURL(origin);
  api = apiAt(`${origin}/api/v1`);
});
afterAll(() => void server.close());
beforeEach(() => {
  calls.length = 0;
  answer = { status: 200, body: {} };
  document.cookie = "gx_csrf=token-1";
});

const last = () => calls.filter((call) => call.method !== "OPTIONS").at(-1) as Call;

describe("requests", () => {
  it("leave out what is not asked for", () => {
    expect(queryString({ q: "", owner: undefined, level: null, tag: ["a", "b"], archived: false })).toBe("?tag=a&tag=b&archived=false");
  });

  it("carry CSRF and one key for one intent on POST", async () => {
    await api.post("/leads", { name: "x" }, { idempotencyKey: "k1" });
    expect(last().headers["x-csrftoken"]).toBe("token-1");
    expect(last().headers["idempotency-key"]).toBe("k1");
    expect(JSON.parse(last().body)).toEqual({ name: "x" });
  });

  it("carry the version that was seen on PATCH, and no key", async () => {
    await api.patch("/leads/7", { name: "y" }, { version: 3 });
    expect(last().headers["if-match"]).toBe('"3"');
    expect(last().headers["idempotency-key"]).toBeUndefined();
  });

  it("return nothing for 204", async () => {
    answer = { status: 204, body: null };
    expect(await api.delete("/views/1")).toBeUndefined();
  });
});

describe("refusals", () => {
  async function refusal(): Promise<ApiProblem> {
    const caught: unknown = await api.get("/leads").catch((error: unknown) => error);
    expect(caught).toBeInstanceOf(ApiProblem);
    return caught as ApiProblem;
  }

  it("keep code, fields and params", async () => {
    answer = { status: 422, body: { code: "invalid_input", detail: "d", fields: { name: "missing", phone: ["format"] }, params: { n: 1 } } };
    const problem = await refusal();
    expect([problem.code, problem.status, problem.fields, problem.params]).toEqual(["invalid_input", 422, { name: "missing", phone: "format" }, { n: 1 }]);
  });

  it("have a code even where the answer has none", async () => {
    answer = { status: 503, body: "gateway" };
    expect((await refusal()).code).toBe("server_error");
  });

  it("know a conflict of versions and how long to wait", async () => {
    answer = { status: 412, body: {} };
    expect((await refusal()).conflict).toBe(true);
    answer = { status: 429, body: {}, headers: { "retry-after": "7", "access-control-expose-headers": "retry-after" } };
    expect((await refusal()).retryAfter).toBe(7);
  });

  it("tell once that the session has ended", async () => {
    let told = 0;
    whenSignedOut(() => (told += 1));
    answer = { status: 401, body: { code: "not_signed_in" } };
    await refusal();
    whenSignedOut(null);
    expect(told).toBe(1);
  });

  it("say that nobody answered", async () => {
    const problem = (await apiAt("http://127.0.0.1:9").get("/x").catch((error: unknown) => error)) as ApiProblem;
    expect([problem.code, problem.unreachable]).toEqual(["unreachable", true]);
  });
});
