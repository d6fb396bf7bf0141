/* Spending in charts: by month, by category, at whom, and what will be debited.
 *
 * Transactions are signed as the bank does it, spending below zero; a chart of spending shows it as positive. */
import { get, query } from './api.js';
import { bars, stackedColumns } from './charts.js';
import { h, island } from './dom.js';
import { dayLong, money, moneyShort, month, monthShort } from './format.js';
import { icon } from './icons.js';
import { language, t } from './i18n.js';
import { changed } from './store.js';

const MONTHS = 12;
const CATEGORIES_MAX = 6; /* more colours than that nobody tells apart */
const ROWS_MAX = 8;

let summary = null;
let problem = null;
let currency = null; /* the one that is shown */
let version = 0;

async function load() {
	try {
		summary = await get('/api/transactions/summary' + query({ months: MONTHS }));
		problem = null;
		version++;
	} catch (failed) {
		problem = failed.message;
	}
	changed();
}

const sum = list => list.reduce((total, row) => total + row.amountMinor, 0);

function groups(list, key) {
	const found = new Map();
	for (const row of list)
		found.set(key(row), [...found.get(key(row)) ?? [], row]);
	return found;
}

/* Currencies, the one with most rows first. */
function currencies() {
	const all = [...summary.byMonth, ...summary.upcoming];
	return [...groups(all, row => row.currency)].sort((a, b) => b[1].length - a[1].length).map(([name]) => name);
}

const ours = list => list.filter(row => row.currency === currency);
const spent = list => Math.max(0, -sum(list));
const categoryOf = row => row.category || t('No category');
const words = minor => money(minor, currency);
const axis = minor => moneyShort(minor, currency);

function byMonth(rows) {
	const months = [...groups(rows, row => row.month)].sort((a, b) => a[0].localeCompare(b[0]));
	const ranked = [...groups(rows, categoryOf)].map(([name, list]) => [name, spent(list)]).sort((a, b) => b[1] - a[1]);
	const top = ranked.slice(0, CATEGORIES_MAX).map(([name]) => name);
	const names = ranked.length > top.length ? [...top, t('All others')] : top;
	const part = (list, n) => spent(list.filter(row => n < top.length ? categoryOf(row) === top[n]
		: !top.includes(categoryOf(row))));

	return stackedColumns({
		title: t('Spending by month'), names, words, axis,
		columns: months.map(([name, list]) => ({ name: month(name), label: monthShort(name),
			parts: names.map((_, n) => part(list, n)) })),
	});
}

function ranking(title, column, pairs) {
	const rows = pairs.filter(([, value]) => value > 0).sort((a, b) => b[1] - a[1]).slice(0,
		ROWS_MAX).map(([name, value]) => ({ name, value, words: words(value) }));
	return rows.length ? bars({ title, column, rows }) : null;
}

function charts() {
	const rows = ours(summary.byMonth);
	const upcoming = ours(summary.upcoming).sort((a, b) => a.date.localeCompare(b.date));

	return h('div.charts', {}, [
		byMonth(rows),
		upcoming.length > 0 && bars({
			title: t('Upcoming debits'), column: t('Date'),
			rows: upcoming.map(row => ({ name: `${dayLong(row.date)} · ${row.card}`, value: Math.abs(row.amountMinor),
				words: words(Math.abs(row.amountMinor)) })),
		}),
		ranking(t('By category'), t('Category'), [...groups(rows, categoryOf)].map(([name, list]) => [name, spent(list)])),
		ranking(t('Where most of it goes'), t('Merchant'),
			ours(summary.merchants).map(row => [row.description, Math.abs(row.amountMinor)])),
	]);
}

function figures() {
	const rows = ours(summary.byMonth);
	const months = [...groups(rows, row => row.month)].sort((a, b) => b[0].localeCompare(a[0]));
	const [latest] = months;
	const average = months.length ? spent(rows) / months.length : 0;
	const upcoming = ours(summary.upcoming);
	const tile = (title, value, note) => h('div.figure', {}, h('dt', {}, title),
		h('dd', {}, h('bdi', { dir: 'ltr' }, value), note && h('span.muted', {}, note)));

	return h('dl.figures', {}, latest && tile(month(latest[0]), words(spent(latest[1]))),
		tile(t('A month, on average'), words(Math.round(average))),
		upcoming.length > 0 && tile(t('Upcoming debits'),
			words(upcoming.reduce((total, row) => total + Math.abs(row.amountMinor), 0))));
}

function render() {
	if (problem)
		return h('p.note.bad', { role: 'alert' }, problem);
	if (!summary)
		return h('p.muted', { role: 'status' }, t('Loading…'));
	const all = currencies();
	if (!all.length)
		return h('div.empty', {}, icon('chart'), h('h2', {}, t('Nothing to draw yet')),
			h('p', {}, t('After the first run of a card or bank account you see here where the money goes.')),
			h('a.button', { href: '#/integrations' }, t('Go to the integrations')));
	if (!all.includes(currency))
		[currency] = all;
	const pick = all.length > 1 && h('label.inline', {}, t('Currency'), ' ',
		h('select', { onchange: event => (currency = event.target.value, changed()) },
		all.map(name => h('option', { value: name, selected: name === currency }, name))));

	return [pick, figures(), island(`charts-${version}-${currency}-${language}`, charts)].filter(Boolean);
}

export const overview = { title: 'Overview', render, enter: load };
