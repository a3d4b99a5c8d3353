// What the built file runs.
import { findTag, start } from "./main";

start(findTag());
