/* One request for a code, as a panel: in the dialog, on the phone's page and inside the connect dialog.
 *
 * One field, not six boxes: password managers, the keyboard's suggestion and paste fill it.  The panel is an island;
 * it is told of new tries by update() and of outcomes by settle(). */
import { isLinked, post, remove } from './api.js';
import { auto, h, ltr } from './dom.js';
import { countdown } from './format.js';
import { icon } from './icons.js';
import { many, t } from './i18n.js';
import { openLive } from './live.js';
import { titleOf } from './store.js';

const CODE_MAX = 8;
const SAID_AT = [60, 30, 10]; /* seconds left; each second would be noise */

const sentBy = {
	sms: 'The code was sent by SMS to', email: 'The code was sent by e-mail to', whatsapp: 'The code was sent by WhatsApp to',
	call: 'You are called with the code at', app: 'The code is in the app of',
};

/* Kinds that are over when the site goes on. */
const nothingToType = ['approval', 'wheel'];

export const wanted = request =>
	nothingToType.includes(request.kind) ? t('The site wants something of you') : t('A code is wanted');

/* "481 920", "٤٨١٩٢٠", "Your code: 481-920": what is meant. */
export function codeIn(text) {
	const digits = text.replace(/[\u0660-\u0669\u06f0-\u06f9]/g, d => d.charCodeAt(0) & 15).trim();
	const joined = digits.replace(/(?<=\w)[\s\u2010-\u2015-](?=\w)/g, '');
	const groups = joined.match(/\d{4,8}/g);
	return !/^\w{1,10}$/.test(joined) && groups?.length === 1 ? groups[0] : joined.replace(/[\s-]/g, '');
}

function channelWords(request) {
	if (request.destination && sentBy[request.channel])
		return [t(sentBy[request.channel]), ' ', ltr(request.destination)];
	return [auto(t(request.message))];
}

/* A link that lets a phone answer this run's questions, and nothing else. */
function phoneLink(current) {
	const place = h('div.phone-link');
	const ask = h('button.link', { type: 'button', onclick: show }, t('Answer on a phone'));

	async function show() {
		ask.disabled = true;
		try {
			const { url, seconds } = await post(`/api/otp/${encodeURIComponent(current().requestId)}/link`);
			const whole = new URL(url, location.href).href;
			const field = h('input', { id: 'phone-link', type: 'text', dir: 'ltr', readonly: true, value: whole,
				onclick: () => field.select() });
			const share = async () => {
				if (navigator.share)
					await navigator.share({ url: whole });
				else
					await navigator.clipboard.writeText(whole);
				hint.textContent = t(navigator.share ? 'Sent.' : 'Copied.');
			};
			const hint = h('p.hint', { role: 'status' }, t('Good for {n} minutes, and for nothing but this code. Whoever has it can answer.',
				{ n: Math.round(seconds / 60) }));
			place.replaceChildren(h('label', { for: field.id }, t('Link for the phone')), field,
				h('div.actions', {}, h('button', { type: 'button', onclick: () => share().catch(() => field.select()) },
					t(navigator.share ? 'Send to the phone' : 'Copy'))), hint);
			field.select();
		} catch (problem) {
			ask.disabled = false;
			place.replaceChildren(ask, h('p.error', { role: 'alert' }, problem.message));
		}
	}

	place.append(ask);
	return place;
}

/* DONE(how) is called once the request is over: accepted, elsewhere, expired, cancelled.  LINK: a phone may be asked. */
export function otpPanel(request, done, { link } = {}) {
	let current = request;
	let mine = false;      /* what was answered was ours */
	let retryAt = 0;
	let said = SAID_AT.filter(s => s >= left() / 1000);

	const error = h('p.error', { id: 'otp-error-' + request.requestId, role: 'alert' });
	const clock = h('span.clock');
	const bar = h('progress', { 'aria-hidden': 'true', max: '1', value: '1' });
	const spoken = h('p.unseen', { 'aria-live': 'polite' });
	const hint = h('p.hint');
	const body = h('div.otp-body');
	const input = h('input.code', {
		id: 'otp-' + request.requestId, name: 'code', type: 'text', inputmode: 'numeric', autocomplete: 'one-time-code',
			pattern: '[0-9]*',
		maxlength: String(Math.max(CODE_MAX, request.digits)), dir: 'ltr', enterkeyhint: 'done', autofocus: true,
			spellcheck: 'false', autocapitalize: 'off',
		'aria-describedby': `otp-why-${request.requestId} otp-error-${request.requestId}`,
		onpaste: event => {
			event.preventDefault();
			input.value = codeIn(event.clipboardData.getData('text'));
			input.dispatchEvent(new Event('input'));
		},
		oninput: () => {
			input.removeAttribute('aria-invalid');
		},
	});
	const submit = h('button.primary', { type: 'submit' }, t('Submit code'));
	const resend = h('button', { type: 'button', onclick: () => send({ resend: true }, resend) }, t('Send again'));
	const wheel = h('button', { type: 'button', onclick: () => showPage() }, t('Take the wheel'));
	const cancel = h('button.quiet', { type: 'button', onclick: () => giveUp() }, t('Cancel the run'));
	const node = h('section.otp', { 'data-island': true, 'aria-label': t('One-time code') },
		h('p.otp-who', {}, h('span.tile.small', { 'aria-hidden': 'true' }, (request.title ?? titleOf(request.site)).slice(0, 1)),
			h('strong', {}, auto(request.title ?? titleOf(request.site))), request.account !== 'default'
				&& h('span.muted', {}, auto(request.account))),
		body, h('div.otp-time', {}, bar, h('p.muted', {}, icon('clock'), t('Time left'), ' ', ltr(clock))), link && phoneLink(() => current), spoken);

	function left() {
		return new Date(current.expiresAt) - Date.now();
	}

	function wrong(text) {
		error.textContent = text;
		input.setAttribute('aria-invalid', 'true');
		input.focus();
		input.select();
	}

	function rest(working) {
		submit.disabled = working;
		submit.textContent = working ? t('Checking…') : t('Submit code');
	}

	function over(how) {
		clearInterval(timer);
		shown?.close();
		done(how);
	}

	function failed(problem) {
		if (problem.status === 409)
			return over('elsewhere');
		if (problem.status === 404 || problem.status === 410)
			return over('expired');
		if (problem.retryAfter)
			retryAt = Date.now() + problem.retryAfter * 1000;
		return wrong(problem.status === 422 ? t('A code has 4 to 10 digits or letters.') : problem.message);
	}

	async function send(answer, button) {
		button.disabled = mine = true;
		error.textContent = '';
		try {
			await post('/api/otp/' + encodeURIComponent(current.requestId), answer);
			said.length = 0;
			spoken.textContent = hint.textContent = t('A new code is on its way.');
		} catch (problem) {
			mine = button.disabled = false;
			failed(problem);
		}
		tick();
	}

	async function onsubmit(event) {
		event.preventDefault();
		const code = codeIn(input.value);
		if (!code)
			return wrong(t('Type the code first.'));
		input.value = code;
		error.textContent = '';
		rest(true);
		mine = true;
		try {
			await post('/api/otp/' + encodeURIComponent(current.requestId), { code });
		} catch (problem) {
			mine = false;
			rest(false);
			failed(problem);
		}
	}

	async function giveUp() {
		try {
			await remove('/api/otp/' + encodeURIComponent(current.requestId));
			over('cancelled');
		} catch (problem) {
			failed(problem);
		}
	}

	let shown = null; /* the dialog with the site's page */

	function showPage() {
		shown = openLive(current.view, () => {
			shown = null;
		});
	}

	const mayDrive = () => current.view && !isLinked() && wheel;
	const why = () => h('p', { id: 'otp-why-' + request.requestId, class: 'otp-why' }, channelWords(current));
	const choices = () => current.choices?.length > 0 && h('ul.choices', { 'aria-label': t('Ways to get the code') },
		current.choices.map((choice, n) =>
		h('li', {}, h('button', { type: 'button', onclick: event => send({ choice: n }, event.currentTarget) },
			auto(choice.label), choice.destination && ltr(choice.destination)))));

	const bodies = {
		code: () => [why(), h('form.stack', { onsubmit, novalidate: true },
			h('label', { for: input.id }, current.digits ? t('Code with {n} digits', { n: current.digits }) : t('Code')), input,
				error,
			submit, h('div.actions', {}, cancel, current.canResend && resend, mayDrive())),
		current.choices?.length > 0 && h('div', {}, h('h3', {}, t('Another way')), choices())],
		choose_method: () => [h('p.otp-why', {}, t('How shall the site send you the code?')), choices(), error,
			h('div.actions', {}, cancel)],
		approval: () => [why(), h('p.approval', {}, h('span.spinner', { 'aria-hidden': 'true' }),
			t('gabbai notices by itself when you have approved it.')), error,
			h('div.actions', {}, cancel, current.canResend && resend, mayDrive())],
		wheel: () => [why(), error, h('div.actions', {}, cancel, mayDrive())],
	};

	function draw() {
		hint.textContent = '';
		body.replaceChildren(...(bodies[current.kind] ?? bodies.code)().flat().filter(Boolean), hint);
		rest(false);
		resend.disabled = false;
		if (current.attempt > 1)
			error.textContent = wrongWords(current.maxAttempts - current.attempt + 1);
	}

	const wrongWords = tries => t('That code was wrong.') + ' ' + many(tries, 'One try left.', '{n} tries left.');

	function tick() {
		const ms = left();
		const wait = retryAt - Date.now();

		clock.textContent = countdown(ms);
		bar.value = Math.max(0, ms / (new Date(current.expiresAt) - new Date(current.createdAt)));
		resend.disabled = wait > 0 || mine;
		resend.textContent = wait > 0 ? t('Send again in {time}', { time: countdown(wait) }) : t('Send again');
		if (said.length && ms <= said[0] * 1000) {
			const seconds = said.filter(s => ms <= s * 1000).at(-1);
			said = said.filter(s => s < seconds);
			spoken.textContent = t('{n} seconds left for the code.', { n: seconds });
		}
		if (ms <= 0)
			over('expired');
	}

	draw();
	tick();
	const timer = setInterval(tick, 500);

	return {
		node,
		get request() { return current; },
		focus: () => input.isConnected && input.focus(),
		stop: () => {
			clearInterval(timer);
			shown?.close();
		},
		update(fresh) {
			const again = fresh.attempt !== current.attempt || fresh.requestId !== current.requestId;
			const redraw = again || fresh.kind !== current.kind || fresh.canResend !== current.canResend
				|| fresh.destination !== current.destination;
			current = fresh;
			said = SAID_AT.filter(s => s < left() / 1000);
			if (redraw)
				draw();
			if (again) {
				mine = false;
				if (fresh.attempt > 1)
					wrong(error.textContent);
				else
					input.focus();
			}
		},
		/* A request may be told of in a snapshot that lacks it ("gone"). */
		settle({ requestId, status }) {
			if (requestId !== current.requestId)
				return;
			if (status === 'rejected') {
				/* The next one is for a question that is still to come. */
				mine = false;
				rest(true);
				wrong(wrongWords(current.maxAttempts - current.attempt));
			} else if (status === 'answered') {
				if (nothingToType.includes(current.kind))
					over('done');
				else if (!mine)
					over('elsewhere');
			} else {
				over(status === 'accepted' && !mine || status === 'gone' ? 'elsewhere' : status === 'timeout' ? 'expired'
					: status);
			}
		},
	};
}

/* What is said when a request is over. */
export const endings = {
	accepted: ['Code accepted.', 'ok'],
	done: ['The site goes on.', 'ok'],
	elsewhere: ['The code was answered on another device.', 'idle'],
	expired: ['The time for the code is over.', 'bad'],
	cancelled: ['The run was cancelled.', 'idle'],
};
