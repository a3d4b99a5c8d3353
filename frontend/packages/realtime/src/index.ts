/** What the pages may use of the live line. */
export { LiveClient } from "./client";
export type { LiveEvent, LiveOptions, LiveState, Transient } from "./client";
export { kindFits, provideLive, useLive, useLiveClient, useLiveQueries, useLiveState, useTransient } from "./vue";
