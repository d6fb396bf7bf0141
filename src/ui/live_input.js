/* Hands for the live view: mouse, touch and wheel on the picture; keys, input methods and paste through a real field.
 *
 * The field ("sink") is transparent and lies where the page's own focused field is, of the same kind: so a phone
 * shows the right keyboard, password managers and one-time codes find it, and input methods open in the right place.
 * Text goes one way only: what can be printed is sent as text, named keys and shortcuts as keys.  The sink always
 * holds PAD, so that a phone's backspace, which is no key but a text that got shorter, can be told. */
import { h } from './dom.js';
import { t } from './i18n.js';

const PAD = '\u200b\u200b';
const LEAVE_MS = 600; /* two Esc within it leave the view */
const TOUCH_MS = 800; /* browsers send mouse events behind a finger's */
const LINE_PX = 40;   /* a line of a wheel that counts lines */
const MODIFIERS = { altKey: 1, ctrlKey: 2, metaKey: 4, shiftKey: 8 };
const OURS = new Set(['F5', 'F11', 'F12']);         /* of the browser one sits at */
const OUR_LETTERS = new Set(['r', 't', 'w', 'n', 'l']);

const modifiersOf = event => Object.entries(MODIFIERS).reduce((sum, [name, bit]) => sum | (event[name] ? bit : 0), 0);

export function liveInput({ canvas, view, send, leave }) {
	const sink = h('input.live-sink', { type: 'text', 'aria-label': t('Keyboard of the live view'), spellcheck: 'false',
		autocapitalize: 'off', autocomplete: 'off', autocorrect: 'off' });
	const picker = h('select.live-picker', { 'aria-label': t('Choices of the site'), hidden: true });
	let field = { kind: 'none', rect: [0, 0, 0, 0] };
	let pressed = false;
	const held = new Map(); /* keys that are down over there, by their code */
	let escapeAt = 0;
	let touchedAt = -Infinity;
	let waiting = null; /* what moves is sent once a picture of the screen: { move, wheel } */

	/* A point of the picture in CSS pixels of the page; the canvas may be shown at any size. */
	function at(point) {
		const box = canvas.getBoundingClientRect();
		return { x: Math.round((point.clientX - box.left) * view.width / box.width),
			y: Math.round((point.clientY - box.top) * view.height / box.height) };
	}

	function mouse(event, kind) {
		return { type: 'mouse', event: kind, ...at(event), button: event.button, clicks: event.detail,
			modifiers: modifiersOf(event), dx: 0, dy: 0 };
	}

	function flush() {
		const { move, wheel } = waiting ?? {};
		waiting = null;
		if (move)
			send(move);
		if (wheel)
			send(wheel);
	}

	function soon(name, message) {
		if (!waiting) {
			waiting = {};
			requestAnimationFrame(flush);
		}
		const before = waiting[name];
		if (name === 'wheel' && before)
			Object.assign(message, { dx: message.dx + before.dx, dy: message.dy + before.dy });
		waiting[name] = message;
	}

	function onMouse(event) {
		const kind = event.type.slice(5);

		if (event.timeStamp - touchedAt < TOUCH_MS)
			return; /* the finger was sent already */
		if (kind === 'move')
			return [canvas, sink].includes(event.target) || pressed ? soon('move', mouse(event, 'move')) : null;
		if (event.button > 2 || kind === 'up' && !pressed)
			return null;
		pressed = kind === 'down';
		event.preventDefault(); /* the focus goes where we say */
		flush();
		sink.focus({ preventScroll: true });
		send(mouse(event, kind));
	}

	function onWheel(event) {
		const unit = [1, LINE_PX, view.height][event.deltaMode];
		event.preventDefault();
		soon('wheel', { ...mouse(event, 'wheel'), dx: event.deltaX * unit, dy: event.deltaY * unit });
	}

	function onTouch(event) {
		const kind = event.type.slice(5);
		const touches = kind === 'end' || kind === 'cancel' ? event.changedTouches : event.touches;
		const points = [...touches].map(touch => ({ ...at(touch), id: touch.identifier }));

		touchedAt = event.timeStamp;
		if (event.target !== sink)
			event.preventDefault(); /* no mouse events besides; on the sink they bring the keyboard */
		if (kind === 'move')
			soon('move', { type: 'touch', event: kind, points });
		else {
			flush();
			send({ type: 'touch', event: kind, points });
		}
		if (kind === 'end' && field.editable)
			sink.focus({ preventScroll: true });
	}

	function isOurs(event) {
		return OURS.has(event.key) || (event.ctrlKey || event.metaKey) && OUR_LETTERS.has(event.key.toLowerCase());
	}

	/* A key comes up that went down here: not one that was pressed in a dialog before. */
	function release(code) {
		const up = held.get(code);
		if (held.delete(code))
			send(up);
	}

	function onKey(event) {
		const { key, code } = event;
		const shortcut = (event.ctrlKey || event.metaKey) && !event.getModifierState('AltGraph');

		if (event.type === 'keyup')
			return release(code);
		if (event.isComposing || key === 'Process' || key === 'Unidentified' || key === 'Dead' || isOurs(event))
			return;
		if (shortcut && key.toLowerCase() === 'v')
			return; /* a paste event follows */
		if ([...key].length === 1 && !shortcut)
			return; /* text: oninput has it */
		if (key === 'Escape') {
			if (event.timeStamp - escapeAt < LEAVE_MS)
				leave();
			escapeAt = event.timeStamp;
		}
		if (shortcut && 'cx'.includes(key.toLowerCase()))
			send({ type: 'copy' });
		if (shortcut && key.toLowerCase() === 'c')
			return;
		event.preventDefault();
		held.set(code, { type: 'key', key, code, modifiers: 0, event: 'up' });
		send({ type: 'key', key, code, modifiers: modifiersOf(event), event: 'down' });
	}

	function clear() {
		sink.value = PAD;
		sink.setSelectionRange(PAD.length, PAD.length);
	}

	function key(name) {
		for (const event of ['down', 'up'])
			send({ type: 'key', key: name, code: name, modifiers: 0, event });
	}

	/* What changed in the sink: shorter is a backspace, longer is text, another text is a password manager. */
	function onInput(event) {
		if (event.isComposing)
			return;
		const { value } = sink;
		if (PAD.startsWith(value))
			for (let n = value.length; n < PAD.length; n++)
				key('Backspace');
		const text = value.replaceAll('\u200b', '');
		if (text)
			send({ type: 'text', text });
		clear();
	}

	function onComposition(event) {
		if (event.type === 'compositionupdate')
			send({ type: 'compose', text: event.data });
		else {
			send(event.data ? { type: 'text', text: event.data } : { type: 'compose', text: '' });
			setTimeout(clear); /* some browsers put the text in after this event */
			sink.value = PAD;
		}
	}

	function onPaste(event) {
		const text = event.clipboardData.getData('text');
		event.preventDefault();
		if (text)
			send({ type: 'text', text });
	}

	function lay(el) {
		const [x, y, width, height] = field.rect;
		const scaleX = canvas.clientWidth / view.width;
		const scaleY = canvas.clientHeight / view.height;

		el.style.setProperty('--x', `${x * scaleX}px`);
		el.style.setProperty('--y', `${y * scaleY}px`);
		el.style.setProperty('--w', `${width * scaleX}px`);
		el.style.setProperty('--h', `${height * scaleY}px`);
	}

	function onFocus(message) {
		const isSelect = message.kind === 'select' && message.options?.length > 0;

		field = message.rect ? message : { ...message, rect: [0, 0, 0, 0] };
		sink.type = { password: 'password', tel: 'tel' }[field.kind] ?? 'text';
		sink.inputMode = field.inputmode || { email: 'email', number: 'decimal', tel: 'tel' }[field.kind]
			|| (field.editable ? 'text' : 'none');
		sink.autocomplete = field.autocomplete || 'off';
		sink.classList.toggle('over-field', !!field.editable);
		lay(sink);
		clear();
		picker.hidden = !isSelect;
		if (isSelect) {
			picker.multiple = !!field.multiple;
			picker.size = Math.min(8, Math.max(2, field.options.length));
			picker.replaceChildren(...field.options.map(o => h('option',
				{ value: o.value, selected: o.selected, disabled: !!o.disabled, dir: 'auto' }, o.label)));
			lay(picker);
			picker.focus({ preventScroll: true });
		} else if (document.activeElement === sink || document.activeElement === picker)
			sink.focus({ preventScroll: true });
	}

	function onPick() {
		const values = [...picker.selectedOptions].map(option => option.value);
		send(picker.multiple ? { type: 'select', values } : { type: 'select', value: values[0] });
		if (!picker.multiple)
			closePicker();
	}

	function closePicker() {
		picker.hidden = true;
		sink.focus({ preventScroll: true });
	}

	const listeners = [
		[canvas, ['mousedown', 'mousemove', 'contextmenu'], event => event.type === 'contextmenu' ? event.preventDefault()
			: onMouse(event)],
		[window, ['mouseup'], onMouse],
		[canvas, ['wheel'], onWheel],
		[canvas, ['touchstart', 'touchmove', 'touchend', 'touchcancel'], onTouch],
		[sink, ['mousedown', 'mousemove'], onMouse],
		[sink, ['touchstart', 'touchmove', 'touchend', 'touchcancel'], onTouch],
		[sink, ['wheel'], onWheel],
		[sink, ['keydown', 'keyup'], onKey],
		[sink, ['blur'], () => [...held.keys()].forEach(release)],
		[sink, ['input'], onInput],
		[sink, ['compositionupdate', 'compositionend'], onComposition],
		[sink, ['paste'], onPaste],
		[picker, ['change'], onPick],
		[picker, ['keydown'], event => event.key === 'Escape' && (event.preventDefault(), closePicker())],
	];
	for (const [target, names, then] of listeners)
		for (const name of names)
			target.addEventListener(name, then, { passive: false });
	sink.value = PAD;

	return {
		nodes: [sink, picker],
		focus: onFocus,
		/* The picture has another size or place: the field goes with it. */
		moved: () => lay(sink),
		stop: () => window.removeEventListener('mouseup', onMouse),
	};
}
