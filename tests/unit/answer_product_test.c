/* Answers in the shapes that products have, as their documentation and clients show them; texts are ours.  To each that asks
 * for a code there is one that does not. */
#include "tests/lib/answers.h"
#include "tests/lib/asserts.h"

/* ---- who sells signing in ---- */

static const struct answer_row identity[] = {
	{ "Auth0, mfa_requirements", 403, .body = "{'error':'mfa_required','error_description':'Multifactor authentication required',"
		"'mfa_token':'Fe26.2*SERVER','mfa_requirements':{'challenge':[{'type':'otp'},{'type':'oob'}]}}", .type = "unknown",
		.carried = "mfa_token=Fe26.2*SERVER" },
	{ "Auth0, authenticators to choose from", 200, .body = "{'error':'mfa_required','mfa_token':'t','authenticators':[{'id':'sms|dev_1',"
		"'authenticator_type':'oob','active':true,'oob_channel':'sms','name':'XXXXXXXX8730'},{'id':'totp|dev_2','authenticator_type':"
		"'otp','active':true,'type':'totp'}]}", .type = "unknown", .kind = CHALLENGE_METHOD,
		.choices = "sms XXXXXXXX8730 #sms|dev_1, totp #totp|dev_2", .carried = "mfa_token=t" },
	{ "Okta, factors", 200, .body = "{'stateToken':'007uc','expiresAt':'2023-11-14T22:18:20.000Z','status':'MFA_REQUIRED','_embedded':{"
		"'user':{'id':'00u','profile':{'login':'d@example.com'}},'factors':[{'id':'smsq','factorType':'sms','provider':'OKTA','profile':{"
		"'phoneNumber':'+1 XXX-XXX-1337'},'_links':{'verify':{'href':'https://x.okta.com/api/v1/authn/factors/smsq/verify','hints':{"
		"'allow':['POST']}}}},{'id':'uft','factorType':'token:software:totp','provider':'GOOGLE','profile':{'credentialId':'d@example.com'}}]"
		",'policy':{'allowRememberDevice':true}}}", .type = "unknown", .kind = CHALLENGE_METHOD, .expires_in = 300,
		.carried = "stateToken=007uc", .choices = "sms +1 XXX-XXX-1337 #smsq, totp #uft" },
	{ "Okta, one factor", 200, .body = "{'stateToken':'007uc','status':'MFA_REQUIRED','_embedded':{'factors':[{'id':'emf','factorType':"
		"'email','profile':{'email':'d...n@example.com'},'_links':{'verify':{'href':'https://x.okta.com/api/v1/authn/factors/emf/verify'}}}"
		"]}}", .type = "email", .destination = "d...n@example.com", .endpoint = "https://x.okta.com/api/v1/authn/factors/emf/verify" },
	{ "Okta, waiting for a push", 200, .body = "{'stateToken':'007uc','status':'MFA_CHALLENGE','factorResult':'WAITING','_embedded':{"
		"'factor':{'id':'opf','factorType':'push','provider':'OKTA','profile':{'name':'Pixel'}}},'_links':{'next':{'name':'poll','href':"
		"'https://x.okta.com/api/v1/authn/factors/opf/verify','hints':{'allow':['POST']}}}}", .type = "push", .kind = CHALLENGE_PUSH,
		.method = "POST" },
	{ "Cognito, a choice", 200, .body = "{\"ChallengeName\":\"SELECT_MFA_TYPE\",\"Session\":\"AYAB\",\"ChallengeParameters\":{"
		"\"MFAS_CAN_CHOOSE\":\"[\\\"SMS_MFA\\\",\\\"SOFTWARE_TOKEN_MFA\\\",\\\"EMAIL_OTP\\\"]\",\"USER_ID_FOR_SRP\":\"u\"}}", .type = "unknown",
		.kind = CHALLENGE_METHOD, .choices = "sms, totp, email", .carried = "Session=AYAB" },
	{ "Cognito, by e-mail", 200, .body = "{'ChallengeName':'EMAIL_OTP','Session':'AYAB','ChallengeParameters':{"
		"'CODE_DELIVERY_DELIVERY_MEDIUM':'EMAIL','CODE_DELIVERY_DESTINATION':'d***@e***'}}", .type = "email", .destination = "d***@e***" },
	{ "Amplify", 200, .body = "{'isSignedIn':false,'nextStep':{'signInStep':'CONFIRM_SIGN_IN_WITH_TOTP_CODE'}}", .type = "totp", .digits = 6 },
	{ "Amplify, where it went", 200, .body = "{'isSignedIn':false,'nextStep':{'signInStep':'CONFIRM_SIGN_IN_WITH_SMS_CODE',"
		"'codeDeliveryDetails':{'deliveryMedium':'SMS','destination':'+*******9012'}}}", .type = "sms", .destination = "+*******9012" },
	{ "Firebase, an app", 200, .body = "{'kind':'identitytoolkit#VerifyPasswordResponse','localId':'l','email':'d@example.com',"
		"'mfaPendingCredential':'AMf-vBx','mfaInfo':[{'mfaEnrollmentId':'e-1','displayName':'my app','totpInfo':{}}]}", .type = "totp",
		.digits = 6, .carried = "mfaPendingCredential=AMf-vBx" },
	{ "Firebase, two ways", 200, .body = "{'mfaPendingCredential':'AMf','mfaInfo':[{'mfaEnrollmentId':'e-1','phoneInfo':'+*******1234'},"
		"{'mfaEnrollmentId':'e-2','totpInfo':{}}]}", .type = "unknown", .kind = CHALLENGE_METHOD,
		.choices = "? +*******1234 #e-1, totp #e-2" },
	{ "Microsoft, ROPC", 400, .body = "{'error':'interaction_required','error_description':'AADSTS50076: Due to a configuration change made"
		" by your administrator, or because you moved to a new location, you must use multi-factor authentication to access.',"
		"'error_codes':[50076],'timestamp':'2023-11-14 22:13:20Z','trace_id':'t','suberror':'basic_action'}", .type = "unknown" },
	{ "Microsoft, native authentication", 200, .body = "{'continuation_token':'uY29t','challenge_type':'oob','binding_method':'prompt',"
		"'challenge_channel':'email','challenge_target_label':'c***r@co**o**o.com','code_length':8,'interval':300,'message':"
		"'Enter the code that was sent to you'}", .type = "email", .digits = 8, .carried = "continuation_token=uY29t" },
	{ "Microsoft, BeginAuth", 200, .body = "{'Success':true,'ResultValue':'Success','AuthMethodId':'OneWaySMS','ErrCode':0,'Retry':false,"
		"'FlowToken':'AQAB','Ctx':'rQII','SessionId':'s-1','CorrelationId':'c-1','Message':'We texted your phone +XX XXXXXXXX12. Please"
		" enter the code to sign in.'}", .type = "sms", .destination = "+XX XXXXXXXX12", .carried = "FlowToken=AQAB" },
	{ "Clerk", 200, .body = "{'response':{'object':'sign_in_attempt','id':'sia_1','status':'needs_second_factor','supported_second_factors'"
		":[{'strategy':'phone_code','phone_number_id':'idn_1','safe_identifier':'+1*******67'},{'strategy':'totp'}]},'client':null}",
		.type = "unknown", .kind = CHALLENGE_METHOD, .choices = "sms +1*******67 #idn_1, totp" },
	{ "FusionAuth", 242, .body = "{'methods':[{'id':'5FRR','lastUsed':true,'method':'authenticator'},{'email':'r***@example.com','id':'WZT7',"
		"'method':'email'}],'twoFactorId':'YkQY5Gsyo4'}", .type = "unknown", .kind = CHALLENGE_METHOD, .carried = "twoFactorId=YkQY5Gsyo4",
		.choices = "totp #5FRR, email r***@example.com #WZT7" },
	{ "WorkOS", 403, .body = "{'code':'mfa_challenge','message':'The user must complete an MFA challenge to finish authenticating.',"
		"'pending_authentication_token':'cTDQJ','authentication_factors':[{'id':'auth_factor_1','type':'totp'}],'user':{'object':'user'}}",
		.type = "totp", .digits = 6, .carried = "pending_authentication_token=cTDQJ" },
	{ "Stytch", 200, .body = "{'status_code':200,'member_authenticated':false,'intermediate_session_token':'im-1','mfa_required':{"
		"'member_options':{'mfa_phone_number':'+1*******67','totp_registration_id':''},'secondary_auth_initiated':'sms_otp'}}",
		.type = "sms", .destination = "+1*******67", .carried = "intermediate_session_token=im-1" },
	{ "Logto", 422, .body = "{'code':'session.mfa.require_mfa_verification','message':'MFA verification is required to sign in.',"
		"'data':{'availableFactors':['Totp'],'maskedIdentifiers':{}}}", .type = "totp", .digits = 6 },
	{ "Appwrite", 401, .body = "{'message':'More factors are required to complete the sign in process.','code':401,"
		"'type':'user_more_factors_required','version':'1.5.0'}", .type = "unknown" },
	{ "PocketBase", 401, .body = "{'mfaId':'3WTEFuXPCSgCVwA'}", .type = "unknown", .carried = "mfaId=3WTEFuXPCSgCVwA" },
	{ "Ory Kratos, a second step", 200, .body = "{'id':'f-1','type':'browser','expires_at':'2023-11-14T22:43:20.5Z','ui':{'action':"
		"'https://id.example/self-service/login?flow=f-1','method':'POST','nodes':[{'type':'input','group':'default','attributes':{'name':"
		"'csrf_token','type':'hidden','value':'c/s=','required':true,'disabled':false}},{'type':'input','group':'totp','attributes':{'name':"
		"'totp_code','type':'text','value':'','required':true,'disabled':false}}],'messages':[{'id':1010004,'text':'Please complete the"
		" second authentication challenge.','type':'info'}]},'requested_aal':'aal2'}", .type = "totp", .digits = 6, .expires_in = 1800,
		.endpoint = "https://id.example/self-service/login?flow=f-1", .method = "POST", .field = "totp_code" },
	{ "Ory Kratos, a code by e-mail", 400, .body = "{'id':'f-1','ui':{'action':'https://id.example/self-service/login?flow=f-1','method':"
		"'POST','nodes':[{'type':'input','group':'code','attributes':{'name':'code','type':'text','required':true}}],'messages':[{'id':"
		"1010014,'text':'An email containing a code has been sent to the email address you provided. Enter the code here.','type':'info'}]"
		",'state':'sent_email'}}", .type = "email", .method = "POST" },
	{ "Authentik", 200, .body = "{'type':'native','flow_info':{'title':'Welcome!'},'component':'ak-stage-authenticator-validate',"
		"'device_challenges':[{'device_class':'totp','device_uid':'1','challenge':{}},{'device_class':'webauthn','device_uid':'2',"
		"'challenge':{'rpId':'x'}}],'configuration_stages':[]}", .type = "unknown", .kind = CHALLENGE_METHOD,
		.choices = "totp #1, webauthn #2" },
	{ "django-allauth", 401, .body = "{'status':401,'data':{'flows':[{'id':'login'},{'id':'signup'},{'id':'mfa_authenticate','is_pending':"
		"true,'types':['totp','recovery_codes']}]},'meta':{'is_authenticated':false}}", .type = "unknown", .kind = CHALLENGE_METHOD,
		.choices = "totp, backup_code" },
	{ "django-allauth, a code by e-mail", 401, .body = "{'status':401,'data':{'flows':[{'id':'login'},{'id':'login_by_code','is_pending':"
		"true}]},'meta':{'is_authenticated':false}}", .type = "unknown" },
	{ "Supabase, a challenge", 200, .body = "{'id':'ch-1','type':'totp','expires_at':1700000300}", .type = "totp", .digits = 6,
		.expires_in = 300 },
	{ "Twilio Verify", 201, .body = "{'sid':'VE1','service_sid':'VA1','to':'+15017122661','channel':'sms','status':'pending','valid':false,"
		"'lookup':{},'send_code_attempts':[{'time':'2015-07-30T20:00:00Z','channel':'SMS','attempt_sid':'VL1'}],'url':"
		"'https://verify.twilio.com/v2/Services/VA1/Verifications/VE1'}", .type = "sms", .destination = "+*******2661" },
	{ "Frontegg", 200, .body = "{'mfaRequired':true,'mfaToken':'jwt.x','resetPasswordToken':null,'mfaEnrolled':true}", .type = "unknown",
		.carried = "mfaToken=jwt.x" },
	{ "Zitadel", 200, .body = "{'sessionId':'s','factors':{'user':{'id':'1'}},'challenges':{'otpSms':''},'details':'Enter the code we sent"
		" by SMS'}", .type = "sms" },
	{ "Keycloak, direct grant", 401, .body = "{'error':'invalid_grant','error_description':'OTP is required. Enter the one-time code.'}",
		.type = "unknown" },
	{ "Authelia", 200, .body = "{'status':'OK','data':{'authentication_level':1,'second_factor_required':true,'default_method':'totp'}}",
		.type = "totp", .digits = 6 },
	{ "ASP.NET Identity", 401, .body = "{'type':'https://tools.ietf.org/html/rfc9110#section-15.5.2','title':'Unauthorized','status':401,"
		"'detail':'RequiresTwoFactor'}", .type = "unknown" },
	{ "ASP.NET Identity, a result", 200, .body = "{'succeeded':false,'isLockedOut':false,'isNotAllowed':false,'requiresTwoFactor':true}",
		.type = "unknown" },
	{ "Laravel Fortify", 200, .body = "{'two_factor':true}", .type = "unknown" },
	{ "Devise", 401, .body = "{'error':'otp_required','message':'Please enter your OTP'}", .type = "unknown" },
	{ "dj-rest-auth", 200, .body = "{'mfa_required':true,'ephemeral_token':'e.t','methods':['totp']}", .type = "totp", .digits = 6 },
	{ "trench (Django)", 200, .body = "{'ephemeral_token':'1-abc','method':'email','other_methods':[],'details':'Email code was sent to your"
		" inbox'}", .type = "email" },
	{ "Spring, step-up", 401, "WWW-Authenticate: Bearer error=\"insufficient_user_authentication\", error_description=\"A different"
		" authentication level is required\", acr_values=\"urn:example:mfa\"", "", .type = "unknown" },
	{ "Vault, two phases", 200, .body = "{'request_id':'r','auth':{'client_token':'','mfa_requirement':{'mfa_request_id':'d0c9',"
		"'mfa_constraints':{'x':{'any':[{'type':'totp','id':'820997','uses_passcode':true}]}}}}}", .type = "totp", .digits = 6 },
};

static const struct answer_row identity_not[] = {
	{ "Auth0, a wrong password", 403, .body = "{'error':'invalid_grant','error_description':'Wrong email or password.'}" },
	{ "Auth0, enrolment", 403, .body = "{'error':'association_required','error_description':'User is not enrolled. You can use"
		" /mfa/associate endpoint to enroll the first authenticator.'}" },
	{ "Auth0, too many", 429, .body = "{'error':'too_many_attempts','error_description':'Your account has been blocked after multiple"
		" consecutive login attempts.'}" },
	{ "Auth0, captcha", 401, .body = "{'error':'requires_verification','error_description':'Suspicious request requires verification',"
		"'captcha':'required'}" },
	{ "Okta, setting up", 200, .body = "{'stateToken':'00x','status':'MFA_ENROLL','_embedded':{'factors':[{'factorType':'sms','provider':"
		"'OKTA','enrollment':'REQUIRED','status':'NOT_SETUP'},{'factorType':'token:software:totp','provider':'OKTA'}]}}" },
	{ "Okta, setting up an app", 200, .body = "{'stateToken':'00x','status':'MFA_ENROLL_ACTIVATE','_embedded':{'factor':{'factorType':"
		"'token:software:totp','_embedded':{'activation':{'timeStep':30,'sharedSecret':'JBTW','encoding':'base32','keyLength':16}}}}}" },
	{ "Okta, signed in", 200, .body = "{'status':'SUCCESS','sessionToken':'20111','expiresAt':'2023-11-14T22:18:20.000Z','_embedded':{"
		"'user':{'id':'00u'}}}" },
	{ "Okta, locked", 200, .body = "{'status':'LOCKED_OUT','_links':{'next':{'name':'unlock','href':'https://x.okta.com/unlock'}}}" },
	{ "Okta, password too old", 200, .body = "{'stateToken':'00x','status':'PASSWORD_EXPIRED','_links':{'next':{'name':'changePassword'}}}" },
	{ "Okta, a wrong password", 401, .body = "{'errorCode':'E0000004','errorSummary':'Authentication failed','errorCauses':[]}" },
	{ "Okta, a wrong code", 403, .body = "{'errorCode':'E0000068','errorSummary':'Invalid Passcode/Answer','errorCauses':[{'errorSummary':"
		"'Your passcode doesn`t match our records. Please try again.'}]}", .problem = PROBLEM_WRONG },
	{ "Okta, a list of factors", 200, .body = "[{'id':'ufs','factorType':'question','provider':'OKTA','status':'ACTIVE'},{'id':'ostf',"
		"'factorType':'sms','status':'ACTIVE','profile':{'phoneNumber':'+1 XXX-XXX-1337'}}]" },
	{ "Cognito, a wrong password", 400, .body = "{'__type':'NotAuthorizedException','message':'Incorrect username or password.'}" },
	{ "Cognito, a wrong code", 400, .body = "{'__type':'CodeMismatchException','message':'Invalid code or auth state for the user.'}",
		.problem = PROBLEM_WRONG },
	{ "Cognito, an old code", 400, .body = "{'__type':'ExpiredCodeException','message':'Your code has expired, please request a new one.'}",
		.problem = PROBLEM_EXPIRED },
	{ "Cognito, signed in", 200, .body = "{'AuthenticationResult':{'AccessToken':'eyJ','ExpiresIn':3600,'IdToken':'eyJ','TokenType':'Bearer'"
		"},'ChallengeParameters':{}}" },
	{ "Cognito, a device's proof", 200, .body = "{'ChallengeName':'DEVICE_SRP_AUTH','ChallengeParameters':{'SRP_A':'x'}}" },
	{ "Cognito, a password's proof", 200, .body = "{'ChallengeName':'PASSWORD_VERIFIER','ChallengeParameters':{'SALT':'x','SECRET_BLOCK':'y',"
		"'SRP_B':'z','USER_ID_FOR_SRP':'u'}}" },
	{ "Cognito, setting up", 200, .body = "{'ChallengeName':'MFA_SETUP','Session':'s','ChallengeParameters':{'MFAS_CAN_SETUP':"
		"'[SOFTWARE_TOKEN_MFA]'}}" },
	{ "Cognito, what a person has", 200, .body = "{'Username':'u','UserMFASettingList':['SOFTWARE_TOKEN_MFA'],'PreferredMfaSetting':"
		"'SOFTWARE_TOKEN_MFA','UserAttributes':[{'Name':'email','Value':'d@example.com'}]}" },
	{ "Firebase, signed in", 200, .body = "{'localId':'l','idToken':'eyJ','registered':true,'refreshToken':'AMf','expiresIn':'3600'}" },
	{ "Firebase, too many", 400, .body = "{'error':{'code':400,'message':'TOO_MANY_ATTEMPTS_TRY_LATER : Access to this account has been"
		" temporarily disabled.'}}" },
	{ "Firebase, a wrong code", 400, .body = "{'error':{'code':400,'message':'INVALID_CODE'}}", .problem = PROBLEM_WRONG },
	{ "Microsoft, a wrong password", 400, .body = "{'error':'invalid_grant','error_description':'AADSTS50126: Error validating credentials"
		" due to invalid username or password.','error_codes':[50126]}" },
	{ "Microsoft, consent", 400, .body = "{'error':'invalid_grant','error_description':'AADSTS65001: The user or administrator has not"
		" consented to use the application.','suberror':'consent_required'}" },
	{ "Microsoft, setting up", 400, .body = "{'error':'interaction_required','error_description':'AADSTS50079: Due to a configuration"
		" change made by your administrator, you must enroll in multi-factor authentication to access.','error_codes':[50079]}" },
	{ "Microsoft, a device", 200, .body = "{'user_code':'C4QK','device_code':'d','verification_uri':'https://microsoft.com/devicelogin',"
		"'expires_in':900,'interval':5,'message':'To sign in, use a web browser to open the page and enter the code C4QK.'}" },
	{ "Clerk, complete", 200, .body = "{'response':{'object':'sign_in_attempt','status':'complete','created_session_id':'sess_1',"
		"'supported_second_factors':[{'strategy':'totp'}]}}" },
	{ "Clerk, the first factor", 200, .body = "{'response':{'status':'needs_first_factor','supported_first_factors':[{'strategy':'password'}"
		"]}}" },
	{ "FusionAuth, signed in", 200, .body = "{'token':'eyJ','refreshToken':'x','user':{'twoFactor':{'methods':[{'id':'5FRR','method':"
		"'authenticator'}],'recoveryCodes':[]}}}" },
	{ "FusionAuth, a wrong code", 421, .body = "{'fieldErrors':{'code':[{'code':'[invalid]code','message':'The code is invalid'}]}}",
		.problem = PROBLEM_WRONG },
	{ "WorkOS, setting up", 403, .body = "{'code':'mfa_enrollment','message':'The user must enroll in MFA to finish authenticating.',"
		"'pending_authentication_token':'c'}" },
	{ "Logto, a wrong code", 400, .body = "{'code':'session.mfa.invalid_totp_code','message':'Invalid TOTP code.'}",
		.problem = PROBLEM_WRONG },
	{ "Appwrite, a wrong password", 401, .body = "{'message':'Invalid credentials. Please check the email and password.','code':401,"
		"'type':'user_invalid_credentials'}" },
	{ "Ory Kratos, settings", 200, .body = "{'id':'f','ui':{'action':'https://id.example/self-service/settings','method':'POST','nodes':[{"
		"'group':'totp','type':'img','attributes':{'id':'totp_qr','src':'data:x'}},{'group':'totp','attributes':{'id':'totp_secret_key',"
		"'text':{'text':'JBSW'}}},{'group':'totp','attributes':{'name':'totp_code','type':'text','required':true}}]}}" },
	{ "Ory Kratos, signing in", 200, .body = "{'id':'f','ui':{'action':'https://id.example/self-service/login','method':'POST','nodes':[{"
		"'attributes':{'name':'identifier','type':'text','required':true}},{'attributes':{'name':'password','type':'password','required':true"
		"}}]}}" },
	{ "Authentik, setting up", 200, .body = "{'component':'ak-stage-authenticator-totp','config_url':'otpauth://totp/x?secret=JBSW'}" },
	{ "Authentik, a password", 200, .body = "{'component':'ak-stage-password','type':'native','recovery_url':'/if/flow/recovery/'}" },
	{ "django-allauth, not signed in", 401, .body = "{'status':401,'data':{'flows':[{'id':'login'},{'id':'signup'},{'id':"
		"'mfa_login_webauthn'},{'id':'login_by_code'}]},'meta':{'is_authenticated':false}}" },
	{ "django-allauth, a wrong code", 400, .body = "{'status':400,'errors':[{'message':'Incorrect code.','code':'incorrect_code','param':"
		"'code'}]}", .problem = PROBLEM_WRONG },
	{ "Supabase, signed in", 200, .body = "{'access_token':'eyJ','token_type':'bearer','expires_in':3600,'user':{'factors':[{'id':'f',"
		"'factor_type':'totp','status':'verified'}]}}" },
	{ "Supabase, setting up", 200, .body = "{'id':'f','type':'totp','totp':{'qr_code':'data:x','secret':'JBSW','uri':'otpauth://totp/x'}}" },
	{ "Supabase, wrong or old", 403, .body = "{'code':403,'error_code':'otp_expired','msg':'Token has expired or is invalid'}",
		.problem = PROBLEM_EXPIRED },
	{ "Twilio Verify, approved", 200, .body = "{'sid':'VE1','to':'+15017122661','channel':'sms','status':'approved','valid':true,"
		"'send_code_attempts':[{'channel':'SMS'}]}" },
	{ "Twilio Verify, too often", 429, .body = "{'code':60203,'message':'Max send attempts reached','status':429}" },
	{ "Keycloak, not set up", 400, .body = "{'error':'invalid_grant','error_description':'Account is not fully set up'}" },
	{ "Keycloak, a person", 200, .body = "{'id':'u','username':'d','totp':true,'requiredActions':[],'emailVerified':true,'enabled':true}" },
	{ "Authelia, what is on", 200, .body = "{'status':'OK','data':{'available_methods':['totp','webauthn'],'second_factor_enabled':true}}" },
	{ "ASP.NET Identity, wrong", 401, .body = "{'title':'Unauthorized','status':401,'detail':'Failed'}" },
	{ "ASP.NET Identity, locked", 401, .body = "{'title':'Unauthorized','status':401,'detail':'LockedOut'}" },
	{ "ASP.NET Identity, what is on", 200, .body = "{'sharedKey':'JBSW','recoveryCodesLeft':5,'isTwoFactorEnabled':true,"
		"'isMachineRemembered':false}" },
	{ "Laravel Fortify, none", 200, .body = "{'two_factor':false}" },
	{ "Laravel Fortify, a wrong code", 422, .body = "{'message':'The provided two factor authentication code was invalid.','errors':{'code':"
		"['The provided two factor authentication code was invalid.']}}", .problem = PROBLEM_WRONG },
	{ "Devise", 401, .body = "{'error':'Invalid Email or password.'}" },
	{ "dj-rest-auth, what is on", 200, .body = "{'mfa_enabled':true,'methods':['totp']}" },
	{ "Spring, an old token", 401, "WWW-Authenticate: Bearer error=\"invalid_token\", error_description=\"The access token expired\"", "" },
	{ "Vault, a person's keys", 200, .body = "{'auth':{'client_token':'hvs.x','mfa_requirement':null},'data':{'keys':['a']}}" },
};

/* ---- banks and payment ---- */

static const struct answer_row banks[] = {
	{ "Berlin Group, a method was chosen", 200, .body = "{'scaStatus':'scaMethodSelected','authorisationId':'a-1','chosenScaMethod':{"
		"'authenticationType':'SMS_OTP','authenticationMethodId':'2','name':'SMS OTP'},'challengeData':{'otpMaxLength':6,'otpFormat':"
		"'integer','additionalInformation':'Please enter the TAN sent by SMS to ***12.'},'_links':{'authoriseTransaction':{'href':"
		"'/psd2/v1/payments/p/authorisations/a-1'},'scaStatus':{'href':'/psd2/v1/payments/p/authorisations/a-1'}}}", .type = "sms",
		.destination = "***12", .digits = 6, .endpoint = "/psd2/v1/payments/p/authorisations/a-1", .method = "PUT",
		.carried = "authorisationId=a-1" },
	{ "Berlin Group, a method is to be chosen", 201, .body = "{'scaStatus':'psuAuthenticated','authorisationId':'a-1','scaMethods':[{"
		"'authenticationType':'SMS_OTP','authenticationMethodId':'901','name':'SMS OTP'},{'authenticationType':'PUSH_OTP',"
		"'authenticationMethodId':'902','name':'App'}],'_links':{'selectAuthenticationMethod':{'href':'/v1/c/1/authorisations/a-1'}}}",
		.type = "unknown", .kind = CHALLENGE_METHOD, .choices = "sms #901, push #902", .method = "PUT" },
	{ "Berlin Group, photoTAN", 200, .body = "{'scaStatus':'started','chosenScaMethod':{'authenticationType':'PHOTO_OTP',"
		"'authenticationMethodId':'1'},'challengeData':{'otpMaxLength':7,'otpFormat':'characters'},'authorisationId':'a'}", .type = "totp",
		.digits = 7 },
	{ "finAPI", 510, .body = "{'errors':[{'message':'Es ist eine zus\303\244tzliche Authentifizierung erforderlich. Bitte geben Sie die TAN"
		" ein.','code':'ADDITIONAL_AUTHENTICATION_REQUIRED','type':'BUSINESS','multiStepAuthentication':{'hash':'678b13','status':"
		"'CHALLENGE_RESPONSE_REQUIRED','challengeMessage':'Bitte geben Sie die TAN ein, die per SMS an ***34 gesendet wurde.',"
		"'answerFieldLabel':'TAN','redirectUrl':null,'twoStepProcedures':null}}]}", .type = "sms", .destination = "***34",
		.carried = "errors.0.multiStepAuthentication.hash=678b13" },
	{ "finAPI, a procedure is to be chosen", 510, .body = "{'errors':[{'code':'ADDITIONAL_AUTHENTICATION_REQUIRED',"
		"'multiStepAuthentication':{'hash':'678b','status':'TWO_STEP_PROCEDURE_REQUIRED','challengeMessage':null,'twoStepProcedures':[{"
		"'procedureId':'955','procedureName':'mobileTAN','procedureChallengeType':'TEXT','type':'mTAN'},{'procedureId':'956',"
		"'procedureName':'photoTAN','type':'pushTAN'}]}}]}", .type = "unknown", .kind = CHALLENGE_METHOD,
		.choices = "sms #955, push #956" },
	{ "FinTS, in the manner of", 200, .body = "{'dialogId':'d-1','tanRequired':true,'tanMedium':'Handy','challenge':'Bitte die smsTAN"
		" eingeben','feedback':[{'code':'0030','text':'Auftrag empfangen - Sicherheitsfreigabe erforderlich'}]}", .type = "sms" },
	{ "N26", 403, .body = "{'userMessage':{'title':'A second authentication factor is required.','detail':'Please provide your second"
		" authentication factor.'},'mfaToken':'0a1b','error_description':'MFA token is required','detail':'MFA token is required',"
		"'hostUrl':'https://api.tech26.de','type':'mfa_required','error':'mfa_required','title':'A second authentication factor is"
		" required.','userId':'u-1','status':403}", .type = "unknown", .carried = "mfaToken=0a1b" },
	{ "N26, sent", 201, .body = "{'challengeType':'otp','status':'PENDING','obfuscatedPhoneNumber':'+49*******12','remainingResendCount':2}",
		.type = "sms", .destination = "+49*******12" },
	{ "Wise", 403, "x-2fa-approval: 08945e57\nx-2fa-approval-result: REJECTED", "", .type = "unknown", .carried = "x-2fa-approval=08945e57" },
	{ "Coinbase", 402, .body = "{'errors':[{'id':'two_factor_required','message':'Two-step verification code required to complete this"
		" request. Re-play the request with CB-2FA-Token header.'}]}", .type = "unknown" },
	{ "Coinbase, signing in", 200, .body = "{'state':'two_factor','second_factor':{'method':'sms','masked_phone':'xxx-xxx-1234',"
		"'code_length':7}}", .type = "sms", .destination = "xxx-xxx-1234", .digits = 7 },
	{ "Binance, in the manner of", 200, .body = "{'code':'000002','message':'need 2fa verification','messageDetail':null,'data':{'bizNo':"
		"'b-1','needCheckGoogle2Fa':true,'needCheckEmailVerifyCode':false,'email':'d***@example.com'},'success':false}", .type = "totp",
		.digits = 6 },
	{ "Kraken, in the manner of", 200, .body = "{'errors':[{'severity':'E','error_class':'Auth','type':'Two-factor required','msg':"
		"'Provide your two-factor code'}],'result':{'session_id':'s','tfa':{'type':'otp','required':true}}}", .type = "unknown" },
	{ "Robinhood", 200, .body = "{'mfa_required':true,'mfa_type':'app'}", .type = "totp", .digits = 6 },
	{ "Robinhood, a challenge", 400, .body = "{'detail':'Request blocked, challenge type required.','challenge':{'id':'0b1c','user':"
		"'d','type':'sms','alternate_type':null,'status':'issued','remaining_retries':3,'remaining_attempts':3,'expires_at':"
		"'2023-11-14T17:18:20.000000-05:00','message':'Enter the code we sent to (***) ***-1234'}}", .type = "sms",
		.destination = "(***) ***-1234", .expires_in = 300 },
	{ "Revolut, in the manner of", 200, .body = "{'tokenId':'t-1','channel':'SMS','phone':'+44*******12','state':'OTP_SENT',"
		"'expiresIn':600,'codeLength':6}", .type = "sms", .destination = "+44*******12", .expires_in = 600, .digits = 6 },
	{ "Monzo, in the manner of", 403, .body = "{'code':'forbidden.verification_required','message':'Verification required: approve this in"
		" your Monzo app','params':{}}", .type = "push", .kind = CHALLENGE_PUSH },
	{ "PayPal, in the manner of", 200, .body = "{'returnUrl':'/signin','stepUpRequired':true,'challengeType':'SMS','maskedPhone':"
		"'+1 \342\200\242\342\200\242\342\200\242-\342\200\242\342\200\242\342\200\242-1234','nonce':'n-1'}", .type = "sms",
		.destination = "+1 \342\200\242\342\200\242\342\200\242-\342\200\242\342\200\242\342\200\242-1234" },
	{ "Stripe Link, in the manner of", 200, .body = "{'consumer_session':{'client_secret':'c','redacted_phone_number':'+1********23',"
		"'verification_sessions':[{'type':'SMS','state':'STARTED'}]},'message':'Enter the code sent to your phone'}", .type = "sms",
		.destination = "+1********23" },
	{ "Nubank, in the manner of", 401, "WWW-Authenticate: device-authorization encrypted-code=\"x\", sent-to=\"d***@e***.com\"",
		"{'error':'Unauthorized','message':'Digite o c\303\263digo que enviamos para seu e-mail.'}", .type = "email" },
	{ "Israeli card, in the manner of", 200, .body = "{'Header':{'Status':'1'},'LoginBean':{'otpRequired':'1','maskedPhone':'05*-***-**34',"
		"'returnMessage':'\327\220\327\240\327\220 \327\224\327\226\327\231\327\240\327\225 \327\220\327\252 \327\224\327\247\327\225\327\223"
		" \327\251\327\240\327\251\327\234\327\227 \327\221-SMS'}}", .type = "sms", .destination = "05*-***-**34" },
	{ "Schwab-like, in XML", 200, "Content-Type: application/xml", "<?xml version=\"1.0\"?><r:Answer xmlns:r=\"x\"><r:status>OTP_REQUIRED"
		"</r:status><r:maskedPhone>***-***-1234</r:maskedPhone><r:otpLength>6</r:otpLength></r:Answer>", .type = "sms",
		.destination = "***-***-1234", .digits = 6 },
	{ "3-D Secure's page", 200, "Content-Type: text/html", "<html><h1>Purchase authentication</h1><p>We have sent a one-time code by text"
		" message to ***-***-1234.</p><form action=\"/acs/check\" method=\"post\"><input type=hidden name=threeDSSessionData value=\"s-1\">"
		"<input name=\"challengeDataEntry\" type=\"text\" maxlength=\"6\"><button>Submit</button></form></html>", .type = "sms",
		.destination = "***-***-1234", .digits = 6 },
};

static const struct answer_row banks_not[] = {
	{ "Berlin Group, done", 200, .body = "{'scaStatus':'finalised','authorisationId':'a','chosenScaMethod':{'authenticationType':'SMS_OTP'}}" },
	{ "Berlin Group, no method needed", 200, .body = "{'scaStatus':'exempted','authorisationId':'a'}" },
	{ "Berlin Group, by redirect", 201, .body = "{'consentStatus':'received','consentId':'c','_links':{'scaRedirect':{'href':"
		"'https://bank.example/auth'},'scaStatus':{'href':'/v1/consents/c/authorisations/a'}}}" },
	{ "Berlin Group, wrong credentials", 401, .body = "{'tppMessages':[{'category':'ERROR','code':'PSU_CREDENTIALS_INVALID','text':"
		"'Credentials are not valid'}],'scaStatus':'failed'}", .problem = PROBLEM_WRONG },
	{ "Berlin Group, what a bank can do", 200, .body = "{'accounts':[{'iban':'DE00','currency':'EUR'}],'scaMethodsSupported':true}" },
	{ "finAPI, a wrong TAN", 422, .body = "{'errors':[{'message':'Die TAN ist falsch.','code':'INVALID_TAN'}]}", .problem = PROBLEM_WRONG },
	{ "finAPI, a job", 202, .body = "{'id':1,'status':'UPDATE_PENDING','location':'/jobs/1'}" },
	{ "N26, wrong credentials", 400, .body = "{'userMessage':{'title':'Login failed!','detail':'You have entered a wrong e-mail or"
		" password.'},'error':'invalid_grant','error_description':'Bad credentials','detail':'Bad credentials','type':'invalid_grant'}" },
	{ "N26, too often", 429, .body = "{'userMessage':{'title':'Oops!','detail':'Too many requests.'},'error':'too_many_requests'}" },
	{ "N26, too late", 401, .body = "{'status':401,'detail':'Invalid token','type':'error','userMessage':{'title':'Login attempt expired',"
		"'detail':'That took too long, please try again.'},'error':'invalid_token'}" },
	{ "Wise, approved", 200, "x-2fa-approval-result: APPROVED", "{'id':1,'status':'ok'}" },
	{ "Wise, no right", 403, .body = "{'errors':[{'code':'forbidden','message':'Forbidden'}]}" },
	{ "Coinbase, an address not verified", 400, .body = "{'errors':[{'id':'unverified_email','message':'User has not verified their email'}]}" },
	{ "Coinbase, papers", 402, .body = "{'errors':[{'id':'personal_details_required','message':'Personal details are required'}]}" },
	{ "Binance, a wrong password", 200, .body = "{'code':'200001069','message':'Incorrect email or password.','success':false}" },
	{ "Binance, a puzzle", 200, .body = "{'code':'000000','data':{'captchaType':'bCAPTCHA2','validateId':'v','challenge':'c'}}" },
	{ "Binance, what is on", 200, .body = "{'data':{'email':'d***@example.com','gauth':true,'mobileSecurity':true,'twoFaEnabled':true}}" },
	{ "Kraken, a nonce", 200, .body = "{'error':['EAPI:Invalid nonce']}" },
	{ "Robinhood, a wrong password", 400, .body = "{'detail':'Unable to log in with provided credentials.'}" },
	{ "Robinhood, a wrong code", 400, .body = "{'detail':'Please enter a valid code.','mfa_code':'invalid'}", .problem = PROBLEM_WRONG },
	{ "Revolut, too many", 403, .body = "{'code':9002,'message':'Too many incorrect code attempts. Try again in 15 minutes.'}",
		.problem = PROBLEM_TOO_MANY, .retry_after = 900 },
	{ "Monzo, an old token", 401, .body = "{'code':'unauthorized.bad_access_token.expired','message':'Access token has expired'}" },
	{ "PayPal, a puzzle", 200, .body = "{'htmlResponse':'<div id=captcha></div>','captchaRequired':true}" },
	{ "Stripe, 3-D Secure", 200, .body = "{'id':'pi_1','status':'requires_action','next_action':{'type':'use_stripe_sdk','use_stripe_sdk':{"
		"'type':'three_d_secure_redirect'}}}" },
	{ "Stripe, a payment method", 402, .body = "{'error':{'code':'authentication_required','decline_code':'authentication_required',"
		"'message':'Your card was declined. This transaction requires authentication.','type':'card_error'}}" },
	{ "Stripe, a card's check", 200, .body = "{'card':{'checks':{'cvc_check':'pass','address_postal_code_check':'fail'},'three_d_secure_usage':"
		"{'supported':true}}}" },
	{ "a card's security code", 400, .body = "{'error':{'code':'incorrect_cvc','message':'Your card`s security code is incorrect.'}}",
		.problem = PROBLEM_WRONG },
	{ "a postal code", 422, .body = "{'errors':{'zip_code':['is invalid']},'error_code':'invalid_zip_code'}" },
	{ "a bank's sort code", 422, .body = "{'code':'invalid_sort_code','message':'The sort code was not found'}" },
	{ "a transaction that waits", 200, .body = "{'transactions':[{'id':1,'status':'pending','description':'OTP BANK BUDAPEST'}]}" },
	{ "a bank of that name", 200, .body = "{'bankName':'OTP Bank','status':'pending','accounts':[]}" },
	{ "a PIN that is sent by post", 200, .body = "{'message':'Your new card PIN will be sent by post within 5 working days.'}" },
};

/* ---- networks, shops, devices ---- */

static const struct answer_row sites[] = {
	{ "GitHub, an API's client", 401, "X-GitHub-OTP: required; sms", "{'message':'Must specify two-factor authentication OTP code.',"
		"'documentation_url':'https://docs.github.com/v3/auth#working-with-two-factor-authentication'}", .type = "sms" },
	{ "GitHub's page", 200, "Content-Type: text/html; charset=utf-8", "<html><title>Two-factor authentication</title><body><form"
		" action=\"/sessions/two-factor\" accept-charset=\"UTF-8\" method=\"post\"><input type=\"hidden\" name=\"authenticity_token\""
		" value=\"a+b\" /><label for=\"app_totp\">Authentication code</label><input type=\"text\" name=\"app_otp\" id=\"app_totp\""
		" autocomplete=\"one-time-code\" inputmode=\"numeric\" pattern=\"([0-9]{6})\" placeholder=\"XXXXXX\"><button type=\"submit\">Verify"
		"</button></form><p>Open your authenticator app to view your authentication code.</p></body></html>", .type = "totp",
		.endpoint = "/sessions/two-factor", .method = "POST", .field = "app_otp", .digits = 6, .carried = "authenticity_token=a+b",
		.encoding = "application/x-www-form-urlencoded" },
	{ "GitLab's page", 200, .body = "<!DOCTYPE html><html><head><title>Two-factor authentication</title></head><body><form class=new_user"
		" action=\"/users/sign_in\" method=post><input type=hidden name=authenticity_token value=\"t\"><label>Enter verification code</label>"
		"<input name=\"user[otp_attempt]\" id=user_otp_attempt autocomplete=off type=text required><input type=hidden name="
		"\"user[remember_me]\" value=0><input type=submit name=commit value=\"Verify code\"></form></body></html>", .type = "unknown",
		.endpoint = "/users/sign_in", .method = "POST", .field = "user[otp_attempt]",
		.carried = "authenticity_token=t, user[remember_me]=0, commit=Verify code" },
	{ "npm", 401, "www-authenticate: OTP\nnpm-notice: Open https://www.npmjs.com/login/x to use your security key for authentication", "",
		.type = "unknown" },
	{ "RubyGems", 401, .body = "You have enabled multifactor authentication but no OTP code provided. Please fill it and retry.",
		.type = "unknown" },
	{ "crates-like", 403, .body = "{'errors':[{'detail':'this action requires a one-time code'}]}", .type = "unknown" },
	{ "Discord", 400, .body = "{'message':'Two factor is required for this operation','code':60003,'mfa':{'ticket':'eyJ','methods':[{'type':"
		"'totp','backup_codes_allowed':true},{'type':'sms'},{'type':'webauthn','challenge':'x'}]}}", .type = "unknown",
		.kind = CHALLENGE_METHOD, .choices = "totp, sms, webauthn", .carried = "mfa.ticket=eyJ" },
	{ "Discord, signing in", 200, .body = "{'user_id':'1','mfa':true,'sms':false,'ticket':'WzEx','backup':true,'totp':true,'webauthn':null}",
		.type = "totp", .carried = "ticket=WzEx", .digits = 6 },
	{ "Steam, an app", 200, .body = "{'success':false,'requires_twofactor':true,'message':''}", .type = "unknown" },
	{ "Steam, by e-mail", 200, .body = "{'success':false,'emailauth_needed':true,'emaildomain':'example.com','emailsteamid':'7656',"
		"'message':''}", .type = "email" },
	{ "Apple", 409, "X-Apple-ID-Session-Id: s-1\nscnt: AAAA", "{'trustedPhoneNumbers':[{'numberWithDialCode':'+33 \342\200\242\342\200\242"
		" \342\200\242\342\200\242 \342\200\242\342\200\242 \342\200\242\342\200\242 88','pushMode':'sms','obfuscatedNumber':'88',"
		"'lastTwoDigits':'88','id':2}],'securityCode':{'length':6,'tooManyCodesSent':false,'tooManyCodesValidated':false,"
		"'securityCodeLocked':false,'securityCodeCooldown':false},'authenticationType':'hsa2','noTrustedDevices':false,"
		"'serviceErrors':[],'message':'Enter the"
		" verification code sent to your Apple devices.'}", .type = "sms", .digits = 6,
		.carried = "X-Apple-ID-Session-Id=s-1, scnt=AAAA" },
	{ "Google's page", 200, .body = "<html><title>2-Step Verification</title><form action=\"/signin/challenge/totp\" method=post><input"
		" type=hidden name=TL value=abc><p>Get a verification code from the Google Authenticator app</p><input type=tel name=totpPin"
		" id=totpPin><input type=checkbox name=trust><span>Don't ask again on this device</span></form></html>", .type = "totp",
		.field = "totpPin", .endpoint = "/signin/challenge/totp", .digits = 6 },
	{ "Instagram", 400, .body = "{'message':'','two_factor_required':true,'two_factor_info':{'username':'u','sms_two_factor_on':true,"
		"'totp_two_factor_on':false,'obfuscated_phone_number':'1234','two_factor_identifier':'id-1','show_messenger_code_option':false},"
		"'status':'fail','error_type':'two_factor_required'}", .type = "sms", .destination = "1234",
		.carried = "two_factor_info.two_factor_identifier=id-1" },
	{ "Twitter", 200, .body = "{'flow_token':'g;1','status':'success','subtasks':[{'subtask_id':'LoginTwoFactorAuthChallenge','enter_text':{"
		"'primary_text':{'text':'Enter your verification code'},'secondary_text':{'text':'Use your code generator app to generate a code"
		" and enter it below.'},'hint_text':'Enter code'}}]}", .type = "totp", .carried = "flow_token=g;1", .digits = 6 },
	{ "Telegram", 200, .body = "{'_':'auth.sentCode','type':{'_':'auth.sentCodeTypeSms','length':5},'phone_code_hash':'h-1','next_type':{"
		"'_':'auth.codeTypeCall'},'timeout':120}", .type = "sms", .digits = 5, .expires_in = 120, .carried = "phone_code_hash=h-1" },
	{ "Ring", 412, .body = "{'next_time_in_secs':60,'phone':'+1xxxxxxxx67','tsv_state':'sms'}", .type = "sms",
		.destination = "+1xxxxxxxx67", .retry_after = 60 },
	{ "Blink", 202, .body = "{'tsv_state':'email','next_time_in_secs':30}", .type = "email", .retry_after = 30 },
	{ "UniFi", 499, .body = "{'code':'MFA_AUTH_REQUIRED','message':'MFA token required to authenticate to SSO','data':{'required':'2fa',"
		"'mfaCookie':'UBIC_2FA=eyJ','authenticators':[{'type':'email','status':'active'},{'type':'webauthn','status':'active'}],'user':{}}}",
		.type = "unknown", .kind = CHALLENGE_METHOD, .choices = "email, webauthn", .carried = "data.mfaCookie=UBIC_2FA=eyJ" },
	{ "Synology", 200, .body = "{'error':{'code':403,'errors':{'token':'eyJ0eX','types':[{'type':'otp'}]}},'success':false}",
		.type = "unknown", .carried = "error.errors.token=eyJ0eX" },
	{ "QNAP", 200, "Content-Type: text/xml", "<?xml version=\"1.0\" encoding=\"UTF-8\" ?><QDocRoot version=\"1.0\"><authPassed><![CDATA[0]]>"
		"</authPassed><need_2sv>1</need_2sv><lost_phone>0</lost_phone></QDocRoot>", .type = "unknown" },
	{ "Tapo", 200, .body = "{'errorCode':-20677,'msg':'MFA feature enabled','result':{'supportedMFATypes':[1,2],'MFAEmail':'d***@example.com'"
		",'MFAProcessId':'p-1'}}", .type = "email", .carried = "result.MFAProcessId=p-1", .destination = "d***@example.com" },
	{ "Omada", 200, .body = "{'errorCode':-30165,'msg':'Two-Factor Authentication is required for local user.','result':{'MFAId':'mfa-1'}}",
		.type = "unknown", .carried = "result.MFAId=mfa-1" },
	{ "Riot", 200, .body = "{'type':'multifactor','multifactor':{'email':'d***@example.com','method':'email','methods':['email'],"
		"'multiFactorCodeLength':6,'mfaVersion':'v2'},'country':'deu'}", .type = "email", .destination = "d***@example.com", .digits = 6 },
	{ "Ubisoft", 200, .body = "{'platformType':'uplay','ticket':null,'twoFactorAuthenticationTicket':'ewog','codeGenerationPreference':['sms',"
		"'app'],'maskedPhone':'********12'}", .type = "sms", .carried = "twoFactorAuthenticationTicket=ewog", .destination = "********12" },
	{ "Bitwarden, by e-mail", 400, .body = "{'error':'invalid_grant','error_description':'Two factor required.','TwoFactorProviders':['1'],"
		"'TwoFactorProviders2':{'1':{'Email':'d*****@example.com'}},'SsoEmail2faSessionToken':'BwSso'}", .type = "email",
		.destination = "d*****@example.com" },
	{ "VK, by a code that was sent", 401, .body = "{'error':'need_validation','error_description':'sms sent, use code param',"
		"'validation_type':'2fa_sms','validation_sid':'2fa_1','phone_mask':'+7 *** *** ** 12','redirect_uri':'https://m.vk.com/x'}",
		.type = "sms", .destination = "+7 *** *** ** 12" },
	{ "Nextcloud, redirected", 303, "Location: https://cloud.example/login/challenge/totp?redirect_url=/apps", "", .type = "totp",
		.endpoint = "https://cloud.example/login/challenge/totp?redirect_url=/apps", .digits = 6 },
	{ "Nextcloud's page", 200, .body = "<form method=\"POST\" class=\"totp-form\" autocomplete=\"off\"><input type=\"tel\" minlength=\"6\""
		" maxlength=\"10\" name=\"challenge\" required placeholder=\"Authentication code\"><button type=\"submit\" class=\"primary"
		" two-factor-submit\">Submit</button><p>Get the authentication code from the two-factor authentication app on your device.</p></form>",
		.type = "totp", .field = "challenge", .method = "POST", .digits = 10 },
	{ "WordPress, Two-Factor", 200, .body = "<form name=\"validate_2fa_form\" action=\"https://wp.example/wp-login.php?action=validate_2fa\""
		" method=\"post\"><input type=\"hidden\" name=\"provider\" value=\"Two_Factor_Email\"><input type=hidden name=wp-auth-id value=1>"
		"<input type=hidden name=wp-auth-nonce value=\"n\"><p>A verification code has been sent to the email address associated with your"
		" account.</p><label>Verification Code:</label><input type=\"text\" name=\"two-factor-email-code\" autocomplete=\"one-time-code\""
		" maxlength=8></form>", .type = "email", .field = "two-factor-email-code", .digits = 8,
		.endpoint = "https://wp.example/wp-login.php?action=validate_2fa",
		.carried = "provider=Two_Factor_Email, wp-auth-id=1, wp-auth-nonce=n" },
	{ "Wordfence", 200, .body = "{'login':1,'two_factor_required':true,'jwt':'eyJ'}", .type = "unknown" },
	{ "Odoo's page", 200, .body = "<form method=\"POST\" action=\"\"><input type=\"hidden\" name=\"csrf_token\" value=\"c\"><input"
		" type=\"hidden\" name=\"redirect\" value=\"/web\"><label for=\"totp_token\">Authentication Code</label><input id=\"totp_token\""
		" name=\"totp_token\" autofocus maxlength=\"7\" inputmode=\"numeric\" placeholder=\"e.g. 123456\"><div>Open the two-factor "
		"authentication app on your"
		" device to obtain a code and verify your identity</div></form>", .type = "totp", .field = "totp_token", .digits = 7,
		.carried = "csrf_token=c, redirect=/web" },
	{ "Odoo, redirected", 303, "Location: /web/login/totp?redirect=%2Fweb", "", .type = "totp", .endpoint = "/web/login/totp?redirect=%2Fweb",
		.digits = 6 },
	{ "Magento", 401, .body = "{'message':'Two-factor code is required. Use the 2fa-specific endpoints for your provider(s): %1',"
		"'parameters':{'active_providers':['google']}}", .type = "unknown" },
	{ "Magento's page", 302, "Location: https://shop.example/admin/tfa/tfa/index/key/1/", "", .type = "unknown",
		.endpoint = "https://shop.example/admin/tfa/tfa/index/key/1/" },
	{ "Shopify, a customer", 200, .body = "{'data':{'customerLogin':{'state':'CODE_SENT','message':'We sent a 6-digit code to d***@e.com',"
		"'errors':[]}}}", .type = "email", .destination = "d***@e.com", .digits = 6 },
	{ "Rails, redirected", 302, "Location: /users/otp/new", "", .type = "unknown", .endpoint = "/users/otp/new" },
	{ "Shopware", 200, .body = "{'success':false,'errors':[{'status':'401','code':'OTP_REQUIRED','detail':'one time password required'}]}",
		.type = "unknown" },
	{ "Proxmox", 200, .body = "{\"data\":{\"NeedTFA\":1,\"username\":\"root@pam\",\"ticket\":\"PVE:!tfa!x\",\"CSRFPreventionToken\":\"c\"}}",
		.type = "unknown", .carried = "data.ticket=PVE:!tfa!x" },
	{ "Mastodon's page", 200, .body = "<form class=simple_form action=/auth/sign_in method=post><input type=hidden name=authenticity_token"
		" value=t><p class=hint>Enter the two-factor code generated by your phone app or use one of your recovery codes</p><input"
		" name=\"user[otp_attempt]\" type=text autocomplete=one-time-code></form>", .type = "unknown", .field = "user[otp_attempt]" },
	{ "Zoho, in the manner of", 200, .body = "{'status_code':201,'code':'MFA302','message':'MFA required','lookup':{},'passwordauth':{'modes'"
		":{'allowed_modes':['totp','otp']},'mfa_required':true},'mdigest':'m'}", .type = "unknown" },
	{ "Hotmart, in the manner of", 200, .body = "{'challenge':'EMAIL_OTP','status':'CHALLENGE_REQUIRED','maskedEmail':'d***@e***.com',"
		"'challengeId':'c-9','resendIn':60}", .type = "email", .destination = "d***@e***.com", .retry_after = 60,
		.carried = "challengeId=c-9" },
	{ "Ajax with a form in it", 200, .body = "{\"success\":true,\"html\":\"<form action='/otp/check' method='post'><p>Enter the code sent to"
		" a***@example.com</p><input name='otp'></form>\"}", .type = "email", .endpoint = "/otp/check", .field = "otp", .method = "POST",
		.destination = "a***@example.com" },
};

static const struct answer_row sites_not[] = {
	{ "GitHub, bad credentials", 401, .body = "{'message':'Bad credentials','documentation_url':'https://docs.github.com/rest'}" },
	{ "GitHub, a person", 200, .body = "{'login':'octocat','id':1,'two_factor_authentication':true,'private_gists':81}" },
	{ "GitHub, an organisation", 403, .body = "{'message':'You must enable two-factor authentication to access this organization'}" },
	{ "GitHub, sudo by password", 200, .body = "<html><title>Confirm access</title><form action=/sessions/sudo method=post><h1>Confirm"
		" access</h1><label>Password</label><input type=password name=sudo_password></form><p>Having problems? Use your authenticator app"
		" or recovery code.</p></html>" },
	{ "GitLab, what a person has", 200, .body = "{'id':1,'username':'d','two_factor_enabled':true,'confirmed_at':'2012'}" },
	{ "GitLab, setting up", 302, "Location: /-/profile/two_factor_auth/new?setup=true", "" },
	{ "npm, a wrong code", 401, "www-authenticate: Basic", "{'error':'Invalid OTP'}", .problem = PROBLEM_WRONG },
	{ "Discord, a wrong code", 400, .body = "{'message':'Invalid two-factor code','code':60008}", .problem = PROBLEM_WRONG },
	{ "Discord, a puzzle", 400, .body = "{'captcha_key':['captcha-required'],'captcha_sitekey':'s','captcha_service':'hcaptcha'}" },
	{ "Discord, a person", 200, .body = "{'id':'1','username':'d','mfa_enabled':true,'verified':true,'email':'d@example.com','phone':null}" },
	{ "Discord, an address", 400, .body = "{'message':'You need to verify your e-mail in order to perform this action.','code':40002}" },
	{ "Steam, wrong", 200, .body = "{'success':false,'requires_twofactor':false,'message':'The account name or password that you have entered"
		" is incorrect.','clear_password_field':true,'captcha_needed':false,'captcha_gid':-1}" },
	{ "Steam, a puzzle", 200, .body = "{'success':false,'requires_twofactor':false,'captcha_needed':true,'captcha_gid':'123','message':'Please"
		" verify your humanity by re-entering the characters in the captcha.'}" },
	{ "Apple, wrong", 401, .body = "{'serviceErrors':[{'code':'-20101','message':'Check the account information you entered and try again.'}],"
		"'hasError':true}" },
	{ "Apple, a wrong code", 400, .body = "{'service_errors':[{'code':'-21669','title':'Incorrect Verification Code','message':'Incorrect"
		" verification code.'}],'hasError':true}", .problem = PROBLEM_WRONG },
	{ "Apple, too many", 423, .body = "{'securityCode':{'length':6,'tooManyCodesSent':true,'securityCodeCooldown':true},'service_errors':[{"
		"'code':'-22981','message':'Too many verification codes have been sent. Enter the last code you received or try again later.'}]}",
		.problem = PROBLEM_TOO_MANY },
	{ "Google, an old browser", 403, .body = "Error=BadAuthentication\nInfo=WebLoginRequired" },
	{ "Google, a password first", 200, .body = "<title>Sign in</title><form><input type=email name=identifier autocomplete=username>"
		"<input type=hidden name=pstMsg></form><p>Not your computer? Use Guest mode to sign in privately.</p>" },
	{ "Instagram, wrong", 400, .body = "{'message':'The password you entered is incorrect.','invalid_credentials':true,'error_type':"
		"'bad_password','status':'fail'}" },
	{ "Instagram, a wrong code", 400, .body = "{'message':'Please check the security code and try again.','status':'fail','error_type':"
		"'sms_code_validation_code_invalid'}", .problem = PROBLEM_WRONG },
	{ "Instagram, feedback", 400, .body = "{'message':'feedback_required','spam':true,'feedback_title':'Try Again Later','status':'fail'}" },
	{ "Twitter, the name", 200, .body = "{'flow_token':'g;1','status':'success','subtasks':[{'subtask_id':'LoginEnterUserIdentifierSSO',"
		"'settings_list':{}}]}" },
	{ "Twitter, denied", 400, .body = "{'errors':[{'code':399,'message':'Wrong password!'}]}" },
	{ "Telegram, a wrong code", 400, .body = "{'_':'rpc_error','error_code':400,'error_message':'PHONE_CODE_INVALID'}",
		.problem = PROBLEM_WRONG },
	{ "Telegram, an old code", 400, .body = "{'_':'rpc_error','error_code':400,'error_message':'PHONE_CODE_EXPIRED'}",
		.problem = PROBLEM_EXPIRED },
	{ "Telegram, too often", 420, .body = "{'_':'rpc_error','error_code':420,'error_message':'FLOOD_WAIT_60'}" },
	{ "Ring, wrong", 401, .body = "{'error':'access_denied','error_description':'invalid user credentials'}" },
	{ "Blink, too often", 429, .body = "{'error':'too_many_requests','error_cause':'2fa_rate_limit_exceeded','error_description':'2FA rate"
		" limit exceeded.','next_time_in_secs':86400}", .problem = PROBLEM_TOO_MANY, .retry_after = 86400 },
	{ "UniFi, wrong", 401, .body = "{'code':'AUTHENTICATION_FAILED_INVALID_CREDENTIALS','message':'Invalid username or password'}" },
	{ "UniFi, too often", 429, .body = "{'code':'AUTHENTICATION_FAILED_LIMIT_REACHED','message':'You`ve reached the login attempt limit'}" },
	{ "Synology, a wrong code", 200, .body = "{'error':{'code':404},'success':false}" },
	{ "Synology, signed in", 200, .body = "{'data':{'did':'d','sid':'s','synotoken':'t'},'success':true}" },
	{ "QNAP, signed in", 200, "Content-Type: text/xml", "<?xml version=\"1.0\"?><QDocRoot><authPassed>1</authPassed><need_2sv>0</need_2sv>"
		"<authSid>x</authSid></QDocRoot>" },
	{ "Omada, a wrong code", 200, .body = "{'errorCode':-30139,'msg':'Incorrect verification code.','result':{'codeRemainAttempts':4}}",
		.problem = PROBLEM_WRONG },
	{ "Riot, wrong", 200, .body = "{'type':'auth','error':'auth_failure','country':'deu'}" },
	{ "Riot, a puzzle", 200, .body = "{'type':'auth','captcha':{'type':'hcaptcha','hcaptcha':{'key':'k','data':'d'}}}" },
	{ "Bitwarden, signed in", 200, .body = "{'access_token':'eyJ','expires_in':3600,'token_type':'Bearer','TwoFactorToken':'t','Key':'2.x'}" },
	{ "Bitwarden, a new device", 400, .body = "{'error':'device_error','error_description':'Captcha required','HCaptcha_SiteKey':'k'}" },
	{ "VK, a puzzle", 401, .body = "{'error':'need_captcha','captcha_sid':'1','captcha_img':'https://vk.com/captcha.php?sid=1'}" },
	{ "Nextcloud, setting up", 303, "Location: /login/setupchallenge", "" },
	{ "Nextcloud, signed in", 303, "Location: https://cloud.example/apps/dashboard/", "" },
	{ "WordPress, wrong", 200, .body = "<div id=login_error>The password you entered for the username d is incorrect.</div><form name=loginform"
		" method=post><input name=log type=text><input name=pwd type=password></form>" },
	{ "WordPress, a code if one has it", 200, .body = "<form name=loginform action=/wp-login.php method=post><input name=log type=text><input"
		" name=pwd type=password><label>2FA code (if enabled)</label><input name=googleotp type=text></form>" },
	{ "Odoo, signing in", 200, .body = "<form method=POST action=/web/login><input type=hidden name=csrf_token value=c><input name=login>"
		"<input type=password name=password><a href=/web/reset_password>Reset Password</a></form>" },
	{ "Odoo, an error of its own", 200, .body = "{'jsonrpc':'2.0','id':1,'error':{'code':200,'message':'Odoo Server Error','data':{'name':"
		"'odoo.exceptions.AccessDenied','message':'Access Denied'}}}" },
	{ "Magento, wrong", 401, .body = "{'message':'The account sign-in was incorrect or your account is disabled temporarily.'}" },
	{ "Magento, setting up", 302, "Location: https://shop.example/admin/tfa/google/configure/key/1/", "" },
	{ "Shopify, a discount", 200, .body = "{'data':{'cart':{'discountCodes':[{'code':'SAVE10','applicable':true}]},'message':'Enter the code"
		" SAVE10 at checkout'}}" },
	{ "Rails, back to the front", 302, "Location: /users/sign_in?return_to=/settings/two_factor", "" },
	{ "Shopware, a recovery", 200, .body = "{'success':true,'message':'If the address is known, we sent a link to reset the password.'}" },
	{ "Proxmox, signed in", 200, .body = "{'data':{'username':'root@pam','ticket':'PVE:root@pam:x','NeedTFA':0,'CSRFPreventionToken':'c'}}" },
	{ "Mastodon, a page of settings", 200, .body = "<h2>Two-factor auth</h2><p>Two-factor authentication is enabled. You will need your phone"
		" to log in.</p><form><input type=password name=current></form>" },
	{ "a page that explains", 200, .body = "<article><h1>How two-factor authentication works</h1><p>After your password, we ask for a code. It"
		" is made by an app or sent to your phone as a text message, and it holds for a short time only. Who has your password alone does"
		" not get in. We recommend an app, since text messages can be intercepted. To set it up, open the settings, choose security, and"
		" scan the picture with the app on your phone. Keep the printed codes in a safe place: each of them works once, when the phone is"
		" lost or new. Whoever asks you for such a code by telephone wants to rob you. Nobody of us will ever do so. Write to us when in"
		" doubt.</p></article>" },
	{ "a person's page in JSON", 200, .body = "{'user':{'name':'D','mfa':{'type':'totp','enabled':true},'phone':'+1***67','otpMethods':['sms',"
		"'totp']}}" },
	{ "devices", 200, .body = "{'devices':[{'id':'d-1','type':'totp','name':'Phone','confirmed':true}],'default':'d-1'}" },
	{ "a plan's features", 200, .body = "{'plan':'pro','features':{'twoFactor':true,'sso':true,'otpRequired':true}}" },
	{ "a promise", 200, .body = "{'message':'Welcome! Two-factor authentication is coming soon.','ok':true}" },
	{ "advice", 200, .body = "{'ok':true,'token':'eyJ','message':'Never share your verification code with anyone.'}" },
	{ "mail that was sent", 200, .body = "{'message':'We have sent you an e-mail with your invoice.','status':'sent'}" },
	{ "a tracking code", 200, .body = "{'message':'Your tracking code was sent to your phone','shipment':'s-1'}" },
	{ "a parcel's code", 200, .body = "{'status':'ready','pickupCode':'482913','message':'Your parcel is ready for pickup.'}" },
	{ "an e-mail's change", 200, .body = "{'status':'pending','emailChangeRequested':true}" },
	{ "a page in the works", 503, "Retry-After: 120", "<h1>Down for maintenance</h1><p>We will be back soon.</p>", .retry_after = 120 },
	{ "a limit", 429, "Retry-After: 30\nX-RateLimit-Remaining: 0", "{'message':'Too Many Requests'}", .retry_after = 30 },
	{ "work that goes on", 202, "Location: /operations/7\nRetry-After: 5", "{'operationId':7,'state':'running'}", .retry_after = 5 },
	{ "an upload that waits", 202, .body = "{'status':'pending','verification':{'documentId':'d','state':'in_review'}}" },
	{ "a webhook's check", 200, .body = "{'type':'url_verification','token':'Jhj5','challenge':'3eZbrw1a'}" },
	{ "PKCE", 400, .body = "{'error':'invalid_request','error_description':'Code challenge required'}" },
	{ "a digest", 401, "WWW-Authenticate: Digest realm=\"x\", qop=\"auth\", nonce=\"n\", opaque=\"o\"", "" },
};

/* ---- small programs' own, as they are written by the thousand ---- */

static const struct answer_row small[] = {
	{ "closing an account", 200, .body = "{'success':true,'message':'Account closure request submitted. Please verify OTP sent to your "
		"mobile.','requires_otp':true,'otp_sent':true}", .type = "unknown" },
	{ "a decision", 200, .body = "{'status':'success','message':'OTP generated for escalation decision','data':{'ceo_id':'1',"
		"'otp_sent':true}}", .type = "unknown" },
	{ "sent, with an id", 200, .body = "{'success':true,'ready':false,'otp_sent':true,'verification_id':'v-1','method':'sms'}",
		.type = "sms", .carried = "verification_id=v-1" },
	{ "a registration", 201, .body = "{'message':'Registration successful. Please verify your email with the OTP sent.','user_id':'u',"
		"'email':'john.doe@example.com','otp_sent':true}", .type = "email" },
	{ "a registration, again", 400, .body = "{'message':'Account already created but unverified. A new verification OTP has been sent to "
		"your email.','email':'x@example.com','requires_otp':true}", .type = "email" },
	{ "a transfer", 200, .body = "{'success':true,'requires_otp':true,'transfer_code':'TRF_1','message':'OTP required to complete "
		"transfer'}", .type = "unknown" },
	{ "the code in the answer", 200, .body = "{'requires_otp':true,'otp':'482913','expires_in':'5 minutes'}", .type = "unknown",
		.expires_in = 300 },
	{ "credentials", 403, .body = "{'message':'Acceso a credenciales requiere verificación.','requires_otp':true}", .type = "unknown" },
	{ "a registration with a token", 201, .body = "{'success':true,'data':{'user':{'id':'uuid','full_name':'J','role':'customer'},"
		"'token':'1|abc123','requires_otp':true}}", .type = "unknown" },
	{ "a registration, minutes", 200, .body = "{'email':'d@example.com','requires_otp':true,'purpose':'signup','expires_in_minutes':10}",
		.type = "email", .expires_in = 600 },
	{ "a token for the while", 200, .body = "{'requires_otp':true,'temp_token':'eyJ'}", .type = "unknown", .carried = "temp_token=eyJ" },
	{ "sent again", 400, .body = "{'email':'d@example.com','display_name':'D','message':'Verification code resent. Please check your "
		"email.','requires_verification':true}", .type = "email" },
	{ "an address to be verified by a code", 400, .body = "{'detail':'Please verify your email address before logging in. Check your "
		"inbox for the OTP code.','requires_verification':true,'email':'d@example.com'}", .type = "email" },
	{ "sent anew", 200, .body = "{'message':'A new verification OTP has been sent to your email','email':'d@e.com',"
		"'requires_verification':true}", .type = "email" },
	{ "a registration, by e-mail", 200, .body = "{'message':'Registration successful. Please check your email for verification code.',"
		"'user_id':1,'email':'d@e.com','requires_verification':true}", .type = "email" },
	{ "sent", 200, .body = "{'message':'OTP sent','api_response_status':'success','time':'2026-04-04T06:45:00Z'}", .type = "unknown" },
	{ "sent by e-mail", 200, .body = "{'status':'success','message':'OTP sent to your email'}", .type = "email" },
	{ "sent, with a number", 200, .body = "{'status':'success','message':'OTP sent successfully to your phone number',"
		"'data':{'phone':'9876543210','expiresIn':'10 minutes'}}", .type = "sms", .destination = "******3210", .expires_in = 600 },
	{ "sent, with an address", 200, .body = "{'message':'OTP sent to email','destination':'john@example.com'}", .type = "email",
		.destination = "j***@example.com" },
	{ "signing in", 200, .body = "{'success':true,'otp_required':true,'message':'OTP sent to your email. Please verify to continue.'}",
		.type = "email" },
	{ "sent to a phone", 200, .body = "{'success':true,'message':'OTP sent to phone','otp':'123456','expires_in_minutes':10}",
		.type = "unknown", .expires_in = 600 },
	{ "sent, with times", 200, .body = "{'success':true,'data':{'message':'OTP sent successfully','expiresIn':300,'canResendAfter':60},"
		"'timestamp':'2024-01-01T10:00:00Z'}", .type = "unknown", .expires_in = 300, .retry_after = 60 },
	{ "a challenge", 200, .body = "{'authentication':{'status':'challenge_required','challenge':'totp','transaction':'x'}}",
		.type = "totp", .digits = 6 },
	{ "a session", 200, .body = "{'requiresMFA':true,'sessionId':'uuid','message':'MFA verification required'}", .type = "unknown",
		.carried = "sessionId=uuid" },
	{ "an error and a flag", 401, .body = "{'error':'MFA_REQUIRED','tempToken':'t','mfaRequired':true}", .type = "unknown",
		.carried = "tempToken=t" },
	{ "an exchange", 200, .body = "{'status':'mfa_challenge_required','mfaToken':'mfa_exch_1','expiresInSeconds':300,'factor':'totp'}",
		.type = "totp", .expires_in = 300, .digits = 6, .carried = "mfaToken=mfa_exch_1" },
	{ "two methods", 200, .body = "{'status':'MFA_REQUIRED','mfaToken':'x','methods':['TOTP','RECOVERY_CODE'],'recoveryCodesRemaining':8}",
		.type = "unknown", .kind = CHALLENGE_METHOD, .choices = "totp, backup_code" },
	{ "a flag and a token", 200, .body = "{'requiresMfa':true,'mfaToken':'m'}", .type = "unknown", .carried = "mfaToken=m" },
	{ "a flag, a token, a time", 200, .body = "{'mfaRequired':true,'mfaToken':'mfa_x','expiresIn':300}", .type = "unknown",
		.expires_in = 300 },
	{ "a result", 200, .body = "{'result':'mfa_auth_required','details':{'enrolled_methods':['totp']}}", .type = "totp", .digits = 6 },
	{ "a token for the while, without its name", 200, .body = "{'token':'JWT_STR','mfa_required':true,'mfa_type':'TOTP'}", .type = "totp",
		.digits = 6 },
};

static const struct answer_row small_not[] = {
	{ "switched on", 200, .body = "{'two_factor_enabled':true}" },
	{ "a person", 200, .body = "{'id':1,'email':'d@example.com','preferences':{'language':'en-US','notifications':{'email':true,"
		"'push':false}},'two_factor_enabled':true,'created_at':'2024-01-01T00:00:00Z'}" },
	{ "signed in", 200, .body = "{'access':'eyJ0','refresh':'eyJ0','user':{'id':1,'username':'john','two_factor_enabled':true},"
		"'message':'Login successful'}" },
	{ "signed in, a bearer", 200, .body = "{'access_token':'eyJ','token_type':'Bearer','expires_in':900,'user':{'id':1,"
		"'two_factor_enabled':true}}" },
	{ "wrong", 401, .body = "{'error':'invalid_credentials','message':'Username or password is incorrect.'}" },
	{ "an old session", 401, .body = "{'success':false,'message':'Session expired. Please verify again.'}" },
	{ "an event", 200, .body = "{'event':'doctor_profile_completed','recipients':['admin'],'data':{'doctor_id':123,'doctor_name':'Dr. "
		"Juan','requires_verification':true}}" },
	{ "a number plate", 200, .body = "{'plate':{'text':'AB1','requires_verification':true,'warning':'POSSIBLE HOTLIST PLATE MATCH - "
		"VERIFY'}}" },
	{ "another verification", 403, .body = "{'error':'verification_required','message':'Your verification ratio is below the required "
		"1:1. Complete 2 more verifications before making new discoveries.','your_discoveries':10}" },
	{ "an address not verified", 403, .body = "{'success':false,'error':'VERIFICATION_REQUIRED','message':'Please verify your email "
		"address before logging in.','email':'d@e.com'}" },
	{ "a captcha", 200, .body = "{'content':'Verification required: CAPTCHA detected','error':'verification_required'}" },
	{ "an identity", 200, .body = "{'error':'verification_required','message':'Refused: consumer identity not verified in this call. "
		"Verify with verify_consumer first; never invent a result.'}" },
	{ "wrong, with a number", 401, .body = "{'status':'error','code':401,'message':'Invalid credentials'}" },
	{ "wrong, in capitals", 401, .body = "{'Message':'Invalid credentials'}" },
	{ "a configuration", 200, .body = "{'authentication':{'token_expiry_hours':24,'lockout_after_failures':5,"
		"'mfa_required_for_tiers':['DIRECTOR'],'challenge_response_required':true}}" },
	{ "security", 200, .body = "{'security':{'two_factor':true,'session_timeout':30,'ip_whitelist':true,'brute_force_protection':true}}" },
	{ "preferences", 200, .body = "{'theme':'dark','language':'ru','notifications':true,'two_factor':true}" },
	{ "to be set up first", 401, .body = "{'error':'enrollment_required'}" },
	{ "a wrong code", 401, .body = "{'error':'mfa_invalid'}", .problem = PROBLEM_WRONG },
	{ "locked", 429, .body = "{'error':'mfa_locked'}", .problem = PROBLEM_TOO_MANY },
	{ "a wrong code, tries left", 400, .body = "{'error':'Invalid verification code. 2 attempt(s) remaining.','code':'INVALID_OTP',"
		"'remaining_attempts':2}", .problem = PROBLEM_WRONG },
	{ "a code that was right", 200, .body = "{'message':'Verification code verified successfully','remaining_time':120}" },
	{ "a PIN", 401, .body = "{'status':'pin_required','attempts':0,'remaining_attempts':3}" },
	{ "signed in, plainly", 200, .body = "{'message':'Login successful','user_id':1}" },
	{ "no mail", 200, .body = "{'message':'Email failed to send!'}" },
	{ "a locked account", 401, .body = "{'success':false,'message':'Account is locked due to too many failed login attempts. Try again "
		"later.'}" },
	{ "CSRF", 400, .body = "{'detail':'CSRF Failed: CSRF token missing or incorrect.'}" },
	{ "no credentials", 403, .body = "{'detail':'Authentication credentials were not provided.'}" },
	{ "an old token", 401, .body = "{'error':'token_expired','message':'Your session token has expired, please log in again.'}" },
	{ "a template", 200, .body = "{'id':5,'name':'OTP template','channel':'sms','body':'Your code is {{code}}. It expires in 5 minutes.',"
		"'enabled':true}" },
};

static struct answer_book *book;

static void sees_who_sells_signing_in(void **state)
{
	(void)state;
	assert_int_equal(answer_rows_wrong(book, ANSWER_ROWS(identity)) + answer_rows_wrong(book, ANSWER_ROWS(identity_not)), 0);
}

static void sees_banks(void **state)
{
	(void)state;
	assert_int_equal(answer_rows_wrong(book, ANSWER_ROWS(banks)) + answer_rows_wrong(book, ANSWER_ROWS(banks_not)), 0);
}

static void sees_sites(void **state)
{
	(void)state;
	assert_int_equal(answer_rows_wrong(book, ANSWER_ROWS(sites)) + answer_rows_wrong(book, ANSWER_ROWS(sites_not)), 0);
}

static void sees_small_programs(void **state)
{
	(void)state;
	assert_int_equal(answer_rows_wrong(book, ANSWER_ROWS(small)) + answer_rows_wrong(book, ANSWER_ROWS(small_not)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sees_who_sells_signing_in),
		cmocka_unit_test(sees_banks),
		cmocka_unit_test(sees_sites),
		cmocka_unit_test(sees_small_programs),
	};

	book = answer_book_new(NULL, NULL);
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);
	answer_book_free(book);
	return failed;
}
