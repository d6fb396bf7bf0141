/* Lines below the head of the page: what goes on, wherever one is. */
import { h } from './dom.js';
import { icon } from './icons.js';
import { isShown, openConnect } from './connect.js';
import { showOtp, otpShown } from './otp_dialog.js';
import { t } from './i18n.js';
import { isOn, store, titleOf } from './store.js';

function banner(tone, name, text, button) {
	return h('div', { class: 'banner ' + tone, 'data-key': name + text },
		h('div.wide', {}, icon(name), h('p', {}, text), button));
}

export function banners() {
	const lines = [];

	if (!store.online)
		lines.push(banner('bad', 'alert', store.crowded ? t('Too many pages listen to gabbai: close some tabs.')
			: t('No connection to gabbai. Trying again…')));
	for (const connect of store.connects)
		if (isOn(connect) && !isShown(connect))
			lines.push(banner('busy', 'plug', t('Connecting to {site} goes on.', { site: titleOf(connect.site) }),
				h('button', { type: 'button', onclick: () => openConnect(connect.site, connect.account) }, t('Resume'))));
	const [request] = store.otp.filter(r => !r.answered && !isShown(r));
	if (request && !otpShown())
		lines.push(banner('warn', 'key', t('{site} waits for a code.', { site: titleOf(request.site) }),
			h('button', { type: 'button', onclick: () => showOtp(request) }, t('Answer'))));
	return lines;
}
