/* Calls to the server.  What goes wrong is a Problem with a sentence to show (RFC 9457). */
import { t } from './i18n.js';

export class Problem extends Error {
	constructor(status, body) {
		super(body?.detail || body?.title || t(words[status] ?? 'The server answered {status}.', { status }));
		this.status = status;
		Object.assign(this, { errorType: body?.errorType, needsReconnect: body?.needsReconnect, retryAfter: body?.retryAfter });
	}
}

/* For answers that say nothing themselves. */
const words = {
	0: 'gabbai does not answer. Is it still running?',
	401: 'Open the link that gabbai serve printed.',
	403: 'This link may not do that.',
	404: 'There is no such thing (any more).',
	409: 'This is being done already.',
	410: 'This link has expired.',
	413: 'That is too large.',
	422: 'A code has 4 to 10 digits or letters.',
	423: 'The account is paused until you look at it.',
	428: 'The session is over. Reconnect first.',
	429: 'Too often. Wait a little.',
	500: 'Something broke in gabbai. Its log says what.',
};

/* The phone's page has a token of its own instead of the cookie. */
let bearer = null;
export function setBearer(token) {
	bearer = token;
}

/* Whether this is the page behind a link: it may answer, and nothing else. */
export const isLinked = () => bearer !== null;

let loggedOut = () => {};
export function onLoggedOut(then) {
	loggedOut = then;
}

async function bodyOf(answer) {
	if (!/\bjson\b/.test(answer.headers.get('content-type') ?? ''))
		return null;
	try {
		return await answer.json();
	} catch {
		return null;
	}
}

export async function call(method, path, body) {
	const headers = { accept: 'application/json' };
	let answer;

	if (body !== undefined)
		headers['content-type'] = 'application/json';
	if (bearer)
		headers.authorization = `Bearer ${bearer}`;
	try {
		answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
	} catch {
		throw new Problem(0);
	}
	const result = await bodyOf(answer);
	if (answer.status === 401)
		loggedOut();
	if (!answer.ok)
		throw new Problem(answer.status, result);
	return result;
}

export const get = path => call('GET', path);
export const post = (path, body = {}) => call('POST', path, body);
export const remove = path => call('DELETE', path);

/* "?a=1&b=2" of what has a value. */
export function query(values) {
	const given = Object.entries(values).filter(([, value]) => value != null && value !== '');
	return given.length ? '?' + new URLSearchParams(given) : '';
}
