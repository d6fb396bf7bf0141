/* What is pressed or marked beside a code. */

const CLICKS_AWAY = 40; /* texts between a field and what is pressed for it */

function labelOf(page, el) {
	const texts = [attribute(el, 'aria-label'), attribute(el, 'title'), ...page.labelsOf(el).map(label => label.textContent), ...describedBy(el)];
	let text = texts.filter(Boolean).join(' ');
	for (let up = parentOf(el), level = 0; !text.trim() && up && level < 3; up = parentOf(up), level++)
		text = up.textContent.length < 300 ? up.textContent : '';
	return norm(text).slice(0, 300);
}

function trustBox(page, words, unit) {
	const { form } = unit.fields[0].el;
	const fits = el => (el.form && el.form === form) || (unit.scope && contains(unit.scope.el, el));
	const boxes = [...page.choices.filter(c => c.el.type === 'checkbox'),
		...page.clicks.filter(c => page.places.marked.has(c.el) && /^(?:checkbox|switch)$/.test(attribute(c.el, 'role')))]
		.filter(({ el }) => fits(el) && words.has(labelOf(page, el), 'trust'));
	return (boxes.find(({ el }) => el.form && el.form === form) ?? boxes[0])?.el ?? null;
}

/* What to press after the code; null: nothing here does it. */
function submitOf(page, words, unit) {
	const first = unit.fields[0], form = first.el.form ?? closest(first.el, 'form');
	const dialog = closest(first.el, dialogs);
	let best = null, bestScore = 1;
	for (const click of page.clicks) {
		if (click.state.faint || (click.state.chrome && !first.state.chrome) || Math.abs(click.at - first.at) > 2 * CLICKS_AWAY)
			continue;
		const { el } = click;
		const other = closest(el, dialogs);
		if (other && !contains(other, first.el))
			continue;
		const text = clickText(page, click);
		const own = form && (el.form === form || contains(form, el));
		const close = own || (unit.scope && contains(unit.scope.el, el)) || (dialog && contains(dialog, el));
		if (!close || (el.form && form && el.form !== form))
			continue;
		let score = (own ? 2 : 0) + (dialog && contains(dialog, el) ? 1 : 0);
		if (el.type === 'submit' && el.form)
			score += attribute(el, 'type') === 'submit' ? 3 : 2;
		else if (el.localName === 'button' || el.localName === 'input' || attribute(el, 'role') === 'button' || el.localName.includes('-'))
			score += 1;
		if (words.has(text, 'submit'))
			score += 4;
		if (/\bprimary\b|\bsubmit\b|\bconfirm\b|\bsuccess\b|\bverify\b/.test(nameText(classOf(el) + ' ' + el.id + ' ' + attribute(el, 'name'))))
			score += 2;
		if (/\bsecondary\b|\blink\b|\boutline\b|\bcancel\b|\btext\b/.test(nameText(classOf(el))))
			score -= 2;
		if (words.has(text, 'resend') || (words.has(text, 'trigger') && words.has(text, 'noun') && !words.has(text, 'cancel') && click.at <= first.at + 3
				&& unit.strangers?.length))
			score -= 10;
		if (words.has(text, 'cancel'))
			score -= 8;
		if (words.has(text, 'another') || words.has(text, 'key') || words.has(text, 'recovery'))
			score -= 6;
		if (el.localName === 'a')
			score -= words.has(text, 'submit') ? 1 : 4;
		if (!click.strong)
			score -= 2;
		score += click.at >= first.at ? 1 : -3;
		if (!text && el.type !== 'image')
			score -= 2;
		if (score > bestScore) {
			best = click;
			bestScore = score;
		}
	}
	return best;
}

function resendOf(page, words, unit, submit) {
	const usable = page.clicks.filter(c => !c.state.faint && c !== submit && Math.abs(c.at - unit.fields[0].at) < 2 * CLICKS_AWAY && (!c.state.chrome || unit.fields[0].state.chrome));
	const near = usable.filter(c => unit.scope && contains(unit.scope.el, c.el));
	const says = (list, concept) => list.find(c => words.has(clickText(page, c), concept));
	return says(near, 'resend') ?? says(usable, 'resend')
		?? near.find(c => /\bresend\b|\bsend\b.*\bagain\b|\bretry\b/.test(nameText(c.el.id + ' ' + classOf(c.el) + ' ' + attribute(c.el, 'name')))) ?? null;
}

function triggerOf(page, words, unit, resend, submit) {
	return page.clicks.find(c => c !== submit && !c.state.faint && unit.scope && Math.abs(c.at - unit.fields[0].at) < CLICKS_AWAY && contains(unit.scope.el, c.el)
		&& words.has(clickText(page, c), 'trigger') && (words.has(clickText(page, c), 'noun') || unit.strangers.length)
		&& !words.has(clickText(page, c), 'cancel')) ?? null;
}

const isDisabled = el => Boolean(el.disabled || attribute(el, 'aria-disabled') === 'true' || /(?:^|[\s_-])disabled(?:$|\s)/.test(classOf(el)));
