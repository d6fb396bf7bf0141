/* The table of transactions: all of them are fetched once, then filtered, sorted and paged here, so that typing in
 * a filter answers at once. */
import { get, query } from './api.js';
import { auto, h, ltr } from './dom.js';
import { day, money, month, number } from './format.js';
import { icon } from './icons.js';
import { many, t } from './i18n.js';
import { changed, siteOf } from './store.js';

const FETCH = 1000;  /* rows a request */
const ROWS_MAX = 50000;
const PAGE = 100;    /* rows on the page: what a browser lays out without a pause */

let rows = null;
let problem = null;
let loading = false;
let page = 0;
let sort = { by: 'date', down: true };
const filter = { text: '', account: '', month: '', category: '', least: '', most: '', pending: false };

async function load() {
	if (loading)
		return;
	loading = true;
	try {
		const all = [];
		let total;
		do {
			const answer = await get('/api/transactions' + query({ limit: FETCH, offset: all.length }));
			total = Math.min(answer.total, ROWS_MAX);
			if (!answer.transactions.length)
				break;
			all.push(...answer.transactions);
		} while (all.length < total);
		rows = all;
		problem = null;
	} catch (failed) {
		problem = failed.message;
	}
	loading = false;
	changed();
}

const accountKey = row => [row.site, row.account, row.card].join('/');
const cardWords = row => [siteOf(row.site)?.title ?? row.site, row.account === 'default' ? null : row.account,
	row.card].filter(Boolean).join(' · ');
const minor = row => row.chargedAmountMinor ?? Math.round(row.chargedAmount * 100);
const isForeign = row => row.originalCurrency && row.chargedCurrency && row.originalCurrency !== row.chargedCurrency;

const values = {
	date: row => row.date, description: row => row.description, category: row => row.category ?? '', card: cardWords,
		amount: minor,
};

function wanted() {
	const text = filter.text.trim().toLocaleLowerCase();
	const least = filter.least === '' ? -Infinity : filter.least * 100;
	const most = filter.most === '' ? Infinity : filter.most * 100;

	return rows.filter(row => (!text
		|| [row.description, row.memo, row.category].some(part => part?.toLocaleLowerCase().includes(text)))
		&& (!filter.account || accountKey(row) === filter.account)
		&& (!filter.month || row.date.startsWith(filter.month))
		&& (!filter.category || row.category === filter.category)
		&& (!filter.pending || row.status === 'pending')
		&& Math.abs(minor(row)) >= least && Math.abs(minor(row)) <= most);
}

function sorted(list) {
	const value = values[sort.by];
	const order = (a, b) => typeof a === 'number' ? a - b : String(a).localeCompare(String(b));
	return list.sort((a, b) => order(value(a), value(b)) * (sort.down ? -1 : 1) || b.date.localeCompare(a.date));
}

function set(name, value) {
	filter[name] = value;
	page = 0;
	changed();
}

function choice(name, words, options) {
	return h('div.field', {}, h('label', { for: 'filter-' + name }, t(words)),
		h('select', { id: 'filter-' + name, onchange: event => set(name, event.target.value) },
			h('option', { value: '' }, t('All')),
				options.map(([value, label]) => h('option', { value, selected: filter[name] === value }, label))));
}

const distinct = (list, key) => [...new Map(list.map(row => [key(row), row]))].filter(([value]) => value);

function filters() {
	const text = (name, words, more) => h('div.field', {}, h('label', { for: 'filter-' + name }, t(words)),
		h('input', { id: 'filter-' + name, value: filter[name], autocomplete: 'off',
			oninput: event => set(name, event.target.value), ...more }));
	const months = [...new Set(rows.map(row => row.date.slice(0, 7)))].sort().reverse();

	return h('form.filters', { role: 'search', 'aria-label': t('Filter the transactions'),
		onsubmit: event => event.preventDefault() },
		text('text', 'Search', { type: 'search', dir: 'auto' }),
		choice('account', 'Account', distinct(rows, accountKey).map(([key, row]) => [key, cardWords(row)])),
		choice('month', 'Month', months.map(m => [m, month(m)])),
		choice('category', 'Category',
			distinct(rows, row => row.category).map(([key]) => [key, key]).sort((a, b) => a[0].localeCompare(b[0]))),
		text('least', 'Amount from', { type: 'number', min: '0', step: 'any', inputmode: 'decimal' }),
		text('most', 'to', { type: 'number', min: '0', step: 'any', inputmode: 'decimal' }),
		h('label.check', {}, h('input', { type: 'checkbox', onchange: event => set('pending', event.target.checked) }),
			h('span', {}, t('Pending only'))));
}

function heading(by, words, kind) {
	const here = sort.by === by;
	const turn = () => {
		sort = { by, down: here ? !sort.down : by === 'date' };
		page = 0;
		changed();
	};
	return h('th', { scope: 'col', class: kind, 'aria-sort': here ? sort.down ? 'descending' : 'ascending' : null },
		h('button.sort', { type: 'button', onclick: turn }, t(words),
			h('span', { 'aria-hidden': 'true', class: here ? sort.down ? 'arrow down' : 'arrow' : 'arrow none' }, icon('up'))));
}

const badges = row => [
	row.installments && h('span.badge',
		{ title: t('Installment {n} of {m}', { n: row.installments.number, m: row.installments.total }) },
		ltr(`${row.installments.number}/${row.installments.total}`)),
	row.status === 'pending' && h('span.badge.warn', {}, t('pending')),
];

function line(row) {
	return h('tr', { 'data-key': row.id, class: row.status === 'pending' && 'pending' },
		h('td.date', {}, ltr(day(row.date))),
		h('td', {}, h('span.what', {}, auto(row.description), badges(row)), row.memo && h('span.under', {}, auto(row.memo)),
			h('span.under.narrow-only', {}, auto([row.category, cardWords(row)].filter(Boolean).join(' · ')))),
		h('td.wide-only', {}, auto(row.category)),
		h('td.wide-only', {}, auto(cardWords(row))),
		h('td', { class: minor(row) > 0 ? 'amount income' : 'amount' },
			ltr(money(minor(row), row.chargedCurrency || row.originalCurrency)),
			isForeign(row) && h('span.under', {},
				ltr(money(row.originalAmountMinor ?? Math.round(row.originalAmount * 100), row.originalCurrency)))));
}

function totals(list) {
	const sums = new Map();
	for (const row of list)
		sums.set(row.chargedCurrency, (sums.get(row.chargedCurrency) ?? 0) + minor(row));
	return h('p.totals', { role: 'status' }, many(list.length, 'One transaction', '{n} transactions'),
		[...sums].map(([currency, sum]) => [' · ', h('strong', {}, ltr(money(sum, currency)))]));
}

function pager(count) {
	const pages = Math.ceil(count / PAGE);
	const go = by => () => {
		page += by;
		changed();
		document.querySelector('.table')?.scrollIntoView({ block: 'start' });
	};
	return pages > 1 && h('nav.pager', { 'aria-label': t('Pages') },
		h('button', { type: 'button', disabled: page === 0, onclick: go(-1) }, t('Before')),
		h('span', {}, t('Page {n} of {m}', { n: number(page + 1), m: number(pages) })),
		h('button', { type: 'button', disabled: page >= pages - 1, onclick: go(1) }, t('Next')));
}

function render() {
	if (problem)
		return h('p.note.bad', { role: 'alert' }, problem);
	if (!rows)
		return h('p.muted', { role: 'status' }, t('Loading…'));
	if (!rows.length)
		return h('div.empty', {}, icon('list'), h('h2', {}, t('No transactions yet')),
			h('p', {}, t('They appear here after the first run of a card or bank account.')),
			h('a.button', { href: '#/integrations' }, t('Go to the integrations')));
	const list = sorted(wanted());

	return [filters(), totals(list),
		list.length ? h('div.table', {}, h('table.transactions', {}, h('caption.unseen', {}, t('Transactions')),
			h('thead', {}, h('tr', {}, heading('date', 'Date'), heading('description', 'Description'),
				heading('category', 'Category', 'wide-only'), heading('card', 'Card', 'wide-only'),
				heading('amount', 'Amount', 'amount'))),
			h('tbody', {}, list.slice(page * PAGE, (page + 1) * PAGE).map(line))))
				: h('p.empty', {}, t('Nothing matches these filters.')),
		pager(list.length)];
}

export const transactions = {
	title: 'Transactions', render, enter: load,
	/* What of the filters the server's export knows. */
	filters: () => filter.month ? { since: filter.month + '-01', until: lastDay(filter.month) } : {},
};

function lastDay(yearMonth) {
	const [y, m] = yearMonth.split('-');
	return `${yearMonth}-${new Date(+y, +m, 0).getDate()}`;
}
