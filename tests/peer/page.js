/* The main path through the server's page, as somebody else's driver walks it: connect by the fields of the page with a wrong
 * and the right code, collect, look at the results; then a code for a run, answered in a second tab.
 * node page.js START_LINK PHONE_FILE; NODE_PATH has playwright-core. */
'use strict';
const { chromium } = require('playwright-core');
const fs = require('fs');

const [link, phone] = process.argv.slice(2);
const faults = [];

const codes = () => fs.existsSync(phone) ? [...fs.readFileSync(phone, 'utf8').matchAll(/"code":"(\d+)"/g)].map(m => m[1]) : [];

/* The code of the message after the first BEFORE. */
async function codeAfter(before) {
	for (let n = 0; n < 400; n++) {
		if (codes().length > before)
			return codes().at(-1);
		await new Promise(then => setTimeout(then, 100));
	}
	throw new Error('no code on the phone');
}

function listen(page) {
	page.on('pageerror', error => faults.push(String(error)));
	page.on('console', message => message.type() === 'error' && !/Failed to load resource/.test(message.text())
		&& faults.push(message.text()));
}

async function connect(page) {
	await page.getByRole('button', { name: 'Connect Visa Cal' }).click();
	await page.getByRole('button', { name: /^Guided/ }).click();
	await page.getByLabel('User name').fill('otp1');
	await page.getByLabel('Password', { exact: true }).fill('Secret123');
	await page.getByRole('button', { name: 'Sign in', exact: true }).click();
	const code = await codeAfter(0);
	const field = page.getByRole('textbox', { name: /^Code/ });
	await field.fill(code === '999999' ? '111111' : '999999');
	await page.getByRole('button', { name: 'Submit code' }).click();
	await page.getByText('That code was wrong').waitFor();
	await field.fill(code);
	await page.getByRole('button', { name: 'Submit code' }).click();
	await page.getByText('Connection successful! Session saved.').waitFor();
	await page.getByRole('dialog').waitFor({ state: 'detached' });
}

async function collect(page) {
	await page.getByRole('button', { name: 'Collect now Visa Cal' }).click();
	await page.getByText(/\d+ transactions/).waitFor();
	await page.getByRole('link', { name: 'Results' }).click();
	await page.getByRole('heading', { name: 'Spending by month' }).waitFor();
	await page.getByRole('heading', { name: 'Upcoming debits' }).waitFor();
	await page.getByRole('link', { name: 'Transactions' }).click();
	await page.getByRole('row').nth(20).waitFor();
}

/* A run without its session wants a code; one tab shows it, another answers. */
async function answerElsewhere(context, page) {
	const before = codes().length;
	const done = await page.evaluate(async () => {
		const ask = (method, path, body) => fetch(path, { method, headers: { 'content-type': 'application/json' }, body });
		await ask('DELETE', '/api/integrations/visa-cal/session');
		return (await ask('POST', '/api/runs', '{"site":"visa-cal"}')).status;
	});
	if (done !== 202)
		throw new Error(`the run does not start: HTTP ${done}`);
	await page.getByRole('dialog', { name: 'A code is wanted' }).waitFor();
	const second = await context.newPage();
	listen(second);
	await second.goto(new URL('/', link).href);
	await second.getByRole('textbox', { name: /^Code/ }).fill(await codeAfter(before));
	await second.getByRole('button', { name: 'Submit code' }).click();
	await second.getByText('Code accepted.').waitFor();
	await page.getByRole('dialog').waitFor({ state: 'detached' });
}

async function main() {
	const browser = await chromium.launch({ executablePath: process.env.CHROME_PATH || '/usr/bin/chromium', args: ['--no-sandbox'] });
	const context = await browser.newContext({ locale: 'en-US' });
	const page = await context.newPage();

	try {
		listen(page);
		page.setDefaultTimeout(45000);
		await page.goto(link);
		await connect(page);
		console.log('ok      connected by the fields of the page, after a wrong code');
		await collect(page);
		console.log('ok      collected, and the results are shown');
		await answerElsewhere(context, page);
		console.log('ok      a code answered in a second tab');
	} finally {
		await browser.close();
	}
	if (faults.length)
		throw new Error('the page had errors: ' + faults.join('; '));
	console.log('ok      without an error in the console');
}

main().catch(problem => {
	console.error('FAILED ', problem.message);
	process.exit(1);
});
