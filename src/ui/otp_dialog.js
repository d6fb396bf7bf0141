/* The dialog that asks for codes wherever one is in the page; several requests stand beside each other. */
import { isShown } from './connect.js';
import { notify } from './badge.js';
import { openDialog, toast } from './dialog.js';
import { auto, h, morph } from './dom.js';
import { t } from './i18n.js';
import { endings, otpPanel, wanted } from './otp.js';
import { changed, outcomes, store, titleOf, watch } from './store.js';

let dialog = null;
let panel = null;
const putOff = new Set(); /* closed by the person: the banner asks on */
const settled = new Set(); /* over for us before the server says so */

const sameAccount = (a, b) => a.site === b.site && a.account === b.account;
const list = h('div.otp-list', { role: 'group' });
const place = h('div');

export const otpShown = () => dialog !== null;
const open = () => store.otp.filter(r => !settled.has(r.requestId) && !isShown(r)
	&& (!r.answered || r.requestId === panel?.request.requestId));

function drawList(requests) {
	list.setAttribute('aria-label', t('Codes that are wanted'));
	list.hidden = requests.length < 2;
	morph(list, requests.map(r => h('button', {
		'data-key': r.requestId, type: 'button', 'aria-pressed': String(sameAccount(r, panel.request)), onclick: () => choose(r),
	}, auto(titleOf(r.site)))));
}

function choose(request) {
	panel?.stop();
	panel = otpPanel(request, how => {
		const [words, tone] = endings[how] ?? endings.elsewhere;
		settled.add(panel.request.requestId);
		panel = null;
		toast(t(words), tone);
		update();
		changed();
	}, { link: true });
	place.replaceChildren(panel.node);
	drawList(open());
	panel.focus();
}

/* Shows REQUEST, also one that was put off. */
export function showOtp(request) {
	if (!request)
		return;
	if (!dialog)
		dialog = openDialog({
			title: wanted(request), body: [list, place],
			onclose: () => {
				for (const r of store.otp)
					putOff.add(r.requestId);
				panel?.stop();
				panel = dialog = null;
				changed();
			},
		});
	choose(request);
	changed();
}

function update() {
	const requests = open();

	for (const request of store.otp)
		notify(request);
	if (!dialog) {
		const fresh = requests.find(r => !putOff.has(r.requestId));
		if (fresh)
			showOtp(fresh);
		return;
	}
	const mine = panel && requests.find(r => sameAccount(r, panel.request));
	if (mine)
		mine === panel.request || panel.update(mine);
	else if (requests.length)
		choose(requests[0]);
	else
		dialog.close();
	if (panel)
		drawList(requests);
}

export function startOtpDialog() {
	watch(update);
	outcomes.addEventListener('outcome', event => panel?.settle(event.detail));
}
