// The manager's REST interface, as one who holds a token sees it.

/** What went wrong, as the manager tells it (RFC 9457); status 0: it could not be reached. */
export class Problem extends Error {
  constructor(status, told) {
    super(told.detail || told.title || `the manager answered ${status}`);
    this.status = status;
    this.faults = Array.isArray(told.errors) ? told.errors : [];
  }
}

async function problemOf(reply) {
  const told = await reply.json().catch(() => ({}));
  return new Problem(reply.status, told ?? {});
}

export class Api {
  constructor(token) {
    this.token = token;
  }

  async get(path, signal) {
    return (await this.request('GET', path, { signal })).body;
  }

  /** {body, etag}; throws a Problem. */
  async request(method, path, { body, ifMatch, signal } = {}) {
    const fields = ifMatch === undefined ? {} : { 'If-Match': ifMatch };
    if (body !== undefined) fields['Content-Type'] = 'application/json';
    const reply = await this.#fetch(path, { method, headers: fields, signal, body: JSON.stringify(body) });
    const text = await reply.text();
    return { body: text === '' ? null : JSON.parse(text), etag: reply.headers.get('etag') };
  }

  /** The stream of events, as a reader of octets. EventSource cannot send a token, so fetch reads it. */
  async stream(signal) {
    const reply = await this.#fetch('/v1/stream', { headers: { Accept: 'text/event-stream' }, signal });
    return reply.body.getReader();
  }

  async #fetch(path, options) {
    const headers = { Accept: 'application/json', ...options.headers, Authorization: `Bearer ${this.token}` };
    let reply;
    try {
      reply = await fetch(path, { ...options, headers, cache: 'no-store', credentials: 'omit', redirect: 'error' });
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      throw new Problem(0, { detail: 'the manager cannot be reached' });
    }
    if (!reply.ok) throw await problemOf(reply);
    return reply;
  }
}

/** A part of a path. */
export const segment = (text) => encodeURIComponent(text);
