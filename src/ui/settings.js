/* Settings of this browser, and what the server says about itself. */
import { get } from './api.js';
import { doing } from './dialog.js';
import { auto, h, ltr } from './dom.js';
import { bytes } from './format.js';
import { icon } from './icons.js';
import { languages, setLanguage, t } from './i18n.js';
import { applyTheme, prefs, setPref } from './prefs.js';
import { changed, store } from './store.js';

const themes = { auto: 'As the system', light: 'Light', dark: 'Dark' };

let doctor = null; /* { checks } or { words } */

function radios(name, legend, options, chosen, choose) {
	return h('fieldset', {}, h('legend', {}, t(legend)), h('div.segments', {}, Object.entries(options).map(([value, words]) =>
		h('label', { 'data-key': value },
			h('input', { type: 'radio', name, value, checked: value === chosen, onchange: () => choose(value) }),
			h('span', { lang: name === 'language' && value }, words)))));
}

function chooseLanguage(code) {
	setPref('language', code);
	setLanguage(code);
	changed();
}

function chooseTheme(name) {
	setPref('theme', name === 'auto' ? null : name);
	applyTheme();
	changed();
}

function notifications() {
	if (!('Notification' in window))
		return h('p.muted', {}, t('This browser has no notifications.'));
	const state = Notification.permission;
	const ask = doing(async () => {
		await Notification.requestPermission();
		changed();
	});
	return [
		h('p.muted', {}, state === 'granted'
			? t('When a site asks for a code, this browser tells you, also while another tab is in front.')
			: state === 'denied' ? t('Notifications are switched off for this page in the browser’s own settings.')
				: t('Let this browser tell you when a site asks for a code.')),
		state === 'default' && h('button', { type: 'button', onclick: ask }, t('Allow notifications')),
	];
}

const sources = { environment: 'from the environment', service: 'from a file', file: 'from a file' };

function facts(status) {
	const rows = [
		['Version', ltr(status.version)],
		status.key && ['Encryption key', status.key.id
			? [ltr(h('code', {}, status.key.id)), ' ', t(sources[status.key.source] ?? status.key.source ?? '')]
			: status.key.error ? auto(status.key.error) : t('made on first use')],
		status.dataDir && ['Data', h('code', { dir: 'ltr' }, status.dataDir)],
		status.storeBytes != null && ['Stored', ltr(bytes(status.storeBytes))],
		status.browser && ['Browser', status.browser.path ? [h('code', { dir: 'ltr' }, status.browser.path), ' ',
			ltr(status.browser.version ?? '')] : t('not found')],
	].filter(Boolean);
	return h('dl.facts', {}, rows.map(([words, value]) => h('div', {}, h('dt', {}, t(words)), h('dd', {}, value))));
}

async function check() {
	try {
		doctor = { checks: (await get('/api/doctor')).checks };
	} catch (problem) {
		doctor = { words: problem.status === 404 ? t('This version of gabbai cannot check itself yet.') : problem.message };
	}
	changed();
}

const marks = { pass: ['ok', 'check', 'fine'], warn: ['warn', 'alert', 'look at it'], fail: ['bad', 'stop', 'broken'] };

function checks() {
	return h('ul.checks', {}, doctor.checks.map(({ name, status, detail, fix }) => {
		const [tone, sign, words] = marks[status] ?? marks.warn;
		return h('li', { 'data-key': name + detail }, h('span', { class: 'chip ' + tone }, icon(sign), h('span', {}, t(words))),
			h('div', {}, h('strong', {}, auto(name)), h('p.muted', {}, auto(detail)),
				fix && h('p', {}, h('code', { dir: 'ltr' }, fix))));
	}));
}

function render() {
	return [
		h('div.page-head', {}, h('h1', {}, t('Settings'))),
		h('div.two', {},
			h('section.panel', {}, h('h2', {}, t('This browser')),
				radios('language', 'Language', languages, document.documentElement.lang, chooseLanguage),
				radios('theme', 'Colours', Object.fromEntries(Object.entries(themes).map(([key, words]) => [key, t(words)])),
					prefs.theme ?? 'auto', chooseTheme),
				h('h3', {}, t('Notifications')), notifications()),
			h('section.panel', {}, h('h2', {}, t('gabbai')), store.status ? facts(store.status) : h('p.muted', {}, t('Loading…')),
				h('p.muted', {}, t('Sessions and passwords are sealed with the key. Nothing is sent anywhere but to the sites, and to where you have results delivered.')))),
		h('section.panel', {}, h('h2', {}, t('Check-up')),
			h('p.muted', {}, t('Looks whether everything gabbai needs is there and works.')),
			h('div', { role: 'status' }, doctor?.words && h('p', {}, doctor.words), doctor?.checks && checks()),
			h('button', { type: 'button', onclick: doing(check) }, t('Check now'))),
	];
}

export const settings = { title: 'Settings', icon: 'gear', render };
