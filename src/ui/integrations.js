/* The home of the page: a card for each account, its state, and the one thing to do next. */
import { accountState, accountTitle, lastSuccess, sessionWords } from './account.js';
import { post, query, remove } from './api.js';
import { openConnect } from './connect.js';
import { asked, confirmed, doing, toast } from './dialog.js';
import { auto, h } from './dom.js';
import { failureOf } from './failures.js';
import { ago, moment } from './format.js';
import { icon } from './icons.js';
import { many, t } from './i18n.js';
import { showOtp } from './otp_dialog.js';
import { phaseWords } from './runs.js';
import { changed, otpOf, refreshSites, runOf, store } from './store.js';

export function chip(state) {
	return h('span', { class: 'chip ' + state.tone }, icon(state.icon), h('span', {}, t(state.text)));
}

/* A moment in words, and to the minute for those who point at it. */
export const since = text => h('time', { datetime: text, title: moment(text) }, ago(text));

async function collect(site, account) {
	const { runId } = await post('/api/runs', { site: site.name, account: account.account });
	account.running = runId ?? true;
	changed();
}

const actions = {
	connect: { words: state => state.name === 'fresh' ? 'Connect' : 'Reconnect',
		act: (site, account) => openConnect(site.name, account.account) },
	resume: { words: () => 'Continue', act: (site, account) => openConnect(site.name, account.account) },
	collect: { words: () => 'Collect now', act: collect },
	answer: { words: state => state.name === 'code' ? 'Answer code' : 'Answer',
		act: (site, account) => showOtp(otpOf(site.name, account.account)) },
	watch: { words: () => 'View run', act: (site, account) => location.hash = `#/runs/${encodeURIComponent(account.running)}` },
};

async function forget(site, account) {
	const sure = await confirmed({
		title: t('Forget the session?'),
		text: t('gabbai deletes the saved session of {account}. What was collected stays. To collect again you have to connect again.', { account: accountTitle(site, account) }),
		yes: t('Forget session'), danger: true,
	});
	if (!sure)
		return;
	await remove(`/api/integrations/${site.name}/session` + query({ account: account.account }));
	toast(t('The session is forgotten.'), 'ok');
	refreshSites();
}

async function unpark(site, account) {
	await post(`/api/accounts/${site.name}/unpark`, { account: account.account });
	toast(t('The account may be used again.'), 'ok');
	refreshSites();
}

async function addAccount(site) {
	const name = await asked({
		title: t('Another account at {site}', { site: site.title }),
		label: t('Name of the account'),
		hint: t('For you to tell them apart, for example “home” or “business”. Letters, digits, - and _.'),
		pattern: '[A-Za-z0-9_\\-]{1,32}', yes: t('Continue'),
	});
	if (name)
		openConnect(site.name, name);
}

function menu(site, account, state) {
	const items = [
		state.action !== 'connect' && state.action !== 'resume' && account.connected
			&& ['Reconnect', () => openConnect(site.name, account.account)],
		account.parked && ['Unpark: I changed what was wrong', doing(() => unpark(site, account))],
		['Add another account', () => addAccount(site)],
		(account.connected || account.status !== 'not_connected') && ['Forget session', doing(() => forget(site, account)),
			'danger-text'],
	].filter(Boolean);
	const shut = event => {
		event.currentTarget.closest('details').open = false;
	};

	return h('details.menu', {},
		h('summary.icon-button', { 'aria-label': t('More for {account}', { account: accountTitle(site, account) }) },
			icon('more')),
		h('div.menu-items', {}, items.map(([words, act, tone]) =>
			h('button', { type: 'button', class: tone, onclick: event => (shut(event), act(event)) }, t(words)))));
}

/* What the last run brought, or why it failed. */
function outcome(site, account) {
	const run = account.lastRun;
	const failure = failureOf(run);

	if (account.parked)
		return h('p.note.bad', {}, auto(t(account.parkedWhy || account.lastError
			|| 'The account is paused until you look at it.')));
	if (failure)
		return h('p.note.bad', {}, failure.words);
	if (run?.endedAt && run.rows == null)
		return null;
	if (!run || run.rows == null)
		return h('p.note', {}, account.connected ? t('Nothing collected yet.')
			: t('Connect once; from then on gabbai collects by itself.'));
	const rows = site.kind === 'products' ? many(run.rows, 'One product', '{n} products')
		: many(run.rows, 'One transaction', '{n} transactions');
	return h('p.note', {}, rows, run.newRows ? h('span.new', {}, many(run.newRows, 'one new', '{n} new')) : null);
}

function progress(site, account) {
	const run = runOf(account.running);
	const phase = run?.phases.at(-1)?.phase;

	return account.running && h('div.progress', { role: 'status' }, h('div.bar', { 'aria-hidden': 'true' }),
		h('span', {}, phase ? phaseWords(phase) : otpOf(site.name, account.account) ? t('Waiting for your code') : t('Starting…')));
}

function card(site, account) {
	const state = accountState(site, account);
	const action = actions[state.action];
	const last = lastSuccess(account);
	const id = `card-${site.name}-${account.account}`;

	return h('article.card', { 'data-key': id, 'aria-labelledby': id },
		h('div.card-head', {},
			h('span', { 'aria-hidden': 'true', class: 'tile ' + site.kind }, site.title.slice(0, 1)),
			h('div', {}, h('h2', { id }, auto(accountTitle(site, account))), chip(state)),
			menu(site, account, state)),
		h('div.card-body', {},
			h('p.last', {}, last ? [t('Last collected'), ' ', since(last)] : t('Never collected')),
			progress(site, account) || outcome(site, account),
			account.connected && sessionWords(account) ? h('p.note', {}, sessionWords(account)) : null),
		h('div.card-foot', {},
			h('button', {
				type: 'button', class: state.tone === 'busy' ? null : 'primary',
				onclick: doing(() => action.act(site, account)),
			}, t(action.words(state)), h('span.unseen', {}, ' ' + accountTitle(site, account)))));
}

const waiting = () => [1, 2].map(n => h('div.card.ghost', { 'data-key': 'ghost' + n, 'aria-hidden': 'true' }));

function render() {
	return [
		h('div.page-head', {}, h('h1', {}, t('Integrations')),
			h('p.muted', {}, t('Your own accounts. gabbai signs in with a real browser, asks you for a code when the site wants one, and collects.'))),
		store.ready || store.sites.length
			? h('div.cards', {}, store.sites.flatMap(site => site.accounts.map(account => card(site, account))))
			: h('div.cards', { 'aria-busy': 'true' }, waiting()),
	];
}

/* A menu shuts when one clicks elsewhere or presses Esc. */
addEventListener('click', event => {
	for (const open of document.querySelectorAll('details.menu[open]'))
		if (!open.contains(event.target))
			open.open = false;
});
addEventListener('keydown', event => {
	const open = event.key === 'Escape' && document.querySelector('details.menu[open]');
	if (open) {
		open.open = false;
		open.querySelector('summary').focus();
	}
});

export const integrations = { title: 'Integrations', icon: 'cards', render };
