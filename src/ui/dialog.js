/* Dialogs: the browser's own <dialog>, which keeps the focus inside and gives it back. */
import { h } from './dom.js';
import { icon } from './icons.js';
import { t } from './i18n.js';

let count = 0;

/* Shows a dialog with TITLE and BODY (nodes).  Returns it; closed by its button, by Esc, or by close(). */
export function openDialog({ title, body, wide, onclose }) {
	const id = 'dialog-title-' + ++count;
	const heading = h('h2', { id, tabindex: '-1' }, title);
	const dialog = h('dialog', { 'aria-labelledby': id, class: wide && 'wide-dialog' },
		h('div.dialog-head', {}, heading,
			h('button.icon-button', { type: 'button', 'aria-label': t('Close'), onclick: () => dialog.close() }, icon('close'))),
		h('div.dialog-body', {}, body));

	dialog.addEventListener('close', () => {
		dialog.remove();
		onclose?.();
	});
	document.body.append(dialog);
	dialog.showModal();
	if (!dialog.querySelector('[autofocus]'))
		heading.focus();
	return dialog;
}

/* A question with one thing to do; resolves to whether it shall be done. */
export function confirmed({ title, text, yes, danger }) {
	return new Promise(resolve => {
		let answer = false;
		const dialog = openDialog({
			title,
			body: [h('p', {}, text), h('div.actions', {},
				h('button', { type: 'button', onclick: () => dialog.close() }, t('Keep as it is')),
				h('button', { type: 'button', class: danger ? 'danger' : 'primary',
					onclick: () => (answer = true, dialog.close()) }, yes))],
			onclose: () => resolve(answer),
		});
	});
}

/* Asks for one line of text; resolves to it, or to null. */
export function asked({ title, label, hint, pattern, yes }) {
	return new Promise(resolve => {
		let answer = null;
		const onsubmit = event => {
			event.preventDefault();
			answer = event.target.elements.answer.value.trim();
			dialog.close();
		};
		const dialog = openDialog({
			title,
			body: h('form.stack', { onsubmit },
				h('label', { for: 'answer' }, label),
				h('input', { id: 'answer', name: 'answer', type: 'text', required: true, pattern, autocomplete: 'off',
					autofocus: true, 'aria-describedby': 'answer-hint' }),
				h('p.hint', { id: 'answer-hint' }, hint),
				h('div.actions', {}, h('button.primary', { type: 'submit' }, yes))),
			onclose: () => resolve(answer),
		});
	});
}

/* A sentence at the edge of the page that goes away by itself. */
export function toast(text, tone = 'idle') {
	let shelf = document.querySelector('.toasts');
	if (!shelf)
		document.body.append(shelf = h('div.toasts', { role: 'status', popover: 'manual' }));
	shelf.showPopover?.(); /* above dialogs */
	const note = h('p', { class: 'toast ' + tone }, icon({ ok: 'check', bad: 'alert' }[tone] ?? 'clock'),
		h('span', { dir: 'auto' }, text));
	shelf.append(note);
	setTimeout(() => {
		note.remove();
		if (!shelf.children.length)
			shelf.hidePopover?.();
	}, 6000);
}

/* What a button does, with the button at rest meanwhile and the problem told. */
export const doing = work => async event => {
	const button = event.currentTarget;
	button.disabled = true;
	try {
		await work(event);
	} catch (problem) {
		toast(problem.message, 'bad');
	} finally {
		button.disabled = false;
	}
};
