#include "src/approval.h"

#include "cdp/base/error.h"
#include "cdp/base/json.h"
#include "scrapers/scrape.h"
#include "src/asked.h"
#include "src/otp.h"
#include "src/wheel.h"

#include <string.h>

static bool ask(struct approval *a, const struct otp_plan *plan, struct cdp_page *page, const struct challenge *c,
	struct error *err)
{
	const bool in_app = c->kind == CHALLENGE_PUSH;
	const char *words = in_app ? "Approve the sign-in in the app of the site"
		: c->kind == CHALLENGE_CAPTCHA ? "The site asks for a captcha: take the wheel and solve it"
		: "The site asks for one of the codes that were printed: take the wheel and type it";
	cJSON *request = json_object(JSON_STR("title", plan->site), JSON_STR("kind", in_app ? "approval" : "wheel"),
		JSON_STR("channel", in_app ? "app" : "unknown"), JSON_STR("destination", c->destination), JSON_STR("message", words),
		JSON_INT("digits", 0), JSON_INT("attempt", 1), JSON_INT("maxAttempts", 1), JSON_BOOL("canResend", false),
		JSON_BOOL("canDrive", true));
	const int wait_ms = plan->wait_ms ? plan->wait_ms : OTP_WAIT_MS;

	a->wheel = otp_wheel_begin(plan, page, true, err);
	if (a->wheel)
		return asked_begin(plan->asked, request, wheel_channel(a->wheel), wait_ms / 1000, err);
	cJSON_Delete(request);
	return false;
}

bool approval_stands(struct approval *a, const struct otp_plan *plan, struct cdp_page *page, const struct challenge *c,
	struct scrape_stand *out, struct error *err)
{
	int peer;

	if (!plan->asked || !otp_plan_has(plan, "web"))
		return true;
	if (!a->wheel && !ask(a, plan, page, c, err))
		return false;
	for (cJSON *message; (message = wheel_next(a->wheel, &peer));) {
		AUTO(json) cJSON *said = message;
		const char *id = json_str(said, "requestId");
		if (!id || strcmp(id, plan->asked->id) != 0) {
			wheel_hang_up(a->wheel, peer);
		} else if (json_true(said, "cancel")) {
			wheel_reply(a->wheel, peer, 200, "cancelled");
			asked_end(plan->asked, "cancelled", NULL);
			otp_wheel_end(plan, a->wheel);
			a->wheel = NULL;
			return fail(err, ERR_CODE_CANCEL, "cancelled instead of done");
		} else {
			wheel_reply(a->wheel, peer, 422, "there is nothing to type here");
		}
	}
	out->held = wheel_is_held(a->wheel);
	out->pause = wheel_pause(a->wheel, DEADLINE_NEVER);
	return true;
}

void approval_end(struct approval *a, const struct otp_plan *plan, bool in_time)
{
	if (a->wheel)
		asked_end(plan->asked, in_time ? "answered" : "timeout", NULL);
	otp_wheel_end(plan, a->wheel);
	a->wheel = NULL;
}
