/* Looks what this document asks of a person: a one-time code, and where it is to be typed, or something that
 * stands in its way.  Runs in an isolated world of each frame, reads, and changes nothing.
 *
 * The parts in otp/ come before this one, all in one function (scrapers/detect.c joins them), so they share their names.
 * The road: the survey reads the visible document once, shadow trees included, into texts, fields and controls in
 * reading order.  Fields become units: one field, a row of boxes, or the real input behind painted slots.  Each
 * unit is judged by evidence for and against, each with a name and a weight; words and weights are in otp.json.
 * The best unit over the threshold is a code; else the page may want something else (kinds).
 *
 * A verdict has kind ("code", "choose_method", "push", "captcha", "recovery", "webauthn" or "none"), score and evidence.
 * Of a code: fields (selectors, in typing order), layout, digits (0: not known), charset, filled, disabled, submit, resend,
 * trigger (what sends the code first), trustDevice, each with its selector or null; submitDisabled, resendDisabled; channel,
 * destination; expiresIn, resendIn, retryAfter (seconds or null); problem ("wrong", "expired", "too_many" or null) with the
 * page's message; others, codes that are wanted together with it: each with fields, digits, channel, destination.  Of
 * choose_method: choices, each with label, channel, destination, selector.  Of none: best, what came nearest; closed: there
 * may be closed shadow roots, which the driver can open. */

const nothing = { kind: 'none', fields: [], digits: 0, score: 0, evidence: [], problem: null, message: null };

/* Whether UNIT wants a code of its own, beside the one that BEST wants, and both are sent together. */
function isAnother(unit, best, words) {
	const first = unit.fields[0], other = best.fields[0];
	const form = closest(other.el, 'form');
	const together = form || other.el.form ? first.el.form === other.el.form && closest(first.el, 'form') === form
		: best.scope && contains(best.scope.el, first.el);
	/* "Code" and "Repeat the code" are one. */
	const same = unit.own !== '' && best.own !== '' && (unit.own.includes(best.own) || best.own.includes(unit.own));
	return unit !== best && together && unit.score >= words.threshold && (unit.strong || unit.likely || unit.declared || unit.layout !== 'single')
		&& !unit.fields.every(f => f.disabled || f.readOnly) && !(same && channelFor(unit, words) === channelFor(best, words));
}

const inOrder = (page, units) => units.sort((a, b) => page.fields.indexOf(a.fields[0]) - page.fields.indexOf(b.fields[0]));

/* Where a code was sent to, in a text that may tell of several. */
function destinationOn(channel, unit) {
	const patterns = channel === 'email' ? mails : channel === 'totp' ? [] : phones;
	return patterns.length ? destinationOf(unit.raw, patterns) : null;
}

function anotherVerdict(words, unit) {
	const channel = channelFor(unit, words);
	return { fields: unit.fields.map(f => path(f.el)), digits: digitsFor(unit, true), channel, destination: destinationOn(channel, unit) };
}

function codeVerdict(page, words, unit, ...others) {
	const submit = submitOf(page, words, unit);
	const again = resendOf(page, words, unit, submit), send = triggerOf(page, words, unit, again, submit);
	/* Where there is a number to be filled in, the same button sends the first code and the next ones. */
	const empty = unit.strangers.some(f => (f.type === 'tel' || f.type === 'email' || f.type === 'text') && !f.value);
	const resend = again ?? send, trigger = send ?? (empty ? again : null);
	const channel = channelFor(unit, words);
	page.used = [...unit.fields, submit, resend, trigger].filter(Boolean).map(one => one.el);
	return {
		kind: 'code', layout: unit.layout, fields: unit.fields.map(f => path(f.el)), digits: digitsFor(unit, others.length > 0), charset: charsetFor(unit),
		filled: unit.fields.some(f => f.value !== ''), disabled: unit.fields.every(f => f.disabled),
		submit: submit && path(submit.el), submitDisabled: Boolean(submit && isDisabled(submit.el)),
		resend: resend && path(resend.el), resendDisabled: Boolean(resend && isDisabled(resend.el)),
		trigger: trigger && path(trigger.el), sent: unit.evidence.some(e => / sent /.test(e)), numberMissing: empty,
		trustDevice: unit.trust && path(unit.trust),
		channel, destination: others.length ? destinationOn(channel, unit) : destinationOf(unit.raw), ...timesOf(page, words, unit, resend),
		...problemOf(page, words, unit), score: Math.round(unit.score * 10) / 10, evidence: unit.evidence,
		others: others.map(one => anotherVerdict(words, one)),
	};
}

function methodVerdict(page, words, kinds) {
	const { choices, send } = kinds;
	const buttons = choices.filter(c => c.el.localName !== 'input' && c.el.localName !== 'select');
	const go = send && !buttons.some(c => c.el === send.el) ? send
		: page.clicks.find(c => !c.state.chrome && !buttons.some(b => b.el === c.el) && words.has(clickText(page, c), 'submit')
			&& !words.has(clickText(page, c), 'cancel') && !words.has(clickText(page, c), 'another'));
	const sends = buttons.find(c => ['sms', 'email', 'whatsapp', 'call'].includes(c.channel));
	return {
		submit: go ? path(go.el) : sends ? path(sends.el) : null,
		choices: choices.map(c => ({ label: c.label, channel: c.channel, destination: c.destination, selector: path(c.el) })),
	};
}

function verdict(words, page) {
	if (!page.shown)
		return nothing;
	if (innerWidth < 30 || innerHeight < 20)
		return nothing;
	const judge = new Judge(page, words);
	const units = unitsOf(page);
	page.rows = units.filter(u => u.layout === 'boxes').length;
	units.forEach(unit => judge.judge(unit, units.length > 12));
	units.sort((a, b) => b.score - a.score);
	const best = units[0];
	if (best && best.score >= words.threshold)
		return codeVerdict(page, words, ...inOrder(page, [best, ...units.filter(unit => isAnother(unit, best, words))]));
	for (const kind of ['captcha', 'recovery', 'webauthn']) {
		const unit = units.find(u => u.flags.has('kind ' + kind));
		if (!unit || unit.flags.has('page chrome') || unit.flags.has('search'))
			continue;
		const submit = submitOf(page, words, unit);
		return { ...nothing, kind, fields: unit.fields.map(f => path(f.el)), submit: submit && path(submit.el), score: words.threshold,
			evidence: unit.evidence, ...problemOf(page, words, unit), channel: kind === 'recovery' ? 'recovery' : 'unknown' };
	}
	if (captchaWidget(page))
		return { ...nothing, kind: 'captcha', score: words.threshold, evidence: ['a captcha'] };
	const kinds = pageKinds(page, words, judge, units);
	const body = kinds.texts.map(wordsOf).join(' . ');
	if (kinds.top) {
		const raw = kinds.texts.map(t => t.raw).join('\n');
		const more = kinds.top.kind === 'choose_method' ? methodVerdict(page, words, kinds) : {};
		return { ...nothing, ...kinds.top, channel: channelOf([body], words) ?? 'unknown', destination: destinationOf(raw),
			...problemOf(page, words, null), ...more };
	}
	if (!page.fields.some(f => f.type === 'password' && !f.ghost) && words.has(body, 'robot') && page.fields.filter(f => f.text && !f.state.chrome).length < 2)
		return { ...nothing, kind: 'captcha', score: words.threshold, evidence: [`text "${words.has(body, 'robot')}"`] };
	hosts = page.hosts.filter(mayBeClosed);
	return { ...nothing, closed: hosts.length > 0, best: best && { score: best.score, field: path(best.fields[0].el), evidence: best.evidence } };
}

const watch = new Watch();

let words = null;
let hosts = [];              /* that may have a closed shadow root, of the last verdict */
const asked = new WeakSet(); /* those that were handed out */

function wordsFrom(vocabulary) {
	if (words?.texts !== vocabulary)
		words = new Words(vocabulary);
	return words;
}

/* An element that takes room and has no content that we can see. */
function mayBeClosed(el) {
	if (asked.has(el) || rootOf(el))
		return false;
	const box = el.getBoundingClientRect();
	return box.width > 20 && box.height > 10 && el.checkVisibility(seen);
}

globalThis.gabbaiOtp = {
	words: null,
	path,
	hosts() {
		hosts.forEach(el => asked.add(el));
		return hosts;
	},
	open(host, root) {
		closedRoots.set(host, root);
		shadowed = true;
		watch.stale = true;
	},
	/* Of the element of a frame: where it is, and whether its content can be seen at all. */
	owner(el) {
		const box = el.getBoundingClientRect();
		return { path: path(el), hidden: !el.checkVisibility(seen) || box.width < 30 || box.height < 20 || box.right < -400
			|| box.bottom + scrollY < -400 };
	},
	detect(vocabulary) {
		return watch.verdict(wordsFrom(vocabulary));
	},
	/* From now on globalThis[NAME]('') is called once when the verdict is another than the one that detect() answered
	 * last, and again only after the next detect(). */
	listen(name) {
		watch.listen(() => {
			const tell = globalThis[name];
			if (typeof tell === 'function')
				tell('');
			return typeof tell === 'function';
		});
	},
	/* What the vocabulary is and what it finds, for tests. */
	lists: () => Object.fromEntries(words.index.concepts.map(name => [name, words.names(name)])),
	said: (text, concept) => words.said(norm(text), concept),
	plain: norm,
	cost: () => ({ ...watch.counts, told: watch.told }),
};
