// The dashboard before a made-up fleet, to look at while working on it: node tests/dashboard/play.mjs

import { smallFleet } from './fleet.mjs';
import { PaperManager, TOKEN, someRevisions } from './manager.mjs';

const manager = new PaperManager();
const begun = Date.now();
manager.status = () => smallFleet(Math.floor((Date.now() - begun) / 1000));
manager.revisions = someRevisions();
await manager.start({ port: 7580 });
setInterval(() => manager.happens('move', 'media', 'front-end frankfurt-2 was added: p95 was 140 ms for 10 s'), 7000);
process.stdout.write(`${manager.url} with the token ${TOKEN}\n`);
