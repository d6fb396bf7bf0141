/* Weighs the evidence for and against a unit, each with a name and the weight that otp.json gives it. */

/* Classes that never are a code, whatever else is said, and those a code's label may mention. */
const soft = new Set(['phone', 'mail', 'account', 'country', 'message', 'card', 'identity', 'search', 'bank']);
/* Evidence that a code is of now, not merely a code. */
const ofNow = new Set(['slots', 'title', 'address', 'form named', 'own strong', 'own likely', 'own sent', 'name strong', 'name likely',
	'near countdown', 'near lost', 'near wrong', 'near trust', ...['strong', 'likely', 'sent', 'topic', 'app', 'destination', 'resend', 'trigger']
		.flatMap(what => ['near ' + what, 'scope ' + what])]);
/* What is not typed into a row of boxes. */
const notOfBoxes = new Set(['mail', 'account', 'message', 'search']);
/* Near a field, only these say something about it. */
const aboutNear = ['device', 'paper', 'payment', 'place', 'static secret', 'coupon', 'invitation', 'travel', 'licence', 'technical', 'question'];

class Judge {
	constructor(page, words) {
		this.page = page;
		this.words = words;
		this.title = norm(document.title);
		this.address = nameText(decodeSafe(location.pathname + ' ' + location.search + ' ' + location.hash)).slice(0, 300);
		this.qrShown = null;
		this.named = new Map();
		page.sizes = [0];
		let size = 0;
		for (const t of page.texts)
			page.sizes.push(size += t.state.chrome ? 0 : t.raw.length);
		this.asides = page.dialogs.filter(el => page.spans.get(el) && !this.isBefore(el));
		this.dialog = page.dialogs.filter(el => page.spans.get(el) && !this.asides.includes(el)).at(-1) ?? null;
	}

	get qr() {
		return this.qrShown ??= showsQr(this.page);
	}

	/* Whether a dialog stands before the page: neither a widget at its edge nor what asks about cookies. */
	isBefore(dialog) {
		const { page, words } = this;
		const [from, to, firstField, lastField] = page.spans.get(dialog), box = dialog.getBoundingClientRect();
		const filled = page.fields.slice(firstField, lastField).some(f => isEntry(f) && !f.ghost);
		const middle = box.left < innerWidth / 2 && box.right > innerWidth / 2 && box.top < innerHeight / 2 && box.bottom > innerHeight / 2;
		const sheet = filled && box.width > 0.9 * innerWidth;
		if (box.width && box.height && !middle && !sheet && attribute(dialog, 'aria-modal') !== 'true' && !dialog.matches(':modal'))
			return false;
		return filled || !page.texts.slice(from, to).some(t => words.has(wordsOf(t), 'consent'));
	}

	judge(unit, crowded) {
		const { page, words } = this;
		const first = unit.fields[0], el = first.el;
		unit.score = 0;
		unit.evidence = [];
		unit.flags = new Set();
		const count = (name, why, weight = words.weights[name] ?? 0) => {
			if (!weight)
				return;
			unit.score += weight;
			unit.told ||= ofNow.has(name);
			unit.evidence.push(`${weight > 0 ? '+' : ''}${weight} ${name}${why && why !== true ? ` "${why}"` : ''}`);
		};
		unit.own = ownText(page, unit);
		const strong = unit.strong = this.own(unit, count);
		this.attributes(unit, count);
		if (unit.score <= 0 && unit.layout === 'single' && (this.isPlain(unit, count) || crowded)) {
			unit.nearTexts = unit.clicks = unit.strangers = [];
			unit.heading = unit.nearText = unit.scopeText = unit.raw = '';
			return unit;
		}
		Object.assign(unit, surroundings(page, unit));
		this.around(unit, count, strong);
		this.layout(unit, count, strong);
		this.against(unit, count, strong);
		if (!unit.declared && !unit.told)
			count('bare');
		return unit;
	}

	/* Whether what stands around UNIT, which has no word for itself, could not make a code of it: a search, a quantity. */
	isPlain(unit, count) {
		const { el } = unit.fields[0];
		if (el.type === 'search' || closest(el, '[role=search]')) {
			count('search');
			unit.flags.add('search');
			return true;
		}
		if (!/^\d{1,3}$/.test(attribute(el, 'value')))
			return false;
		count('preset');
		return true;
	}

	attributes(unit, count) {
		const { words } = this;
		const all = unit.fields.map(f => norm(attribute(f.el, 'autocomplete')));
		const wrapper = closest(unit.fields[0].el, '[autocomplete]');
		const tokens = all.flatMap(text => text.split(' '));
		unit.declared = tokens.includes('one-time-code') || norm(attribute(wrapper ?? unit.fields[0].el, 'autocomplete')).includes('one-time-code');
		if (unit.declared)
			count('declared');
		else if (tokens.some(token => /^(?:otp|sms-otp|otp-token|one-time-password|totp|2fa|mfa|code)$/.test(token)))
			count('name likely', tokens[0]);
		const other = tokens.find(token => words.autocomplete.has(token));
		if (other)
			count('autocomplete other', other);
		const names = unit.fields.slice(0, 2).flatMap(f => namesOf(f.el));
		unit.names = names;
		const known = names.filter(name => words.reading(name)), css = nameText(classOf(unit.fields[0].el));
		const named = concept => {
			for (const name of known) {
				const found = words.said(name, concept);
				if (found)
					return found;
			}
			return '';
		};
		const strong = named('names: strong') || words.said(css, 'names: strong');
		const likely = strong ? '' : named('names: likely') || words.said(css, 'names: likely');
		const weak = strong || likely ? '' : named('names: weak');
		if (strong)
			count('name strong', strong);
		else if (likely)
			count('name likely', likely);
		else if (weak)
			count('name weak', weak);
		let counted = '';
		for (const concept of known.length ? words.otherNames : []) {
			const kind = concept.slice('names: other: '.length), found = named(concept);
			if (!found)
				continue;
			unit.flags.add(kind);
			if (kind === 'recovery' || kind === 'captcha')
				unit.flags.add('name ' + kind);
			else if (!counted && !((strong || unit.noun) && (kind === 'phone' || kind === 'person' || kind === 'search')))
				count('name other', counted = `${kind}: ${found}`);
		}
		for (let up = parentOf(unit.fields[0].el), level = 0; up && level < 8 && up !== document.body; up = parentOf(up), level++) {
			const found = this.codeNameOf(up);
			if (!found)
				continue;
			count('form named', found);
			break;
		}
	}

	/* What EL's id, class or the like says of codes. */
	codeNameOf(el) {
		let found = this.named.get(el);
		if (found === undefined) {
			const text = nameText([el.id, attribute(el, 'name'), attribute(el, 'action'), classOf(el), el.localName.includes('-') ? el.localName : '']
				.join(' ').slice(0, 300));
			found = this.words.said(text, 'names: strong') || this.words.said(text, 'names: likely');
			this.named.set(el, found);
		}
		return found;
	}

	/* What the unit's own label says.  Answers whether it names a code without doubt. */
	own(unit, count) {
		const { words } = this;
		const { own } = unit;
		const rest = words.without(own, 'recovery');
		unit.recovering = rest !== own;
		if (!own || !words.reading(own)) {
			unit.digitsOwn = 0;
			unit.noun = unit.likely = '';
			return false;
		}
		const strong = words.has(rest, 'strong');
		const likely = strong ? '' : words.has(rest, 'likely');
		const vague = strong || likely ? '' : words.has(rest, 'vague');
		const noun = strong || likely || vague ? '' : words.has(rest, 'noun');
		const sent = words.has(rest, 'sent');
		if (strong)
			count('own strong', strong);
		if (likely)
			count('own likely', likely);
		if (vague)
			count('own vague', vague);
		if (noun)
			count('own noun', noun);
		if (sent && (strong || likely || vague || noun))
			count('own sent', sent);
		unit.digitsOwn = digitsSaid(own, words);
		if (unit.digitsOwn)
			count('own digits', String(unit.digitsOwn));
		else if (!strong && !likely && words.has(rest, 'enter'))
			count('own digits', words.has(rest, 'enter'));
		const topic = words.has(rest, 'topic');
		if (topic && !strong && !likely)
			count('near topic', topic);
		unit.noun = strong || likely || vague || noun;
		unit.likely = likely || vague;
		return Boolean(strong);
	}

	/* What is said near the unit, and in its form, dialog or card. */
	around(unit, count, strong) {
		const { page, words } = this;
		const { near, scope } = unit;
		const first = unit.fields[0];
		const calm = t => !t.state.click && (!t.state.chrome || first.state.chrome);
		const at = first.at;
		const nearTexts = near ? textOf(page, near.span[0], near.span[1], at, calm) : [];
		unit.nearTexts = nearTexts;
		unit.nearText = nearTexts.map(wordsOf).join(' . ');
		unit.nearRest = words.without(unit.nearText, 'recovery');
		const scopeTexts = scope ? textOf(page, scope.span[0], scope.span[1], at, calm).filter(t => !(t.index >= near.span[0] && t.index < near.span[1])) : [];
		unit.scopeText = scopeTexts.map(wordsOf).join(' . ');
		const clicks = root => !root ? [] : page.clicks.slice(root.span[4], root.span[5]).filter(c => !c.state.faint && Math.abs(c.at - at) < CLICKS_AWAY);
		unit.clicks = clicks(scope);
		const nearClicks = clicks(near);
		const both = (concept, name = concept) => {
			const found = words.has(unit.nearRest, concept);
			if (found)
				count('near ' + name, found);
			else if (words.has(unit.scopeText, concept))
				count('scope ' + name, words.has(unit.scopeText, concept));
		};
		if (!strong && words.has(unit.nearRest, 'strong'))
			count('near strong', words.has(unit.nearRest, 'strong'));
		else if (!strong && words.has(unit.nearRest, 'likely') && !unit.likely)
			count('near likely', words.has(unit.nearRest, 'likely'));
		else if (!strong && words.has(unit.nearRest, 'vague') && !unit.likely)
			count('near vague', words.has(unit.nearRest, 'vague'));
		else if (!strong && !unit.likely)
			both('strong');
		both('sent');
		both('enter');
		both('topic');
		both('app');
		unit.digitsNear = digitsSaid(unit.nearText, words) || digitsSaid(unit.scopeText, words);
		if (unit.digitsNear && !unit.digitsOwn)
			count('near digits', String(unit.digitsNear));
		const inside = scope ? page.fields.slice(scope.span[2], scope.span[3]).filter(f => !unit.fields.includes(f) && !f.ghost
			&& (f.type === 'tel' || ((f.readOnly || f.disabled) && f.type === 'text')) && /\d{2}|[*\u2022]/.test(f.value)).map(f => f.value) : [];
		const raw = [...nearTexts.map(t => t.raw), attribute(first.el, 'placeholder'), ...scopeTexts.map(t => t.raw), ...inside,
			...nearClicks.filter(c => /@|[*\u2022]/.test(clickText(page, c))).map(c => clickText(page, c))].join('\n');
		unit.raw = raw;
		const destination = destinationOf(raw);
		if (destination)
			count('near destination', destination);
		this.controls(unit, nearClicks, count);
		if (/(?:^|\D)\d{1,2}:[0-5]\d(?:\D|$)/.test(unit.nearText)
				|| (words.said(unit.nearText, 'time: valid') && words.said(unit.nearText, 'time: minutes') && /\d/.test(unit.nearText)))
			count('near countdown');
		const title = words.has(this.title, 'strong') || words.has(this.title, 'topic') || words.has(this.title, 'likely');
		if (title)
			count('title', title);
		const address = words.said(this.address, 'names: strong') || words.said(this.address, 'names: likely');
		if (address)
			count('address', address);
		if (nearTexts.some(t => t.state.alert && words.has(wordsOf(t), 'wrong') && words.has(wordsOf(t), 'noun')))
			count('near wrong');
	}

	controls(unit, nearClicks, count) {
		const { page, words } = this;
		const says = (list, concept) => list.find(c => words.has(clickText(page, c), concept));
		const resend = says(nearClicks, 'resend') ?? says(unit.clicks, 'resend');
		const trigger = resend ? null : nearClicks.find(c => words.has(clickText(page, c), 'trigger')
			&& /\p{L}/u.test(clickText(page, c)) && words.has(clickText(page, c), 'noun'));
		if (resend)
			count(nearClicks.includes(resend) ? 'near resend' : 'scope resend', clickText(page, resend).slice(0, 30));
		else if (words.has(unit.nearRest, 'resend'))
			count('near lost', words.has(unit.nearRest, 'resend'));
		if (trigger)
			count('near trigger', clickText(page, trigger).slice(0, 30));
		else if (!resend) {
			const far = unit.clicks.find(c => words.has(clickText(page, c), 'trigger') && words.has(clickText(page, c), 'strong'));
			if (far)
				count('scope trigger', clickText(page, far).slice(0, 30));
		}
		unit.trust = trustBox(page, words, unit);
		if (unit.trust)
			count('near trust');
		if (nearClicks.some(c => words.has(clickText(page, c), 'recovery')))
			count('near lost', 'recovery');
	}

	layout(unit, count, strong) {
		const { page, words } = this;
		const first = unit.fields[0], el = first.el;
		const numeric = /^(?:numeric|decimal|tel)$/.test(attribute(el, 'inputmode')) || first.type === 'tel' || first.type === 'number'
			|| /^\^?(?:\\d|\[0-9)/.test(attribute(el, 'pattern'));
		if (unit.layout === 'boxes')
			count('boxes', String(unit.fields.length));
		if (unit.layout === 'slots')
			count('slots', String(unit.slots));
		if (unit.layout === 'halves')
			count('halves');
		if (unit.layout === 'single') {
			const shape = digitsPattern(el) || (first.max >= 4 && first.max <= 8 ? first.max : 0);
			if (shape >= 4 && shape <= 10)
				count('shape', String(shape));
			if (digitsShown(el))
				count('example', attribute(el, 'placeholder'));
			if (first.max > 0 && first.max < 4 && !(first.max === 3 && words.has(unit.nearRest, 'sent') && (unit.noun || strong)))
				count('too short', String(first.max));
			if (first.max > 20)
				count('too long', String(first.max));
			if (first.type === 'textarea' || (first.type === 'editable' && !first.el.matches('[inputmode=numeric]')))
				count('area');
		}
		if (numeric)
			count('numeric');
		if (el.autofocus || el.getRootNode().activeElement === el)
			count('focused');
		const scope = unit.scope;
		const strangers = !scope ? [] : page.fields.slice(scope.span[2], scope.span[3])
			.filter(f => !unit.fields.includes(f) && isEntry(f) && !f.ghost && !f.away && !f.disabled && !f.readOnly && !f.state.chrome);
		unit.strangers = strangers;
		const foreign = strangers.filter(f => f.type !== 'password' && f.type !== 'email' && f.type !== 'tel' && f.type !== 'search');
		if (!strangers.length && !first.state.chrome)
			count('alone');
		if (foreign.length > 3)
			count('many fields', String(foreign.length), foreign.length > 8 ? -8 : words.weights['many fields']);
		if (unit.layout === 'single' && !strong && scope) {
			const submit = submitOf(page, words, unit);
			const text = submit ? clickText(page, submit) : '';
			if (submit && words.has(text, 'elsewhere') && !words.has(unit.nearRest, 'sent'))
				count('button other', text.slice(0, 30));
			else if (submit && words.has(clickText(page, submit), 'submit') && (unit.noun || strong))
				count('submit says so', clickText(page, submit).slice(0, 30));
		}
		if (first.state.chrome)
			count('page chrome');
	}

	against(unit, count, strong) {
		const { page, words } = this;
		const first = unit.fields[0], el = first.el;
		const { own } = unit;
		const sent = words.has(unit.nearRest, 'sent')
			&& (words.has(unit.nearRest, 'noun') || words.has(unit.nearRest, 'strong') || words.has(unit.nearRest, 'likely'));
		let other = false;
		for (const concept of words.reading(own) ? words.others : []) {
			const kind = concept.slice('other: '.length), found = words.said(own, concept);
			if (!found || (soft.has(kind) && !this.isToCome(unit, kind) && (this.hasNoun(words.without(own, concept)) || unit.declared
					|| words.has(own, 'sent') || words.has(own, 'enter') || (kind === 'account' && sent && (words.has(unit.nearRest, 'strong') || (first.max >= 4 && first.max <= 8))))
					&& !(kind === 'card' && !strong && !sent) && !(kind === 'bank' && !strong && !sent)))
				continue;
			if (soft.has(kind) && strong && !this.isToCome(unit, kind))
				continue;
			if (unit.layout === 'boxes' && notOfBoxes.has(kind))
				continue;
			unit.flags.add(kind);
			other = true;
			if (kind === 'static secret')
				count('static secret', found);
			else if (kind === 'search')
				count('search', found);
			else
				this.countOther(unit, count, kind, found, strong);
		}
		if (!other && !sent)
			for (const kind of aboutNear) {
				const found = words.said(unit.nearText, 'other: ' + kind);
				if (!found)
					continue;
				const weight = words.weights['near ' + kind] ?? words.weights['near other'];
				count('near ' + kind, found, strong ? Math.round(weight / 2) : weight);
				unit.flags.add('near ' + kind);
				break;
			}
		if (!(strong && sent) && words.has(unit.nearText, 'given'))
			count('given', words.has(unit.nearText, 'given'));
		const heading = this.headingOf(unit);
		unit.heading = heading;
		if (heading && !strong && !sent)
			for (const kind of aboutNear)
				if (words.said(heading, 'other: ' + kind) && !unit.flags.has('near ' + kind)) {
					count('heading other', `${kind}: ${words.said(heading, 'other: ' + kind)}`);
					break;
				}
		this.secrets(unit, count, strong, sent);
		this.special(unit, count, strong, sent);
		if (el.type === 'search' || closest(el, '[role=search], form[action*=search]') || (unit.flags.has('search') && !unit.noun))
			if (!strong || el.type === 'search')
				count('search', 'search');
		if (first.readOnly && !first.disabled) {
			const shows = first.value.trim().length >= 2;
			count(shows ? 'shows a value' : 'read only');
		}
		const given = attribute(el, 'value');
		if (given && unit.layout === 'single' && !/^[\d -]{4,10}$/.test(given) && given.length !== 1)
			count('preset');
		else if (given.length === 1 && first.type === 'number' && unit.layout === 'single')
			count('preset');
		if (closest(el, '[aria-hidden=true]'))
			count('hidden by assistive');
		if (el.tabIndex < 0 && !first.disabled && unit.layout === 'single')
			count('trap');
		if (first.ghost && unit.layout !== 'slots')
			count('transparent');
		if (first.disabled && first.value.trim())
			count('shows a value');
	}

	hasNoun(text) {
		const { words } = this;
		return words.has(text, 'noun') || words.has(text, 'vague') || words.has(text, 'likely') || words.has(text, 'strong');
	}

	/* A label that names a code and something else is half as surely not of a code. */
	countOther(unit, count, kind, found, strong) {
		const { weights } = this.words;
		const weight = weights['own ' + kind] ?? weights['own other'];
		count('own other', `${kind}: ${found}`, strong && !this.isToCome(unit, kind) ? Math.round(weight / 2) : weight);
	}

	/* "Mobile number to get a code": the label names the code, and the field wants where to send it. */
	isToCome(unit, kind) {
		const { words } = this;
		return (kind === 'phone' || kind === 'mail') && !words.has(unit.own, 'sent') && !unit.declared && unit.layout === 'single'
			&& (unit.flags.has(kind) || words.has(unit.own, 'not yet') || (words.has(unit.own, 'trigger') && !words.has(unit.own, 'enter')));
	}

	secrets(unit, count, strong, sent) {
		const { page, words } = this;
		const first = unit.fields[0];
		const ensured = strong || unit.declared || (sent && unit.noun);
		const passwords = unit.fields.filter(f => f.type === 'password').length;
		if (passwords && !ensured && !words.has(unit.nearRest, 'strong'))
			count('password');
		const autocomplete = attribute(first.el, 'autocomplete');
		if (autocomplete === 'new-password' && passwords && !ensured)
			count('new password');
		const scopeText = unit.nearText + ' . ' + unit.scopeText;
		const plainSecret = words.said(unit.nearText, 'other: static secret');
		if (plainSecret && !ensured && !unit.flags.has('static secret') && !unit.flags.has('near static secret')
				&& !words.has(unit.nearRest, 'strong') && !words.has(unit.nearRest, 'likely'))
			count('static secret', plainSecret);
		if (!strong && !sent && !unit.declared) {
			const cards = unit.strangers.length > 1 && words.said(scopeText, 'other: card');
			if (cards || page.fields.some(f => !unit.fields.includes(f) && !f.ghost && !f.state.chrome && this.isOfCard(f)))
				count('card', cards);
		}
		if (unit.layout === 'boxes' && page.rows > 3)
			count('grid', String(page.rows));
		const near = words.said(unit.nearText, 'other: card');
		if (near && unit.layout !== 'single' && !ensured && !sent && !words.has(unit.nearRest, 'strong'))
			count('card', near);
		if (words.has(scopeText, 'not yet') && !strong && !sent && !unit.noun)
			count('not yet');
	}

	isOfCard(f) {
		const { page, words } = this;
		return f.card ??= /^cc-/.test(attribute(f.el, 'autocomplete'))
			|| namesOf(f.el).some(n => words.said(n, 'names: other: card'))
			|| words.said(norm([attribute(f.el, 'placeholder'), ...page.labelsOf(f.el).map(l => l.textContent)].join(' ')), 'other: card') !== '';
	}

	special(unit, count, strong, sent) {
		const { page, words } = this;
		const { own } = unit;
		const setUp = words.has(unit.nearText, 'set-up') || words.has(unit.scopeText, 'set-up');
		const secret = secretKey.test(unit.raw);
		if ((setUp && (secret || (!sent && words.has(this.headingOf(unit), 'set-up')) || this.qr)) || (secret && this.qr))
			count('set-up', setUp || 'QR and key');
		/* Recovery codes: its own label or name says so, and no other code. */
		const mailed = sent && (destinationOf(unit.raw) || words.said(unit.nearRest, 'channels: email') || words.said(unit.nearRest, 'channels: sms'));
		const alone = unit.recovering && !strong && !unit.likely && !mailed;
		const named = unit.flags.has('name recovery') && !strong;
		const elsewhere = !strong && !mailed && !unit.likely && !unit.recovering && !unit.names.some(n => words.said(n, 'names: strong'))
			&& (words.has(unit.heading, 'recovery') || (words.has(unit.nearText, 'recovery') && !words.has(unit.nearRest, 'strong')
				&& !words.has(unit.nearRest, 'sent') && !words.has(unit.nearRest, 'app')));
		const headed = !strong && !mailed && words.has(unit.heading, 'recovery') && !words.has(words.without(unit.heading, 'recovery'), 'strong');
		if (alone || named || elsewhere || headed) {
			count('recovery', words.has(own, 'recovery') || 'named');
			unit.flags.add('kind recovery');
		}
		const robot = words.has(own, 'robot') || (strong || sent ? '' : words.has(unit.nearText, 'robot')
			|| (unit.fields[0].type !== 'password' && pictureBeside(page, unit, words, true) && words.has(unit.scopeText, 'robot')));
		const picture = !strong && !sent && !unit.declared && unit.layout === 'single' && (unit.noun || unit.flags.has('captcha') || robot)
			&& pictureBeside(page, unit, words);
		if (robot || picture || unit.flags.has('captcha')) {
			count('captcha', robot || (picture ? 'picture' : 'named'));
			unit.flags.add('kind captcha');
		}
		const key = words.has(own, 'key') || (unit.names.some(n => /\byubi ?key\b|\bu2f\b/.test(n)) && 'yubikey');
		if (key) {
			count('key', key);
			unit.flags.add('kind webauthn');
		}
		if (this.dialog && !contains(this.dialog, unit.fields[0].el) && page.fields.some(f => !f.ghost && f.text && contains(this.dialog, f.el)))
			count('behind a dialog');
	}

	headingOf(unit) {
		const { page } = this;
		const at = unit.fields[0].at, from = unit.scope?.span[0] ?? 0;
		for (let i = at - 1; i >= from; i--)
			if (page.texts[i].state.heading && !page.texts[i].state.chrome && !page.texts[i].state.label)
				return wordsOf(page.texts[i]);
		return '';
	}
}

function decodeSafe(text) {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
