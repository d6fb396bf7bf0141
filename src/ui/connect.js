/* The dialog that connects an account: a way is chosen, the steps tick, and the session is saved once it is proven.
 *
 * Closing the dialog ends nothing: the server goes on, and a banner leads back.  What is typed stays in the panes
 * (guided, live, import), which are drawn anew only when another one's turn comes. */
import { accountTitle } from './account.js';
import { get, post, query } from './api.js';
import { doing, openDialog, toast } from './dialog.js';
import { auto, h, morph } from './dom.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { guidedPane } from './guided.js';
import { livePane } from './live.js';
import { phaseWords } from './runs.js';
import { importPane } from './import.js';
import { endings, otpPanel } from './otp.js';
import { changed, connectOf, isOn, outcomes, refreshSites, requestOf, siteOf, store, watch } from './store.js';

const CLOSE_AFTER_MS = 2500; /* long enough to read that it worked */
const TRIES = 10;
const AGAIN_MS = 200;

const steps = [['open', 'Open the site'], ['fill', 'Fill in details'], ['you', 'Your turn'], ['check', 'Check the session'],
	['saved', 'Saved']];

const ways = [
	{ via: 'guided', icon: 'form', title: 'Guided',
		text: 'Type user name, password and code into fields of this page. Best on a phone and with a password manager.' },
	{ via: 'live', icon: 'screen', title: 'Live view',
		text: 'See the site’s own page and sign in there with your hands. Works for everything a site can ask.' },
	{ via: 'import', icon: 'file', title: 'Import',
		text: 'Bring a session from a browser where you are signed in: a storageState file or cookies.txt.' },
];

let shown = null; /* { site, account, dialog, importing, pane, paneKey } */

export const isShown = ({ site, account }) => shown?.site === site && shown.account === account;

const path = verb => `/api/integrations/${shown.site}/connect/${verb}`;
const current = () => connectOf(shown.site, shown.account) ?? { state: 'idle' };
const act = (verb, more) => post(path(verb), { account: shown.account, ...more });

async function refresh() {
	const { site, account } = shown;
	const connect = await get(path('status') + query({ account }));
	const old = connectOf(site, account);

	if (!old && !isOn(connect))
		return; /* how the last one ended, which somebody has seen */
	if (old)
		Object.assign(old, connect);
	else
		store.connects.push({ site, account, ...connect });
	changed();
}

async function start(via) {
	if (via === 'import') {
		shown.importing = true;
		return changed();
	}
	for (let tries = 1; ; tries++) {
		try {
			await act('start', { via });
			return refresh();
		} catch (problem) {
			if (problem.status !== 409)
				throw problem;
			await refresh();
			if (isOn(current()))
				return; /* one is on already, and is shown */
			if (tries === TRIES)
				throw problem;
			await new Promise(then => setTimeout(then, AGAIN_MS)); /* the one before is about to go */
		}
	}
}

async function again() {
	store.connects = store.connects.filter(c => !isShown(c));
	shown.importing = false;
	changed();
}

/* The one that is on has to be gone before the next can begin. */
async function anotherWay() {
	if (isOn(current())) {
		await act('cancel');
		await new Promise(then => {
			const stop = watch(() => {
				if (shown && isOn(current()))
					return;
				stop();
				then();
			});
			changed();
		});
	}
	if (shown)
		await again();
}

function stepList(connect) {
	const done = connect.state === 'connected';
	const at = done ? steps.length : steps.findIndex(([name]) => name === connect.step);

	return h('ol.steps', { 'aria-label': t('Steps') }, steps.map(([, words], n) => {
		const how = n < at ? 'done' : n > at ? 'todo' : connect.state === 'failed' ? 'failed' : 'current';
		return h('li', { class: how, 'aria-current': how === 'current' && 'step' },
			h('span.dot', { 'aria-hidden': 'true' }, how === 'done' ? icon('check') : how === 'failed' ? icon('close')
				: String(n + 1)),
			h('span', {}, t(words)), how === 'done' && h('span.unseen', {}, t('(done)')));
	}));
}

function choose() {
	const headed = doing(() => start('headed'));

	return h('div.pane', {}, h('p', {}, t('How do you want to sign in?')),
		h('ul.ways', {}, ways.map(way => h('li', {}, h('button.way', { type: 'button', onclick: doing(() => start(way.via)) },
			icon(way.icon), h('span', {}, h('strong', {}, t(way.title)), h('span', {}, t(way.text))))))),
		h('p.hint', {}, t('Is gabbai on this very computer?'), ' ',
			h('button.link', { type: 'button', onclick: headed }, t('Open a browser window here'))));
}

/* The detector sees the login by itself; a person who knows better may say so. */
function finishBar() {
	const button = h('button.primary', { type: 'button', disabled: true, onclick: doing(() => act('complete')) },
		t('I Finished Login'));
	const override = h('input', { type: 'checkbox', id: 'finish-anyway',
		onchange: () => (button.disabled = !override.checked && !detected) });
	let detected = false;

	return {
		node: h('div.finish', { 'data-island': true },
			h('label.check', { for: 'finish-anyway' }, override, h('span', {}, t('I am signed in, though it was not noticed'))),
			button),
		update(connect) {
			detected = connect.state === 'detected';
			button.disabled = !detected && !override.checked || connect.state === 'verifying';
		},
	};
}

function headedPane() {
	const bar = finishBar();
	return { node: h('div.pane', {}, bar.node), update: bar.update, stop() {} };
}

function livePaneWithBar() {
	const view = livePane('/live' + query({ site: shown.site, account: shown.account }));
	const bar = finishBar();
	return { node: h('div.pane', {}, view.node, bar.node), update: bar.update, stop: view.stop };
}

function ended(connect) {
	const good = connect.state === 'connected';
	const tone = good ? 'ok' : connect.state === 'failed' ? 'bad' : 'idle';

	return h('div.pane', {}, h('div', { class: 'ending ' + tone }, icon({ ok: 'check', bad: 'alert', idle: 'stop' }[tone]),
		h('p', {}, good ? t('From now on gabbai collects without asking you, as long as the site keeps the session.')
			: connect.error && connect.state === 'failed' ? auto(t(connect.error)) : t('Nothing was changed.'))),
	h('div.actions', {}, !good && h('button.primary', { type: 'button', onclick: doing(again) }, t('Try again')),
		h('button', { type: 'button', class: good ? 'primary' : null, onclick: () => shown.dialog.close() }, t('Close'))));
}

const busy = () => h('div.pane', {}, h('p.approval', {}, h('span.spinner', { 'aria-hidden': 'true' }), t('One moment…')));
const still = node => ({ node, update() {}, stop() {} });

/* A code that the site asks for while one connects is answered here, and not in a dialog of its own. */
function codePane(request) {
	const node = h('div.pane');
	const finish = how => {
		if (how !== 'accepted')
			toast(t(endings[how][0]), endings[how][1]);
		node.replaceChildren(busy());
		shown.paneKey = 'code over';
	};
	const panel = otpPanel(request, finish, { link: true });
	const settle = event => panel.settle(event.detail);

	outcomes.addEventListener('outcome', settle);
	node.append(panel.node);
	return {
		node,
		focus: panel.focus,
		update(connect) {
			const fresh = connect.guided?.otp ?? requestOf(shown.site, shown.account);
			if (fresh && fresh !== panel.request)
				panel.update(fresh);
		},
		stop() {
			panel.stop();
			outcomes.removeEventListener('outcome', settle);
		},
	};
}

const imported = () => importPane({
	send: state => act('import', { state }),
	back: again,
	done: () => {
		store.connects = store.connects.filter(c => !isShown(c));
		store.connects.push({ site: shown.site, account: shown.account, state: 'connected', step: 'saved' });
		shown.importing = false;
		refreshSites();
		changed();
	},
});

/* Which pane it is, and how it is made. */
function paneOf(connect) {
	if (shown.importing)
		return ['import', imported];
	if (['connected', 'failed', 'cancelled'].includes(connect.state))
		return [connect.state + (connect.error ?? ''), () => still(ended(connect))];
	if (connect.state === 'idle')
		return ['choose', () => still(choose())];
	const request = connect.guided?.otp ?? requestOf(shown.site, shown.account);
	if (request && connect.state === 'waiting' && (!request.answered || shown.paneKey === 'code'))
		return ['code', () => codePane(request)];
	if (connect.via === 'guided' && connect.guided && connect.state !== 'verifying')
		return ['guided', () => guidedPane({ fill: (values, remember) => act('fill', { values, remember }) })];
	if (connect.via === 'live' && connect.state !== 'starting')
		return ['live', livePaneWithBar];
	if (connect.via === 'headed' && connect.state !== 'starting')
		return ['headed', headedPane];
	return ['busy', () => still(busy())];
}

const initial = connect => connect.state === 'idle' || connect.state === 'cancelled';
const runbook = {
	waiting: 'A browser window has opened... Complete the login process...',
	connected: '✅ Connection successful! Session saved.',
	failed: 'The connection did not succeed.', cancelled: 'The connection was cancelled.',
};

function statusWords(connect) {
	if (connect.state === 'waiting' && connect.via === 'guided')
		return connect.message && connect.step === 'fill' && connect.message !== runbook.waiting ? phaseWords(connect.message)
			: '';
	if (['connected', 'failed', 'cancelled'].includes(connect.state))
		return runbook[connect.state];
	return connect.message ?? runbook[connect.state] ?? '';
}

function update() {
	if (!shown)
		return;
	const connect = current();
	const [key, make] = paneOf(connect);
	const calm = initial(connect) || shown.importing;

	if (shown.paneKey !== key) {
		shown.pane?.stop();
		shown.pane = make();
		shown.paneKey = key;
		shown.place.replaceChildren(shown.pane.node);
		shown.pane.focus?.();
		shown.dialog.classList.toggle('has-live', key === 'live');
		if (key === 'connected')
			closeSoon(shown);
	}
	shown.pane.update(connect);
	morph(shown.head, calm ? [] : [stepList(connect)]);
	const words = calm || shown.paneKey === 'code' ? '' : t(statusWords(connect));
	if (shown.status.textContent !== words)
		shown.status.textContent = words;
	morph(shown.foot, isOn(connect) ? [
		h('button.quiet', { type: 'button', onclick: doing(anotherWay) }, t('Use another way')),
		h('button.quiet', { type: 'button', onclick: doing(() => act('cancel')) }, t('Cancel the connection'))] : []);
}

function closeSoon(mine) {
	setTimeout(() => shown === mine && mine.paneKey === 'connected' && mine.dialog.close(), CLOSE_AFTER_MS);
}

function leave(mine) {
	if (shown !== mine)
		return;
	const connect = current();
	mine.pane?.stop();
	shown = null;
	if (!isOn(connect))
		store.connects = store.connects.filter(c => c !== connect);
	changed();
}

export function openConnect(site, account) {
	const info = siteOf(site);

	if (shown?.dialog.open)
		return;
	if (shown)
		leave(shown); /* it is closed, and is about to be told so */
	const mine = { site, account, importing: false, head: h('div'), status: h('p.connect-status', { role: 'status', dir: 'auto' }),
		place: h('div'), foot: h('div.connect-foot') };
	shown = mine;
	mine.dialog = openDialog({
		title: t('Connect to {site}', { site: info ? accountTitle(info, { account }) : site }), wide: true,
		body: [mine.head, mine.status, mine.place, mine.foot],
		onclose: () => leave(mine),
	});
	if (!isOn(current()))
		store.connects = store.connects.filter(c => !isShown(c));
	update();
	changed();
	refresh().catch(() => {}); /* the dialog offers its ways anyway */
}

watch(update);
