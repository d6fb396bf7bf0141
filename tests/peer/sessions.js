/* Playwright's side of tests/peer/sessions.sh: node sessions.js COMMAND ARGUMENTS, run where playwright-core is.
 *
 *	enter STATE           opens Hotmart's market with STATE; signed in, and no word to the login
 *	login USER STATE      fills Hotmart's form as USER and saves the state
 *	take URL SCRIPT STATE runs SCRIPT on URL and saves the state
 *	put STATE URL SCRIPT  prints the value of SCRIPT on URL, with STATE
 *
 * $PORT is the test site's. */
'use strict';
const fs = require('node:fs');
const { chromium } = require(process.cwd() + '/node_modules/playwright-core');
const [command, ...words] = process.argv.slice(2);
const market = 'https://app.hotmart.com/market';
const product = 'a.product-detail-link';

const isLogin = request => new URL(request.url()).hostname === 'sso.hotmart.com'
	&& (request.method() === 'POST' || new URL(request.url()).pathname.startsWith('/login'));

const commands = {
	async enter(open, state) {
		const page = await open({ storageState: state }), logins = [];
		page.context().on('request', request => isLogin(request) && logins.push(`${request.method()} ${request.url()}`));
		await page.goto(market);
		await page.waitForSelector(product);
		if (logins.length)
			throw new Error(`it asked the login: ${logins.join(', ')}`);
		console.log(await page.textContent('[data-testid=user-menu]'));
	},
	async login(open, user, state) {
		const page = await open({});
		await page.goto(market);
		await page.click('#hotmart-cookie-policy .cookie-policy-accept-all');
		await page.fill('#username', user + '@example.com');
		await page.fill('#password', 'Secret123');
		await page.click('[data-test-id=login-submit]');
		await page.waitForSelector(product);
		await page.context().storageState({ path: state, indexedDB: true });
	},
	async take(open, url, script, state) {
		const page = await open({});
		await page.goto(url);
		await page.evaluate(fs.readFileSync(script, 'utf8'));
		await page.context().storageState({ path: state, indexedDB: true });
	},
	async put(open, state, url, script) {
		const page = await open({ storageState: state });
		await page.goto(url);
		console.log(await page.evaluate(fs.readFileSync(script, 'utf8')));
	},
};

(async () => {
	const browser = await chromium.launch({
		executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium',
		args: ['--no-sandbox', `--host-resolver-rules=MAP *hotmart.com 127.0.0.1:${process.env.PORT}`],
	});
	const open = async options => (await browser.newContext({ ignoreHTTPSErrors: true, ...options })).newPage();
	try {
		await commands[command](open, ...words);
	} catch (error) {
		console.error(`${command}: ${error.message}`);
		process.exitCode = 1;
	}
	await browser.close();
})();
