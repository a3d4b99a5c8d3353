// Fails the build when what a visitor downloads has grown: check-size.mjs KIB FILE... , gzipped as a server sends it.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const [limit, ...files] = process.argv.slice(2);
const allowed = Number(limit) * 1024;
if (!(allowed > 0) || files.length === 0) {
  console.error("usage: check-size.mjs KIB FILE...");
  process.exit(2);
}
let total = 0;
for (const file of files) {
  const size = gzipSync(readFileSync(file), { level: 6 }).length;
  total += size;
  console.log(`${file}: ${(size / 1024).toFixed(2)} KiB gzip`);
}
if (total > allowed) {
  console.error(`too large: ${(total / 1024).toFixed(2)} KiB of ${limit} KiB allowed`);
  process.exit(1);
}
console.log(`together ${(total / 1024).toFixed(2)} of ${limit} KiB`);
