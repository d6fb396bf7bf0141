/* What else is to be known of a code: times, the last try's problem, channel, length. */

/* Seconds in TEXT: "02:59", "5 minutes", "(45)"; null: none. */
function secondsIn(text, words, bare) {
	const clock = /(?:^|\D)(\d{1,2}):([0-5]\d)(?:\D|$)/.exec(text);
	if (clock)
		return Number(clock[1]) * 60 + Number(clock[2]);
	const may = words.reading(text)?.may;
	const timed = may && (may['time: minutes'] || may['time: seconds'] || may['time: hours']);
	for (const found of timed ? text.matchAll(/(\d{1,4}) ?/g) : []) {
		const rest = text.slice(found.index + found[0].length, found.index + found[0].length + 12);
		for (const [unit, seconds] of [['minutes', 60], ['seconds', 1], ['hours', 3600]])
			for (const phrase of words.list('time: ' + unit)) {
				const place = placeOf(rest, phrase);
				if (place && place[0] === 0)
					return Number(found[1]) * seconds;
			}
	}
	const alone = bare && /(?:\(|\s|^)(\d{1,3})\s*(?:\)|s\b|$)/.exec(text);
	return alone ? Number(alone[1]) : null;
}

/* What stands in the unit's form or card, not too far away. */
function closeTexts(page, unit) {
	const at = unit.fields[0].at, span = unit.scope?.span ?? [0, 0];
	return page.texts.slice(Math.max(span[0], at - CLICKS_AWAY), Math.min(span[1], at + CLICKS_AWAY)).filter(t => !t.state.chrome);
}

function timesOf(page, words, unit, resend) {
	const out = { expiresIn: null, resendIn: null };
	const texts = [...unit.nearTexts, ...closeTexts(page, unit)];
	if (resend)
		out.resendIn = secondsIn(clickText(page, resend), words, true);
	for (const t of texts) {
		if (!/\d/.test(wordsOf(t)))
			continue;
		for (const sentence of wordsOf(t).split(/(?<=[.!?。！？])\s|\n/)) {
			const seconds = /\d/.test(sentence) ? secondsIn(sentence, words, false) : null;
			if (seconds === null || words.has(sentence, 'trust'))
				continue;
			if (words.has(sentence, 'resend'))
				out.resendIn ??= seconds;
			else if (!t.state.alert || words.said(sentence, 'time: valid'))
				out.expiresIn ??= seconds;
		}
	}
	if (resend && isDisabled(resend.el) && out.resendIn === null && out.expiresIn !== null && !texts.some(t => words.said(wordsOf(t), 'time: valid')))
		out.resendIn = out.expiresIn;
	return out;
}

/* What the page says about the last try. */
function problemOf(page, words, unit) {
	const kinds = [['too_many', 'too many'], ['expired', 'expired'], ['wrong', 'wrong']];
	const invalid = unit?.fields.some(f => attribute(f.el, 'aria-invalid') === 'true');
	const near = new Set(unit?.nearTexts ?? []);
	let out = null;
	const texts = !unit ? page.texts : [...page.texts.filter(t => t.state.alert), ...closeTexts(page, unit)];
	for (const t of texts) {
		if (t.state.click || t.raw.length > 240 || (t.state.chrome && !t.state.alert))
			continue;
		const text = wordsOf(t);
		for (const [problem, concept] of kinds) {
			if (!words.has(text, concept))
				continue;
			const about = words.has(text, 'noun') || words.has(text, 'strong') || words.has(text, 'likely');
			if (!t.state.alert && !(about && !t.state.heading && !t.state.label && unsaid(text, words, problem)) && !(invalid && near.has(t)))
				continue;
			if (!out || (t.state.alert && !out.alert))
				out = { problem, message: t.raw.replace(/\s+/g, ' ').trim(), alert: t.state.alert, text };
			break;
		}
	}
	if (!out)
		return { problem: null, message: null, retryAfter: null };
	return { problem: out.problem, message: out.message, retryAfter: out.problem === 'too_many' ? secondsIn(out.text, words, false) : null };
}

/* Whether TEXT tells of what has happened, and not of what would. */
function unsaid(text, words, problem) {
	if (/\?$|\bif\b|\bwhen\b|\bwenn\b|\bsi\b|\bse\b|\bafter\b|\bnach\b|если|אם |もし|如果|\bnever\b/.test(text))
		return false;
	return problem !== 'expired' || !/\d/.test(text) || !words.said(text, 'time: valid') || words.has(text, 'expired').length > 8;
}

function channelOf(texts, words) {
	const order = ['whatsapp', 'sms', 'email', 'call', 'totp', 'push', 'key'];
	for (const text of texts)
		for (const channel of order)
			if (words.said(text, 'channels: ' + channel))
				return channel;
	return null;
}

function channelFor(unit, words) {
	const sentences = unit.nearTexts.flatMap(t => wordsOf(t).split(/(?<=[.!?。])\s/));
	const about = sentences.filter(s => words.has(s, 'sent') || words.has(s, 'enter') || words.has(s, 'app'));
	const app = [unit.own, ...about].some(s => words.has(s, 'app'));
	const sent = about.filter(s => words.has(s, 'sent'));
	const said = channelOf([...sent, unit.own, ...(app ? [] : about)].filter(Boolean), words);
	if (said && !(app && !sent.length))
		return said;
	if (app)
		return 'totp';
	for (const [channel, pattern] of [['totp', /\btotp\b|\bgoogle ?auth/], ['sms', /\bsms\b/], ['email', /\be ?mail\b/]])
		if (unit.names.some(n => pattern.test(n)))
			return channel;
	const shown = destinationOf(unit.raw);
	if (shown)
		return shown.includes('@') ? 'email' : channelOf([unit.nearText], words) ?? 'sms';
	const around = channelOf([unit.nearText, unit.scopeText], words);
	if (around)
		return around;
	/* What nobody sends, a person has. */
	const isSent = unit.evidence.some(e => / (?:near|scope|own) (?:sent|resend|trigger|countdown)/.test(e));
	return isSent ? 'unknown' : 'totp';
}

/* How many characters the code has, 0: not known.  Where several codes are wanted, a text may be about another. */
function digitsFor(unit, others) {
	const first = unit.fields[0], el = first.el;
	if (unit.layout === 'boxes')
		return unit.fields.length;
	if (unit.layout === 'halves')
		return unit.fields.length * first.max;
	if (unit.layout === 'slots')
		return unit.slots;
	const said = unit.digitsOwn || (others ? 0 : unit.digitsNear);
	const exact = digitsPattern(el) || Number(attribute(el, 'data-digits') || attribute(el, 'data-length')) || 0;
	const bounded = el.minLength > 3 && el.minLength === el.maxLength ? el.maxLength : 0;
	const shown = digitsShown(el);
	const max = first.max >= 4 && first.max <= 8 ? first.max : 0;
	return said || exact || bounded || shown || max || unit.digitsNear || 0;
}

function charsetFor(unit) {
	const el = unit.fields[0].el;
	const pattern = attribute(el, 'pattern');
	if (/[a-z]/i.test(pattern.replace(/\\[dw]/g, '')) || /\bcharacters?\b|letters|buchstaben|lettres|caracteres|literas|буквы|文字|문자/.test(unit.own))
		return 'alnum';
	return 'digits';
}
