/* Importing a session: what is pasted or dropped is looked at here, so that one sees what is sent. */
import { h } from './dom.js';
import { icon } from './icons.js';
import { many, t } from './i18n.js';

const SIZE_MAX = 2e6; /* the server takes no more */

/* { state, words } of a storageState JSON or a cookies.txt; throws a sentence. */
function readState(text) {
	if (text.trimStart().startsWith('{')) {
		let state;
		try {
			state = JSON.parse(text);
		} catch (problem) {
			throw new Error(t('This is not whole JSON: {why}', { why: problem.message }));
		}
		if (!Array.isArray(state.cookies) && !Array.isArray(state.origins))
			throw new Error(t('This JSON has neither cookies nor origins: it is no storageState.'));
		return { state, words: contents(state.cookies?.length ?? 0, state.origins?.length ?? 0) };
	}
	const cookies = text.split('\n').filter(line => line.split('\t').length === 7
		&& (!line.startsWith('#') || line.startsWith('#HttpOnly_')));
	if (!cookies.length)
		throw new Error(t('There is no cookie in this text. A line of cookies.txt has seven columns with tabs between them.'));
	return { state: text, words: contents(cookies.length, 0) };
}

const contents = (cookies, origins) =>
	[many(cookies, 'One cookie', '{n} cookies'), origins ? many(origins, 'storage of one site', 'storage of {n} sites')
		: null].filter(Boolean).join(', ');

/* SEND(state) resolves when it is saved; DONE() and BACK() lead on. */
export function importPane({ send, back, done }) {
	let found = null;
	const error = h('p.error', { id: 'import-error', role: 'alert' });
	const holds = h('p.hint', { role: 'status' });
	const button = h('button.primary', { type: 'submit', disabled: true }, t('Check and save'));
	const text = h('textarea', { id: 'import-text', rows: '6', dir: 'ltr', spellcheck: 'false', autocomplete: 'off',
		'aria-describedby': 'import-error import-hint', oninput: look });
	const file = h('input.unseen', { type: 'file', accept: '.json,.txt,application/json,text/plain',
		onchange: () => take(file.files[0]) });

	function look() {
		found = null;
		error.textContent = holds.textContent = '';
		try {
			if (text.value.trim()) {
				found = readState(text.value);
				holds.textContent = t('Found: {what}.', { what: found.words });
			}
		} catch (problem) {
			error.textContent = problem.message;
		}
		button.disabled = !found;
	}

	async function take(dropped) {
		if (!dropped)
			return;
		if (dropped.size > SIZE_MAX) {
			error.textContent = t('This file is too large for a session.');
			return;
		}
		text.value = await dropped.text();
		look();
	}

	async function onsubmit(event) {
		event.preventDefault();
		button.disabled = true;
		button.textContent = t('Verifying login and saving session...');
		try {
			await send(found.state);
			done();
		} catch (problem) {
			error.textContent = problem.message;
			button.textContent = t('Check and save');
			button.disabled = false;
		}
	}

	const drop = event => {
		event.preventDefault();
		take(event.dataTransfer.files[0]);
	};

	return {
		node: h('form.pane.stack', { onsubmit, ondrop: drop, ondragover: event => event.preventDefault() },
			h('p', {}, t('Only import a session of your own. Whoever has this text is signed in as you; gabbai seals it when it is saved.')),
			h('label', { for: 'import-text' }, t('storageState JSON or cookies.txt')), text,
			h('p.hint', { id: 'import-hint' },
				t('Paste it here, drop a file, or choose one. Playwright’s storageState and the cookies.txt of curl and yt-dlp are understood.')),
			h('label.button.file', {}, icon('file'), t('Choose a file'), file), holds, error,
			h('div.actions', {}, h('button', { type: 'button', onclick: back }, t('Back')), button)),
		update() {},
		stop() {},
	};
}
