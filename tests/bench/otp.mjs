#!/usr/bin/env node
// make bench-otp: what `gabbai otp detect` finds on the corpus beside the project, judged by the corpus' own scorer,
// beside the figures of other detectors that the corpus has recorded.
//
//   otp.mjs GABBAI [--corpus DIR] [--save PREDICTIONS.json] [--only d001.html,…] [--quiet]
//
// PUPPETEER is the folder of puppeteer-core, which the scorer needs.
import { execFile, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';

const [program, ...rest] = process.argv.slice(2);
const option = name => rest.includes(name) ? rest[rest.indexOf(name) + 1] : undefined;
const corpus = path.resolve(option('--corpus') ?? '../shared/otp-corpus');
const only = option('--only')?.split(',');
const BATCH = 40; // pages a browser
const kinds = { code: 'positive', none: 'negative', choose_method: 'choose-method' };

// Only pages: neither a page nor what looks at it can read the truth.  127.0.0.1 and localhost are two sites.
const server = http.createServer((request, reply) => {
	const name = decodeURIComponent(new URL(request.url, 'http://x').pathname).slice(1);
	const file = path.join(corpus, name);
	if (!/^(frames\/)?[\w-]+\.html$/.test(name) || !fs.existsSync(file))
		return reply.writeHead(404).end();
	reply.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(fs.readFileSync(file));
});
await new Promise(done => server.listen(0, '127.0.0.1', done));
const base = `http://127.0.0.1:${server.address().port}/`;

const detect = urls => new Promise((done, failed) => {
	execFile(program, ['otp', 'detect', '--json', ...urls], { maxBuffer: 1 << 28 }, (error, out, err) => {
		if (!out && error)
			return failed(new Error(err || String(error)));
		process.stderr.write(err.replace(/^.*root.*sandbox.*\n/m, ''));
		done(out.trim().split('\n').map(line => JSON.parse(line)));
	});
});

const piercing = selector => selector?.replaceAll(' >> ', ' >>> ') ?? null;
const manifest = path.join(corpus, 'manifest.json');
const files = JSON.parse(fs.readFileSync(manifest, 'utf8')).pages.map(page => page.file).filter(file => !only || only.includes(file));
const predictions = {};
for (let i = 0; i < files.length; i += BATCH)
	for (const found of await detect(files.slice(i, i + BATCH).map(file => base + file)))
		predictions[found.url.slice(base.length)] = {
			kind: kinds[found.kind] ?? found.kind,
			fields: found.kind === 'code' ? found.fields.map(piercing) : [],
			frame: found.frame?.length ? found.frame.map(piercing) : null,
			submit: piercing(found.submit),
			digits: found.digits || null,
		};
server.close();

const save = option('--save') ?? path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'gabbai-otp-')), 'predictions.json');
fs.writeFileSync(save, JSON.stringify(predictions, null, 1));
const scorer = spawnSync(process.execPath, [path.join(corpus, 'score.mjs'), manifest, save, '--jobs', '1',
	...(only ? ['--only', only.join(',')] : []), ...(rest.includes('--quiet') ? ['--quiet'] : [])], { stdio: 'inherit' });

const table = fs.readFileSync(path.join(corpus, 'README.md'), 'utf8').split('\n').filter(line => line.startsWith('|'));
const first = table.findIndex(line => /^\| Detector \|/.test(line));
if (first >= 0)
	console.log('\nothers, as recorded with the corpus:\n' + table.slice(first).join('\n'));
process.exitCode = scorer.status ?? 1;
