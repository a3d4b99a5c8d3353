import shared from "@guanxi/config/eslint";

export default shared;
