#!/usr/bin/env node
// make bench-entry: on every page of the corpus beside the project that wants a code, the code is typed into the fields
// that the detector finds, ROUNDS times (1), and read back.
//
//   entry.mjs BENCH_ENTRY [--corpus DIR] [--only d001.html,…]
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';

const [program, ...rest] = process.argv.slice(2);
const option = name => rest.includes(name) ? rest[rest.indexOf(name) + 1] : undefined;
const corpus = path.resolve(option('--corpus') ?? '../shared/otp-corpus');
const only = option('--only')?.split(',');
const rounds = Number(process.env.ROUNDS ?? 1);

const server = http.createServer((request, reply) => {
	const name = decodeURIComponent(new URL(request.url, 'http://x').pathname).slice(1);
	const file = path.join(corpus, name);
	if (!/^(frames\/)?[\w-]+\.html$/.test(name) || !fs.existsSync(file))
		return reply.writeHead(404).end();
	reply.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(fs.readFileSync(file));
});
await new Promise(done => server.listen(0, '127.0.0.1', done));
const base = `http://127.0.0.1:${server.address().port}/`;

const manifest = JSON.parse(fs.readFileSync(path.join(corpus, 'manifest.json')));
const pages = (manifest.pages ?? manifest).filter(p => p.kind === 'positive' && (!only || only.includes(p.file))).map(p => p.file);
const failed = new Map();
let entered = 0, asked = 0;
for (let round = 0; round < rounds; round++) {
	const child = spawn(program, pages.map(file => base + file), { stdio: ['ignore', 'pipe', 'inherit'] });
	let out = '';
	child.stdout.on('data', data => { out += data; });
	await new Promise(done => child.on('close', done));
	for (const line of out.trim().split('\n')) {
		const result = JSON.parse(line);
		asked++;
		entered += result.entered;
		if (!result.entered)
			failed.set(path.basename(result.url), result.why);
	}
}
for (const [file, why] of [...failed].sort())
	console.log(`${file}  ${why}`);
console.log(`${pages.length} pages, ${rounds} rounds: ${entered} of ${asked} codes entered`);
server.close();
process.exit(entered === asked ? 0 : 1);
