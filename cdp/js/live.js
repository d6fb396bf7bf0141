/* What a remote person needs to know of a frame, told through a binding that the page cannot see: which field has
 * the focus and how it wants to be typed into (never what it holds), the options of a list, the title.
 *
 * Chromium draws the lists of <select> in windows that no picture shows, and which then eat the next click: so
 * they never open, and the person gets the options instead. */
(frame => {
	'use strict';
	const gabbai = globalThis.gabbai ??= {};
	gabbai.live?.stop();

	const OPTIONS_MAX = 500;
	const LABEL_MAX = 200;
	const SCROLL_MS = 100; /* a field that moves is told of this often */
	const kinds = { password: 'password', tel: 'tel', email: 'email', number: 'number', text: 'text', search: 'text', url: 'text' };
	const segments = ['date', 'time', 'month', 'week', 'datetime-local']; /* fields that take keys only, part by part */

	const ending = new AbortController();
	let last = '', timer = 0, opened = 0, list = null;
	const changed = new MutationObserver(() => soon(0));

	function active() {
		let el = document.activeElement;
		while (el?.shadowRoot?.activeElement)
			el = el.shadowRoot.activeElement;
		return el;
	}

	/* In the viewport of the whole process: the frames around this one, as far as they can be reached. */
	function rectOf(el) {
		const box = el.getBoundingClientRect();
		let x = box.x, y = box.y, view = window;
		for (let owner; view !== view.parent; view = view.parent) {
			try {
				owner = view.frameElement;
			} catch {
				break;
			}
			if (!owner)
				break;
			const around = owner.getBoundingClientRect(), style = view.parent.getComputedStyle(owner);
			x += around.x + owner.clientLeft + parseFloat(style.paddingLeft);
			y += around.y + owner.clientTop + parseFloat(style.paddingTop);
		}
		if (view === view.top && view.visualViewport) {
			x -= view.visualViewport.offsetLeft;
			y -= view.visualViewport.offsetTop;
		}
		return [x, y, box.width, box.height].map(Math.round);
	}

	const optionsOf = el => [...el.options].slice(0, OPTIONS_MAX).map(o => ({
		label: (o.label || o.text).slice(0, LABEL_MAX), value: o.value, selected: o.selected,
		...(o.disabled || o.parentElement.disabled ? { disabled: true } : {}),
	}));

	function describe(el) {
		const none = { editable: false, kind: 'none' };
		if (!el || el === document.body || el.matches('iframe, frame'))
			return none;
		const common = { inputmode: el.inputMode || '', autocomplete: el.autocomplete || '', rect: rectOf(el) };
		if (el.matches('select'))
			return el.disabled ? none
				: { editable: false, kind: 'select', ...common, options: optionsOf(el), multiple: el.multiple, opened };
		if (el.isContentEditable || el.matches('textarea'))
			return el.readOnly || el.disabled ? none : { editable: true, kind: 'text', ...common };
		if (!el.matches('input') || el.readOnly || el.disabled)
			return none;
		if (segments.includes(el.type))
			return { editable: true, kind: 'text', ...common, keys: true };
		return kinds[el.type] ? { editable: true, kind: kinds[el.type], ...common } : none;
	}

	function tell(what) {
		globalThis.gabbaiLive?.(JSON.stringify({ frame, ...what }));
	}

	function report() {
		timer = 0;
		const el = active(), now = describe(el);
		if (el !== list) {
			changed.disconnect();
			list = now.kind === 'select' ? el : null;
			if (list)
				changed.observe(list, { childList: true, subtree: true, attributes: true, characterData: true });
		}
		const title = window === window.top ? document.title.slice(0, LABEL_MAX) : undefined;
		const words = JSON.stringify([now, title]);
		if (words !== last)
			tell({ focus: now, title });
		last = words;
	}

	function soon(ms) {
		if (!timer)
			timer = setTimeout(report, ms);
	}

	const on = (target, names, run) => {
		for (const name of names.split(' '))
			target.addEventListener(name, run, { capture: true, passive: false, signal: ending.signal });
	};

	const here = () => tell({ here: true });
	const isList = el => el?.matches?.('select') && !el.multiple && el.size <= 1 && !el.disabled;

	on(window, 'focusin focusout change', () => soon(0));
	on(window, 'scroll resize', () => soon(SCROLL_MS));
	on(window, 'focus', event => {
		if (event.target === window) {
			here();
			soon(0);
		}
	});
	/* The field stays the document's active element, but the keys go elsewhere. */
	on(window, 'blur', event => {
		if (event.target === window)
			setTimeout(() => {
				if (document.hasFocus())
					return;
				last = '';
				tell({ focus: { editable: false, kind: 'none' } });
			});
	});
	on(window, 'pointerdown', event => event.isTrusted && here());
	on(window, 'mousedown', event => {
		const el = event.composedPath()[0]?.closest?.('select');
		if (!event.isTrusted || !isList(el))
			return;
		event.preventDefault();
		opened++;
		el.focus({ preventScroll: true });
		soon(0);
	});
	on(window, 'keydown', event => {
		if (event.isTrusted && isList(active()) && (event.key === ' ' || (event.altKey && event.key.startsWith('Arrow')))) {
			event.preventDefault();
			opened++;
			soon(0);
		}
	});
	on(document, 'DOMContentLoaded', () => { watchTitle(); soon(0); });
	on(window, 'load', () => soon(0));

	const titles = new MutationObserver(() => soon(0));
	function watchTitle() {
		if (window === window.top && document.head)
			titles.observe(document.head, { childList: true, subtree: true, characterData: true });
	}
	watchTitle();

	gabbai.live = {
		/* Chooses options of the list that has the focus, as a person would; false: there is no such list or option. */
		select(values) {
			const el = active();
			if (!el?.matches('select') || el.disabled)
				return false;
			const wanted = [...el.options].filter(o => values.includes(o.value) && !o.disabled);
			if (values.length && !wanted.length)
				return false;
			if (el.multiple)
				for (const o of el.options)
					o.selected = wanted.includes(o);
			else if (wanted.length)
				wanted[0].selected = true;
			el.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
			el.dispatchEvent(new Event('change', { bubbles: true }));
			soon(0);
			return true;
		},
		/* What is marked; nothing of passwords. */
		selection() {
			const el = active();
			if (el?.matches('input, textarea')) {
				if (el.type === 'password')
					return '';
				try {
					return el.value.slice(el.selectionStart ?? 0, el.selectionEnd ?? 0);
				} catch {
					return '';
				}
			}
			return String(getSelection() ?? '');
		},
		stop() {
			ending.abort();
			changed.disconnect();
			titles.disconnect();
			clearTimeout(timer);
			delete gabbai.live;
		},
	};
	report();
	if (document.hasFocus() && active()?.tagName !== 'IFRAME' && window === window.top)
		here();
})
