// Sign, encrypt or decrypt with one of the two packages: one JSON request a line in, one JSON answer a line out.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import * as wecom from "@wecom/crypto";

const Crypt = createRequire(import.meta.url)("wechat-crypto");

const PACKAGES = {
  "wechat-crypto": {
    sign: (r) => new Crypt(r.token, r.key, r.id).getSignature(r.timestamp, r.nonce, r.encrypt),
    encrypt: (r) => new Crypt(r.token, r.key, r.id).encrypt(r.text),
    decrypt: (r) => new Crypt(r.token, r.key, r.id).decrypt(r.encrypt),
  },
  "@wecom/crypto": {
    sign: (r) => wecom.getSignature(r.token, r.timestamp, r.nonce, r.encrypt),
    encrypt: (r) => wecom.encrypt(r.key, r.text, r.id),
    decrypt: (r) => { const { message, id } = wecom.decrypt(r.key, r.encrypt); return { message, id }; },
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  let answer;
  try {
    answer = { result: PACKAGES[request.package][request.act](request) };
  } catch (error) {
    answer = { error: String(error.message) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
