/** Patterns of kinds. */
import { expect, it } from "vitest";

import { kindFits } from "../src/vue";

it.each([
  ["lead.created", "lead.created", true],
  ["lead.*", "lead.created", true],
  ["lead.*", "leader.created", false],
  ["*", "anything.at_all", true],
  ["lead.created", "lead.updated", false],
])("%s against %s is %s", (pattern, kind, fits) => {
  expect(kindFits(pattern, kind)).toBe(fits);
});
