/* Why a run failed, in words, and the one thing to do about it. */
import { t } from './i18n.js';

/* By errorType: what happened; what the button does (collect, connect, unpark, nothing). */
const failures = {
	NEEDS_RECONNECT: ['The site wants somebody to sign in again.', 'connect'],
	INVALID_PASSWORD: ['The site refused the user name or the password. The account is paused, so that it does not get locked.',
		'connect'],
	CHANGE_PASSWORD: ['The site wants a new password. Change it on the site itself, then reconnect.', 'connect'],
	ACCOUNT_BLOCKED: ['The site has blocked the account. Only the site can open it again.', 'none'],
	TWO_FACTOR_RETRIEVER_MISSING: ['The site asked for a code and nobody could be asked.', 'collect'],
	OTP_TIMEOUT: ['Nobody answered the code in time.', 'collect'],
	OTP_CANCELLED: ['You cancelled the code.', 'collect'],
	INVALID_OTP: ['The site refused every code.', 'collect'],
	APPROVAL_TIMEOUT: ['The sign-in was not approved in the app in time.', 'collect'],
	WAF_BLOCKED: ['The site did not let us in. It often helps to wait an hour or to use the live view.', 'collect'],
	TIMEOUT: ['The site did not answer in time.', 'collect'],
	NETWORK_ERROR: ['The site could not be reached.', 'collect'],
	SITE_CHANGED: ['The site looks different from what gabbai knows. An update may be needed.', 'none'],
	BROWSER_MISSING: ['Chromium is missing or did not start.', 'none'],
	LOCKED: ['Another run works on this account.', 'none'],
	KEY_MISMATCH: ['The saved session was sealed with another key. Check SESSION_ENCRYPTION_KEY.', 'none'],
	TAMPERED: ['The saved session is damaged and was not used.', 'connect'],
	PARKED: ['The account is paused until you look at it.', 'connect'],
	INTERRUPTED: ['The run was interrupted.', 'collect'],
	GENERIC: ['The run did not finish.', 'collect'],
};

const stopped = { exitCodes: [130, 143], words: 'You stopped it.' };

/* { words, action } of a run that ended with an error; null of one that did not. */
export function failureOf(run) {
	if (!run || !run.exitCode && !run.errorType)
		return null;
	if (stopped.exitCodes.includes(run.exitCode))
		return { words: t(stopped.words), action: 'collect' };
	const [words, action] = failures[run.errorType] ?? failures.GENERIC;
	return { words: t(words), action };
}
