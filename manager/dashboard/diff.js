// What differs between two JSON values, key by key. Pure.

/** [{path, before, after}], each side as JSON text or null where it is absent; in the keys' order. */
export function difference(before, after) {
  const from = flatten(before);
  const to = flatten(after);
  const rows = [];
  for (const path of new Set([...from.keys(), ...to.keys()])) {
    const row = { path, before: from.get(path) ?? null, after: to.get(path) ?? null };
    if (row.before !== row.after) rows.push(row);
  }
  return rows.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** `origins[a].address` → its JSON text. Members of a list go by their names where all have one. */
export function flatten(value, path = '', out = new Map()) {
  if (value === null || value === undefined) return out;
  if (Array.isArray(value) && value.some(isObject)) {
    const names = value.map((item) => item?.name);
    const named = names.every((name) => typeof name === 'string') && new Set(names).size === names.length;
    value.forEach((item, at) => flatten(item, `${path}[${named ? names[at] : at}]`, out));
  } else if (isObject(value) && Object.keys(value).length > 0) {
    for (const [key, item] of Object.entries(value)) {
      if (item === null) out.set(joined(path, key), 'null');
      else flatten(item, joined(path, key), out);
    }
  } else {
    out.set(path || '(value)', JSON.stringify(value));
  }
  return out;
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const joined = (path, key) => (path === '' ? key : `${path}.${key}`);
