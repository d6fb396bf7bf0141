/* Schedules: when accounts are collected by themselves.  Whoever writes one sees at once when it would be due. */
import { accountTitle } from './account.js';
import { get, post, query, remove } from './api.js';
import { confirmed, doing, toast } from './dialog.js';
import { auto, h, island, ltr } from './dom.js';
import { ago, moment } from './format.js';
import { icon } from './icons.js';
import { locale, t } from './i18n.js';
import { changed, siteOf, store, watch } from './store.js';

const LOOK_MS = 300; /* after the last key: what is still being typed is no expression */
const NEXT = 5;

let list = null;     /* GET /api/schedules */
let problem = null;
let seen = 0;        /* the last change we know of */

async function load() {
	try {
		list = (await get('/api/schedules?n=2')).schedules;
		problem = null;
	} catch (failed) {
		problem = failed.message;
	}
	changed();
}

/* ---- those there are ---- */

const nameOf = schedule => {
	const site = siteOf(schedule.site);
	return site ? accountTitle(site, schedule) : schedule.site;
};

/* "30 7 * * *" is a time of every day; what is more than that stays as it was written. */
function timeOf({ cron, timezone }) {
	const [, minute, hour] = /^(\d+) (\d+) \* \* \*$/.exec(cron) ?? [];
	return [hour ? [t('Daily at'), ' ', ltr(`${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`)]
		: h('code', { dir: 'ltr' }, cron), ' ', h('span.muted', {}, ltr(timezone))];
}

const outcomes = {
	waiting: ['idle', 'clock', 'Starts soon'], claimed: ['busy', 'run', 'Running'], running: ['busy', 'run', 'Running'],
	done: ['ok', 'check', 'Done'], failed: ['bad', 'alert', 'Failed'], skipped: ['idle', 'stop', 'Left out'],
};

function lastOf({ lastRun }) {
	if (!lastRun)
		return '–';
	const [tone, sign, words] = outcomes[lastRun.status];
	const chip = h('span', { class: 'chip ' + tone }, icon(sign), h('span', {}, t(words)));
	return [lastRun.runId ? h('a', { href: '#/runs/' + lastRun.runId }, chip) : chip, ' ',
		h('time.muted', { datetime: lastRun.due, title: moment(lastRun.due) }, ago(lastRun.due))];
}

const nextOf = schedule => schedule.paused ? h('span.chip.idle', {}, icon('pause'), h('span', {}, t('Paused')))
	: schedule.next[0] ? h('time', { datetime: schedule.next[0], title: moment(schedule.next[0]) }, ago(schedule.next[0])) : '–';

function buttonsOf(schedule) {
	const path = '/api/schedules/' + schedule.id;
	const pause = doing(async () => {
		await post(`${path}/${schedule.paused ? 'resume' : 'pause'}`);
		await load();
	});
	const drop = doing(async () => {
		if (!await confirmed({ title: t('Take the schedule away?'), text: t('What was collected stays.'), yes: t('Take away'),
			danger: true }))
			return;
		await remove(path);
		await load();
	});
	return h('div.actions', {}, h('button', { type: 'button', onclick: pause }, t(schedule.paused ? 'Go on' : 'Pause')),
		h('button.quiet', { type: 'button', onclick: drop }, t('Take away')));
}

const row = schedule => h('tr', { 'data-key': schedule.id },
	h('th', { scope: 'row' }, auto(nameOf(schedule))),
	h('td', {}, timeOf(schedule)),
	h('td', {}, nextOf(schedule)),
	h('td.wide-only', {}, lastOf(schedule)),
	h('td', {}, buttonsOf(schedule)));

function table() {
	if (problem)
		return h('p.note.bad', { role: 'alert' }, problem);
	if (!list)
		return h('p.muted', { role: 'status' }, t('Loading…'));
	if (!list.length)
		return h('div.empty', {}, icon('clock'), h('h2', {}, t('No schedules yet')),
			h('p', {}, t('With one, an account is collected by itself, every morning or whenever you like.')));
	return h('div.table', {}, h('table', {}, h('caption.unseen', {}, t('Schedules')),
		h('thead', {}, h('tr', {}, [['Account'], ['When'], ['Next'], ['Last', 'wide-only'], ['Change']].map(([words, kind]) =>
			h('th', { scope: 'col', class: kind }, t(words))))),
		h('tbody', {}, list.map(row))));
}

/* ---- a new one ---- */

const accounts = () => store.sites.flatMap(site => site.accounts.map(account => ({ site, account })));

/* What the fields say, as the server wants it. */
function written(form) {
	const { account, how, time, cron, zone, quiet, from, to } = form.elements;
	const [site, name] = account.value.split('/');
	return { site, account: name, ...(how.value === 'daily' ? { daily: time.value } : { cron: cron.value.trim() }),
		timezone: zone.value.trim(), ...(quiet.checked ? { quiet: `${from.value}-${to.value}` } : {}) };
}

const inZone = (text, timeZone) => new Intl.DateTimeFormat(locale(), { timeZone, weekday: 'short', day: 'numeric', month: 'short',
	hour: '2-digit', minute: '2-digit', timeZoneName: 'short' }).format(new Date(text));

async function preview(form) {
	const { daily, cron, timezone } = written(form);
	const place = form.querySelector('.next');

	try {
		const answer = await get('/api/schedules/next' + query({ daily, cron, timezone, n: NEXT }));
		place.replaceChildren(h('ol', {}, answer.next.map(at => h('li', {}, h('time', { datetime: at },
			ltr(inZone(at, answer.timezone)))))));
	} catch (failed) {
		place.replaceChildren(h('p.note.bad', {}, auto(failed.message)));
	}
}

function field(label, input, hint) {
	return h('div.field', {}, h('label', { for: input.id }, t(label)), input, hint && h('p.hint', {}, t(hint)));
}

const radio = (value, words, checked) => h('label', {}, h('input', { type: 'radio', name: 'how', value, checked }),
	h('span', {}, t(words)));

/* It looks after itself, so that what is typed stays. */
function makeForm() {
	let planned = 0;
	const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
	const show = form => {
		form.dataset.how = form.elements.how.value;
		for (const [name, how] of [['time', 'daily'], ['cron', 'cron']])
			form.elements[name].closest('.field').hidden = form.elements.how.value !== how;
		form.querySelector('.hours').hidden = !form.elements.quiet.checked;
		clearTimeout(planned);
		planned = setTimeout(() => preview(form), LOOK_MS);
	};
	const add = async event => {
		event.preventDefault();
		const form = event.target, button = form.querySelector('button[type=submit]');
		button.disabled = true;
		try {
			await post('/api/schedules', written(form));
			toast(t('The schedule is set.'), 'ok');
			await load();
		} catch (failed) {
			toast(failed.message, 'bad');
		} finally {
			button.disabled = false;
		}
	};
	const form = h('form.stack', { onsubmit: add, oninput: event => show(event.currentTarget) },
		field('Account', h('select', { id: 'schedule-account', name: 'account' }, accounts().map(({ site, account }) =>
			h('option', { value: `${site.name}/${account.account}` }, accountTitle(site, account))))),
		h('fieldset', {}, h('legend', {}, t('When')), h('div.segments', {}, radio('daily', 'Daily', true),
			radio('cron', 'As cron has it'))),
		field('Time', h('input', { id: 'schedule-time', name: 'time', type: 'time', value: '07:30', required: true, dir: 'ltr' })),
		field('Expression', h('input', { id: 'schedule-cron', name: 'cron', type: 'text', value: '30 7 * * MON-FRI', dir: 'ltr',
			autocomplete: 'off', spellcheck: 'false' }), 'Minute, hour, day of the month, month, day of the week.'),
		field('Time zone', h('input', { id: 'schedule-zone', name: 'zone', type: 'text', value: zone, dir: 'ltr', required: true,
			autocomplete: 'off', spellcheck: 'false' }), 'Where the clocks change, a time that is left out comes right after it.'),
		h('div.field', {}, h('label', {}, h('input', { type: 'checkbox', name: 'quiet', checked: true }), ' ',
			t('Quiet hours: no code is asked for')),
			h('div.hours', {}, h('input', { name: 'from', type: 'time', value: '22:00', 'aria-label': t('From'), dir: 'ltr' }), ' – ',
				h('input', { name: 'to', type: 'time', value: '08:00', 'aria-label': t('Until'), dir: 'ltr' }))),
		h('section', { 'aria-label': t('Next times') }, h('h3', {}, t('Next times')), h('div.next', { role: 'status' })),
		h('div.actions', {}, h('button.primary', { type: 'submit' }, t('Set the schedule'))));
	show(form);
	return form;
}

function render() {
	return [
		h('div.page-head', {}, h('h1', {}, t('Schedules')), h('p.muted', {}, store.status?.scheduler === false
			? t('This server starts nothing by itself: gabbai schedule run-due does, from cron.')
			: t('What gabbai collects by itself, and when.'))),
		table(),
		store.ready && h('section.panel', {}, h('h2', {}, t('A new schedule')), island('new-schedule', makeForm)),
	].filter(Boolean);
}

watch(() => {
	if (list && store.schedulesChanged !== seen) {
		seen = store.schedulesChanged;
		load();
	}
});

export const schedules = { title: 'Schedules', icon: 'clock', render, enter: load };
