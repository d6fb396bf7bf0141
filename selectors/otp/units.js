/* What could be typed into: fields become units, each of which could take one code. */

const BOXES_MIN = 4, BOXES_MAX = 10;

function measure(f) {
	const { el } = f;
	const box = f.box = el.getBoundingClientRect();
	const style = getComputedStyle(el);
	f.ghost = f.state.faint || style.opacity === '0' || box.width <= 2 || box.height <= 2
		|| (style.clipPath !== 'none' && box.width < 4) || style.clip === 'rect(0px, 0px, 0px, 0px)';
	f.away = box.right < -400 || box.bottom + scrollY < -400 || box.left > innerWidth + 4000 || (style.visibility !== 'visible');
	f.text = textTypes.has(f.type) || f.type === 'editable' || f.type === 'textarea';
	f.max = el.maxLength ?? -1;
	if (f.max < 0 || f.max > 100)
		f.max = f.max > 100 ? 100 : -1;
	if (f.max < 0 && f.type === 'number' && attribute(el, 'max') === '9')
		f.max = 1;
	f.readOnly = Boolean(el.readOnly);
	f.disabled = Boolean(el.disabled) || attribute(el, 'aria-disabled') === 'true';
	f.value = f.type === 'editable' ? el.textContent.trim() : el.value ?? '';
}

const narrow = f => f.box.width >= 10 && f.box.width <= 100 && f.box.width <= Math.max(2 * f.box.height, 40) && f.box.height <= 140;

function likeBox(f) {
	if (!f.text || f.ghost || f.away || f.type === 'textarea' || f.type === 'search')
		return false;
	if (f.type === 'editable')
		return narrow(f) && f.value.length <= 1;
	return f.max === 1 ? f.box.width <= 180 : narrow(f);
}

const sameRow = (a, b) => Math.abs(a.box.top + a.box.height / 2 - b.box.top - b.box.height / 2) <= 8
	&& Math.abs(a.box.height - b.box.height) <= 6 && Math.abs(a.box.width - b.box.width) <= 0.3 * Math.max(a.box.width, b.box.width) + 4;

/* Runs of boxes for one character each that stand in a row. */
function rowsOf(fields) {
	const rows = [];
	let run = [];
	const flush = () => {
		const singles = run.filter(f => f.max === 1).length, open = run.filter(f => f.max < 0).length;
		const whole = run.every(f => f.max === run.length);
		if (run.length >= BOXES_MIN && run.length <= BOXES_MAX && (singles + open >= run.length - 2 || whole) && (singles || open || whole))
			rows.push(run);
		run = [];
	};
	for (const f of fields) {
		if (!f.text || f.ghost || f.away)
			continue;
		const fits = likeBox(f) && (!run.length || (sameRow(run[0], f) && f.el.form === run[0].el.form));
		if (!fits)
			flush();
		if (likeBox(f))
			run.push(f);
	}
	flush();
	return rows;
}

/* The number in a box's name or label, by which pages that stand in another order say their own. */
function ordered(row) {
	const numbers = row.map(({ el }) => {
		const found = /(\d+)\D*$/.exec(el.name || el.id || '') ?? /(\d+)/.exec(attribute(el, 'aria-label'));
		return found ? Number(found[1]) : -1;
	});
	const falling = numbers.every((n, i) => n >= 0 && (i === 0 || n === numbers[i - 1] - 1));
	return falling ? [...row].reverse() : row;
}

/* How many equal slots are painted around EL; 0: none. */
function slotsAround(el) {
	for (let up = parentOf(el), level = 0; up && level < 4; up = parentOf(up), level++) {
		const parts = [...up.querySelectorAll('*')];
		if (parts.length > 90)
			break;
		const groups = new Map();
		for (const one of parts) {
			if (one === el || one.childElementCount > 2 || elements[one.localName] & SKIPPED || (one.textContent ?? '').trim().length > 1)
				continue;
			const box = one.getBoundingClientRect();
			if (box.width < 12 || box.width > 130 || box.height < 14 || box.height > 140)
				continue;
			const key = `${Math.round(box.top / 4)} ${Math.round(box.width / 3)} ${Math.round(box.height / 3)}`;
			const lefts = groups.get(key) ?? groups.set(key, new Set()).get(key);
			lefts.add(Math.round(box.left));
		}
		const counts = [...groups.values()].map(lefts => lefts.size).filter(n => n >= BOXES_MIN && n <= BOXES_MAX);
		if (counts.length)
			return Math.max(...counts);
	}
	return 0;
}

/* What could be typed into: each with fields (in typing order) and how it is laid out. */
function unitsOf(page) {
	page.fields.forEach(measure);
	const units = [];
	const taken = new Set();
	const ghosts = page.fields.filter(f => f.text && f.ghost && !f.away && !f.disabled && f.type !== 'textarea');
	for (const row of rowsOf(page.fields)) {
		row.forEach(f => taken.add(f));
		/* Boxes that only show what a real input beside them holds. */
		const shown = row.every(f => f.readOnly || f.disabled || f.el.tabIndex < 0);
		const real = shown && ghosts.find(g => !taken.has(g) && contains(parentOf(parentOf(row[0].el)) ?? document.body, g.el));
		if (real) {
			taken.add(real);
			units.push({ layout: 'slots', fields: [real], slots: row.length });
		} else {
			units.push({ layout: 'boxes', fields: ordered(row) });
		}
		for (const g of ghosts)
			if (!taken.has(g) && contains(parentOf(parentOf(row[0].el)) ?? document.body, g.el))
				taken.add(g);
	}
	for (const f of page.fields) {
		if (taken.has(f) || !f.text || f.away)
			continue;
		if (f.ghost) {
			const slots = ghosts.includes(f) ? slotsAround(f.el) : 0;
			if (slots)
				units.push({ layout: 'slots', fields: [f], slots });
			continue;
		}
		units.push({ layout: 'single', fields: [f] });
	}
	return joinHalves(units);
}

/* "123 - 456": two or three short fields of the same size in a row. */
function joinHalves(units) {
	const out = [];
	for (let i = 0; i < units.length; i++) {
		const group = [units[i]];
		const first = units[i].fields[0];
		const short = u => u.layout === 'single' && u.fields[0].max >= 2 && u.fields[0].max <= 4;
		while (short(units[i]) && i + 1 < units.length && short(units[i + 1]) && sameRow(first, units[i + 1].fields[0])
				&& units[i + 1].fields[0].max === first.max)
			group.push(units[++i]);
		const total = group.length * first.max;
		if (group.length >= 2 && group.length <= 3 && total >= 6 && total <= 9)
			out.push({ layout: 'halves', fields: group.map(u => u.fields[0]) });
		else
			out.push(...group);
	}
	return out;
}
