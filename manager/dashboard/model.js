// What the manager tells, made whole: each list is there, each number is one or NaN. And what follows from it. Pure.

const list = (value) => (Array.isArray(value) ? value : []);
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const object = (value) => (isObject(value) ? value : {});
const objects = (value) => list(value).filter(isObject);
const text = (value) => (value === null || value === undefined ? '' : String(value));
const real = (value) => (typeof value === 'number' && Number.isFinite(value) ? value : NaN);
const sum = (values) => values.reduce((total, value) => total + (Number.isNaN(value) ? 0 : value), 0);

/** Errors of all answers, 0 to 1. */
export const errorShare = (site) => (site.requests > 0 ? Math.min(1, site.errors / site.requests) : 0);

export function readStatus(value) {
  const told = object(value);
  const status = {
    time: readTime(told.time),
    manager: text(told.manager),
    leader: text(told.leader),
    leads: told.leads === true,
    revision: real(told.revision),
    rollout: isObject(told.rollout) ? readRollout(told.rollout) : null,
    sites: objects(told.sites).map(readSite),
    gateways: objects(told.gateways).map(readGateway),
    pops: objects(told.pops).map(readPop),
    links: objects(told.links).map(readLink),
    drains: objects(told.drains).map(readDrain),
  };
  status.totals = totalsOf(status);
  status.concerns = attention(status);
  return status;
}

function readTime(told) {
  const time = new Date(typeof told === 'number' ? told * 1000 : text(told));
  return Number.isNaN(time.getTime()) ? new Date() : time;
}

function readRollout(told) {
  return {
    from: real(told.from),
    to: real(told.to),
    state: text(told.state),
    wave: real(told.wave),
    waves: real(told.waves),
    applied: real(told.applied),
    gateways: real(told.gateways),
    gateLeft: real(told.gate_left_s),
    reason: text(told.reason),
  };
}

function readSite(told) {
  const rings = list(told.rings).map((share) => real(share) || 0);
  return {
    name: text(told.name),
    requests: real(told.requests_per_s),
    errors: real(told.errors_per_s),
    refused: real(told.refused_per_s),
    p95: told.requests_per_s > 0 ? real(told.p95_ms) : NaN, // of no requests there is none
    rings: [0, 1, 2, 3, 4].map((ring) => rings[ring] ?? 0),
    frontends: list(told.frontends).map(text),
    backends: list(told.backends).map(text),
    origins: objects(told.origins).map(readOrigin),
    shortage: text(told.shortage),
  };
}

function readOrigin(told) {
  return {
    name: text(told.name),
    backend: text(told.backend),
    pending: real(told.pending),
    capacity: real(told.capacity),
    up: told.up !== false,
    draining: told.draining === true,
  };
}

function readGateway(told) {
  return {
    id: `${text(told.role)}:${text(told.name)}`,
    role: text(told.role),
    name: text(told.name),
    place: text(told.place),
    state: text(told.state),
    connected: told.connected === true,
    release: text(told.release),
    revision: real(told.revision),
    wanted: real(told.wanted),
    stage: text(told.stage),
    reason: text(told.reason),
    cpu: real(told.cpu),
    memory: real(told.memory_octets),
    exchanges: real(told.exchanges_per_s),
    bits: real(told.bits_per_s),
    connections: real(told.connections),
    heard: real(told.heard_s),
  };
}

function readPop(told) {
  return {
    name: text(told.name),
    latitude: real(told.latitude),
    longitude: real(told.longitude),
    draining: told.draining === true,
    frontends: list(told.frontends).map(text),
  };
}

function readLink(told) {
  const link = {
    frontend: text(told.frontend),
    backend: text(told.backend),
    rtt: real(told.rtt_ms),
    lossOut: real(told.loss_out),
    lossIn: real(told.loss_in),
    used: real(told.used),
  };
  link.id = `${link.frontend} ${link.backend}`;
  link.loss = Math.max(link.lossOut || 0, link.lossIn || 0);
  return link;
}

function readDrain(told) {
  return {
    target: text(told.target),
    since: told.since,
    by: text(told.by),
    left: real(told.left),
    unit: text(told.unit),
    done: told.done === true,
  };
}

export function readEvent(value) {
  const told = object(value);
  return {
    number: real(told.number),
    time: told.time,
    kind: text(told.kind),
    subject: text(told.subject),
    text: text(told.text),
  };
}

function totalsOf(status) {
  const { sites, gateways, links } = status;
  const worst = sites.reduce((most, site) => (site.p95 > (most?.p95 ?? -1) ? site : most), null);
  return {
    requests: sum(sites.map((site) => site.requests)),
    errors: sum(sites.map((site) => site.errors)),
    refused: sum(sites.map((site) => site.refused)),
    worst,
    serving: gateways.filter((gateway) => gateway.state === 'serving').length,
    applied: gateways.filter((gateway) => gateway.revision === gateway.wanted).length,
    bits: sum(gateways.filter((gateway) => gateway.role === 'frontend').map((gateway) => gateway.bits)),
    lossiest: links.reduce((most, link) => (link.loss > (most?.loss ?? -1) ? link : most), null),
  };
}

// --- What an operator should look at, the worst first ---

const ORDER = { bad: 0, warn: 1 };
const LOSSY = 0.02;
const BUSY = 0.9;

/** How much of a link's capacity is in use, in words: its colour and thickness never stand alone. */
export function useLevel(used) {
  if (used >= BUSY) return 'full';
  return used >= 0.6 ? 'high' : used >= 0.25 ? 'middle' : 'low';
}
export const isLossy = (link) => link.loss >= LOSSY;

/** [{level: bad or warn, subject, text, href}] */
function attention(status) {
  const found = [
    ...rolloutConcerns(status.rollout),
    ...status.gateways.flatMap(gatewayConcerns),
    ...status.sites.flatMap(siteConcerns),
    ...linkConcerns(status.links),
  ];
  return found.sort((a, b) => ORDER[a.level] - ORDER[b.level]);
}

function rolloutConcerns(rollout) {
  if (rollout?.state !== 'stopped') return [];
  const why = rollout.reason === '' ? '' : `: ${rollout.reason}`;
  const told = `was stopped, all gateways go back to revision ${rollout.from}${why}`;
  return [{ level: 'bad', subject: `revision ${rollout.to}`, text: told, href: `#/revisions/${rollout.to}` }];
}

function gatewayConcerns(gateway) {
  const concern = (level, told) => [{ level, subject: gateway.id, text: told, href: '#/gateways' }];
  if (gateway.stage === 'refused') {
    return concern('bad', `refused revision ${gateway.wanted}: ${gateway.reason || 'no reason given'}`);
  }
  if (gateway.state === 'foreign') {
    return concern('bad', `uses revision ${gateway.revision} of another history; an operator must take over`);
  }
  if (gateway.state === 'away' || !gateway.connected) {
    return concern('warn', Number.isNaN(gateway.heard) ? 'is away' : `is away; last heard ${gateway.heard} s ago`);
  }
  return [];
}

function siteConcerns(site) {
  const found = [];
  const href = `#/sites/${encodeURIComponent(site.name)}`;
  const add = (level, told) => found.push({ level, subject: site.name, text: told, href });
  const down = site.origins.filter((origin) => !origin.up).map((origin) => origin.name);
  if (down.length > 0) {
    const all = down.length === site.origins.length;
    add(all ? 'bad' : 'warn', `${all ? 'no origin answers' : 'left alone, since they fail'}: ${down.join(', ')}`);
  }
  const share = errorShare(site);
  const errors = `${(share * 100).toFixed(1)} % of its answers are errors`;
  if (share >= 0.01 && site.errors >= 0.1) add(share >= 0.05 ? 'bad' : 'warn', errors);
  if (site.shortage !== '') add('warn', site.shortage);
  return found;
}

function linkConcerns(links) {
  return links.flatMap((link) => {
    const told = [];
    if (isLossy(link)) told.push(`loses ${(link.loss * 100).toFixed(1)} % of its packets`);
    if (link.used >= BUSY) told.push(`uses ${(link.used * 100).toFixed(0)} % of its capacity`);
    if (told.length === 0) return [];
    return [{ level: 'warn', subject: `${link.frontend} – ${link.backend}`, text: told.join(', '), href: '#/links' }];
  });
}
