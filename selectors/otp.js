/* Looks whether this document wants a one-time code, and where it is to be typed.  Runs in an isolated
 * world of each frame, reads, and changes nothing.  The words it knows are in otp.json. */
(() => {
	const BOXES_MIN = 4, BOXES_MAX = 8;
	const CLOSE_TEXT = 1500; /* characters around a field that may be about it */
	const PAGE_TEXT = 20000;

	const tidy = text => (text ?? '').replace(/[\u200b\u200e\u200f\u2066-\u2069]/g, '').replace(/\s+/g, ' ').trim();
	const low = text => tidy(text).toLowerCase();
	const has = (text, words) => words.find(word => text.includes(word));

	/* ---- the page ---- */

	function rootsBelow(root, out = [root]) {
		for (const el of root.querySelectorAll('*'))
			if (el.shadowRoot)
				rootsBelow(el.shadowRoot, (out.push(el.shadowRoot), out));
		return out;
	}

	const all = selector => rootsBelow(document).flatMap(root => [...root.querySelectorAll(selector)]);

	/* To be seen, or drawn over by boxes that show what is typed into it. */
	function visible(el) {
		const box = el.getBoundingClientRect();
		if (box.width < 2 || box.height < 2 || box.right < -1000 || box.bottom < -1000)
			return false;
		const style = getComputedStyle(el);
		if (style.visibility !== 'visible' || !el.checkVisibility({ opacityProperty: false }))
			return false;
		for (let up = el.parentElement; up; up = up.parentElement)
			if (getComputedStyle(up).opacity === '0' || up.getAttribute('aria-hidden') === 'true')
				return false;
		return style.opacity !== '0' || el.matches('input');
	}

	/* A selector that means this element alone, with " >> " into shadow trees. */
	function path(el) {
		const root = el.getRootNode();
		const parts = [];
		for (let e = el; e && e !== root; e = e.parentElement) {
			if (e.id && root.querySelectorAll('#' + CSS.escape(e.id)).length === 1) {
				parts.unshift('#' + CSS.escape(e.id));
				break;
			}
			const same = [...(e.parentNode?.children ?? [])].filter(other => other.localName === e.localName);
			parts.unshift(CSS.escape(e.localName) + (same.length > 1 ? `:nth-of-type(${same.indexOf(e) + 1})` : ''));
		}
		const own = parts.join(' > ');
		return root.host ? path(root.host) + ' >> ' + own : own;
	}

	function labelOf(el) {
		const texts = [el.getAttribute('aria-label'), el.placeholder, el.title, ...[...(el.labels ?? [])].map(l => l.innerText)];
		for (const id of (el.getAttribute('aria-labelledby') ?? '').split(/\s+/))
			texts.push(id && el.getRootNode().getElementById?.(id)?.innerText);
		return low(texts.filter(Boolean).join(' '));
	}

	const nameOf = el => low([el.name, el.id, el.getAttribute('formcontrolname'), el.getAttribute('data-testid'), el.className]
		.filter(text => typeof text === 'string').join(' '));

	/* The text around a field: of the nearest ancestor that says something. */
	function around(el) {
		for (let up = el.parentElement ?? el.getRootNode().host; up; up = up.parentElement ?? up.getRootNode().host) {
			const text = tidy(up.innerText);
			if (text.length > 30 || up === document.body)
				return text.slice(0, CLOSE_TEXT).toLowerCase();
		}
		return low(document.body?.innerText).slice(0, CLOSE_TEXT);
	}

	/* ---- fields ---- */

	const writable = 'input:not([type]), input[type=text], input[type=tel], input[type=number], input[type=password], input[type=""]';

	const digitsOf = el => {
		const max = el.maxLength ?? -1;
		const pattern = /\{(\d+)\}/.exec(el.pattern ?? '');
		return max > 0 && max <= 10 ? max : pattern ? Number(pattern[1]) : 0;
	};

	/* Rows of fields for one character each. */
	function boxRows(fields) {
		const rows = new Map();
		for (const el of fields) {
			const box = el.getBoundingClientRect();
			if (!(el.maxLength === 1 || el.isContentEditable || (el.maxLength < 0 && box.width < 70)))
				continue;
			const key = Math.round(box.top / 12) + ' ' + Math.round(box.width / 8);
			rows.set(key, [...(rows.get(key) ?? []), el]);
		}
		return [...rows.values()].filter(row => row.length >= BOXES_MIN && row.length <= BOXES_MAX);
	}

	function judge(el, words) {
		const evidence = [];
		let score = 0;
		const count = (points, why) => { score += points; evidence.push(`${points > 0 ? '+' : ''}${points} ${why}`); };
		const label = labelOf(el), name = nameOf(el), text = around(el), digits = digitsOf(el);

		if (/one-time-code/.test(el.autocomplete ?? ''))
			count(6, 'autocomplete');
		const named = has(name, words.name), labelled = has(label, words.label);
		if (named)
			count(3, `name has "${named}"`);
		if (labelled)
			count(4, `label has "${labelled}"`);
		if (!labelled && has(text, words.label))
			count(2, `text has "${has(text, words.label)}"`);
		if (has(text, words.sent))
			count(2, `text has "${has(text, words.sent)}"`);
		if (digits >= 4 && digits <= 8)
			count(1, `${digits} characters`);
		if (el.inputMode === 'numeric' || el.inputMode === 'decimal' || el.type === 'tel' || el.type === 'number')
			count(1, 'digits');
		const not = has(label, words.not) ?? (named || labelled ? null : has(name, words.not));
		if (not)
			count(-8, `label has "${not}"`);
		if (el.type === 'password' && !named && !labelled)
			count(-3, 'a password field');
		const form = el.closest('form') ?? el.getRootNode();
		const password = [...form.querySelectorAll('input[type=password]')].some(p => p !== el && visible(p) && p.maxLength !== 1);
		if (password)
			count(-5, 'beside a password');
		return { score, evidence, fields: [el], digits };
	}

	function judgeRow(row, words) {
		const text = around(row[0]);
		const evidence = [`+4 ${row.length} boxes`];
		let score = 4;
		for (const [points, list] of [[3, words.label], [2, words.sent]]) {
			if (!has(text, list))
				continue;
			score += points;
			evidence.push(`+${points} text has "${has(text, list)}"`);
		}
		if (row.some(el => /one-time-code/.test(el.autocomplete ?? '')))
			score += 6;
		if (row.some(el => has(nameOf(el) + ' ' + labelOf(el), [...words.name, ...words.label])))
			score += 2;
		return { score, evidence, fields: row, digits: row.length };
	}

	/* ---- what stands beside ---- */

	const clickable = 'button, input[type=submit], input[type=button], a, [role=button]';
	const said = el => low(el.innerText || el.value || el.getAttribute('aria-label'));

	function control(list, near) {
		const found = all(clickable).filter(el => visible(el) && has(said(el), list));
		return found.find(el => near?.contains(el)) ?? found[0] ?? null;
	}

	function submitOf(fields, words) {
		const form = fields[0].closest('form');
		const own = form && [...form.querySelectorAll('button[type=submit], input[type=submit], button:not([type])')].find(visible);
		if (own && !has(said(own), words.resend))
			return own;
		const found = all(clickable).filter(el => visible(el) && has(said(el), words.submit) && !has(said(el), words.resend));
		return found.find(el => form?.contains(el)) ?? found[0] ?? null;
	}

	function channelOf(text, channels) {
		return Object.keys(channels).find(name => has(text, channels[name])) ?? 'unknown';
	}

	const destinationOf = text => (/[\w*•.]+@[\w*•]+\.[\w.*•]+/.exec(text) ?? /\+?[\d][\d*•xX-]*[*•xX]{2,}[\d*•xX -]*\d{2,4}/.exec(text)
		?? /[*•xX]{2,}[\s-]?\d{2,4}/.exec(text))?.[0] ?? null;

	function expiresIn(text) {
		const found = /(\d+)[\s-]*(minutes?|min\b|דקות|minutos?|seconds?|שניות|segundos?)/.exec(text);
		return found ? Number(found[1]) * (/^s|שנ|seg/.test(found[2]) ? 1 : 60) : null;
	}

	/* What the page says about the last try. */
	function problemOf(text, words) {
		const kinds = [['too_many', words.tooMany], ['expired', words.expired], ['wrong', words.wrong]];
		for (const line of text.split('\n'))
			for (const [problem, list] of kinds)
				if (line.length < 200 && has(low(line), list))
					return { problem, message: tidy(line) };
		return { problem: null, message: null };
	}

	/* ---- the verdict ---- */

	const nothing = { kind: 'none', fields: [], digits: 0, score: 0, evidence: [] };

	function best(words) {
		const fields = all(writable).filter(visible);
		const boxes = [...fields, ...all('[contenteditable=true]').filter(visible)];
		const rows = boxRows(boxes).map(row => judgeRow(row, words));
		const inRow = new Set(rows.flatMap(row => row.fields));
		const singles = fields.filter(el => !inRow.has(el)).map(el => judge(el, words));
		return [...rows, ...singles].sort((a, b) => b.score - a.score)[0];
	}

	function detect(vocabulary) {
		const { words, channels, threshold } = vocabulary;
		if (!document.body)
			return nothing;
		const text = document.body.innerText.slice(0, PAGE_TEXT), lower = low(text);
		const found = best(words);
		const passwords = all('input[type=password]').some(el => visible(el) && el.maxLength !== 1);
		const about = {
			channel: channelOf(lower, channels), destination: destinationOf(text), expiresIn: expiresIn(lower),
			...problemOf(text, words),
		};
		if (found && found.score >= threshold) {
			const submit = submitOf(found.fields, words), resend = control(words.resend);
			const trust = all('input[type=checkbox]').find(el => visible(el) && has(labelOf(el), words.trust));
			return {
				kind: 'code', ...about, fields: found.fields.map(path), digits: found.digits,
				filled: found.fields.some(el => (el.value ?? el.textContent) !== ''),
				disabled: found.fields.every(el => el.disabled),
				submit: submit && path(submit), resend: resend && path(resend),
				resendDisabled: Boolean(resend?.disabled || resend?.getAttribute('aria-disabled') === 'true'),
				trustDevice: trust ? path(trust) : null, score: found.score, evidence: found.evidence,
			};
		}
		if (all('.g-recaptcha, .h-captcha, .cf-turnstile, iframe[src*="captcha"]').some(el => visible(el)
				&& el.getBoundingClientRect().height > 60) || (!passwords && has(lower, words.captcha)))
			return { ...nothing, kind: 'captcha', score: threshold, evidence: ['a captcha'] };
		if (passwords)
			return nothing;
		const send = has(lower, words.method) && control(words.send) || null;
		if (send && all('input[type=radio]').some(visible) && !all('input:not([type=radio])').some(visible))
			return { ...nothing, kind: 'choose_method', ...about, submit: path(send), score: threshold, evidence: ['a choice of channels'] };
		if (has(lower, words.push) && !all(writable).some(visible))
			return { ...nothing, kind: 'push', ...about, score: threshold, evidence: [`text has "${has(lower, words.push)}"`] };
		return nothing;
	}

	globalThis.gabbaiOtp = { detect };
})();
