/* Whether a server's answer asks for a one-time code: answers in the manner of many services, and what only looks alike. */
#include "tests/lib/answers.h"
#include "tests/lib/asserts.h"

#include "cdp/base/buf.h"

#define X100 "It is long. It is long. It is long. It is long. It is long. It is long. It is long. It is long. It is lon"

static const struct answer_row positives[] = {
	{ "Auth0", 403, .body = "{\"error\":\"mfa_required\",\"error_description\":\"Multifactor authentication required\","
		"\"mfa_token\":\"Fe26.2*abc\"}", .type = "unknown", .carried = "mfa_token=Fe26.2*abc" },
	{ "Auth0, a challenge out of band", 200, .body = "{\"challenge_type\":\"oob\",\"oob_code\":\"Fe26\",\"binding_method\":\"prompt\","
		"\"mfa_token\":\"t1\",\"message\":\"Enter the code we sent by SMS\"}", .type = "sms", .carried = "mfa_token=t1, oob_code=Fe26" },
	{ "Okta", 200, .body = "{\"stateToken\":\"007ucIX7PATyn94hsHfOLVaXAmOBkKHWnOOLG43bsb\",\"status\":\"MFA_REQUIRED\","
		"\"_embedded\":{\"factors\":[{\"factorType\":\"token:software:totp\",\"provider\":\"GOOGLE\"}]}}",
		.type = "totp", .digits = 6, .carried = "stateToken=007ucIX7PATyn94hsHfOLVaXAmOBkKHWnOOLG43bsb" },
	{ "Okta, a challenge that was sent", 200, .body = "{\"stateToken\":\"00x\",\"status\":\"MFA_CHALLENGE\",\"factorResult\":\"CHALLENGE\","
		"\"_embedded\":{\"factor\":{\"factorType\":\"sms\",\"profile\":{\"phoneNumber\":\"+1 XXX-XXX-1337\"}}},"
		"\"_links\":{\"next\":{\"name\":\"verify\",\"href\":\"https://x.okta.com/api/v1/authn/factors/smsq/verify\"}}}",
		.type = "sms", .carried = "stateToken=00x",
		.endpoint = "https://x.okta.com/api/v1/authn/factors/smsq/verify" },
	{ "GitHub's header", 401, "X-GitHub-OTP: required; sms", "{\"message\":\"Must specify two-factor authentication OTP code.\"}",
		.type = "sms" },
	{ "GitHub's header, an app", 401, "x-github-otp: required; app", "{\"message\":\"Bad credentials\"}", .type = "totp", .digits = 6 },
	{ "npm", 401, "WWW-Authenticate: OTP", "{\"error\":\"You must provide a one-time pass. Upgrade your client to use 2FA.\"}",
		.type = "unknown" },
	{ "a header that only names a scheme", 401, "WWW-Authenticate: Bearer error=\"mfa_required\"", "", .type = "unknown" },
	{ "RFC 9470", 401, "WWW-Authenticate: Bearer error=\"insufficient_user_authentication\", acr_values=\"mfa\"", "", .type = "unknown" },
	{ "a header of one's own", 200, "X-OTP-Required: true", "{}", .type = "unknown" },
	{ "Cognito", 200, .body = "{\"ChallengeName\":\"SMS_MFA\",\"Session\":\"AYABe\",\"ChallengeParameters\":"
		"{\"CODE_DELIVERY_DELIVERY_MEDIUM\":\"SMS\",\"CODE_DELIVERY_DESTINATION\":\"+*******1234\"}}",
		.type = "sms", .destination = "+*******1234", .carried = "Session=AYABe" },
	{ "Cognito, an app", 200, .body = "{\"ChallengeName\":\"SOFTWARE_TOKEN_MFA\",\"Session\":\"s\",\"ChallengeParameters\":{}}",
		.type = "totp", .digits = 6, .carried = "Session=s" },
	{ "Amplify", 200, .body = "{\"isSignedIn\":false,\"nextStep\":{\"signInStep\":\"CONFIRM_SIGN_IN_WITH_SMS_CODE\"}}", .type = "sms" },
	{ "Firebase", 200, .body = "{\"kind\":\"x\",\"mfaPendingCredential\":\"AMf-x\",\"mfaInfo\":[{\"phoneInfo\":\"+*******0000\"}]}",
		.type = "sms", .destination = "+*******0000", .carried = "mfaPendingCredential=AMf-x" },
	{ "Discord", 200, .body = "{\"token\":null,\"mfa\":true,\"sms\":true,\"ticket\":\"WzEx\"}", .type = "unknown", .carried = "ticket=WzEx" },
	{ "generic, with an object", 200, .body = "{\"success\":false,\"requiresOtp\":true,\"otp\":{\"channel\":\"email\","
		"\"destination\":\"j***@example.com\",\"expiresIn\":300,\"codeLength\":6,\"resendIn\":30}}",
		.type = "email", .destination = "j***@example.com", .expires_in = 300, .digits = 6, .retry_after = 30 },
	{ "the reference's example", 202, .body = "{\"requires2FA\":true,\"otpType\":\"email\",\"message\":\"Verification code sent to "
		"u***@example.com\",\"destination\":\"u***@example.com\",\"expiresIn\":300,\"otpEndpoint\":\"/api/verify-otp\",\"codeLength\":6}",
		.type = "email", .destination = "u***@example.com", .expires_in = 300, .digits = 6, .endpoint = "/api/verify-otp" },
	{ "pending_verification", 202, .body = "{\"status\":\"pending_verification\",\"message\":\"Please enter the code sent to your email\"}",
		.type = "email" },
	{ "a flag and a method", 200, .body = "{\"requires2FA\":true,\"method\":\"sms\",\"destination\":\"***1234\"}", .type = "sms",
		.destination = "***1234" },
	{ "only a sentence", 401, .body = "{\"error\":\"Verification code required. Check your email.\"}", .type = "email" },
	{ "its field's name", 200, .body = "{\"requires2FA\":true,\"otpFieldName\":\"verification_code\"}", .type = "unknown",
		.field = "verification_code" },
	{ "verification_required", 200, .body = "{\"verification_required\":true,\"verify_url\":\"/v\"}", .type = "unknown", .endpoint = "/v" },
	{ "challenge_type of sms", 200, .body = "{\"challenge_type\":\"sms\",\"message\":\"Enter the code we sent to your phone\"}",
		.type = "sms" },
	{ "a flag as text", 200, .body = "{\"two_factor_required\":\"true\",\"type\":\"whatsapp\"}", .type = "whatsapp" },
	{ "a flag as a number", 200, .body = "{\"MfaRequired\":1,\"mfaType\":\"voice\"}", .type = "call" },
	{ "GraphQL, data", 200, .body = "{\"data\":{\"login\":{\"requires2FA\":true,\"twoFactorToken\":\"tt\"}}}", .type = "unknown",
		.carried = "data.login.twoFactorToken=tt" },
	{ "GraphQL, errors", 200, .body = "{\"errors\":[{\"message\":\"Two-factor code needed\",\"extensions\":{\"code\":\"MFA_REQUIRED\","
		"\"challengeId\":\"c-1\"}}],\"data\":null}", .type = "unknown", .carried = "errors.0.extensions.challengeId=c-1" },
	{ "GraphQL, __typename", 200, .body = "{\"data\":{\"signIn\":{\"__typename\":\"TwoFactorChallenge\",\"id\":\"x\"}}}",
		.type = "unknown" },
	{ "nested", 200, .body = "{\"data\":{\"result\":{\"twoFactor\":{\"required\":true,\"type\":\"totp\"}}}}", .type = "totp", .digits = 6 },
	{ "JSON:API", 403, .body = "{\"errors\":[{\"status\":\"403\",\"code\":\"otp_required\",\"title\":\"One-time code required\"}]}",
		.type = "unknown" },
	{ "eight deep", 200, .body = "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":{\"g\":{\"otpRequired\":true}}}}}}}}", .type = "unknown" },
	{ "against inclusion", 200, .body = ")]}',\n{\"otpRequired\":true}", .type = "unknown" },
	{ "OAuth grant", 400, .body = "{\"error\":\"invalid_grant\",\"error_description\":\"OTP required: a code was sent to your phone\"}",
		.type = "unknown" },
	{ "Bitwarden", 400, .body = "{\"error\":\"invalid_grant\",\"error_description\":\"Two factor required.\",\"TwoFactorProviders\":[\"0\"],"
		"\"TwoFactorProviders2\":{\"0\":null}}", .type = "unknown" },
	{ "an approval", 200, .body = "{\"status\":\"mfa_required\",\"factorType\":\"push\",\"transactionId\":\"tx9\"}", .type = "push",
		.kind = CHALLENGE_PUSH,
		.carried = "transactionId=tx9" },
	{ "a step and where it went", 200, .body = "{\"step\":\"otp\",\"maskedPhone\":\"05*****123\"}", .type = "sms",
		.destination = "05*****123" },
	{ "an action", 200, .body = "{\"nextAction\":\"VERIFY_OTP\",\"otpReferenceId\":\"r-1\"}", .type = "unknown" },
	{ "VK", 401, .body = "{\"error\":\"need_validation\",\"validation_type\":\"2fa_sms\",\"phone_mask\":\"+7 *** *** ** 12\"}",
		.type = "sms", .destination = "+7 *** *** ** 12" },
	{ "Rails", 401, .body = "{\"errors\":{\"base\":[\"A verification code was texted to your phone ending in 99. It will expire in 5 "
		"minutes.\"]}}", .type = "sms", .destination = "99", .expires_in = 300 },
	{ "plain text", 401, "Content-Type: text/plain", "Please enter the 6-digit code we sent to number ending in 1234. It expires in "
		"10 minutes.", .type = "sms", .destination = "1234", .digits = 6, .expires_in = 600 },
	{ "whatsapp is no app", 200, .body = "{\"message\":\"We sent a verification code to your WhatsApp\"}", .type = "whatsapp" },
	{ "a full number is masked", 200, .body = "{\"otp_required\":true,\"phone\":\"+15551234567\"}", .type = "sms",
		.destination = "+*******4567" },
	{ "minutes", 200, .body = "{\"otpRequired\":true,\"expires_in_minutes\":5}", .type = "unknown", .expires_in = 300 },
	{ "Retry-After", 200, "Retry-After: 45", "{\"otpRequired\":true}", .type = "unknown", .retry_after = 45 },
	{ "a redirect", 302, "Location: /login/two-factor?next=%2F", "", .type = "unknown", .endpoint = "/login/two-factor?next=%2F" },
	{ "a wrong code, and another one", 422, .body = "{\"otpRequired\":true,\"message\":\"The code is incorrect.\"}", .type = "unknown",
		.problem = PROBLEM_WRONG },
	{ "German", 200, .body = "{\"message\":\"Geben Sie den 6-stelligen Code ein, den wir per SMS an ***1234 gesendet haben. "
		"Der Code ist 5 Minuten g\303\274ltig.\"}", .type = "sms", .destination = "***1234", .digits = 6, .expires_in = 300 },
	{ "Portuguese", 200, .body = "{\"mensagem\":\"x\",\"message\":\"Enviamos um c\303\263digo de verifica\303\247\303\243o para "
		"j***@exemplo.com.br\"}", .type = "email", .destination = "j***@exemplo.com.br" },
	{ "Spanish", 200, .body = "{\"message\":\"Hemos enviado un c\303\263digo de verificaci\303\263n de 6 d\303\255gitos a tu correo. "
		"Caduca en 10 minutos.\"}", .type = "email", .digits = 6, .expires_in = 600 },
	{ "French", 401, .body = "{\"message\":\"Saisissez le code de v\303\251rification envoy\303\251 par SMS\"}", .type = "sms" },
	{ "Hebrew", 200, .body = "{\"message\":\"הזינו את קוד האימות שנשלח אליך ב-SMS\"}", .type = "sms" },
	{ "Russian", 200, .body = "{\"message\":\"Введите код подтверждения, отправленный по SMS\"}", .type = "sms" },
	{ "Japanese", 200, .body = "{\"message\":\"メールで送信された認証コードを入力してください\"}", .type = "email" },
	{ "Chinese", 200, .body = "{\"message\":\"短信验证码已发送至您的手机，请输入6位验证码\"}", .type = "sms", .digits = 6 },
	{ "Keycloak", 200, "Content-Type: text/html", "<html><head><title>Sign in</title></head><body><form action=\"/auth\"><label>"
		"One-time code</label><input id=otp name=\"otp\" autocomplete=\"off\" type=\"text\"><input type=submit></form></body></html>",
		.type = "unknown", .field = "otp" },
	{ "HTML with a sentence", 200, "Content-Type: text/html", "<p>Enter the <b>6-digit</b> code we sent to a***@example.com</p>"
		"<input name=\"code\" type=\"tel\">", .type = "email", .destination = "a***@example.com", .digits = 6, .field = "code" },
	{ "HTML in Italian", 200, "Content-Type: text/html", "<h1>Verifica</h1><p>Inserisci il codice di verifica inviato via SMS</p>"
		"<input name=token type=text>", .type = "sms", .field = "token" },
	{ "HTML, declared", 200, "Content-Type: text/html", "<h1>Verification code</h1><p>Enter the code</p>"
		"<input autocomplete=\"one-time-code\" name=\"c\">", .type = "unknown", .field = "c" },
};

static const struct answer_row negatives[] = {
	{ "a wrong password", 401, .body = "{\"error\":\"Invalid username or password\"}" },
	{ "a wrong password's code", 401, .body = "{\"code\":\"INVALID_PASSWORD\",\"message\":\"Wrong password.\"}" },
	{ "Firebase's wrong password", 400, .body = "{\"error\":{\"code\":400,\"message\":\"INVALID_LOGIN_CREDENTIALS\"}}" },
	{ "nothing but 401", 401, .body = "" },
	{ "Basic", 401, "WWW-Authenticate: Basic realm=\"x\"", "Authentication required" },
	{ "Bearer", 401, "WWW-Authenticate: Bearer error=\"invalid_token\"", "{\"message\":\"Unauthorized\"}" },
	{ "a firewall", 403, "Content-Type: text/html", "<h1>Access denied</h1><p>Error code 1020</p>" },
	{ "428", 428, .body = "{\"message\":\"Precondition required\"}" },
	{ "GitHub's limit", 403, "X-RateLimit-Remaining: 0", "{\"message\":\"API rate limit exceeded for user ID 1.\"}" },
	{ "too many codes", 429, "Retry-After: 60", "{\"message\":\"Too many verification codes sent. Enter the code later.\","
		"\"otp_required\":true}", .problem = PROBLEM_TOO_MANY, .retry_after = 60 },
	{ "a job", 202, .body = "{\"status\":\"pending\",\"jobId\":\"j1\",\"status_url\":\"/jobs/j1\"}" },
	{ "a job without a body", 202, .body = "" },
	{ "a job of verification", 202, .body = "{\"status\":\"processing\",\"message\":\"Your document is being verified\"}" },
	{ "captcha", 403, .body = "{\"challenge_type\":\"captcha\",\"message\":\"Please solve the captcha\"}" },
	{ "captcha's code", 403, .body = "{\"captchaRequired\":true,\"message\":\"Enter the verification code shown in the image captcha\"}" },
	{ "captcha with a challenge", 200, .body = "{\"error\":\"captcha_challenge_required\",\"challengeId\":\"x\"}" },
	{ "a human's check", 403, "Content-Type: text/html", "<h1>Verify you are human</h1><input type=hidden name=cf-token>" },
	{ "photo upload", 400, .body = "{\"message\":\"photo upload failed\"}" },
	{ "2fa in a number", 500, .body = "{\"message\":\"request 1c2fa9 failed\"}" },
	{ "a reset", 200, .body = "{\"message\":\"Password reset token sent to your email\"}" },
	{ "a webhook", 200, .body = "{\"message\":\"The token was sent to the webhook\"}" },
	{ "false as text", 200, .body = "{\"requires2FA\":\"false\",\"ok\":true}" },
	{ "false", 200, .body = "{\"requires2FA\":false,\"otpRequired\":null,\"mfaRequired\":0}" },
	{ "otp_enabled", 200, .body = "{\"otp_enabled\":false,\"user\":{\"mfaEnabled\":true,\"two_factor_enabled\":true}}" },
	{ "verificationUrl", 200, .body = "{\"verificationUrl\":\"https://x/verify\",\"ok\":true}" },
	{ "a device's flow", 200, .body = "{\"device_code\":\"d\",\"user_code\":\"ABCD-EFGH\","
		"\"verification_uri\":\"https://x\",\"expires_in\":900}" },
	{ "signed in", 200, .body = "{\"access_token\":\"e.y.J\",\"expires_in\":3600,\"token_type\":\"bearer\",\"mfaRequired\":true}" },
	{ "a code of authorization", 200, .body = "{\"code\":\"4/abc\",\"state\":\"xyz\"}" },
	{ "a coupon", 200, .body = "{\"message\":\"We sent a discount code to your email, enter the code at checkout\"}" },
	{ "OTP switched off", 400, .body = "{\"message\":\"OTP login is not enabled for this account\"}" },
	{ "a wrong code alone", 400, .body = "{\"error\":\"INVALID_OTP\",\"message\":\"Invalid verification code\"}", .problem = PROBLEM_WRONG },
	{ "an old code alone", 400, .body = "{\"message\":\"The verification code has expired\"}", .problem = PROBLEM_EXPIRED },
	{ "a link", 200, .body = "{\"message\":\"We sent a confirmation link to your email\"}" },
	{ "an address not verified", 403, .body = "{\"code\":\"EMAIL_NOT_VERIFIED\",\"message\":\"Please verify your email address\"}" },
	{ "a rule of the house", 403, .body = "{\"message\":\"Two-factor authentication must be enabled for your organization\"}" },
	{ "OAuth's code", 401, .body = "{\"error\":\"authorization code required\"}" },
	{ "an old session", 401, .body = "{\"message\":\"Your session token has expired. Please enter your password\"}" },
	{ "a code that was right", 200, .body = "{\"message\":\"Your verification code was accepted\",\"success\":true}" },
	{ "a person with a second factor", 200, .body = "{\"token\":\"eyJ\",\"user\":{\"mfa\":true,\"twoFactor\":true}}" },
	{ "settings", 200, .body = "{\"settings\":{\"mfaRequired\":true,\"otpLength\":6}}" },
	{ "people", 200, .body = "{\"users\":[{\"id\":1,\"mfaRequired\":true},{\"id\":2,\"mfaRequired\":true}]}" },
	{ "setting up", 200, .body = "{\"mfaSetupRequired\":true,\"secret\":\"JBSW\",\"otpauth_url\":\"otpauth://totp/x\"}" },
	{ "set up, Cognito", 200, .body = "{\"ChallengeName\":\"MFA_SETUP\",\"Session\":\"s\"}" },
	{ "a new password", 200, .body = "{\"ChallengeName\":\"NEW_PASSWORD_REQUIRED\",\"Session\":\"s\"}" },
	{ "papers", 403, .body = "{\"error\":\"kyc_verification_required\"}" },
	{ "GraphQL, not signed in", 200, .body = "{\"errors\":[{\"message\":\"Not authorized\",\"extensions\":{\"code\":\"UNAUTHENTICATED\"}}]}" },
	{ "a page to sign in", 200, "Content-Type: text/html", "<p>We protect you with two-factor authentication codes sent by SMS</p>"
		"<input name=email type=email><input type=password name=password>" },
	{ "an article", 200, "Content-Type: text/html", "<article><p>Enter the code we sent: how one-time codes work.</p><p>"
		X100 X100 X100 X100 X100 X100 "</p></article>" },
	{ "a redirect home", 302, "Location: /home", "" },
	{ "a redirect to set it up", 302, "Location: /settings/2fa/setup", "" },
	{ "a broken server", 503, .body = "{\"message\":\"OTP service: enter the code sent to you later\"}" },
	{ "no JSON after all", 200, "Content-Type: application/json", "{\"otpRequired\":tr" },
	{ "a comment", 200, .body = "{\"comments\":[{\"text\":\"enter the verification code we sent to you\"}]}" },
	{ "nothing", 204, .body = "" },
};

/* ---- where things stand, and how they are written ---- */

#define MOMENTS "Date: Tue, 14 Nov 2023 22:13:20 GMT"

static const struct answer_row details[] = {
	/* How long: RFC 9110 §10.2.3 and §5.6.7, ISO 8601, seconds and milliseconds since 1970, from the server's own clock. */
	{ "Retry-After, a moment", 200, MOMENTS "\nRetry-After: Tue, 14 Nov 2023 22:14:05 GMT", "{'otpRequired':true}", "unknown",
		.retry_after = 45 },
	{ "Retry-After, RFC 850", 200, MOMENTS "\nRetry-After: Tuesday, 14-Nov-23 22:14:05 GMT", "{'otpRequired':true}", "unknown",
		.retry_after = 45 },
	{ "Retry-After that is over", 200, MOMENTS "\nRetry-After: Tue, 14 Nov 2023 22:00:00 GMT", "{'otpRequired':true}", "unknown" },
	{ "Retry-After without sense", 200, "Retry-After: soon", "{'otpRequired':true}", "unknown" },
	{ "a server that is an hour ahead", 200, "Date: Tue, 14 Nov 2023 23:13:20 GMT", "{'otpRequired':true,'expiresAt':"
		"'2023-11-14T23:18:20Z'}", "unknown", .expires_in = 300 },
	{ "ISO 8601", 200, .body = "{'otpRequired':true,'expiresAt':'2023-11-14T22:18:20Z'}", .type = "unknown", .expires_in = 300 },
	{ "ISO 8601, of a zone", 200, .body = "{'otpRequired':true,'expires_at':'2023-11-15T00:18:20.123+02:00'}", .type = "unknown",
		.expires_in = 300 },
	{ "ISO 8601, of another", 200, .body = "{'otpRequired':true,'expires_at':'2023-11-14T17:18:20-0500'}", .type = "unknown",
		.expires_in = 300 },
	{ "a moment that is over", 200, .body = "{'otpRequired':true,'expiresAt':'2023-11-14T22:00:00Z'}", .type = "unknown" },
	{ "a moment next year", 200, .body = "{'otpRequired':true,'expiresAt':'2024-11-14T22:00:00Z'}", .type = "unknown" },
	{ "seconds since 1970", 200, .body = "{'otpRequired':true,'expires_at':1700000120}", .type = "unknown", .expires_in = 120 },
	{ "milliseconds since 1970", 200, .body = "{'otpRequired':true,'expiresAt':1700000120000}", .type = "unknown", .expires_in = 120 },
	{ "seconds as text", 200, .body = "{'otpRequired':true,'expiresIn':'180'}", .type = "unknown", .expires_in = 180 },
	{ "milliseconds", 200, .body = "{'otpRequired':true,'expiresIn':300000}", .type = "unknown", .expires_in = 300 },
	{ "milliseconds by name", 200, .body = "{'otpRequired':true,'expiresInMs':30000}", .type = "unknown", .expires_in = 30 },
	{ "a day", 200, .body = "{'otpRequired':true,'expiresIn':86400}", .type = "unknown", .expires_in = 86400 },
	{ "a clock", 200, .body = "{'otpRequired':true,'timeLeft':'04:59','resendIn':'00:30'}", .type = "unknown", .expires_in = 299,
		.retry_after = 30 },
	{ "a clock with hours", 200, .body = "{'otpRequired':true,'validity':'00:05:00'}", .type = "unknown", .expires_in = 300 },
	{ "a period", 200, .body = "{'otpRequired':true,'validity':'PT1M30S'}", .type = "unknown", .expires_in = 90 },
	{ "words", 200, .body = "{'otpRequired':true,'validity':'5 minutes'}", .type = "unknown", .expires_in = 300 },
	{ "an hour of the day is none", 401, .body = "{'message':'Enter the verification code we sent. It is valid until 14:30.'}",
		.type = "unknown" },
	{ "a number without sense", 200, .body = "{'otpRequired':true,'expiresIn':-1,'codeLength':99,'resendIn':1e300}", .type = "unknown" },

	/* Where it stands. */
	{ "JSON-RPC", 200, .body = "{'jsonrpc':'2.0','id':7,'error':{'code':-32001,'message':'OTP required','data':{'type':'otp_required',"
		"'challenge_id':'c-1','channel':'sms'}}}", .type = "sms", .carried = "error.data.challenge_id=c-1" },
	{ "an array at the top", 200, .body = "[{'error':{'message':'MFA_REQUIRED','mfaToken':'t-1'}}]", .type = "unknown",
		.carried = "0.error.mfaToken=t-1" },
	{ "JSON in a string", 200, "Content-Type: application/json", "{\"d\":\"{\\\"requiresOtp\\\":true,\\\"otpToken\\\":\\\"t-1\\\","
		"\\\"maskedPhone\\\":\\\"***12\\\"}\"}", "sms", .destination = "***12", .carried = "d.otpToken=t-1" },
	{ "JSON that is a string", 401, .body = "\"Enter the verification code we sent by SMS\"", .type = "sms" },
	{ "GraphQL, extensions", 200, .body = "{'data':{'login':null},'errors':[{'message':'x','path':['login'],'extensions':{'code':"
		"'TWO_FACTOR_REQUIRED','classification':'DataFetchingException','twoFactorToken':'t-1','method':'EMAIL'}}]}", .type = "email",
		.carried = "errors.0.extensions.twoFactorToken=t-1" },
	{ "errors by field", 400, .body = "{'otp_token':['This field is required.'],'errors':{'otp':['This field is required.']}}",
		.type = "unknown" },
	{ "all at once", 401, .body = "{'mfa':{'required':true,'challengeId':'c','transactionId':'x','methods':['email'],'verifyUrl':'/mfa/verify',"
		"'httpMethod':'PUT','codeField':'mfa_code','sentTo':'d***@example.com','codeLength':8,'ttl':120}}", .type = "email",
		.destination = "d***@example.com", .digits = 8, .expires_in = 120, .endpoint = "/mfa/verify", .method = "PUT", .field = "mfa_code",
		.carried = "mfa.challengeId=c, mfa.transactionId=x", .choices = "email" },
	{ "a person's own address, and names", 200, .body = "{'requires2FA':true,'user':{'name':'Dee App','email':'d@example.com','phone':"
		"'+15551234567'},'client':{'name':'Mobile App'},'error':'app_login'}", .type = "unknown" },
	{ "an endpoint that is none", 200, .body = "{'otpRequired':true,'verifyUrl':'javascript://x/','otpFieldName':'a b'}", .type = "unknown" },

	/* Headers. */
	{ "X-MFA-…", 401, "X-MFA-Required: true\nX-MFA-Type: email\nX-MFA-Token: t-1\nX-OTP-Expires-In: 120", "", "email", .expires_in = 120,
		.carried = "X-MFA-Token=t-1" },
	{ "X-2FA-Required", 403, "X-2FA-Required: 1", "Forbidden", "unknown" },
	{ "X-OTP: not required", 401, "X-OTP-Required: false\nWWW-Authenticate: Bearer", "{'error':'unauthorized'}" },
	{ "X-GitHub-OTP, of a code that was wrong", 401, "X-GitHub-OTP: required; app", "{'message':'Must specify two-factor code. The code is"
		" incorrect.'}", "totp", .digits = 6, .problem = PROBLEM_WRONG },
	{ "a redirect with a query", 302, "Location: /login?step=otp&next=%2F", "", "unknown", .endpoint = "/login?step=otp&next=%2F" },
	{ "a redirect with a flag", 302, "Location: https://x.example/login?mfa_required=true", "", "unknown",
		.endpoint = "https://x.example/login?mfa_required=true" },
	{ "a redirect to a route", 302, "Location: /app#/two-factor", "", "unknown", .endpoint = "/app#/two-factor" },
	{ "a redirect back", 302, "Location: /login?next=/account/2fa", "" },
	{ "a host of that name", 302, "Location: https://otp.example.com/home", "" },
	{ "a page that goes on", 200, .body = "<html><head><meta http-equiv=\"refresh\" content=\"0; url=/login/2fa\"></head></html>",
		.type = "unknown", .endpoint = "/login/2fa" },

	/* Pages. */
	{ "six boxes", 200, .body = "<p>Enter the code we texted you</p><form action=/v method=post><input name=d1 maxlength=1><input name=d2"
		" maxlength=1><input name=d3 maxlength=1><input name=d4 maxlength=1><input name=d5 maxlength=1><input name=d6 maxlength=1></form>",
		.type = "sms", .digits = 6 },
	{ "a form that is to be sent whole", 200, .body = "<form action=\"/v?a=1&amp;b=2\" method=POST enctype=\"multipart/form-data\"><input"
		" type=hidden name=challenge_id value=\"c&quot;1\"><input type=hidden name=empty><h2>Verification code</h2><input name=code></form>"
		"<form action=/search><input name=q></form>", .type = "unknown", .endpoint = "/v?a=1&b=2", .method = "POST", .field = "code",
		.encoding = "multipart/form-data", .carried = "challenge_id=c\"1, empty=" },
	{ "the surest of several fields", 200, .body = "<form action=/a><label>Code</label><input name=code></form><form action=/b method=post>"
		"<p>Enter the one-time code</p><input name=x autocomplete=\"section-a one-time-code\"></form>", .type = "unknown", .field = "x",
		.endpoint = "/b" },
	{ "what is hidden says nothing", 200, .body = "<h1>One-time code</h1><p>Enter the code we sent</p><div hidden><p>The code is wrong."
		"</p></div><p style=\"display: none\">The code has expired.</p><form><input name=otp></form>", .type = "unknown" },
	{ "a form that nobody sees", 200, .body = "<form action=/login><input name=email><input name=password type=password></form>"
		"<div style=\"display:none\"><p>Enter the code we sent</p><form><input name=otp></form></div>" },
	{ "letters as references", 200, .body = "<p>Geben Sie den Best&auml;tigungscode ein, den wir an &#8226;&#x2022;&bull;34 gesendet haben"
		"</p><form><input name=code></form>", .type = "sms", .destination = "\342\200\242\342\200\242\342\200\24234" },
	{ "Latin-1", 200, .body = "<p>Introduzca el c\363digo de verificaci\363n enviado por SMS</p><form><input name=codigo></form>",
		.type = "sms" },
	{ "not closed", 200, .body = "<p>Enter the verification code we sent<form action=/v><input name=otp value=<b", .type = "unknown" },
	{ "a badge of a captcha", 200, .body = "<h1>Enter the code we sent you by SMS</h1><form><input name=otp></form><p>This site is protected by"
		" reCAPTCHA and the Google Privacy Policy applies.</p>", .type = "sms" },
	{ "a captcha", 200, .body = "<h1>Verification</h1><p>Enter the characters you see in the image</p><form><img src=c.png><input"
		" name=verification_code></form>" },
	{ "a search that is declared to be a code", 200, .body = "<h1>Two-factor auth explained</h1><form><input type=text placeholder=Search"
		" autocomplete=one-time-code></form>" },
	{ "a cart, and a warning", 200, .body = "<h1>Cart</h1><form><label>Coupon code</label><input name=coupon_code placeholder=\"Enter code\">"
		"</form><p>Never share the codes we send you by text message.</p>" },
	{ "setting up", 200, .body = "<p>Scan the barcode with your app</p><form><input type=hidden name=totpSecret value=JBSW><p>Enter the"
		" one-time code provided by the application</p><input name=totp></form>" },
	{ "setting up, from the secret alone", 200, .body = "<form><input type=hidden name=totpSecret value=JBSW><p>Enter the one-time code"
		" provided by the application</p><input name=totp></form>" },
	{ "a text that costs money", 200, .body = "<p>Kup VIP: wy\305\233lij SMS o tre\305\233ci MSMS na numer 7136</p><form><input name=code"
		" placeholder=\"Kod z SMS\"></form>" },
	{ "a television's code", 200, .body = "<h1>Connect your device</h1><p>Enter the code displayed on your TV</p><form><input name=user-code>"
		"</form>" },
	{ "a document's code", 200, .body = "<p>Informe o c\303\263digo de verifica\303\247\303\243o impresso no certificado</p><form><input"
		" name=c></form>" },
	{ "a code that is shown", 200, .body = "<p>Your verification code for the display</p><input name=code readonly value=\"ABCD-1234\">" },
	{ "the only field, without a name that says so", 200, .body = "<input name=q type=search><form><p>Enter the code we sent by SMS to"
		" ***34</p><input name=f17></form>", .type = "sms", .field = "f17", .destination = "***34" },
	{ "a number alone on a line", 200, .body = "<h1>Check your phone</h1><p>+1 (***) ***-**42</p><form><label>Verification code</label>"
		"<input name=code></form>", .type = "sms", .destination = "+1 (***) ***-**42" },
	{ "a password and a code", 200, .body = "<form><input name=user><input type=password name=pass><input name=otp"
		" placeholder=\"OTP (optional)\"></form>" },
	{ "SOAP", 200, "Content-Type: application/soap+xml", "<s:Envelope xmlns:s='x'><s:Body><r:otpRequired>true</r:otpRequired><r:otpChannel>"
		"SMS</r:otpChannel><r:challengeId>c-1</r:challengeId></s:Body></s:Envelope>", "sms", .carried = "challengeId=c-1" },
	{ "plain text", 401, "Content-Type: text/plain", "OTP required", "unknown" },
	{ "digits of another script", 401, .body = "{'message':'\330\243\330\257\330\256\331\204 \330\261\331\205\330\262 \330\247"
		"\331\204\330\252\330\255\331\202\331\202 \330\247\331\204\331\205\330\261\330\263\331\204 ***\331\243\331\244'}",
		.type = "sms", .destination = "***34" },
};

static struct answer_book *book;

static void reads_details_wherever_they_stand(void **state)
{
	(void)state;
	assert_int_equal(answer_rows_wrong(book, ANSWER_ROWS(details)), 0);
}


static void asks_for_a_code(void **state)
{
	(void)state;
	assert_int_equal(answer_rows_wrong(book, ANSWER_ROWS(positives)), 0);
}

static void asks_for_nothing(void **state)
{
	(void)state;
	assert_int_equal(answer_rows_wrong(book, ANSWER_ROWS(negatives)), 0);
}

static const struct {
	const char *body;
	const char *message;
} messages[] = {
	{ "{\"otpRequired\":true,\"otp\":\"otp-482913\",\"data\":\"482913\",\"hint\":\"482913\",\"message\":\"One-time code: 482913\"}",
		"One-time code: ******" },
	{ "{\"otpRequired\":true,\"otp\":\"482913\",\"code\":\"482913\",\"message\":\"Your verification code is 482913\"}",
		"Your verification code is ******" },
	{ "{\"otpRequired\":true,\"token\":\"482913\",\"message\":\"Your verification code: 482 913\"}", "Your verification code: *******" },
	{ "{\"otpRequired\":true,\"message\":\"رمز التحقق: ٤٨٢٩١٣\"}", "رمز التحقق: ******" },
	{ "{\"otpRequired\":true,\"message\":\"Enter the code sent to ** 482913\"}", "Enter the code sent to ** ******" },
	{ "{\"otpRequired\":true,\"message\":\"Enter the code sent to the number ending in 1234\"}",
		"Enter the code sent to the number ending in 1234" },
};

static void keeps_no_code(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
		AUTO(answer_challenge) struct answer_challenge got = { 0 };
		const struct answer_row row = { "", 200, .body = messages[i].body };
		assert_true(answer_row_judge(book, &row, &got));
		assert_string_equal(got.message, messages[i].message);
		assert_int_equal(got.carried_count, 0);
		for (size_t k = 0; k < got.evidence_count; k++)
			assert_lacks(got.evidence[k], "482913");
		assert_true(!got.destination || !strcmp(got.destination, "1234"));
	}
}

/* A user's otp.json has other words; one without all lists is refused, by name. */
static void takes_words_of_a_user(void **state)
{
	static const struct answer_row row = { "in Esperanto", 401, .body = "{'message':'Bonvolu entajpi la sekurkodon'}", .type = "unknown" };
	AUTO(json) cJSON *words = json_parse(detect_words, strlen(detect_words), NULL);
	struct error err = { 0 };

	(void)state;
	(void)cJSON_SetValuestring(cJSON_GetArrayItem(cJSON_GetObjectItem(cJSON_GetObjectItem(words, "words"), "strong"), 0), "sekurkodo*");
	(void)cJSON_SetValuestring(cJSON_GetArrayItem(cJSON_GetObjectItem(cJSON_GetObjectItem(words, "words"), "enter"), 0),
		"entajpi...sekurkodo*");
	AUTO(answer_book) struct answer_book *own = answer_book_new(words, &err);
	assert_ok(own, &err);
	assert_int_equal(answer_row_wrong(own, &row), 0);

	cJSON_DeleteItemFromObject(cJSON_GetObjectItem(words, "answers"), "factor");
	assert_fails(answer_book_new(words, &err) != NULL, &err, ERR_INPUT);
	assert_non_null(strstr(err.text, "answers.factor"));
}

/* What is too long is not read, and what is deep or repeats has an end. */
static void has_limits(void **state)
{
	static const struct {
		const char *before, *piece, *after;
		size_t size;
		bool asked;
	} bodies[] = {
		{ "{\"otpRequired\":true,\"x\":\"", "x", "\"}", 200 << 10, true },
		{ "{\"otpRequired\":true,\"x\":\"", "x", "\"}", 300 << 10, false },
		{ "{\"otpRequired\":true,\"a\":0", ",\"a\":{\"mfa_token\":\"xyzxyzxyzxyz\"}", "}", 250 << 10, true },
		{ "[", "[", "]", 2000, false },
		{ "<p>Enter the verification code we sent<form><input name=otp>", "<input type=hidden name=a value=b>", "", 3 << 20, true },
		{ "<p>Enter the verification code we sent<form><input name=otp>", "<i hidden>", "", 1 << 20, true },
		{ "<p>Enter the verification code we sent<form><input name=otp>", "<!--", "", 1 << 20, true },
		{ "\"", "Enter the code. ", "\"", 200 << 10, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		AUTO(answer_challenge) struct answer_challenge got = { 0 };
		AUTO(buf) struct buf body = { 0 };
		buf_puts(&body, bodies[i].before);
		while (body.size < bodies[i].size)
			buf_puts(&body, bodies[i].piece);
		buf_puts(&body, bodies[i].after);
		const struct answer answer = { .status = 401, .body = body.data, .body_size = body.size };
		if (answer_challenge(book, &answer, &got) != bodies[i].asked)
			fail_msg("body %zu", i);
		assert_true(got.carried_count <= ANSWER_CARRIED_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_for_a_code),
		cmocka_unit_test(asks_for_nothing),
		cmocka_unit_test(reads_details_wherever_they_stand),
		cmocka_unit_test(keeps_no_code),
		cmocka_unit_test(takes_words_of_a_user),
		cmocka_unit_test(has_limits),
	};

	book = answer_book_new(NULL, NULL);
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);
	answer_book_free(book);
	return failed;
}
