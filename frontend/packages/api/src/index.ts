/** What the pages may use of the API. */
export { auth } from "./auth";
export type { AuthState, AuthUser, EmailAddress, Flow, RecoveryCodes, SignInSession, TotpSetup } from "./auth";
export { api, apiAt, baseApi, csrfToken, newIdempotencyKey, queryString, whenSignedOut } from "./http";
export type { Api, Query, QueryValue, RequestOptions } from "./http";
export { useEndless } from "./pages";
export type { EndlessList, Page } from "./pages";
export { ApiProblem, networkProblem, problemFrom } from "./problem";
export type { FieldProblems } from "./problem";
