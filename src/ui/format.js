/* Money, moments and sizes as people write them. */
import { locale, t } from './i18n.js';

const formats = new Map();

/* Making an Intl object costs more than using it a hundred times. */
function intl(Kind, options) {
	const key = Kind.name + locale() + JSON.stringify(options);
	if (!formats.has(key))
		formats.set(key, new Kind(locale(), options));
	return formats.get(key);
}

/* Intl puts marks of direction into Hebrew amounts; ours stand in a <bdi dir=ltr>, where they would do harm. */
const plain = text => text.replace(/[\u200e\u200f\u061c]/g, '');

function currencyFormat(currency, options) {
	try {
		return intl(Intl.NumberFormat, { style: 'currency', currency, currencyDisplay: 'narrowSymbol', ...options });
	} catch {
		return intl(Intl.NumberFormat, { minimumFractionDigits: 2 }); /* no currency, or none that ISO 4217 knows */
	}
}

/* MINOR is in agorot, cents, …: as many of them as the currency has. */
export function money(minor, currency, options) {
	if (minor == null)
		return '';
	const format = currencyFormat(currency, options);
	const digits = currencyFormat(currency).resolvedOptions().maximumFractionDigits;
	return plain(format.format(minor / 10 ** digits));
}

export const moneyShort = (minor, currency) => money(minor, currency,
	{ notation: 'compact', maximumFractionDigits: 1, minimumFractionDigits: 0 });

export const number = n => intl(Intl.NumberFormat, {}).format(n);

/* Moments are texts of ISO 8601, or numbers of milliseconds since 1970. */
export const at = value => new Date(value);

/* "2026-11-07" is a day on the wall, not midnight in London. */
export function dayOf(text) {
	const [, y, m, d] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
	return y ? new Date(+y, m - 1, +d) : new Date(text);
}

export const day = text => text
	? plain(intl(Intl.DateTimeFormat, { day: '2-digit', month: '2-digit', year: 'numeric' }).format(dayOf(text))) : '';
export const dayLong = text => plain(intl(Intl.DateTimeFormat,
	{ day: 'numeric', month: 'short', year: 'numeric' }).format(dayOf(text)));
export const month = text => plain(intl(Intl.DateTimeFormat, { month: 'long', year: 'numeric' }).format(dayOf(text + '-01')));
export const monthShort = text => plain(intl(Intl.DateTimeFormat,
	{ month: 'short', year: '2-digit' }).format(dayOf(text + '-01')));
export const moment = text => text
	? plain(intl(Intl.DateTimeFormat, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(text))) : '';

const steps = [['second', 60], ['minute', 60], ['hour', 24], ['day', 30], ['month', 12], ['year', Infinity]];

/* "2 hours ago", "in 3 days". */
export function ago(text, now = Date.now()) {
	let amount = (new Date(text) - now) / 1000;
	if (Math.abs(amount) < 45)
		return t('just now');
	for (const [unit, size] of steps) {
		if (Math.abs(Math.round(amount)) < size)
			return plain(intl(Intl.RelativeTimeFormat, { numeric: 'auto' }).format(Math.round(amount), unit));
		amount /= size;
	}
}

/* "< 1 s", "0.4 s", "1:05". */
export function duration(ms) {
	if (ms < 100)
		return `< 1 ${t('s')}`; /* the server counts whole seconds */
	if (ms < 60000)
		return `${(Math.max(0, ms) / 1000).toFixed(1)} ${t('s')}`;
	return countdown(ms);
}

export function countdown(ms) {
	const seconds = Math.max(0, Math.ceil(ms / 1000));
	return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

export function bytes(n) {
	const power = Math.min(3, Math.floor(Math.log2(Math.max(1, n)) / 10));
	return `${(n / 1024 ** power).toFixed(power ? 1 : 0)} ${['B', 'KB', 'MB', 'GB'][power]}`;
}

/* "12 kB" */
export const fileSize = bytes => bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${Math.round(bytes / 1000)} kB`
	: `${(bytes / 1e6).toFixed(1)} MB`;
