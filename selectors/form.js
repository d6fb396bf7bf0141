/* Which form of a frame is meant by the names of some fields, and how it is filled in.  Runs in our own world, behind
 * otp/tree.js.  No value that is to be typed comes here.
 *
 *	gabbaiForm.find(["user", "password"], null)
 *	→ { matched, score, form: { selector, action, fields: [{ key, kind, selector, options }], submit, hidden, password } }
 *
 * A form is a <form>, or whatever has controls and something to press.  Which one it is, the names decide, and not the order:
 * a name is a control's name, id, formcontrolname, label, placeholder, or what it is for. */
if (!globalThis.gabbaiForm) {
	const FIELDS_MAX = 200, TEXT_MAX = 200;

	const everything = (root, out = []) => {
		for (const el of root.querySelectorAll('*')) {
			out.push(el);
			if (rootOf(el))
				everything(rootOf(el), out);
		}
		return out;
	};

	const isControl = el => /^(?:input|select|textarea)$/.test(el.localName)
		|| (el.isContentEditable && !el.parentElement?.isContentEditable);
	const isButton = el => el.localName === 'button' || attribute(el, 'role') === 'button'
		|| (el.localName === 'input' && /^(?:submit|image|button)$/.test(el.type))
		|| (el.localName.includes('-') && /button|btn/.test(el.localName));
	const isFilled = el => isControl(el) && !(el.localName === 'input' && /^(?:submit|image|button|reset|hidden)$/.test(el.type));
	const isSeen = el => {
		const box = el.getBoundingClientRect(), style = getComputedStyle(el);
		return box.width > 0 && box.height > 0 && style.visibility === 'visible';
	};

	/* "userName", "user-name" and "user[name]" are one. */
	const plain = text => (text ?? '').normalize('NFKC').toLowerCase().replace(/[\s_\-.:*\[\]()]+/g, '');

	const labelsOf = el => {
		const out = [attribute(el, 'aria-label'), ...[...(el.labels ?? [])].map(label => label.textContent)];
		for (const id of attribute(el, 'aria-labelledby').split(/\s+/))
			out.push(id && el.getRootNode().getElementById?.(id)?.textContent);
		return out.filter(Boolean).map(text => text.trim().slice(0, TEXT_MAX));
	};

	/* What a person or a program could call it, the surest first: [points, name]. */
	const namesOf = el => {
		const out = [];
		for (let at = el, less = 0; at && less < 20; less += 10) {
			out.push([100 - less, attribute(at, 'name')], [92 - less, attribute(at, 'formcontrolname')],
				[90 - less, at.id], [80 - less, attribute(at, 'ng-reflect-name')], [80 - less, attribute(at, 'data-name')],
				[78 - less, attribute(at, 'data-testid')]);
			for (const label of labelsOf(at))
				out.push([75 - less, label]);
			out.push([65 - less, attribute(at, 'placeholder')], [60 - less, attribute(at, 'autocomplete')],
				[55 - less, attribute(at, 'title')], [55 - less, attribute(at, 'label')]);
			const root = at.getRootNode(); /* a field in a component of its own is called as the component is */
			at = root.host;
		}
		return out.filter(([, name]) => name);
	};

	const isFor = (el, key) => {
		if (/^(?:pass(?:word|wd)?|pwd|secret)$/.test(key))
			return el.type === 'password';
		if (/^(?:e?mail|emailaddress)$/.test(key))
			return el.type === 'email';
		if (/^(?:phone|tel|mobile|telephone)$/.test(key))
			return el.type === 'tel';
		if (/^(?:user(?:name|id)?|login|account)$/.test(key))
			return el.type === 'email' || /^(?:username|email)$/.test(attribute(el, 'autocomplete'));
		return false;
	};

	const fits = (el, key) => {
		const wanted = plain(key);
		let best = isFor(el, wanted) ? 15 : 0;
		for (const [points, name] of namesOf(el)) {
			if (name === key)
				best = Math.max(best, points + 5);
			else if (plain(name) === wanted)
				best = Math.max(best, points);
			else if (wanted.length > 3 && points >= 50 && plain(name).includes(wanted))
				best = Math.max(best, points / 3);
		}
		return best;
	};

	/* ---- forms ---- */

	const pressesIn = scope => everything(scope).filter(isButton);

	/* Without a <form>: as far up as there is something to press. */
	const scopeOf = el => {
		const form = el.form ?? closest(el, 'form');
		if (form)
			return form;
		let up = parentOf(el);
		while (up && up !== document.body && !pressesIn(up).some(button => !closest(button, 'form')))
			up = parentOf(up);
		return up ?? document.body;
	};

	const groups = all => {
		const out = new Map();
		for (const el of all.filter(isFilled).slice(0, FIELDS_MAX)) {
			const scope = scopeOf(el);
			out.set(scope, [...(out.get(scope) ?? []), el]);
		}
		return out;
	};

	/* The best field for each key, each field for one key; radio buttons and boxes of one name are one field. */
	const assign = (fields, keys) => {
		const pairs = [];
		for (const key of keys)
			for (const el of fields) {
				const points = fits(el, key);
				if (points > 0)
					pairs.push({ key, el, points: points + (isSeen(el) || el.type === 'file' ? 3 : 0) });
			}
		pairs.sort((a, b) => b.points - a.points);
		const taken = new Map(), used = new Set();
		for (const pair of pairs)
			if (!taken.has(pair.key) && !used.has(pair.el)) {
				taken.set(pair.key, pair);
				for (const el of fields)
					if (el === pair.el || (/^(?:radio|checkbox)$/.test(el.type) && el.type === pair.el.type && el.name
							&& el.name === pair.el.name))
						used.add(el);
			}
		return [...taken.values()];
	};

	/* ---- what is pressed ---- */

	const go = /log ?in|sign ?in|sign ?up|submit|send|continue|next|save|register|create|apply|search|verify|confirm|order|post|upload|subscribe|enter|update|התחבר|כניסה|שלח|המשך|אישור|שמור|entrar|enviar|continuar|acceder|anmelden|senden|weiter|connexion|envoyer|suivant|войти|отправить|دخول|إرسال|ログイン|送信|登录|提交/i;
	const away = /cancel|back|reset|forgot|show|hide|clear|with (?:google|apple|facebook|microsoft)|ביטול|חזרה|שכחתי|cancelar|abbrechen|annuler|отмена/i;

	const submitOf = (scope, fields) => {
		const last = fields[fields.length - 1];
		let best = null, bestScore = -1;
		for (const el of pressesIn(scope)) {
			const form = el.form ?? closest(el, 'form');
			if ((scope.localName === 'form' && form !== scope) || (scope.localName !== 'form' && form) || !isSeen(el))
				continue;
			const text = [el.value, el.textContent, attribute(el, 'aria-label')].filter(Boolean).join(' ').trim();
			let score = el.type === 'submit' || el.type === 'image' ? 5 : 1;
			score += go.test(text) ? 4 : 0;
			score -= away.test(text) ? 8 : 0;
			score += last && (last.compareDocumentPosition(el) & Node.DOCUMENT_POSITION_FOLLOWING) ? 1 : 0;
			if (score > bestScore) {
				best = el;
				bestScore = score;
			}
		}
		return best;
	};

	/* ---- the answer ---- */

	const optionsOf = (el, fields) => {
		if (el.localName === 'select')
			return [...el.options].slice(0, FIELDS_MAX).map(o => ({ value: o.value, label: o.label.trim() }));
		if (el.type !== 'radio' && el.type !== 'checkbox')
			return undefined;
		return fields.filter(f => f.type === el.type && (f === el || (f.name && f.name === el.name)))
			.map(f => ({ value: f.getAttribute('value') ?? 'on', label: labelsOf(f)[0] ?? '', selector: path(f), checked: f.checked }));
	};

	const kindOf = el => {
		if (el.localName === 'select')
			return 'select';
		if (el.localName === 'textarea' || el.isContentEditable)
			return 'area';
		if (/^(?:checkbox|radio|file)$/.test(el.type))
			return el.type;
		return /^(?:date|month|week|time|datetime-local|color|range)$/.test(el.type) ? 'set' : el.type === 'password' ? 'password' : 'text';
	};

	const describe = (scope, fields, taken) => {
		const picked = taken.map(t => t.el);
		const submit = submitOf(scope, picked);
		return {
			selector: path(scope),
			isForm: scope.localName === 'form',
			action: scope.localName === 'form' ? scope.getAttribute('action') ?? '' : null,
			password: fields.some(f => f.type === 'password'),
			submit: submit ? path(submit) : null,
			fields: fields.flatMap(el => taken.filter(t => t.el === el)).map(({ key, el }) => ({
				key, kind: kindOf(el), name: attribute(el, 'name') || el.id, selector: path(el), multiple: el.multiple === true,
				options: optionsOf(el, fields),
			})),
			needsFiles: fields.some(f => f.type === 'file' && f.required && !picked.includes(f)),
			hidden: everything(scope).filter(el => el.localName === 'input' && el.type === 'hidden' && el.name).slice(0, FIELDS_MAX)
				.map(el => el.name),
		};
	};

	globalThis.gabbaiForm = {
		find(keys, selector) {
			const all = everything(document);
			const wanted = selector ? all.find(el => el.matches(selector)) : null;
			let best = { matched: 0, score: -1, forms: 0, form: null };
			for (const [scope, fields] of groups(all)) {
				if (selector && scope !== wanted && !(wanted && contains(wanted, scope)))
					continue;
				best.forms++;
				const taken = assign(fields, keys);
				const score = taken.reduce((sum, t) => sum + t.points, 0) + (fields.some(isSeen) ? 5 : 0);
				if (taken.length > best.matched || (taken.length === best.matched && score > best.score))
					best = { ...best, matched: taken.length, score, form: describe(scope, fields, taken) };
			}
			return best;
		},
		/* Why the browser would not send it: the first control that is not as it must be. */
		invalid() {
			for (const el of everything(document))
				if (isFilled(el) && el.willValidate && !el.validity.valid)
					return `${attribute(el, 'name') || el.id || el.localName}: ${el.validationMessage}`.slice(0, TEXT_MAX);
			return null;
		},
	};
}
