/** The doors of a workspace. */
import { defineFeature } from "../../app/feature";

export default defineFeature({
  routes: [
    { path: "/sign-in", name: "sign-in", component: () => import("./SignInPage.vue"), meta: { bare: true, open: true, title: "auth.signIn.title" } },
    { path: "/forgot-password", name: "password-forgot", component: () => import("./PasswordForgotPage.vue"), meta: { bare: true, open: true, title: "auth.forgot.title" } },
    { path: "/reset-password/:key", name: "password-reset", component: () => import("./PasswordResetPage.vue"), meta: { bare: true, open: true, title: "auth.reset.title" } },
    { path: "/verify-email/:key", name: "verify-email", component: () => import("./VerifyEmailPage.vue"), meta: { bare: true, open: true, title: "auth.verify.title" } },
    { path: "/join/:token", name: "invitation", component: () => import("./InvitationPage.vue"), meta: { bare: true, open: true, title: "auth.invitation.title" } },
  ],
});
