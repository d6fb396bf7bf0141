/* The live view: pictures of the page in the server's browser, and the hands of the person in it.
 *
 * A message with a picture is a head of 32 bytes and a JPEG.  Each picture that was drawn is acknowledged, and while
 * one is being decoded only the newest waits, so that a slow machine sees fewer pictures, not older ones. */
import { auto, h, ltr, morph } from './dom.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { liveInput } from './live_input.js';
import { openDialog, toast } from './dialog.js';

const HEAD = 32;
const RETRY_MAX_MS = 2000;
const AROUND = 340;        /* px of the dialog above and below the picture; app.css knows it too */
const HEIGHT_MIN = 320;
const SIZE_AFTER_MS = 200; /* of a window being dragged, the last size is enough */

/* u32 seq, u32 flags, f64 timestamp, u16 width, u16 height, f32 scale, f32 scrollX, f32 scrollY */
function readHead(buffer) {
	const view = new DataView(buffer);
	return { seq: view.getUint32(0, true), width: view.getUint16(16, true), height: view.getUint16(18, true) };
}

export function livePane(url) {
	const canvas = h('canvas', { width: '1280', height: '720' });
	const over = h('div.live-over', { role: 'status' });
	const bar = h('div.live-bar');
	const foot = h('div.live-foot');
	const view = { width: 1280, height: 720 };
	const known = { driver: true, driven: true, isRun: false, viewers: 1, tabs: [], url: '', loading: true };
	let socket = null;
	let tries = 0;
	let stopped = false;
	let newest = null;  /* the picture that waits for its turn */
	let drawing = false;
	let veil = t('Waiting for the first picture…');

	const send = message => socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message));
	const drive = message => known.driver && send(message);
	const input = liveInput({ canvas, view, send: drive, leave: () => node.querySelector('button:not(:disabled)')?.focus() });
	const stage = h('div.live-stage',
		{ role: 'application', 'aria-label': t('Live view of the site. Press Esc twice to leave it.') }, canvas, input.nodes,
		over);
	const node = h('section.live', { 'data-island': true, 'aria-label': t('Live view') }, bar, stage, foot);

	function button(name, words, message) {
		return h('button.icon-button', { type: 'button', 'aria-label': t(words), disabled: !known.driver,
			onclick: () => drive(message) }, icon(name));
	}

	function redraw() {
		const { driver, driven, isRun, tabs, viewers } = known;
		const wheel = (words, take) => h('button', { type: 'button', onclick: () => send({ type: 'drive', take }) }, t(words));

		morph(bar, [
			button('back', 'Back', { type: 'nav', action: 'back' }),
				button('run', 'Load again', { type: 'nav', action: 'reload' }),
			h('p.live-url', {}, ltr(known.url), known.loading && h('span.spinner', { 'aria-hidden': 'true' })),
			tabs.length > 1 && h('div.live-tabs', { role: 'group', 'aria-label': t('Tabs') }, tabs.map(tab => h('button', {
				'data-key': tab.id, type: 'button', 'aria-pressed': String(!!tab.active),
					onclick: () => drive({ type: 'tab', id: tab.id }),
			}, auto(tab.title || tab.url)))),
		].filter(Boolean));
		morph(foot, [
			h('p.hint', {}, driver ? t('Click into the picture and type. Press Esc twice to leave it.')
				: driven ? t('Someone else has the wheel: you are watching.')
					: t('You are watching. Take the wheel to click and type; gabbai waits until you give it back.')),
			viewers > 1 && h('p.hint', {}, t('{n} are looking at this page.', { n: viewers })),
			!driver && wheel('Take the wheel', true),
			driver && isRun && wheel('Give the wheel back', false),
		].filter(Boolean));
		over.textContent = veil;
		over.hidden = !veil;
		stage.classList.toggle('watching', !driver);
	}

	function cover(words) {
		veil = words;
		redraw();
	}

	async function draw() {
		drawing = true;
		while (newest && !stopped) {
			const buffer = newest;
			newest = null;
			const head = readHead(buffer);
			try {
				const picture = await createImageBitmap(new Blob([new Uint8Array(buffer, HEAD)], { type: 'image/jpeg' }));
				if (canvas.width !== picture.width || canvas.height !== picture.height) {
					Object.assign(canvas, { width: picture.width, height: picture.height });
					stage.style.setProperty('--ratio', picture.width / picture.height);
				}
				canvas.getContext('2d').drawImage(picture, 0, 0);
				picture.close();
				Object.assign(view, { width: head.width, height: head.height });
				input.moved();
				if (veil)
					cover('');
			} catch {
				/* A broken picture is skipped; the next one is whole. */
			}
			send({ type: 'ack', seq: head.seq });
		}
		drawing = false;
	}

	const hears = {
		focus: message => input.focus(message),
		dialog: message => pageDialog(message, answer => drive({ type: 'dialog', ...answer })),
		tabs: message => redraw(known.tabs = message.tabs),
		role: ({ driver, driven, isRun, viewers }) => redraw(Object.assign(known, { driver, driven, isRun, viewers })),
		status: message => redraw(Object.assign(known, { url: message.url, loading: message.loading })),
		stalled: () => cover(t('No picture since 3 s')),
		copied: message => copied(message.text),
		end() {
			stopped = true;
			cover(t('The live view has ended.'));
		},
	};

	async function copied(text) {
		try {
			await navigator.clipboard.writeText(text);
			toast(t('Copied.'), 'ok');
		} catch {
			toast(t('This browser does not let the page copy.'), 'bad');
		}
	}

	/* The room there is; the picture then keeps its own shape in it. */
	function size() {
		const height = Math.max(HEIGHT_MIN, window.innerHeight - AROUND);
		send({ type: 'size', width: node.clientWidth, height, dpr: devicePixelRatio });
	}

	function connect() {
		socket = new WebSocket(new URL(url, location.href.replace(/^http/, 'ws')), 'gabbai-live');
		socket.binaryType = 'arraybuffer';
		socket.onopen = () => {
			tries = 0;
			size();
			send({ type: 'visible', visible: !document.hidden });
		};
		socket.onmessage = event => {
			if (typeof event.data === 'string') {
				const message = JSON.parse(event.data);
				hears[message.type]?.(message);
				return;
			}
			newest = event.data;
			if (!drawing)
				draw();
		};
		socket.onclose = () => {
			if (stopped)
				return;
			cover(t('Connecting to the live view…'));
			setTimeout(() => stopped || connect(), Math.min(RETRY_MAX_MS, 250 * 2 ** tries++) * (0.5 + Math.random() / 2));
		};
	}

	const onVisibility = () => send({ type: 'visible', visible: !document.hidden });
	let later = 0;
	const onResize = () => {
		clearTimeout(later);
		later = setTimeout(size, SIZE_AFTER_MS);
	};
	const sizes = new ResizeObserver(onResize);
	document.addEventListener('visibilitychange', onVisibility);
	sizes.observe(node);
	addEventListener('resize', onResize);
	redraw();
	connect();

	return {
		node,
		stop() {
			stopped = true;
			clearTimeout(later);
			sizes.disconnect();
			removeEventListener('resize', onResize);
			input.stop();
			document.removeEventListener('visibilitychange', onVisibility);
			socket.close();
		},
	};
}

/* The view at URL in a dialog of its own, until that is closed; then THEN is called. */
export function openLive(url, then) {
	const pane = livePane(url);
	const dialog = openDialog({ title: t('Live view'), body: pane.node, wide: true, onclose: () => {
		pane.stop();
		then?.();
	} });
	dialog.classList.add('has-live');
	return dialog;
}

/* alert(), confirm() and prompt() of the page, which stands still until they are answered. */
function pageDialog({ kind, message, defaultPrompt }, answer) {
	const words = kind === 'beforeunload' ? t('Leave the page? What was typed may be lost.') : message;
	const field = kind === 'prompt'
		&& h('input', { type: 'text', 'aria-label': message, value: defaultPrompt ?? '', autofocus: true });
	let accept = kind === 'alert';
	const shut = yes => {
		accept = yes;
		dialog.close();
	};
	const dialog = h('dialog', { 'aria-label': t('The site says') },
		h('form.dialog-body.stack', { onsubmit: event => (event.preventDefault(), shut(true)) },
		h('p.hint', {}, t('The site says')), h('p', { dir: 'auto' }, words), field,
		h('div.actions', {}, kind !== 'alert' && h('button', { type: 'button', onclick: () => shut(false) }, t('Cancel')),
			h('button.primary', { type: 'submit' }, t('OK')))));

	dialog.addEventListener('close', () => {
		answer({ accept, text: field ? field.value : undefined });
		dialog.remove();
	});
	document.body.append(dialog);
	dialog.showModal();
	if (field)
		field.select();
}
