// The page as plain values: h() says what is to be there, patch() makes the least change that brings it about, so that
// focus, selection and scroll positions stay. Text only ever becomes text: there is no way to give markup.

const SVG = 'http://www.w3.org/2000/svg';
const shown = new WeakMap(); // node → the value it shows

/**
 * Props: `key` (tells siblings apart), `on` {event: function}, `style` {property: value}, `prop` {property: value};
 * everything else is an attribute, absent where it is null, undefined or false.
 */
export function h(tag, props, ...children) {
  const { key = null, on = {}, style = {}, prop = {}, ...attributes } = props ?? {};
  const href = attributes.href;
  if (href !== undefined && !/^(#|\/[a-z])/.test(href)) throw new Error('a link leads to this page or this server');
  const wanted = children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
  return {
    tag,
    key,
    on,
    style,
    prop,
    attributes,
    children: wanted.map((c) => (typeof c === 'object' ? c : String(c))),
  };
}

/** Makes `parent` hold what `values` say. */
export function patch(parent, values) {
  const keep = new Map();
  const wanted = new Set(values.map((value) => value.key ?? null));
  for (const node of [...parent.childNodes]) {
    const key = shown.get(node)?.key ?? null;
    if (key === null) continue;
    if (wanted.has(key)) keep.set(key, node);
    else node.remove();
  }
  let next = parent.firstChild;
  for (const value of values) {
    const node = fitting(value, keep, next) ?? create(value, parent);
    if (node === next) next = next.nextSibling;
    else parent.insertBefore(node, next);
    update(node, value);
  }
  while (next !== null) {
    const after = next.nextSibling;
    next.remove();
    next = after;
  }
}

function fitting(value, keep, next) {
  if (typeof value === 'string') return next?.nodeType === Node.TEXT_NODE ? next : null;
  if (value.key !== null) {
    const kept = keep.get(value.key);
    return kept !== undefined && shown.get(kept).tag === value.tag ? kept : null;
  }
  const old = next === null ? undefined : shown.get(next);
  return old !== undefined && old.key === null && old.tag === value.tag ? next : null;
}

function create(value, parent) {
  if (typeof value === 'string') return document.createTextNode(value);
  const inSvg = value.tag === 'svg' || parent.namespaceURI === SVG;
  return inSvg ? document.createElementNS(SVG, value.tag) : document.createElement(value.tag);
}

function update(node, value) {
  if (typeof value === 'string') {
    if (node.data !== value) node.data = value;
    return;
  }
  const old = shown.get(node);
  shown.set(node, value);
  updateAttributes(node, old?.attributes ?? {}, value.attributes);
  for (const [name, wanted] of Object.entries(value.style)) {
    if (old?.style[name] !== wanted) node.style.setProperty(name, wanted);
  }
  patch(node, value.children);
  for (const [name, wanted] of Object.entries(value.prop)) {
    if (node[name] !== wanted) node[name] = wanted;
  }
  for (const name of Object.keys(value.on)) {
    if (old === undefined || !(name in old.on)) node.addEventListener(name, dispatch);
  }
}

function updateAttributes(node, before, after) {
  for (const [name, wanted] of Object.entries(after)) {
    if (before[name] === wanted) continue;
    if (wanted === null || wanted === undefined || wanted === false) node.removeAttribute(name);
    else node.setAttribute(name, wanted === true ? '' : String(wanted));
  }
  for (const name of Object.keys(before)) {
    if (!(name in after)) node.removeAttribute(name);
  }
}

/** One listener for all: what is to be called is looked up in the value that the node shows now. */
function dispatch(event) {
  shown.get(event.currentTarget)?.on[event.type]?.(event);
}

/** For screen readers: said when there is time, without moving the focus. */
export function announce(text) {
  const place = document.getElementById('announcer');
  if (place.textContent !== text) place.textContent = text;
}
