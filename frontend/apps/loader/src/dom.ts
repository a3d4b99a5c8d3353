// Elements that the page's own rules cannot reach: every property is set inline, important, through the CSSOM, which no
// stylesheet of the page outranks and no content security policy refuses.

const SVG = "http://www.w3.org/2000/svg";

export function style(element: HTMLElement | SVGElement, properties: Record<string, string>): void {
  for (const name of Object.keys(properties)) element.style.setProperty(name, properties[name] as string, "important");
}

/** A Lucide icon from its paths; built node by node, so that pages with Trusted Types accept it. */
export function icon(paths: string[], size: number): SVGElement {
  const svg = document.createElementNS(SVG, "svg") as SVGElement;
  const attributes: Record<string, string> = {
    viewBox: "0 0 24 24",
    width: String(size),
    height: String(size),
    fill: "none",
    stroke: "currentColor",
    "stroke-width": "2",
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
    "aria-hidden": "true",
  };
  for (const name of Object.keys(attributes)) svg.setAttribute(name, attributes[name] as string);
  for (const d of paths) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.appendChild(path);
  }
  style(svg, { display: "block" });
  return svg;
}

/** White or near black, whichever reads better on the colour (WCAG relative luminance). */
export function inkOn(color: string): string {
  const channels = [1, 3, 5].map((at) => {
    const value = parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.03928 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
  }) as [number, number, number];
  const luminance = 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2];
  return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.0575 ? "#ffffff" : "#111816";
}

export function isColor(value: unknown): value is string {
  return typeof value === "string" && /^#[0-9a-f]{6}$/i.test(value);
}
