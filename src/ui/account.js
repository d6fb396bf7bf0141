/* The state of an account as a person sees it, and the one thing to do next. */
import { ago } from './format.js';
import { t } from './i18n.js';
import { otpOf } from './store.js';

const SOON_MS = 48 * 3600e3;  /* a session that ends by then is worth renewing */
const STALE_MS = 7 * 24 * 3600e3;

/* tone: ok, busy, warn, bad or idle.  action: what the card's button does. */
const states = {
	code: { tone: 'warn', icon: 'key', text: 'Waiting for your code', action: 'answer' },
	choice: { tone: 'warn', icon: 'key', text: 'Waiting for your choice', action: 'answer' },
	approval: { tone: 'warn', icon: 'phone', text: 'Waiting for your approval', action: 'answer' },
	connecting: { tone: 'busy', icon: 'plug', text: 'Connecting', action: 'resume' },
	running: { tone: 'busy', icon: 'run', text: 'Collecting', action: 'watch' },
	parked: { tone: 'bad', icon: 'pause', text: 'Paused', action: 'connect' },
	reconnect: { tone: 'bad', icon: 'alert', text: 'Needs reconnect', action: 'connect' },
	blocked: { tone: 'bad', icon: 'stop', text: 'Blocked by the site', action: 'collect' },
	fresh: { tone: 'idle', icon: 'plug', text: 'Not connected', action: 'connect' },
	failed: { tone: 'bad', icon: 'alert', text: 'Last run failed', action: 'collect' },
	expiring: { tone: 'warn', icon: 'clock', text: 'Session ends soon', action: 'connect' },
	stale: { tone: 'warn', icon: 'clock', text: 'Not collected lately', action: 'collect' },
	connected: { tone: 'ok', icon: 'check', text: 'Connected', action: 'collect' },
};

const byKind = { code: 'code', choose_method: 'choice', approval: 'approval', wheel: 'approval' };

function nameOf(site, account) {
	const request = otpOf(site.name, account.account);

	if (request)
		return byKind[request.kind] ?? 'code';
	if (account.connecting)
		return 'connecting';
	if (account.running)
		return 'running';
	if (account.parked)
		return 'parked';
	if (['expired', 'needs_reconnect'].includes(account.status))
		return 'reconnect';
	if (account.lastRun?.errorType === 'WAF_BLOCKED')
		return 'blocked';
	if (!account.connected)
		return account.status === 'error' ? 'failed' : 'fresh';
	if (account.status === 'error' || account.lastRun?.exitCode)
		return 'failed';
	if (account.expiresAt && new Date(account.expiresAt) - Date.now() < SOON_MS)
		return 'expiring';
	if (account.lastUsedAt && Date.now() - new Date(account.lastUsedAt) > STALE_MS)
		return 'stale';
	return 'connected';
}

export function accountState(site, account) {
	const name = nameOf(site, account);
	return { name, ...states[name] };
}

/* "Visa Cal", or "Visa Cal · work" where there are several. */
export const accountTitle = (site, account) =>
	account.account === 'default' ? site.title : `${site.title} · ${account.account}`;

/* When something was last collected, or null.  A session is used by connecting, too: without a run that says nothing. */
export function lastSuccess(account) {
	const run = account.lastRun;
	return run && !run.exitCode && run.endedAt ? run.endedAt : run && account.lastUsedAt || null;
}

export function sessionWords(account) {
	return account.expiresAt ? t('Session ends {when}', { when: ago(account.expiresAt) }) : '';
}
