// Plain text in pieces that may be drawn safely: links become links, everything else stays text.

export type Piece = { text: string } | { link: string; text: string };

const LINK = /\bhttps?:\/\/[^\s<>"'，。；、！？（）【】《》]+/g;

export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  for (let match = LINK.exec(text); match; match = LINK.exec(text)) {
    // Punctuation that ends the sentence is not a part of the address.
    const address = match[0].replace(/[.,;:!?)\]]+$/, "");
    if (match.index > at) found.push({ text: text.slice(at, match.index) });
    found.push({ link: address, text: address });
    at = match.index + address.length;
    LINK.lastIndex = at;
  }
  if (at < text.length) found.push({ text: text.slice(at) });
  return found;
}

/** Only web addresses are ever links: a source with another scheme is shown as text. */
export function safeLink(url: string): string {
  return /^https?:\/\//i.test(url) ? url : "";
}
