/* Runs israeli-bank-scrapers on the test site: node peer.js PORT CERT USER SINCE; its result as JSON.
 * The package asks the API from Node, past the browser's host mapping: connections are led to the test
 * site here. */
'use strict';
const [port, cert, username, since] = process.argv.slice(2);
const https = require('node:https');
const tls = require('node:tls');
const fs = require('node:fs');
const ca = fs.readFileSync(cert);

https.Agent.prototype.createConnection = options => tls.connect({
	host: '127.0.0.1', port: Number(port), servername: options.servername ?? options.host, ca,
});

const { createScraper } = require(process.cwd() + '/node_modules/israeli-bank-scrapers');

/* Undici has agents of its own. */
globalThis.fetch = (url, options = {}) => new Promise((resolve, reject) => {
	const request = https.request(url, { method: options.method ?? 'GET', headers: options.headers }, reply => {
		const parts = [];
		reply.on('data', part => parts.push(part));
		reply.on('end', () => resolve(new Response(Buffer.concat(parts), { status: reply.statusCode })));
	});
	request.on('error', reject);
	request.end(options.body);
});

createScraper({
	companyId: 'visaCal',
	startDate: new Date(since + 'T00:00:00'),
	executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium',
	args: ['--no-sandbox', `--host-resolver-rules=MAP *.cal-online.co.il 127.0.0.1:${port}`, '--ignore-certificate-errors',
		'--disable-background-networking', '--disable-component-update', '--disable-sync'],
}).scrape({ username, password: 'Secret123' }).then(result => {
	console.log(JSON.stringify(result));
	process.exit(result.success ? 0 : 1);
});
