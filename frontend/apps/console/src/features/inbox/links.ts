/** Addresses in a text, so that they can be followed. */
export interface Part {
  text: string;
  href?: string;
}

const ADDRESS = /https?:\/\/[^\s<>"'，。！？；、（）《》“”]+/g;
const TRAILING = /[.,;:!?)\]]+$/;

export function wordsAndLinks(text: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const found of text.matchAll(ADDRESS)) {
    const address = found[0].replace(TRAILING, "");
    if (found.index > from) parts.push({ text: text.slice(from, found.index) });
    parts.push({ text: address, href: address });
    from = found.index + address.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}
