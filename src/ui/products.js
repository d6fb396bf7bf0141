/* Products of a market, and how the price of one went. */
import { get, query } from './api.js';
import { line } from './charts.js';
import { auto, h, island, ltr } from './dom.js';
import { ago, dayLong, moment, money, moneyShort, number } from './format.js';
import { icon } from './icons.js';
import { language, many, t } from './i18n.js';
import { changed } from './store.js';

const LIMIT = 500;
const ASK_AFTER_MS = 250; /* while somebody types, the server is left alone */
const NEW_FOR_MS = 48 * 3600e3;

let rows = null;
let problem = null;
let search = '';
let later = 0;
let opened = null; /* { id, prices } */

async function load() {
	try {
		rows = (await get('/api/products' + query({ q: search, limit: LIMIT }))).products;
		problem = null;
	} catch (failed) {
		problem = failed.message;
	}
	changed();
}

function find(text) {
	search = text;
	clearTimeout(later);
	later = setTimeout(load, ASK_AFTER_MS);
}

async function toggle(product) {
	opened = opened?.id === product.id ? null : { id: product.id, prices: null };
	changed();
	if (!opened)
		return;
	const mine = opened;
	try {
		mine.prices = (await get(`/api/products/${encodeURIComponent(product.id)}/prices`)).prices;
	} catch (failed) {
		mine.problem = failed.message;
	}
	changed();
}

/* Addresses come from sites: only the web's own kind becomes a link. */
const isWeb = url => /^https?:\/\//i.test(url ?? '');

function history(product) {
	const { prices, problem: failed } = opened;

	if (failed)
		return h('p.note.bad', { role: 'alert' }, failed);
	if (!prices)
		return h('p.muted', {}, t('Loading…'));
	if (!prices.length)
		return h('p.muted', {}, t('No prices were noted yet.'));
	return island(`prices-${product.id}-${prices.length}-${language}`, () => line({
		title: t('Price of {product}', { product: product.name }),
		axis: value => moneyShort(value, product.currency),
		points: prices.map(p => ({ at: +new Date(p.at), value: p.priceMinor, words: money(p.priceMinor, p.currency),
			when: dayLong(p.at) })),
	}));
}

function row(product) {
	const open = opened?.id === product.id;
	const fresh = Date.now() - new Date(product.firstSeen) < NEW_FOR_MS;
	const name = isWeb(product.url) ? h('a', { href: product.url, target: '_blank', rel: 'noopener noreferrer' },
		auto(product.name)) : auto(product.name);

	return [
		h('tr', { 'data-key': product.id },
			h('td', {}, h('span.what', {}, name, fresh && h('span.badge', {}, t('new'))),
				h('span.under', {}, auto(product.producer)),
				h('span.under.narrow-only', {}, auto(product.category))),
			h('td.wide-only', {}, auto(product.category)), h('td.wide-only', {}, auto(product.language)),
			h('td.amount', {}, ltr(money(product.priceMinor, product.currency))),
			h('td.amount.wide-only', {}, ltr(money(product.commissionMinor, product.currency))),
			h('td.amount.wide-only', {}, product.temperature == null ? '–' : ltr(number(product.temperature) + '°')),
			h('td.wide-only', {}, h('time', { datetime: product.lastSeen, title: moment(product.lastSeen) },
				ago(product.lastSeen))),
			h('td', {}, h('button.icon-button',
				{ type: 'button', 'aria-expanded': String(open),
				'aria-label': t('Prices of {product}', { product: product.name }), onclick: () => toggle(product) },
				icon('chart')))),
		open && h('tr.detail', { 'data-key': 'prices-of-' + product.id }, h('td', { colspan: '8' }, history(product))),
	];
}

const headings = [['Product'], ['Category', 'wide-only'], ['Language', 'wide-only'], ['Price', 'amount'],
	['Commission', 'amount wide-only'], ['Temperature', 'amount wide-only'], ['Last seen', 'wide-only'], ['Prices']];

function render() {
	if (problem)
		return h('p.note.bad', { role: 'alert' }, problem);
	if (!rows)
		return h('p.muted', { role: 'status' }, t('Loading…'));
	if (!rows.length && !search)
		return h('div.empty', {}, icon('chart'), h('h2', {}, t('No products yet')),
			h('p', {}, t('They appear here after the first run of a market such as Hotmart.')),
			h('a.button', { href: '#/integrations' }, t('Go to the integrations')));
	return [
		h('form.filters', { role: 'search', 'aria-label': t('Search the products'), onsubmit: event => event.preventDefault() },
			h('div.field', {}, h('label', { for: 'product-search' }, t('Search')),
				h('input', { id: 'product-search', type: 'search', dir: 'auto', autocomplete: 'off',
					oninput: event => find(event.target.value) }))),
		h('p.totals', { role: 'status' }, many(rows.length, 'One product', '{n} products')),
		rows.length ? h('div.table', {}, h('table', {}, h('caption.unseen', {}, t('Products')),
			h('thead', {}, h('tr', {}, headings.map(([words, kind]) => h('th', { scope: 'col', class: kind }, t(words))))),
			h('tbody', {}, rows.map(row)))) : h('p.empty', {}, t('Nothing matches these filters.')),
	];
}

export const products = { title: 'Products', render, enter: load };
