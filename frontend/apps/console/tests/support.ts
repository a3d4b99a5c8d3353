/** What several tests need. */

/** Lets everything that waits for the next turn happen. */
export function flushPromises(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
