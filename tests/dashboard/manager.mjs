// A manager of paper: it serves the dashboard's files as the real one does, and plays what a test tells it to.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { steeringOf } from './fleet.mjs';

const FOLDER = new URL('../../manager/dashboard/', import.meta.url);
const TYPES = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

export const TOKEN = 'rw_00112233aabb_0123456789abcdef0123456789abcdef0123456789abcdef';
export const ONE_TIME = 'rw_445566778899_fedcba9876543210fedcba9876543210fedcba9876543210';

/** manager/rest/asset_api.cpp; that the two are the same is tested with the real one. */
export const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
  "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; " +
  "trusted-types 'none'";

export class PaperManager {
  status = () => ({});
  steering = () => steeringOf(this.status());
  events = [];
  revisions = []; // {number, time, author, message, hash, changes: [{kind, name, before, after}]}, the last first
  requests = []; // "METHOD path"
  bodies = [];
  drained = [];
  #server = null;
  #streams = new Set();
  #ticking = null;
  port = 0;

  /** Each `everyMs` the streams get a status. */
  async start({ port = 0, everyMs = 1000 } = {}) {
    this.#server = createServer((request, reply) => this.#answer(request, reply));
    await new Promise((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    this.port = this.#server.address().port;
    this.#ticking = setInterval(() => this.tell('status', this.status()), everyMs);
    return this;
  }

  get url() {
    return `http://127.0.0.1:${this.port}/`;
  }

  async stop() {
    clearInterval(this.#ticking);
    for (const stream of this.#streams) stream.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The streams stay open, and say nothing any more. */
  mute() {
    clearInterval(this.#ticking);
  }

  tell(name, value) {
    for (const stream of this.#streams) stream.write(`event: ${name}\ndata: ${JSON.stringify(value)}\n\n`);
  }

  happens(kind, subject, text) {
    const event = { number: this.events.length + 1, time: new Date().toISOString(), kind, subject, text };
    this.events.push(event);
    this.tell('event', event);
  }

  #answer(request, reply) {
    let body = '';
    request.on('data', (data) => {
      body += data;
    });
    request.on('end', () =>
      this.#route(request, reply, body).catch((error) => {
        reply.writeHead(500).end(String(error));
      }),
    );
  }

  async #route(request, reply, body) {
    const { pathname, searchParams } = new URL(request.url, this.url);
    this.requests.push(`${request.method} ${request.url}`);
    this.bodies.push(body);
    if (pathname === '/' || pathname.startsWith('/assets/')) return this.#asset(request, reply, pathname);
    const token = (request.headers.authorization ?? '').replace(/^Bearer /, '');
    if (token === ONE_TIME) {
      if (pathname !== '/v1/tokens/exchange') return problem(reply, 403, 'the role owner may not do this');
      return json(reply, { id: '00112233aabb', token: TOKEN }, 201);
    }
    if (token !== TOKEN) return problem(reply, 401, 'there is no such token');
    const part = pathname.split('/').map(decodeURIComponent);
    if (pathname === '/v1/status') return json(reply, this.status());
    if (pathname === '/v1/stream') return this.#stream(reply);
    if (pathname === '/v1/steering') return json(reply, this.steering());
    if (pathname === '/v1/takeover') return json(reply, {});
    if (pathname === '/v1/events') return json(reply, this.#eventPage(searchParams));
    if (part[2] === 'revisions') return this.#revision(request, reply, part, searchParams);
    if (part[2] === 'drains') {
      this.drained.push(`${request.method} ${part[3]}`);
      return json(reply, {});
    }
    return problem(reply, 404, 'there is no such thing');
  }

  async #asset(request, reply, pathname) {
    const name = pathname === '/' ? 'index.html' : pathname.slice('/assets/'.length);
    if (!/^[a-z]+\.(html|js|css|svg)$/.test(name)) return problem(reply, 404, 'no such file');
    const content = await readFile(new URL(name, FOLDER));
    const etag = `"${createHash('sha256').update(content).digest('hex').slice(0, 32)}"`;
    const fields = {
      'content-type': TYPES[name.split('.')[1]],
      etag,
      'cache-control': 'no-cache',
      'content-security-policy': POLICY,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    };
    if (request.headers['if-none-match'] === etag) return reply.writeHead(304, fields).end();
    return reply.writeHead(200, fields).end(content);
  }

  #stream(reply) {
    reply.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', connection: 'close' });
    this.#streams.add(reply);
    reply.on('close', () => this.#streams.delete(reply));
    reply.write(`event: status\ndata: ${JSON.stringify(this.status())}\n\n`);
  }

  /** The newest first, as the real one has it. */
  #eventPage(query) {
    const before = Number(query.get('cursor') ?? Infinity);
    const items = this.events
      .filter((event) => event.number < before)
      .slice(-Number(query.get('limit')))
      .reverse();
    const first = items.at(-1)?.number ?? 1;
    return { items, next: first > 1 ? String(first) : null };
  }

  #etag() {
    return `"revision-${this.revisions[0]?.number ?? 0}"`;
  }

  #revision(request, reply, part, query) {
    const etag = { etag: this.#etag() };
    if (part.length === 3) {
      const items = this.revisions.map(({ changes, ...rest }) => ({ ...rest, changes: changes.length }));
      return json(reply, { items, next: null }, 200, etag);
    }
    const found = this.revisions.find((each) => String(each.number) === part[3]);
    if (found === undefined) return problem(reply, 404, `there is no revision ${part[3]}`);
    if (part[4] === 'diff') return json(reply, { from: found.number - 1, to: found.number, diff: found.changes });
    if (request.headers['if-match'] !== this.#etag()) return problem(reply, 412, `its ETag is ${this.#etag()} now`);
    const changes = this.revisions[0].changes.map((each) => ({ ...each, before: each.after, after: each.before }));
    const dry = query.has('dry_run');
    if (!dry) {
      this.revisions.unshift({
        number: this.revisions[0].number + 1,
        time: new Date().toISOString(),
        author: 'token:0011',
        message: `rollback to revision ${found.number}`,
        hash: 'c0ffee'.repeat(10),
        changes,
      });
    }
    return json(reply, { dry_run: dry, revision: this.revisions[0].number, diff: changes }, 200, {
      etag: this.#etag(),
    });
  }
}

function json(reply, value, status = 200, fields = {}) {
  reply.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...fields });
  reply.end(JSON.stringify(value));
}

function problem(reply, status, detail) {
  reply.writeHead(status, { 'content-type': 'application/problem+json' });
  reply.end(JSON.stringify({ type: 'urn:ringway:problem:x', title: 'A problem', status, detail }));
}

/** A few revisions to look at. */
export function someRevisions(head = 42) {
  const at = (back) => new Date(Date.now() - back * 1000).toISOString();
  const shop = (ring, origins) => ({
    hosts: ['shop.example'],
    rules: [{ name: 'checkout', path: '/checkout', ring }],
    origins: origins.map((address, of) => ({ name: `shop-${of + 1}`, address })),
    weight: 4,
  });
  const before = shop(2, ['192.0.2.10:8080', '192.0.2.11:8080']);
  const after = shop(0, ['192.0.2.10:8080', '192.0.2.12:8080', '192.0.2.13:8080']);
  const made = (number, back, author, message, changes) => ({
    number,
    time: at(back),
    author,
    message,
    hash: number.toString(16).padStart(2, '0').repeat(32),
    changes,
  });
  return [
    made(head, 40, 'user:ada', 'checkout goes first; one origin more', [
      { kind: 'sites', name: 'shop', before, after },
      {
        kind: 'pops',
        name: 'singapore',
        before: null,
        after: { latitude: 1.35, longitude: 103.8, capacity: '2Gbit/s' },
      },
    ]),
    made(head - 1, 5400, 'user:grace', 'the old wiki is no more', [
      { kind: 'sites', name: 'wiki', before: { hosts: ['wiki.example'], weight: 1 }, after: null },
    ]),
    made(head - 2, 90000, 'token:3f21aa', '', [
      { kind: 'sites', name: 'docs', before: { weight: 1 }, after: { weight: 2 } },
    ]),
  ];
}
