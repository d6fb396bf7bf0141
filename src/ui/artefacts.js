/* What is left of a run that failed: a picture, if there is one, and files to be saved.  Asked for when somebody opens it. */
import { get } from './api.js';
import { h, island, ltr } from './dom.js';
import { fileSize } from './format.js';
import { icon } from './icons.js';
import { t } from './i18n.js';

const names = {
	'screenshot.png': 'Picture of the page', 'page.html': 'The page, as HTML', 'network.har': 'Its requests (HAR)',
	'events.ndjson': 'What happened, step by step', 'run.json': 'The run and its error',
};

function contents(run, list) {
	const path = name => `/api/runs/${encodeURIComponent(run.id)}/artefacts/${name}`;
	const picture = list.find(one => one.type.startsWith('image/'));

	if (!list.length)
		return [h('p.muted', {}, t('Nothing is left of this run.'))];
	return [
		picture ? h('a.shot', { href: path(picture.name), target: '_blank', rel: 'noopener' },
			h('img', { src: path(picture.name), alt: t('The site’s page when the run failed') }))
			: h('p.muted', {}, list.some(one => one.name === 'page.html')
				? t('There is no picture: something secret may have been on the page.')
				: t('There was no page: it failed before a browser was open, or without one.')),
		h('ul.files', {}, list.map(one => h('li', {}, h('a', { href: path(one.name), download: `run-${run.id}-${one.name}` },
			icon('file'), t(names[one.name] ?? one.name)), h('span.muted', {}, ltr(fileSize(one.size)))))),
		h('p.hint', {}, t('Passwords, codes, cookies and numbers were made unreadable before this was written. It stays on this machine.')),
	];
}

export function artefacts(run) {
	return island('artefacts-' + run.id, () => {
		const place = h('div.stack', {}, h('p.muted', { role: 'status' }, t('Loading…')));
		const load = async event => {
			if (!event.target.open)
				return;
			try {
				place.replaceChildren(...contents(run, (await get(`/api/runs/${encodeURIComponent(run.id)}/artefacts`)).artefacts));
			} catch (problem) {
				place.replaceChildren(h('p.note.bad', { role: 'alert' }, problem.message));
			}
		};
		return h('details.panel.left', { ontoggle: load }, h('summary', {}, t('What the browser saw')), place);
	});
}
