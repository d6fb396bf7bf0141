/* Pages that want something other than a code. */

const PAGE_TEXT = 5000;

const widgets = '.g-recaptcha, .h-captcha, .cf-turnstile, .frc-captcha, .geetest_holder, .geetest_captcha, #px-captcha, altcha-widget, '
	+ 'iframe[src*="captcha"], iframe[src*="challenges.cloudflare.com"], iframe[src*="arkoselabs"], iframe[src*="funcaptcha"], '
	+ 'iframe[title*="captcha" i], #captcha-container, #arkose';

function captchaWidget(page) {
	for (const { el, frame } of page.pictures)
		if (frame && el.matches(widgets) && el.getBoundingClientRect().height > 50)
			return true;
	return [...document.querySelectorAll(widgets)].some(el => !el.matches('.grecaptcha-badge *') && el.checkVisibility(seen)
		&& el.getBoundingClientRect().height > 50 && el.getBoundingClientRect().width > 100);
}

/* The texts of what the page is about now: its dialog's, or all but its chrome. */
function mainTexts(page, { dialog, asides }) {
	const span = dialog && page.spans.get(dialog);
	const apart = asides.map(el => page.spans.get(el));
	const list = (span ? page.texts.slice(span[0], span[1]) : page.texts)
		.filter(t => !t.state.chrome && !apart.some(([from, to]) => t.index >= from && t.index < to));
	let size = 0;
	return list.filter(t => (size += t.raw.length) <= PAGE_TEXT);
}

/* Ways that the page offers: radio buttons, buttons, links, options. */
function choicesOf(page, words) {
	const out = [];
	const add = (el, label, raw) => {
		const text = norm(label);
		if (!text || text.length > 160)
			return;
		const channel = channelOf([text], words) ?? (words.said(text, 'channels: recovery') ? 'recovery' : null);
		const destination = destinationOf(raw ?? label);
		if (channel || destination)
			out.push({ el, label: label.replace(/\s+/g, ' ').trim(), channel: channel ?? (/@/.test(destination) ? 'email' : 'sms'), destination });
	};
	for (const { el, state } of page.choices) {
		if (state.chrome || state.faint && el.type !== 'radio')
			continue;
		if (el.type === 'radio')
			add(el, rawLabel(page, el));
		else if (el.localName === 'select')
			for (const option of el.options)
				add(el, option.textContent);
	}
	for (const c of out.length ? [] : page.clicks) {
		const text = c.state.chrome || c.state.faint ? '' : clickText(page, c);
		if (!text || (!words.reading(text) && !/[\d@]/.test(text)))
			continue;
		if (!words.has(text, 'resend') && !(words.has(text, 'cancel') && !destinationOf(text)))
			add(c.el, c.text ?? page.texts.slice(c.at, c.to).map(t => t.raw).join(' '));
	}
	/* A button inside a link, or the like, is one choice. */
	return out.filter((one, i) => !out.some((other, j) => j !== i && other.el !== one.el && contains(other.el, one.el)));
}

function rawLabel(page, el) {
	const texts = [attribute(el, 'aria-label'), ...page.labelsOf(el).map(label => label.textContent)];
	let text = texts.filter(Boolean).join(' ');
	for (let up = parentOf(el), level = 0; !text.trim() && up && level < 3; up = parentOf(up), level++)
		text = up.textContent.length < 200 ? up.textContent : '';
	return text;
}

/* "47" in large letters: a number to be matched in the app. */
function shownNumber(texts) {
	return texts.some(t => /^\d{1,3}$/.test(t.raw.trim()) && parseFloat(getComputedStyle(t.el).fontSize) >= 22);
}

const KIND_SCORE = { choose_method: 8, webauthn: 7, push: 6 };

function pageKinds(page, words, judge, units) {
	const texts = mainTexts(page, judge);
	const spoken = texts.filter(t => !t.state.click && !t.state.label);
	const headings = spoken.filter(t => t.state.heading).map(wordsOf).join(' . ');
	const body = spoken.map(wordsOf).join(' . ');
	const clicks = page.clicks.filter(c => !c.state.chrome && !c.state.faint && (!judge.dialog || contains(judge.dialog, c.el)));
	const entries = page.fields.filter(f => isEntry(f) && !f.ghost && !f.away && !f.state.chrome && !f.readOnly && !f.disabled
		&& f.type !== 'search' && !units.find(u => u.fields.includes(f))?.flags.has('search')
		&& (!judge.dialog || contains(judge.dialog, f.el)) && !judge.asides.some(el => contains(el, f.el)));
	/* Where a password is wanted, too, nothing else would count for as much. */
	if (entries.some(f => f.type === 'password'))
		return { top: null, choices: [], send: null, texts };
	const found = [];
	const weigh = kind => {
		const one = { kind, score: 0, evidence: [] };
		found.push(one);
		return (weight, name, why = '') => {
			if (!why && why !== '')
				return;
			one.score += weight;
			one.evidence.push(`${weight > 0 ? '+' : ''}${weight} ${name}${why ? ` "${why}"` : ''}`);
		};
	};
	const choices = choicesOf(page, words).filter(c => !judge.dialog || contains(judge.dialog, c.el));
	const channels = new Set(choices.map(c => c.channel + (c.destination ?? '')));
	const method = weigh('choose_method');
	const asked = words.has(headings, 'method') || words.has(body, 'method');
	const topic = words.has(body, 'topic') || words.has(judge.title, 'topic') || words.has(body, 'strong') || words.has(body, 'likely');
	if (asked)
		method(5, 'asks how', asked);
	if (channels.size >= 2)
		method(5, 'ways', String(channels.size));
	if (channels.size >= 3)
		method(1, 'many ways', String(channels.size));
	const send = clicks.find(c => words.has(clickText(page, c), 'trigger') && !words.has(clickText(page, c), 'cancel'));
	if (send && !entries.length)
		method(3, 'send', clickText(page, send).slice(0, 30));
	if (topic)
		method(2, 'topic', topic);
	if (send && destinationOf(texts.map(t => t.raw).join('\n')))
		method(2, 'destination');
	if (page.choices.some(c => c.el.type === 'radio' && !c.state.chrome) && channels.size >= 2)
		method(2, 'radio buttons');

	const key = weigh('webauthn');
	const aboutKey = words.has(headings, 'key'), saidKey = words.has(body, 'key');
	const pressKey = clicks.find(c => words.has(clickText(page, c), 'key'));
	const marked = () => page.clicks.some(c => /\bwebauthn\b|\bpasskey\b|\bfido\b|\bu2f\b|\bsecurity key\b/.test(nameText(c.el.id + ' ' + classOf(c.el) + ' ' + attribute(c.el, 'name'))))
		|| document.querySelector('[id*=webauthn i], [class*=webauthn i], [name*=webauthn i], [id*=webauth i]') !== null;
	if (aboutKey)
		key(6, 'heading', aboutKey);
	else if (saidKey)
		key(4, 'text', saidKey);
	if (saidKey && spoken.some(t => words.has(wordsOf(t), 'key') && words.has(wordsOf(t), 'key act')))
		key(3, 'act');
	if (pressKey)
		key(2, 'button', clickText(page, pressKey).slice(0, 30));
	if ((aboutKey || saidKey) && marked())
		key(3, 'marked');

	const push = weigh('push');
	const aboutPush = words.has(headings, 'push'), hintPush = words.has(body, 'push hint');
	const pushes = !words.has(body, 'push') ? [] : spoken.filter(t => !t.state.heading && words.has(wordsOf(t), 'push'));
	const saidPush = aboutPush || pushes.length || hintPush;
	if (aboutPush)
		push(6, 'heading', aboutPush);
	if (pushes.length)
		push(6, 'text', words.has(wordsOf(pushes[0]), 'push'));
	if (pushes.length > 1)
		push(2, 'more text', words.has(wordsOf(pushes[1]), 'push'));
	if (hintPush)
		push(3, 'hint', hintPush);
	if (saidPush && topic)
		push(2, 'topic', topic);
	const link = words.has(body, 'link');
	if (link)
		push(6, 'link', link);
	if (link && words.has(body, 'sent'))
		push(2, 'sent', words.has(body, 'sent'));
	if (saidPush && shownNumber(texts))
		push(3, 'number');
	if (saidPush && clicks.some(c => words.has(clickText(page, c), 'resend') || words.has(clickText(page, c), 'push')))
		push(1, 'resend');

	for (const one of entries.length ? found : []) {
		one.score -= 8;
		one.evidence.push('-8 something to fill in');
	}
	found.sort((a, b) => b.score - a.score);
	const [top] = found;
	return { top: top.score >= KIND_SCORE[top.kind] ? top : null, choices, send, texts };
}
