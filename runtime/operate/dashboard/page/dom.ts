/** Small helpers for the DOM. All text is set by `textContent`, because names come from outside and must never become markup. */

const SVG = 'http://www.w3.org/2000/svg';

export type Child = Node | string;
type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Returns the element with an id. @throws {Error} if the page has none, which is a bug of the page. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found as T;
}

/** Makes an element. `false` and `undefined` leave an attribute out, `true` sets it to an empty text. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Node[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

/** Returns an icon of the page's sprite. It is decoration, because words beside it say the same. */
export function icon(name: string): SVGSVGElement {
  return svg('svg', { class: 'icon', 'aria-hidden': 'true', focusable: 'false' }, svg('use', { href: `#i-${name}` }));
}

export function setIcon(target: SVGSVGElement, name: string): void {
  const use = target.firstElementChild;
  if (use !== null && use.getAttribute('href') !== `#i-${name}`) use.setAttribute('href', `#i-${name}`);
}

/** Sets the text if it differs, because setting the same text would cost a layout. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

export function setAttribute(target: Element, name: string, value: string): void {
  if (target.getAttribute(name) !== value) target.setAttribute(name, value);
}

export function setHidden(target: HTMLElement, hidden: boolean): void {
  if (target.hidden !== hidden) target.hidden = hidden;
}

/**
 * Makes `wanted` the children of `parent`, in that order. It moves only elements that are out of place, so the others keep their focus and scroll
 * position.
 */
export function arrange(parent: Element, wanted: readonly Element[], first: ChildNode | null = parent.firstChild): void {
  const keep = new Set<ChildNode>(wanted);
  let at = first;
  for (const element of wanted) {
    while (at !== null && !keep.has(at)) at = dropped(at);
    if (at === element) at = at.nextSibling;
    else parent.insertBefore(element, at);
  }
  while (at !== null) at = dropped(at);
}

/** Splits a circuit's name into its base name, and the host or thresholds that distinguish circuits with the same base name. */
export function nameParts(name: string): readonly Child[] {
  const [, first = name, rest = ''] = /^([^@#]+)(.*)$/s.exec(name) ?? [];
  return rest === '' ? [first] : [first, el('span', { class: 'suffix' }, rest)];
}

function dropped(node: ChildNode): ChildNode | null {
  const next = node.nextSibling;
  node.remove();
  return next;
}

function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
}
