/** The base host: sign up, find my workspace. */
import { defineFeature } from "../../app/feature";

export default defineFeature({
  site: "base",
  routes: [
    { path: "/", name: "landing", component: () => import("./LandingPage.vue"), meta: { bare: true, open: true } },
    { path: "/signup", name: "signup", component: () => import("./SignUpPage.vue"), meta: { bare: true, open: true, title: "signup.title" } },
    { path: "/find", name: "find", component: () => import("./FindPage.vue"), meta: { bare: true, open: true, title: "signup.find.title" } },
  ],
});
