/* Runs: those of late, and one of them with what it did and why it failed. */
import { accountTitle } from './account.js';
import { artefacts } from './artefacts.js';
import { get, post, query, remove } from './api.js';
import { openConnect } from './connect.js';
import { doing, toast } from './dialog.js';
import { auto, h, ltr } from './dom.js';
import { failureOf } from './failures.js';
import { ago, at, duration, moment, number } from './format.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { openLive } from './live.js';
import { changed, noteRun, otpOf, runOf, siteOf, store, watch } from './store.js';
import { showOtp } from './otp_dialog.js';

const LIMIT = 50;

let history = null; /* GET /api/runs, the newest first */
let problem = null;
let finished = '';  /* which of those that went on were over when we asked */

/* A run says what it does in English; the dictionary has the steps of the sites we know. */
export const phaseWords = phase => {
	const words = t(phase);
	return words.charAt(0).toUpperCase() + words.slice(1);
};

async function load() {
	try {
		history = (await get('/api/runs' + query({ limit: LIMIT }))).runs;
		problem = null;
	} catch (failed) {
		problem = failed.message;
	}
	changed();
}

/* What events told is newer than what was asked for. */
const merged = run => ({ ...run, ...runOf(run.id), id: String(run.id) });

function runList() {
	const known = (history ?? []).map(merged);
	const fresh = [...store.runs.values()].filter(run => run.startedAt && !known.some(k => k.id === run.id));
	return [...fresh.reverse(), ...known];
}

const names = run => {
	const site = siteOf(run.site);
	return site ? accountTitle(site, run) : run.site;
};

function outcomeOf(run) {
	const failure = failureOf(run);

	if (otpOf(run.site, run.account) && !run.endedAt)
		return ['warn', 'key', t('Waiting for your code')];
	if (!run.endedAt)
		return ['busy', 'run', t('Running')];
	if ([130, 143].includes(run.exitCode))
		return ['idle', 'stop', t('Stopped')];
	return failure ? ['bad', 'alert', t('Failed')] : ['ok', 'check', t('Done')];
}

const chipOf = ([tone, name, words]) => h('span', { class: 'chip ' + tone }, icon(name), h('span', {}, words));
const lasted = run => duration((run.endedAt ? new Date(run.endedAt) : Date.now()) - new Date(run.startedAt));

function row(run) {
	return h('tr', { 'data-key': run.id },
		h('th', { scope: 'row' }, h('a', { href: '#/runs/' + encodeURIComponent(run.id) }, auto(names(run)))),
		h('td', {}, chipOf(outcomeOf(run))),
		h('td', {}, h('time', { datetime: run.startedAt, title: moment(run.startedAt) }, ago(run.startedAt))),
		h('td.amount.wide-only', {}, auto(lasted(run))),
		h('td.amount.wide-only', {}, run.rows == null ? '–' : ltr(number(run.rows))),
		h('td.amount.wide-only', {}, run.newRows == null ? '–' : ltr(number(run.newRows))));
}

function list() {
	const runs = runList();

	if (problem)
		return h('p.note.bad', { role: 'alert' }, problem);
	if (!history)
		return h('p.muted', { role: 'status' }, t('Loading…'));
	if (!runs.length)
		return h('div.empty', {}, icon('list'), h('h2', {}, t('No runs yet')),
			h('p', {}, t('Connect an account and press “Collect now”. What happens then is kept here.')),
			h('a.button', { href: '#/integrations' }, t('Go to the integrations')));
	return h('div.table', {}, h('table', {}, h('caption.unseen', {}, t('Runs, the newest first')),
		h('thead', {}, h('tr', {}, [['Account'], ['State'], ['Started'], ['Took', 'amount wide-only'],
			['Rows', 'amount wide-only'], ['New', 'amount wide-only']].map(([words, kind]) =>
			h('th', { scope: 'col', class: kind }, t(words))))),
		h('tbody', {}, runs.map(row))));
}

function nextStep(run, failure) {
	const collect = doing(async () => {
		const { runId } = await post('/api/runs', { site: run.site, account: run.account });
		if (runId)
			location.hash = '#/runs/' + encodeURIComponent(runId);
	});
	const buttons = {
		collect: () => h('button.primary', { type: 'button', onclick: collect }, t('Try again')),
		connect: () => h('button.primary', { type: 'button', onclick: () => openConnect(run.site, run.account) }, t('Reconnect')),
		none: () => null,
	};
	return buttons[failure.action]();
}

function phases(run) {
	const list = run.phases ?? [];

	return h('ol.phases', {}, list.map((phase, n) => {
		const until = list[n + 1]?.at ?? run.endedAt;
		const how = until ? failureOf(run) && n === list.length - 1 ? 'failed' : 'done' : 'current';
		return h('li', { class: how, 'data-key': n + phase.phase },
			h('span.dot', { 'aria-hidden': 'true' }, how === 'done' ? icon('check') : how === 'failed' ? icon('close')
				: h('span.spinner')),
			h('span', {}, auto(phaseWords(phase.phase))),
			h('span.muted.amount', {}, auto(duration((until ? at(until) : Date.now()) - at(phase.at)))));
	}));
}

function facts(run) {
	const tiers = { direct: 'without a browser', restored: 'with the saved session', login: 'with a new login' };
	const rows = [
		['Started', h('time', { datetime: run.startedAt }, moment(run.startedAt))],
		['Took', auto(lasted(run))],
		run.tier && ['How', t(tiers[run.tier] ?? run.tier)],
		run.rows != null && ['Rows', ltr(number(run.rows))],
		run.newRows != null && ['New', ltr(number(run.newRows))],
		run.errorType && ['Kind of error', h('code', { dir: 'ltr' }, run.errorType)],
	].filter(Boolean);
	return h('dl.facts', {}, rows.map(([words, value]) => h('div', {}, h('dt', {}, t(words)), h('dd', {}, value))));
}

/* Its browser is open for a part of the run only. */
async function look(run) {
	const { view } = await get('/api/runs/' + encodeURIComponent(run.id));
	if (view)
		openLive(view);
	else
		toast(t('There is no page to look at now.'));
}

async function stop(run) {
	await remove('/api/runs/' + encodeURIComponent(run.id));
	toast(t('The run is being stopped.'));
}

function detail(id) {
	const run = runOf(id)?.startedAt && runOf(id) || runList().find(r => r.id === id);

	if (!run)
		return [h('p.crumb', {}, back()), h('p', { class: problem ? 'note bad' : 'muted', role: 'status' },
			problem ?? t('Loading…'))];
	const failure = failureOf(run);
	const request = !run.endedAt && otpOf(run.site, run.account);

	return [
		h('p.crumb', {}, back()),
		h('div.page-head.split', {}, h('div', {}, h('h1', {}, auto(names(run))), chipOf(outcomeOf(run))),
			h('div.actions', {}, request && h('button.primary', { type: 'button', onclick: () => showOtp(request) }, t('Answer')),
				!run.endedAt && h('button', { type: 'button', onclick: doing(() => look(run)) }, t('Look at the page')),
				!run.endedAt && h('button', { type: 'button', onclick: doing(() => stop(run)) }, t('Stop')))),
		failure && h('section.panel.cause', { 'aria-label': t('Why it failed') }, icon('alert'),
			h('div', {}, h('p', {}, failure.words), run.error && h('details', {}, h('summary', {}, t('What gabbai saw')),
				h('p.muted', {}, auto(run.error))), nextStep(run, failure))),
		h('div.two', {}, h('section.panel', {}, h('h2', {}, t('Steps')), run.phases?.length ? phases(run)
			: h('p.muted', {}, t('No steps were noted.'))),
			h('section.panel', {}, h('h2', {}, t('Facts')), facts(run),
				run.endedAt && !failure && h('a.button',
					{ href: '#/results/' + (siteOf(run.site)?.kind === 'products' ? 'products' : 'transactions') },
					t('See the results')))),
		failure && run.endedAt && artefacts(run),
	].filter(Boolean);
}

const back = () => h('a', { href: '#/runs' }, icon('back'), t('All runs'));

function render(id) {
	if (id)
		return detail(id);
	return [h('div.page-head', {}, h('h1', {}, t('Runs')),
		h('p.muted', {}, t('Each time gabbai went to a site, and how it ended.'))), list()];
}

async function enter(id) {
	load();
	if (!id)
		return;
	try {
		const run = await get('/api/runs/' + encodeURIComponent(id));
		noteRun(run);
	} catch (failed) {
		problem = runOf(id) ? null : failed.message;
	}
	changed();
}

/* The clock of a run that goes on; the rows of one that ended. */
setInterval(() => location.hash.startsWith('#/runs') && [...store.runs.values()].some(run => !run.endedAt) && changed(), 1000);
watch(() => {
	const now = [...store.runs.values()].filter(run => run.endedAt).map(run => run.id).join();
	if (now !== finished && history) {
		finished = now;
		load();
	}
});

export const runs = { title: 'Runs', icon: 'list', render, enter };
