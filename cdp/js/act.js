'use strict';
/* What happens inside pages: waiting, aiming, typing, choosing.  Runs after locate.js in an isolated
 * world of every frame, so a page can neither see nor change it.
 *
 * Every function is one round trip: it resolves its locator anew at each attempt, waits in the page for
 * what is needed, and answers with plain data.  An answer with `fail` is an error of that name (see
 * cdp/base/error.h) and `text` says why. */
(() => {
	const gabbai = globalThis.gabbai ??= {};
	if (gabbai.race)
		return;

	const TICK_MS = 100;    /* what no mutation announces: shadow roots, style sheets, property changes */
	const CALM_MS = 8;      /* a page that mutates all the time is looked at this often */
	const SAMPLE_MS = 50;
	const STABLE_FRAMES_MS = 100; /* a hidden tab paints no frame: go on without one */

	const waiting = new Map(); /* token -> function that ends the wait */

	/* Runs TEST now and after every change until it answers something, at most MS.  Null after that. */
	function until(test, ms, token) {
		return new Promise((resolve, reject) => {
			const end = performance.now() + ms;
			let last = -Infinity, soon = 0, done = false;
			const stop = () => {
				done = true;
				observer.disconnect();
				clearInterval(tick);
				clearTimeout(soon);
				if (token)
					waiting.delete(token);
			};
			const finish = answer => {
				stop();
				resolve(answer);
			};
			const look = () => {
				soon = 0;
				last = performance.now();
				try {
					const answer = test();
					if (answer)
						finish(answer);
					else if (last >= end)
						finish(null);
				} catch (error) {
					stop();
					reject(error);
				}
			};
			const changed = () => {
				const wait = last + CALM_MS - performance.now();
				if (done || soon)
					return;
				if (wait <= 0)
					look();
				else
					soon = setTimeout(look, wait);
			};
			const observer = new MutationObserver(changed);
			const tick = setInterval(look, Math.max(1, Math.min(TICK_MS, ms)));
			if (token)
				waiting.set(token, () => finish({ cancelled: true }));
			look();
			if (!done)
				observer.observe(document,
					{ childList: true, subtree: true, attributes: true, characterData: true });
		});
	}

	gabbai.cancel = token => waiting.get(token)?.();

	const pause = ms => new Promise(resolve => setTimeout(resolve, ms));

	/* The next painted frame, or a moment later in a page that paints none. */
	const nextFrame = () => new Promise(resolve => {
		const timer = setTimeout(resolve, STABLE_FRAMES_MS);
		requestAnimationFrame(() => { clearTimeout(timer); resolve(); });
	});

	/* Input is dropped before the first paint. */
	const painted = async () => {
		if (!performance.getEntriesByName('first-paint').length && !gabbai.painted) {
			await nextFrame();
			await new Promise(resolve => setTimeout(resolve));
		}
		gabbai.painted = true;
	};

	/* ---- states ---- */

	function disabled(el) {
		if (el.matches(':disabled'))
			return true;
		for (let e = el; e; e = gabbai.parentOf(e))
			if (e.getAttribute?.('aria-disabled') === 'true')
				return true;
		return false;
	}

	const readonly = el => el.readOnly === true || el.getAttribute('aria-readonly') === 'true';

	/* A label stands for its control. */
	function control(el) {
		if (el.matches('input, textarea, select, button') || el.isContentEditable)
			return el;
		const label = el.closest('label');
		return label?.control ?? el;
	}

	const states = {
		attached: els => els.length > 0,
		visible: els => els.some(gabbai.visible),
		enabled: els => els.some(el => gabbai.visible(el) && !disabled(control(el))),
		hidden: els => !els.some(gabbai.visible),
		detached: els => els.length === 0,
	};

	/* Why a branch is not true yet: a code and words. */
	function missing(els) {
		if (!els.length)
			return ['NOT_FOUND', 'nothing matches'];
		const seen = els.filter(gabbai.visible);
		if (!seen.length)
			return ['HIDDEN', `${els.length} hidden`];
		if (disabled(control(seen[0])))
			return ['DISABLED', `${gabbai.describe(seen[0])} is disabled`];
		return ['NONE', `${seen.length} visible`];
	}

	/* The first branch that is true: {index, count}.  branches: [{locator, state}]. */
	gabbai.race = async (branches, ms, token) => {
		const answer = await until(() => {
			for (let i = 0; i < branches.length; i++) {
				const els = gabbai.find(branches[i].locator);
				if (states[branches[i].state](els))
					return { index: i, count: els.length };
			}
			return null;
		}, ms, token);
		return answer ?? {
			index: -1,
			seen: branches.map(b => missing(gabbai.find(b.locator))),
		};
	};

	/* The element an action means: the first that can be seen, else the first. */
	function pick(locator, strict) {
		const els = gabbai.find(locator);
		if (strict && els.length > 1)
			throw Object.assign(new Error(els.slice(0, 4).map(gabbai.describe).join(', ')),
				{ name: 'StrictError' });
		return els.find(gabbai.visible) ?? els[0];
	}

	/* Waits until the element is there, visible, enabled and, for fields, writable. */
	async function ready(locator, opts, ms) {
		let why = ['NOT_FOUND', 'nothing matches'];
		const found = await until(() => {
			const el = pick(locator, opts.strict);
			why = el ? missing([el]) : ['NOT_FOUND', 'nothing matches'];
			if (!el || !(opts.force || gabbai.visible(el)))
				return null;
			const target = opts.field ? control(el) : el;
			if (!opts.force && disabled(control(el)))
				return null;
			/* Pages that fear autofill keep a field read-only until it has the focus. */
			if (opts.wake && readonly(target) && gabbai.deepActiveElement() !== target)
				target.focus({ preventScroll: true });
			if (opts.field && readonly(target)) {
				why = ['DISABLED', `${gabbai.describe(target)} is read-only`];
				return null;
			}
			return { el: target };
		}, ms, opts.token);
		if (found?.el)
			return found;
		return { fail: why[0] === 'NONE' ? 'HIDDEN' : why[0], text: why[1] };
	}

	/* ---- aiming ---- */

	const same = (a, b) => a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;

	/* The middle of the first box that can be seen; an inline link over two lines has several. */
	function aimPoint(el) {
		for (const r of el.getClientRects()) {
			const left = Math.max(r.left, 0), right = Math.min(r.right, innerWidth);
			const top = Math.max(r.top, 0), bottom = Math.min(r.bottom, innerHeight);
			if (right - left > 0 && bottom - top > 0 && (right - left) * (bottom - top) > 0.99)
				return { x: (left + right) / 2, y: (top + bottom) / 2 };
		}
		/* display:contents has no box of its own */
		for (const child of el.getClientRects().length ? [] : el.children) {
			const p = aimPoint(child);
			if (p)
				return p;
		}
		return null;
	}

	/* From this frame's viewport UP to that of the farthest ancestor of the same origin, which is WIDTH by
	 * HEIGHT; FRAMES collects the frame elements passed. */
	function upwards(point, frames) {
		let { x, y } = point;
		let w = globalThis, up = 0;
		while (w !== w.parent) {
			let owner = null;
			try {
				owner = w.frameElement;
			} catch { /* the parent is of another origin */ }
			if (!owner)
				break;
			const r = owner.getBoundingClientRect();
			const style = owner.ownerDocument.defaultView.getComputedStyle(owner);
			x += r.left + owner.clientLeft + parseFloat(style.paddingLeft || 0);
			y += r.top + owner.clientTop + parseFloat(style.paddingTop || 0);
			frames?.push({ owner, x, y });
			w = w.parent;
			up++;
		}
		return { x, y, up, width: w.innerWidth, height: w.innerHeight };
	}

	function inside(node, target) {
		for (let n = node; n; n = gabbai.parentOf(n))
			if (n === target)
				return true;
		return false;
	}

	/* Whether an event on NODE is one on TARGET: inside it, in its label, or on the button around it. */
	function hits(node, target) {
		if (!node)
			return false;
		if (inside(node, target) || node.closest?.('label')?.control === target)
			return true;
		/* What does not take clicks itself (pointer-events: none) is clicked through what it lies in. */
		const around = target.closest?.('button, a, label');
		return Boolean(around) && node === around;
	}

	/* What lies over TARGET at the point: words, or null when nothing does. */
	function cover(target, point) {
		const hit = gabbai.deepElementFromPoint(point.x, point.y);
		if (!hits(hit, target))
			return hit ? named(hit) : 'nothing';
		const frames = [];
		upwards(point, frames);
		for (const { owner, x, y } of frames) {
			let over = owner.ownerDocument.elementFromPoint(x, y);
			for (let root; (root = over?.shadowRoot ?? gabbai.closedRoots?.get(over)) && root.elementFromPoint(x, y) !== over;)
				over = root.elementFromPoint(x, y);
			if (over !== owner)
				return over ? named(over) : 'nothing';
		}
		return null;
	}

	/* "<div id=overlay> from <div class=modal> subtree", as people look for it. */
	function named(el) {
		let top = el;
		for (let e = el; e && e !== document.body && e !== document.documentElement; e = gabbai.parentOf(e))
			if (e instanceof Element)
				top = e;
		return top === el ? gabbai.describe(el) : `${gabbai.describe(el)} from ${gabbai.describe(top)}`;
	}

	const moving = el => {
		for (let e = el; e instanceof Element; e = gabbai.parentOf(e))
			if (e.getAnimations?.().some(a => a.playState === 'running'
					&& a.effect?.getComputedTiming().endTime !== Infinity))
				return true;
		return false;
	};

	const blocks = ['nearest', 'end', 'center', 'start'];

	function scrollTo(el, attempt) {
		const r = el.getBoundingClientRect();
		const seen = r.top >= 0 && r.left >= 0 && r.bottom <= innerHeight && r.right <= innerWidth;
		if (attempt === 0 && seen && !frameElementOffScreen())
			return;
		const block = blocks[attempt % blocks.length];
		el.scrollIntoView({ block, inline: block, behavior: 'instant' });
	}

	/* A frame that is scrolled away paints nothing and its viewport says nothing about it. */
	function frameElementOffScreen() {
		return globalThis !== globalThis.parent;
	}

	let guard = null; /* of the action under way */

	const guarded = ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click', 'auxclick', 'dblclick',
		'contextmenu'];

	/* From now on the first trusted event decides whether the action hit its target.  If not, it and all
	 * that follow are swallowed, so that nothing else is clicked by mistake. */
	/* SUCCESSOR finds the element anew: pages that draw themselves at every move replace it under the mouse. */
	function arm(target, opts, successor) {
		disarm();
		let settle;
		const g = guard = { wrong: null, first: true };
		g.verdict = new Promise(resolve => { settle = resolve; });
		g.settle = settle;
		g.listener = event => {
			if (!event.isTrusted)
				return;
			if (g.first) {
				g.first = false;
				const hit = event.composedPath()[0];
				const meant = target.isConnected ? target : successor() ?? target;
				if (!opts.force && !hits(hit, meant))
					g.wrong = named(hit);
				if (!g.wrong && !opts.last)
					settle({ hit: true });
			}
			if (g.wrong) {
				event.preventDefault();
				event.stopImmediatePropagation();
			}
			if (event.type === (opts.last ?? 'click'))
				settle(g.wrong ? { covered: g.wrong } : { hit: true });
			else if (event.type === 'mouseup')
				setTimeout(() => settle(g.wrong ? { covered: g.wrong } : { hit: true }), 30);
		};
		for (const type of guarded)
			addEventListener(type, g.listener, { capture: true });
	}

	function disarm() {
		if (!guard)
			return;
		for (const type of guarded)
			removeEventListener(type, guard.listener, { capture: true });
		guard.settle({ nothing: true });
		guard = null;
	}

	/* Fields that lost what was typed into them since: their locators, and nothing of their values. */
	const pledges = new Map(); /* locator -> expected */

	function broken() {
		for (const [locator, expected] of pledges) {
			const el = pick(locator);
			if (el && !keeps(control(el), expected))
				return locator;
		}
		return null;
	}

	/* Ready, still, in view, uncovered: where to click (see upwards()), with the guard up. */
	gabbai.aim = async (locator, opts, ms) => {
		const end = performance.now() + ms;
		let why = null;
		await painted();
		for (let attempt = 0; ; attempt++) {
			const found = await ready(locator, opts, Math.max(0, end - performance.now()));
			if (found.fail || found.cancelled)
				return why && found.fail ? why : found;
			const { el } = found;
			scrollTo(el, attempt);
			const before = el.getBoundingClientRect();
			await nextFrame();
			const after = el.getBoundingClientRect();
			const point = aimPoint(el);
			if (!el.isConnected) {
				why = { fail: 'NOT_FOUND', text: 'it is replaced all the time' };
			} else if (!opts.force && (!same(before, after) || moving(el))) {
				why = { fail: 'UNSTABLE', text: `${gabbai.describe(el)} moves` };
			} else if (!point) {
				why = { fail: 'HIDDEN', text: `${gabbai.describe(el)} is outside of the view` };
			} else {
				const over = opts.force ? null : cover(el, point);
				if (over === null) {
					const lost = opts.force ? null : broken();
					if (lost !== null)
						return { retype: lost };
					arm(el, opts, () => pick(locator, false));
					return upwards(point);
				}
				why = { fail: 'COVERED', text: `covered by ${over}` };
			}
			if (performance.now() >= end)
				return why;
			await pause(attempt === 0 ? 0 : Math.min(20 * attempt, 100));
		}
	};

	/* How the action went that aim() prepared: {hit}, {covered} or {nothing}. */
	gabbai.shot = async ms => {
		const g = guard;
		if (!g)
			return { nothing: true };
		const verdict = await Promise.race([g.verdict, pause(ms).then(() => ({ nothing: true }))]);
		if (guard === g)
			disarm();
		return verdict;
	};

	gabbai.disarm = () => (disarm(), true);

	gabbai.view = () => ({ width: innerWidth, height: innerHeight });

	/* Where an element (or the page) is in the document: for pictures. */
	gabbai.box = async (locator, ms) => {
		await painted();
		if (!locator) {
			const d = document.documentElement;
			return { x: 0, y: 0, width: Math.max(d.scrollWidth, innerWidth), height: Math.max(d.scrollHeight, innerHeight) };
		}
		const found = await ready(locator, { force: true }, ms);
		if (!found.el)
			return found;
		const r = found.el.getBoundingClientRect();
		return { x: r.x + scrollX, y: r.y + scrollY, width: r.width, height: r.height };
	};

	gabbai.storage = which => ({ ...globalThis[which] });

	gabbai.coverAt = (x, y) => {
		const hit = gabbai.deepElementFromPoint(x, y);
		return hit ? named(hit) : 'nothing';
	};

	/* ---- fields ---- */

	const valueOf = el => 'value' in el ? el.value : el.textContent;

	const letters = text => text.replace(/[^\p{L}\p{N}]/gu, '');

	/* A mask may put spaces, dashes and brackets between; a password is kept to the letter. */
	function keeps(el, expected) {
		const value = valueOf(el);
		if (value === expected)
			return true;
		return el.type !== 'password' && letters(expected) !== '' && letters(value) === letters(expected);
	}

	function selectAll(el) {
		if (typeof el.select === 'function')
			el.select();
		else
			getSelection().selectAllChildren(el);
	}

	/* Focuses the field, with its content selected when it is to be replaced. */
	gabbai.focus = async (locator, opts, ms) => {
		await painted();
		const found = await ready(locator, { ...opts, field: true, wake: true }, ms);
		if (!found.el)
			return found;
		const { el } = found;
		scrollTo(el, 0);
		el.focus({ preventScroll: true });
		if (gabbai.deepActiveElement() !== el && !el.contains(gabbai.deepActiveElement()))
			return { fail: 'DISABLED', text: `${gabbai.describe(el)} does not take the focus` };
		if (opts.clear)
			selectAll(el);
		return {
			type: el.isContentEditable ? 'contenteditable' : el.localName === 'input' ? el.type : el.localName,
			empty: valueOf(el) === '',
			max: el.maxLength > 0 ? el.maxLength : 0,
		};
	};

	/* Waits until the field has kept its value for CALM ms and compares: {kept} or {length}.  From then on
	 * every aim() looks again.  Only time in which the page could run counts: on a busy machine, a look that
	 * comes late comes before the page's own timers that are late, too. */
	gabbai.typed = async (locator, expected, calm, ms) => {
		const end = performance.now() + ms;
		let kept = 0, before = performance.now(), last = null;
		for (;;) {
			const el = pick(locator);
			const field = el ? control(el) : null;
			const value = field && valueOf(field), now = performance.now();
			kept = value === last ? kept + Math.min(now - before, 2 * SAMPLE_MS) : 0;
			last = value;
			before = now;
			const over = now >= end;
			if (over || kept >= calm) {
				const right = Boolean(field) && keeps(field, expected);
				if (right || over || calm > 0 || kept >= 3 * SAMPLE_MS) {
					if (right)
						pledges.set(locator, expected);
					return right ? { kept: true } : { length: value?.length ?? -1 };
				}
			}
			await pause(SAMPLE_MS);
		}
	};

	gabbai.forget = () => pledges.clear();

	const settable = new Set(['date', 'time', 'datetime-local', 'month', 'week', 'color', 'range']);

	/* Fields that are not typed into: sets the value, or says that the field did not take it. */
	gabbai.set = async (locator, value, opts, ms) => {
		const found = await ready(locator, { ...opts, field: true }, ms);
		if (!found.el)
			return found;
		const { el } = found;
		if (!settable.has(el.type))
			return { typeIt: true };
		el.focus();
		el.value = value;
		if (el.value !== value)
			return { fail: 'VALUE', text: `${gabbai.describe(el)} does not take a value of that form` };
		el.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
		el.dispatchEvent(new Event('change', { bubbles: true }));
		return { kept: true };
	};

	/* Chooses options of a <select>, waiting for those that arrive late. wanted: [{value|label|index}]. */
	gabbai.select = async (locator, wanted, opts, ms) => {
		let why = { fail: 'NOT_FOUND', text: 'nothing matches' };
		const chosen = await until(() => {
			const found = pick(locator, opts.strict);
			const el = found && control(found);
			if (!el || !gabbai.visible(el))
				return null;
			if (el.localName !== 'select')
				return { fail: 'INPUT', text: `${gabbai.describe(el)} is not a <select>` };
			if (disabled(el))
				return why = { fail: 'DISABLED', text: `${gabbai.describe(el)} is disabled` }, null;
			const all = [...el.options];
			const options = wanted.map(w => all.find((o, i) => w.index === i || w.value === o.value
				|| w.label !== undefined && o.label.trim() === w.label));
			if (options.some(o => !o))
				return why = { fail: 'NOT_FOUND', text: 'no such option' }, null;
			if (options.some(o => o.disabled))
				return why = { fail: 'DISABLED', text: 'the option is disabled' }, null;
			for (const option of all)
				option.selected = options.includes(option);
			el.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
			el.dispatchEvent(new Event('change', { bubbles: true }));
			return { values: [...el.selectedOptions].map(o => o.value) };
		}, ms);
		return chosen ?? why;
	};

	gabbai.checked = async (locator, opts, ms) => {
		const found = await ready(locator, { ...opts, force: true }, ms);
		if (!found.el)
			return found;
		const el = control(found.el);
		if (typeof el.checked === 'boolean')
			return { checked: el.checked, radio: el.type === 'radio' };
		return { checked: el.getAttribute('aria-checked') === 'true', radio: false };
	};

	/* ---- one-time codes ---- */

	let code = null; /* {boxes, before, active, value} of the entry under way */

	const boxesOf = locators => locators.map(l => pick(l)).filter(Boolean).map(control);

	function writable(el) {
		return el && gabbai.visible(el) && !disabled(el) && !readonly(el);
	}

	/* Empties the boxes and focuses the first. */
	gabbai.codeStart = async (locators, ms) => {
		await painted();
		const found = await ready(locators[0], { field: true, wake: true }, ms);
		if (!found.el)
			return found;
		const boxes = boxesOf(locators);
		const full = boxes.filter(b => valueOf(b) !== '');
		boxes[0].focus();
		code = { boxes, locators };
		if (full.length)
			selectAll(full[0]), full[0].focus();
		return { boxes: boxes.length, full: full.length, max: boxes[0].maxLength > 0 ? boxes[0].maxLength : 0 };
	};

	/* Focuses box I with its content selected: so that it can be deleted. */
	gabbai.codeClear = () => {
		const full = code.boxes.find(b => b.isConnected && valueOf(b) !== '');
		if (!full)
			return code.boxes[0].focus(), false;
		full.focus();
		selectAll(full);
		return true;
	};

	const codeText = () => boxesOf(code.locators).map(valueOf).join('');

	/* Remembers where the next key will go. */
	gabbai.codeAim = index => {
		const boxes = boxesOf(code.locators);
		const active = gabbai.deepActiveElement();
		if (boxes.length > 1 && !boxes.includes(active) && writable(boxes[index]))
			boxes[index].focus();
		code.active = gabbai.deepActiveElement();
		code.value = code.active ? valueOf(code.active) ?? '' : '';
		code.text = codeText();
		return true;
	};

	/* After a key: waits until the page has moved on, and helps it when it does not.  INDEX is the box of
	 * the key just sent, LAST whether it was the last. */
	gabbai.codeStep = async (index, last) => {
		const end = performance.now() + 400;
		let took = 0;
		for (;;) {
			const active = gabbai.deepActiveElement();
			const text = codeText();
			if (text.length > index && !took)
				took = performance.now();
			if (last && text.length > index)
				return { took: true };
			const moved = active !== code.active && boxesOf(code.locators).includes(active);
			if (text.length > index && moved)
				return { took: true };
			if (took && performance.now() - took >= 200 || performance.now() >= end)
				break;
			await pause(4);
		}
		const boxes = boxesOf(code.locators);
		if (!took)
			return { took: false };
		const next = boxes.find((b, i) => i > index && valueOf(b) === '' && writable(b));
		if (next && gabbai.deepActiveElement() !== next)
			next.focus();
		return { took: true, helped: true };
	};

	/* Whether the boxes hold the code, once the page is calm. */
	gabbai.codeKept = async (expected, ms) => {
		const end = performance.now() + ms;
		while (digits(codeText()) !== expected && performance.now() < end)
			await pause(10);
		return { kept: digits(codeText()) === expected, length: codeText().length };
	};

	const digits = text => text.replace(/[\s-]/g, '');

	/* Some pages take a paste and nothing else. */
	gabbai.codePaste = text => {
		const data = new DataTransfer();
		data.setData('text/plain', text);
		const box = code.boxes.find(b => b.isConnected) ?? code.boxes[0];
		box.focus();
		box.dispatchEvent(new ClipboardEvent('paste',
			{ clipboardData: data, bubbles: true, cancelable: true, composed: true }));
		return true;
	};

	/* ---- reading ---- */

	const table = el => [...el.querySelectorAll('tr')].map(tr =>
		[...tr.cells].map(cell => cell.textContent.trim()));

	const readers = {
		text: el => gabbai.text(el),
		value: el => valueOf(el),
		html: el => el.outerHTML,
		table,
	};

	/* WHAT of the first match, "attr:NAME" included; null when there is none. */
	gabbai.read = async (locator, what, ms) => {
		const found = await until(() => {
			const el = gabbai.find(locator)[0];
			return el ? { el } : null;
		}, ms);
		if (!found)
			return { fail: 'NOT_FOUND', text: 'nothing matches' };
		if (what.startsWith('attr:'))
			return { value: found.el.getAttribute(what.slice(5)) };
		return { value: readers[what](found.el) };
	};

	gabbai.count = locator => gabbai.find(locator).length;
})();
