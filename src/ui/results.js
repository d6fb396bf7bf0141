/* What was collected: an overview in charts, the transactions, the products; and the ways to take it along. */
import { query } from './api.js';
import { h } from './dom.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { overview } from './overview.js';
import { products } from './products.js';
import { transactions } from './transactions.js';

const tabs = { overview, transactions, products };

const formats = [
	['csv', 'CSV, for Excel and Sheets'], ['json', 'JSON'], ['ndjson', 'NDJSON, a row a line'], ['ibs', 'israeli-bank-scrapers'],
	['ofx', 'OFX'], ['qif', 'QIF'], ['ledger', 'Ledger, hledger'], ['beancount', 'Beancount'],
];

/* FILTERS: site, since, until; what the server can filter by. */
function exportMenu(filters) {
	return h('details.menu.export', {},
		h('summary.button', {}, icon('export'), t('Export'), icon('down')),
		h('div.menu-items', {}, formats.map(([format, words]) =>
			h('a', { href: '/api/export' + query({ format, ...filters }), download: true }, t(words)))));
}

function render(name = 'overview') {
	const tab = tabs[name] ?? overview;

	return [
		h('div.page-head.split', {}, h('h1', {}, t('Results')), exportMenu(tab.filters?.() ?? {})),
		h('nav.tabs', { 'aria-label': t('Results') }, Object.entries(tabs).map(([key, { title }]) =>
			h('a', { 'data-key': key, href: '#/results/' + key, 'aria-current': tabs[key] === tab && 'page' }, t(title)))),
		h('div', { 'data-key': 'tab-' + name }, tab.render()),
	];
}

export const results = { title: 'Results', icon: 'chart', render,
	enter: (name = 'overview') => (tabs[name] ?? overview).enter() };
