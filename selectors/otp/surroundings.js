/* What a unit is called, and what is said around it. */

const OWN_TEXT = 160, NEAR_BEFORE = 1400, NEAR_AFTER = 900, SCOPE_TEXT = 3000;

const isEntry = f => f.text || ['email', 'url', 'date', 'month', 'time'].includes(f.type);

/* The texts that EL's aria-labelledby names. */
function describedBy(el) {
	const ids = attribute(el, 'aria-labelledby');
	return ids ? ids.split(/\s+/).map(id => id && el.getRootNode().getElementById?.(id)?.textContent) : [];
}

/* What the unit itself is called. */
function ownText(page, unit) {
	const texts = [];
	for (const { el } of unit.fields.slice(0, 2)) {
		texts.push(attribute(el, 'aria-label'), attribute(el, 'placeholder'), attribute(el, 'title'), attribute(el, 'data-placeholder'),
			attribute(el, 'aria-placeholder'), attribute(el, 'label'));
		for (const label of page.labelsOf(el))
			texts.push(label.textContent);
		texts.push(...describedBy(el));
		const { host } = el.getRootNode();
		if (host)
			texts.push(attribute(host, 'label'), attribute(host, 'placeholder'), attribute(host, 'aria-label'));
	}
	const group = closest(unit.fields[0].el, 'fieldset, [role=group]');
	if (unit.fields.length > 1 && group)
		texts.push(attribute(group, 'aria-label'), group.querySelector('legend')?.textContent);
	let own = texts.filter(Boolean).map(text => text.trim().slice(0, 200)).join(' | ');
	const worded = ascii.test(own) ? /[a-z]{2}/i.test(own.replace(/\d+/g, '')) : /\p{L}{2}/u.test(own.replace(/\p{N}+/gu, ''));
	own = norm(own);
	const beside = besideText(page, unit, !worded);
	return beside ? own + ' | ' + beside : own;
}

const others = (page, unit, span) => page.fields.slice(span[2], span[3])
	.filter(f => !unit.fields.includes(f) && isEntry(f) && !f.ghost && !f.away).length;

/* An unattached label, or, when UNNAMED, the short text right before (or, if a label, after) the unit. */
function besideText(page, unit, unnamed) {
	const at = unit.fields[0].at;
	const out = [];
	for (let up = parentOf(unit.fields[0].el), level = 0; up && level < 6; up = parentOf(up), level++) {
		const span = page.spans.get(up);
		if (!span || others(page, unit, span))
			break;
		const inside = page.texts.slice(span[0], span[1]).filter(t => !t.state.click && !t.state.alert);
		for (const t of inside)
			if (t.state.label && !t.state.label.control && t.raw.length < OWN_TEXT)
				out.push(wordsOf(t));
		if (out.length)
			return out.join(' | ');
		const before = inside.filter(t => t.index < at);
		const last = before.at(-1);
		if (unnamed && last && !last.state.heading && last.raw.length < OWN_TEXT)
			return wordsOf(last);
		if (inside.length > 3)
			break;
	}
	return '';
}

function textOf(page, from, to, at, filter) {
	const before = [], after = [];
	let size = 0;
	for (let i = Math.min(at, to) - 1; i >= from && size < NEAR_BEFORE; i--)
		if (filter(page.texts[i])) {
			before.unshift(page.texts[i]);
			size += page.texts[i].raw.length;
		}
	size = 0;
	for (let i = Math.max(at, from); i < to && size < NEAR_AFTER; i++)
		if (filter(page.texts[i])) {
			after.push(page.texts[i]);
			size += page.texts[i].raw.length;
		}
	return [...before, ...after];
}

/* The surroundings that belong to the unit alone, and the wider form, dialog or card. */
function surroundings(page, unit) {
	const first = unit.fields[0];
	let near = null, scope = null;
	for (let up = parentOf(first.el); up; up = parentOf(up)) {
		const span = page.spans.get(up);
		if (!span)
			continue;
		const strangers = page.fields.slice(span[2], span[3]).filter(f => !unit.fields.includes(f) && isEntry(f) && !f.ghost && !f.away
			&& !(f.state.chrome && !first.state.chrome)).length;
		if (!strangers && !near?.el.matches('main, [role=main], ' + dialogs))
			near = { el: up, span };
		if (scope && scope.size > 400 && scope.el.matches('main, ' + dialogs))
			break;
		const size = page.sizes[span[1]] - page.sizes[span[0]];
		if (scope && size > SCOPE_TEXT)
			break;
		scope = { el: up, span, size };
		if (up.matches(dialogs))
			break;
	}
	near ??= scope;
	return { near, scope };
}

/* Names as words: "user[otp_attempt]" is "user otp attempt", "twoFactorCode" "two factor code". */
function nameText(text) {
	if (!text)
		return '';
	if (ascii.test(text))
		return norm(text.replace(/([a-z\d])([A-Z])/g, '$1 $2').replace(/([A-Z])([A-Z][a-z])/g, '$1 $2').replace(/[^A-Za-z\d]+/g, ' ')
			.replace(/([A-Za-z]{3,})(\d)/g, '$1 $2').replace(/(\d)([A-Za-z]{3,})/g, (all, digit, word) => /^fa/i.test(word) ? all : digit + ' ' + word));
	return norm(text.replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2').replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2').replace(/[^\p{L}\p{N}]+/gu, ' ')
		.replace(/(\p{L}{3,})(\d)/gu, '$1 $2').replace(/(\d)(\p{L}{3,})/gu, (all, digit, word) => /^fa/i.test(word) ? all : digit + ' ' + word));
}

function namesOf(el) {
	const out = [];
	for (const name of ['name', 'id', 'formcontrolname', 'data-testid', 'data-test', 'data-name', 'data-cy', 'ng-model', 'v-model', 'data-field'])
		if (el.hasAttribute(name))
			out.push(nameText(attribute(el, name)));
	for (const name of el.getAttributeNames())
		if (/^data-(?:input-)?(?:otp|mfa|totp|2fa|pin-input|code)/.test(name))
			out.push(nameText(name.slice(5)));
	return out.filter(Boolean);
}
