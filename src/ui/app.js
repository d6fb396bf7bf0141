/* The page: who may see it, its frame, and which view is shown.  Views return nodes; morph() puts them there. */
import { get, onLoggedOut, post } from './api.js';
import { h, morph } from './dom.js';
import { icon } from './icons.js';
import { setLanguage, t } from './i18n.js';
import { banners } from './banners.js';
import { integrations } from './integrations.js';
import { startOtpDialog } from './otp_dialog.js';
import { applyTheme, prefs } from './prefs.js';
import { results } from './results.js';
import { runs } from './runs.js';
import { schedules } from './schedules.js';
import { settings } from './settings.js';
import { changed, listen, store, watch } from './store.js';
import { badge } from './badge.js';

const views = { integrations, runs, schedules, results, settings };
let loggedIn = true;
let shown = null;

/* "#/runs/r_1": the view and the rest. */
function route() {
	const [name, ...rest] = location.hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent);
	return { view: views[name] ?? integrations, rest };
}

function navigation(current) {
	return h('nav', { 'aria-label': t('Main') }, h('ul.nav', {}, Object.entries(views).map(([name, view]) =>
		h('li', { 'data-key': name }, h('a', { href: '#/' + name, 'aria-current': view === current && 'page' }, icon(view.icon),
			h('span', {}, t(view.title)))))));
}

function mark() {
	return h('a.brand', { href: '#/integrations' }, h('span.mark', { 'aria-hidden': 'true' }, 'g'),
		h('span', { dir: 'ltr' }, 'gabbai'));
}

function frame() {
	const { view, rest } = route();
	const toMain = event => {
		event.preventDefault(); /* the address is the router's */
		document.querySelector('main').focus();
	};

	document.title = badge(t(view.title) + ' · gabbai');
	return [
		h('a.skip', { href: '#main', onclick: toMain }, t('Skip to the content')),
		h('header.top', {}, h('div.wide', {}, mark(), navigation(view))),
		h('div.banners', { 'aria-live': 'polite' }, banners()),
		h('main.wide', { id: 'main', tabindex: '-1' }, view.render(...rest)),
	];
}

/* Of the start link. */
const tokenOf = text => /#t=(.+)$/.exec(text)?.[1];

function logIn(event) {
	event.preventDefault();
	const form = event.target;
	const token = tokenOf(form.elements.token.value) ?? form.elements.token.value.trim();

	useToken(token).catch(problem => {
		form.querySelector('.error').textContent = problem.message;
		form.elements.token.select();
	});
}

function login() {
	document.title = 'gabbai';
	return [h('main.login', { id: 'main', 'data-key': 'login' },
		h('span.mark.large', { 'aria-hidden': 'true' }, 'g'),
		h('h1', {}, t('Open the link that gabbai serve printed')),
		h('p.muted', {}, t('It lets this browser in once. You find it in the terminal, or in the log of the service.')),
		h('form.stack', { onsubmit: logIn, 'data-island': true },
			h('label', { for: 'token' }, t('Or paste the link here')),
			h('input', { id: 'token', name: 'token', type: 'text', dir: 'ltr', autocomplete: 'off', spellcheck: 'false',
				required: true, 'aria-describedby': 'token-error' }),
			h('p.error', { id: 'token-error', role: 'alert' }),
			h('button.primary', { type: 'submit' }, t('Continue'))))];
}

export function render() {
	const app = document.getElementById('app');
	morph(app, loggedIn ? frame() : login());
	const { view } = route();
	if (loggedIn && shown !== location.hash) {
		shown = location.hash;
		view.enter?.(...route().rest);
	}
}

async function useToken(token) {
	await post('/api/login', { token });
	loggedIn = true;
	await start();
}

async function start() {
	store.status = await get('/api/status');
	setLanguage(prefs.language, store.status.language);
	listen();
	changed();
}

onLoggedOut(() => {
	loggedIn = false;
	changed();
});

async function open() {
	const token = tokenOf(location.hash);

	applyTheme();
	setLanguage(prefs.language);
	watch(render);
	startOtpDialog();
	addEventListener('hashchange', () => {
		const late = tokenOf(location.hash);
		if (late) { /* the start link, opened in a tab that is here already */
			history.replaceState(null, '', location.pathname + '#/integrations');
			useToken(late).catch(() => render());
			return;
		}
		render();
		scrollTo(0, 0);
		document.querySelector('main')?.focus();
	});
	setInterval(changed, 30000); /* "2 minutes ago" grows old */
	if (token)
		history.replaceState(null, '', location.pathname + '#/integrations');
	try {
		await (token ? useToken(token) : start());
	} catch (problem) {
		if (problem.status !== 401)
			store.online = false;
		loggedIn = problem.status !== 401 && !token;
		render();
	}
}

open();
