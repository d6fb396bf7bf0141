/* When accounts are collected by themselves: a list, and a form that says when it would be. */
import { accountTitle } from './account.js';
import { get, post, query, remove } from './api.js';
import { doing, toast } from './dialog.js';
import { auto, h, island, ltr } from './dom.js';
import { ago } from './format.js';
import { icon } from './icons.js';
import { language, locale, t } from './i18n.js';
import { changed, siteOf, store } from './store.js';

const LOOK_AFTER_MS = 300; /* of what is being typed, the last is enough */

let list = null;    /* GET /api/schedules */
let problem = null;

const repeats = {
	daily: ['Every day', (m, hour) => `${m} ${hour} * * *`],
	working: ['Sunday to Thursday', (m, hour) => `${m} ${hour} * * 0-4`],
	weekly: ['Every Sunday', (m, hour) => `${m} ${hour} * * 0`],
	monthly: ['On the first of the month', (m, hour) => `${m} ${hour} 1 * *`],
	cron: ['As an expression', null],
};

async function load() {
	try {
		list = (await get('/api/schedules' + query({ n: 1 }))).schedules;
		problem = null;
	} catch (failed) {
		problem = failed.status === 404 ? t('This version of gabbai has no schedules yet.') : failed.message;
	}
	changed();
}

/* "Sun, 22 Nov, 07:30", on the clock of the schedule. */
const when = (moment, zone) => new Intl.DateTimeFormat(locale(), { timeZone: zone, weekday: 'short', day: 'numeric', month: 'short',
	hour: '2-digit', minute: '2-digit' }).format(new Date(moment));

/* An expression in words, where it is one of ours. */
function wordsOf(cron) {
	const [, minute, hour] = /^(\d+) (\d+) /.exec(cron) ?? [];
	const known = minute && Object.values(repeats).find(([, make]) => make?.(minute, hour) === cron);

	return known ? [t(known[0]), ', ', ltr(`${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`)] : h('code', { dir: 'ltr' }, cron);
}

const names = one => {
	const site = siteOf(one.site);
	return site ? accountTitle(site, one) : one.site;
};

const states = {
	waiting: ['busy', 'clock', 'Starts soon'], claimed: ['busy', 'clock', 'Starts soon'], running: ['busy', 'run', 'Running'],
	done: ['ok', 'check', 'Done'], failed: ['bad', 'alert', 'Failed'], skipped: ['idle', 'stop', 'Left out'],
};

function last(run) {
	if (!run)
		return h('span.muted', {}, t('Not yet'));
	const [tone, name, words] = states[run.status] ?? states.waiting;
	const chip = h('span', { class: 'chip ' + tone }, icon(name), h('span', {}, t(words)));
	return run.runId ? h('a', { href: '#/runs/' + run.runId }, chip) : chip;
}

const change = (work, words) => doing(async () => {
	await work();
	toast(t(words), 'ok');
	await load();
});

function row(one) {
	const [next] = one.next ?? [];
	const path = '/api/schedules/' + one.id;

	return h('tr', { 'data-key': 'schedule-' + one.id },
		h('th', { scope: 'row' }, auto(names(one)), h('span.under', {}, wordsOf(one.cron), ' · ', ltr(one.timezone))),
		h('td', {}, one.paused ? h('span.chip.idle', {}, icon('pause'), h('span', {}, t('Paused')))
			: next ? h('time', { datetime: next, title: when(next, one.timezone) }, when(next, one.timezone),
				h('span.under', {}, ago(next))) : '–'),
		h('td.wide-only', {}, last(one.lastRun)),
		h('td', {}, h('div.row-actions', {},
			h('button', { type: 'button', onclick: one.paused ? change(() => post(path + '/resume'), 'It goes on.')
				: change(() => post(path + '/pause'), 'It is paused.') }, t(one.paused ? 'Go on' : 'Pause'),
			h('span.unseen', {}, ' ' + names(one))),
			h('button.icon-button', { type: 'button', 'aria-label': t('Remove the schedule of {account}', { account: names(one) }),
				onclick: change(() => remove(path), 'The schedule is gone.') }, icon('close')))));
}

function table() {
	if (problem)
		return h('p.note.bad', { role: 'alert' }, problem);
	if (!list)
		return h('p.muted', { role: 'status' }, t('Loading…'));
	if (!list.length)
		return h('div.empty', {}, icon('clock'), h('h2', {}, t('Nothing is scheduled')),
			h('p', {}, t('With a schedule gabbai collects by itself, and asks you only when the site wants a code.')));
	return h('div.table', {}, h('table', {}, h('caption.unseen', {}, t('Schedules')),
		h('thead', {}, h('tr', {}, [['Account'], ['Next time'], ['Last time', 'wide-only'], ['Change']].map(([words, kind]) =>
			h('th', { scope: 'col', class: kind }, t(words))))),
		h('tbody', {}, list.map(row))));
}

function field(id, words, input, hint) {
	input.id = id;
	return h('div.field', {}, h('label', { for: id }, t(words)), input, hint && h('p.hint', {}, t(hint)));
}

const pick = (name, options) => h('select', { name }, options.map(([value, words]) => h('option', { value }, words)));

/* The form: drawn once in each language. */
function form() {
	const accounts = store.sites.flatMap(site => site.accounts.map(account =>
		[`${site.name}/${account.account}`, accountTitle(site, account)]));
	const account = pick('account', accounts);
	const repeat = pick('repeat', Object.entries(repeats).map(([name, [words]]) => [name, t(words)]));
	const time = h('input', { type: 'time', name: 'time', value: '07:30', required: true });
	const cron = h('input', { type: 'text', name: 'cron', dir: 'ltr', spellcheck: 'false', autocomplete: 'off', placeholder: '30 7 * * *' });
	const zone = h('input', { type: 'text', name: 'zone', dir: 'ltr', spellcheck: 'false', autocomplete: 'off', required: true,
		value: Intl.DateTimeFormat().resolvedOptions().timeZone });
	const quiet = h('input', { type: 'text', name: 'quiet', dir: 'ltr', autocomplete: 'off', placeholder: '22:00-08:00' });
	const error = h('p.error', { id: 'schedule-error', role: 'alert' });
	const preview = h('div', { 'aria-live': 'polite' });
	const timeField = field('schedule-time', 'Time', time);
	const cronField = field('schedule-cron', 'Expression', cron, 'Minute, hour, day, month, day of the week.');
	let later = 0;

	function expression() {
		const [hour, minute] = time.value.split(':').map(Number);
		const make = repeats[repeat.value][1];
		return make ? Number.isInteger(minute) ? make(minute, hour) : '' : cron.value.trim();
	}

	async function look() {
		const text = expression();
		error.textContent = '';
		if (!text)
			return preview.replaceChildren();
		try {
			const { next, timezone } = await get('/api/schedules/next' + query({ cron: text, timezone: zone.value.trim(), n: 5 }));
			preview.replaceChildren(h('p.hint', {}, t('It would be:')),
				h('ol.times', {}, next.map(moment => h('li', {}, when(moment, timezone)))));
		} catch (failed) {
			preview.replaceChildren();
			error.textContent = failed.message;
		}
	}

	function oninput() {
		timeField.hidden = repeat.value === 'cron';
		cronField.hidden = !timeField.hidden;
		clearTimeout(later);
		later = setTimeout(look, LOOK_AFTER_MS);
	}

	const onsubmit = async event => {
		event.preventDefault();
		const [site, name] = account.value.split('/');
		error.textContent = '';
		try {
			await post('/api/schedules', { site, account: name, cron: expression(), timezone: zone.value.trim(),
				...quiet.value.trim() && { quiet: quiet.value.trim() } });
			toast(t('The schedule is set.'), 'ok');
			await load();
		} catch (failed) {
			error.textContent = failed.message;
		}
	};

	oninput();
	return h('section.panel.left', { 'aria-labelledby': 'schedule-new' }, h('h2', { id: 'schedule-new' }, t('A new schedule')),
		h('form.stack', { onsubmit, oninput, novalidate: true },
			h('div.fields', {}, field('schedule-account', 'Account', account), field('schedule-repeat', 'How often', repeat), timeField, cronField,
				field('schedule-zone', 'Time zone', zone),
				field('schedule-quiet', 'Quiet hours', quiet, 'Nobody is asked for a code then. May be left out.')),
			error, preview, h('div.actions', {}, h('button.primary', { type: 'submit' }, t('Set the schedule')))));
}

function render() {
	return [
		h('div.page-head', {}, h('h1', {}, t('Schedules')),
			h('p.muted', {}, t('gabbai collects at these times as long as it runs, a little later by chance, and never twice at once.'))),
		table(),
		!problem && store.sites.length > 0 && island('new-schedule-' + language, form),
	].filter(Boolean);
}

export const schedules = { title: 'Schedules', icon: 'clock', render, enter: load };
