/** Lint rules of the pages: Vue, TypeScript, and the walls between our packages. */
import vue from "eslint-plugin-vue";
import tseslint from "typescript-eslint";
import vueParser from "vue-eslint-parser";

const ONLY_UI = "Only packages/ui knows this library; use a component of @guanxi/ui.";

const typescript = {
  files: ["**/*.ts", "**/*.tsx", "**/*.vue"],
  languageOptions: { parser: tseslint.parser, ecmaVersion: 2023, sourceType: "module" },
  plugins: { "@typescript-eslint": tseslint.plugin },
  rules: {
    "@typescript-eslint/no-explicit-any": "error",
    "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
    "@typescript-eslint/consistent-type-imports": "error",
    "max-lines": ["error", { max: 500, skipBlankLines: true, skipComments: true }],
    complexity: ["error", 20],
    eqeqeq: ["error", "always", { null: "ignore" }],
    "no-console": ["error", { allow: ["error", "warn"] }],
    "prefer-const": "error",
  },
};

const vueRules = {
  files: ["**/*.vue"],
  languageOptions: { parser: vueParser, parserOptions: { parser: tseslint.parser, sourceType: "module" } },
  rules: {
    "vue/multi-word-component-names": "off",
    "vue/require-default-prop": "off",
    "vue/max-attributes-per-line": "off",
    "vue/singleline-html-element-content-newline": "off",
    "vue/html-self-closing": ["error", { html: { void: "always", normal: "always", component: "always" } }],
    "vue/html-indent": "off",
    "vue/html-closing-bracket-newline": "off",
    "vue/first-attribute-linebreak": "off",
    "vue/attributes-order": "off",
    "vue/block-lang": ["error", { script: { lang: "ts" } }],
    "vue/component-api-style": ["error", ["script-setup"]],
    "vue/define-macros-order": "error",
    "vue/no-v-html": "error",
    "vue/no-bare-strings-in-template": [
      "error",
      { allowlist: ["·", "/", "–", "—", ":", "×", "+", "%", ",", "(", ")", "…", "→", "GET", "POST", "Guanxi", "关系", "K", "#", "@", ".", "*", "J", "Esc", "Enter", "Ctrl K", "↑", "↓", "↵"] },
    ],
  },
};

const walls = {
  files: ["apps/**/*.{ts,vue}", "packages/{api,realtime,i18n}/**/*.{ts,vue}"],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: [
          { group: ["element-plus", "element-plus/*"], message: ONLY_UI },
          { group: ["@atlaskit/*", "@tanstack/vue-virtual", "echarts", "echarts/*"], message: ONLY_UI },
          { group: ["@guanxi/*/src/*"], message: "Import a package by its name." },
        ],
      },
    ],
  },
};

export default [
  { ignores: ["**/dist/**", "**/node_modules/**", "**/schema.d.ts", "**/coverage/**"] },
  ...vue.configs["flat/recommended"],
  typescript,
  vueRules,
  walls,
];
