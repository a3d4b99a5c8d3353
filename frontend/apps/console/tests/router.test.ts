/** Where one lands after sign-in is inside the workspace, whatever the address says. */
import { expect, it } from "vitest";

import { safeNext } from "../src/app/router";

it.each([
  ["/leads/7", "/leads/7"],
  ["//evil.example", "/"],
  ["https://evil.example", "/"],
  ["/\\evil.example", "/"],
  [undefined, "/"],
  [["/a"], "/"],
])("%j leads to %s", (next, place) => {
  expect(safeNext(next)).toBe(place);
});
