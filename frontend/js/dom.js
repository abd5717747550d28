/* Builds nodes without HTML strings: the content policy forbids them, and text stays text. */
const SVG = "http://www.w3.org/2000/svg";

function assign(node, properties) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(node.dataset, value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
}

/** `el("p", {class: "hint", onclick: f, data: {key}}, "text", node, null)`. */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  assign(node, properties);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** A 24 × 24 line drawing from path data, hidden from assistive technology. */
export function icon(...paths) {
  const svg = document.createElementNS(SVG, "svg");
  assign(svg, { viewBox: "0 0 24 24", "aria-hidden": "true" });
  for (const d of paths) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

/** A button that does not submit a form. */
export const button = (label, properties) => el("button", { type: "button", ...properties }, label);
