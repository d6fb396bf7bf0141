/* The page behind a link for one code, /o/TOKEN: what a phone needs and nothing else. */
import { get, setBearer } from './api.js';
import { badge, notify } from './badge.js';
import { h } from './dom.js';
import { icon } from './icons.js';
import { setLanguage, t } from './i18n.js';
import { endings, otpPanel, wanted } from './otp.js';
import { applyTheme, prefs } from './prefs.js';
import { listen, outcomes, store, watch } from './store.js';

const app = document.getElementById('app');
let panel = null;

function show(...nodes) {
	app.replaceChildren(h('main.phone', { id: 'main' },
		h('p.brand', {}, h('span.mark', { 'aria-hidden': 'true' }, 'g'), h('span', { dir: 'ltr' }, 'gabbai')), nodes));
}

function say(tone, name, title, text) {
	document.title = badge(title + ' · gabbai');
	show(h('div', { class: 'ending ' + tone, role: 'status' }, icon(name), h('h1', {}, title), h('p.muted', {}, text)));
}

const signs = { accepted: 'check', done: 'check', expired: 'clock', cancelled: 'stop', elsewhere: 'check' };

function finish(how) {
	const [words, tone] = endings[how] ?? endings.elsewhere;
	panel = null;
	store.otp = [];
	say(tone, signs[how] ?? 'check', t(words), t('You can close this page.'));
}

function update() {
	const [request] = store.otp;

	if (!request)
		return;
	document.title = badge(wanted(request) + ' · gabbai');
	notify(request);
	if (panel) {
		panel.update(request);
		return;
	}
	panel = otpPanel(request, finish);
	show(h('h1', {}, wanted(request)), panel.node);
	panel.focus();
}

async function open() {
	const token = decodeURIComponent(location.pathname.split('/')[2] ?? '');

	applyTheme();
	setLanguage(prefs.language);
	setBearer(token);
	watch(update);
	outcomes.addEventListener('outcome', event => panel?.settle(event.detail));
	try {
		store.otp = (await get('/api/otp')).requests;
	} catch (problem) {
		return say('bad', 'alert', t('This link does not work any more.'), [401, 403, 410].includes(problem.status)
			? t('Where the code is asked for, there is a new one.') : problem.message);
	}
	if (!store.otp.length)
		return say('idle', 'check', t('No code is wanted.'), t('It was answered already, or its time is over.'));
	update();
	listen(token);
}

open();
