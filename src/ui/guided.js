/* The guided way: the site's fields as fields of ours, so that password managers and keyboards know them. */
import { auto, h } from './dom.js';
import { t } from './i18n.js';

/* What the fields of the sites we know are called; others speak for themselves. */
const labels = { username: 'User name', email: 'E-mail', password: 'Password', id: 'National ID', last4: 'Card, last 4 digits' };

const autocompletes = { username: 'username', email: 'username', password: 'current-password' };

function fieldOf(field) {
	const id = 'guided-' + field.name;
	const code = field.type === 'code';

	return h('div.field', {}, h('label', { for: id }, auto(t(labels[field.label] ?? field.label))),
		h('input', {
			id, name: field.name, type: code ? 'text' : field.type, value: field.value, required: true, dir: 'ltr',
				spellcheck: 'false', autocapitalize: 'off',
			autocomplete: code ? 'one-time-code' : autocompletes[field.name] ?? 'off', inputmode: code || field.type === 'tel'
				? 'numeric' : null,
			'aria-describedby': 'guided-error',
		}));
}

/* FILL(values, remember) sends what was typed. */
export function guidedPane({ fill }) {
	const place = h('div');
	const error = h('p.error', { id: 'guided-error', role: 'alert' });
	const button = h('button.primary', { type: 'submit' });
	let quick = false; /* by a code alone, where the site has that */
	let drawn = '';
	let waiting = false;
	let words = '';

	function work(on) {
		waiting = on;
		button.disabled = on;
		button.textContent = on ? t('Signing in…') : words;
	}

	async function onsubmit(event) {
		event.preventDefault();
		const { remember, ...values } = Object.fromEntries(new FormData(event.target));
		error.textContent = '';
		work(true);
		try {
			await fill(values, remember === 'on');
		} catch (problem) {
			error.textContent = problem.message;
			work(false);
		}
	}

	function otherWay(guided) {
		return h('button.link', { type: 'button', onclick: () => {
			quick = !quick;
			error.textContent = '';
			drawFields(guided);
		} }, quick ? t('Sign in with a password') : t('Sign in with a code alone'));
	}

	const fieldsOf = guided => quick && guided.quickFields ? guided.quickFields : guided.fields;

	function drawFields(guided) {
		words = t(guided.submit);
		place.replaceChildren(h('form.stack', { onsubmit },
			h('h3', {}, auto(t(guided.title))), fieldsOf(guided).map(fieldOf), error,
			h('label.check', {}, h('input', { type: 'checkbox', name: 'remember' }),
				h('span', {}, t('Keep these details sealed on this machine, so that gabbai can sign in again by itself'))),
			h('div.actions', {}, button, guided.quickFields && otherWay(guided))));
		work(false);
		place.querySelector('input')?.focus();
	}

	return {
		node: h('div.pane', {}, place),
		update({ guided, step }) {
			const key = JSON.stringify([guided, step]);
			if (!guided || key === drawn)
				return;
			const fresh = !place.querySelector('form')
				|| fieldsOf(guided).some(f => !place.querySelector(`[name="${CSS.escape(f.name)}"]`));
			drawn = key;
			if (fresh)
				drawFields(guided);
			else if (waiting && step !== 'fill') {
				work(false);
				place.querySelector('input[type="password"]')?.select();
			}
			error.textContent = guided.error && !waiting ? t(guided.error) : '';
		},
		stop() {},
	};
}
