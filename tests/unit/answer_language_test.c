/* What sentences say of codes, in fifteen languages: how many digits, where it went, how long it holds, what was wrong. */
#include "tests/lib/answers.h"
#include "tests/lib/asserts.h"

#include "cdp/base/json.h"

struct sentence {
	const char *why, *text;
	const char *type; /* NULL: asks for nothing */
	const char *destination;
	int digits, expires_in, retry_after;
	enum code_problem problem;
};

static const struct sentence asking[] = {
	{ "en", "Enter the 6-digit code we texted to the number ending in 34. It expires in 10 minutes. Resend in 30 s.", "sms", "34", 6,
		600, 30 },
	{ "en, in words", "We emailed a six-digit verification code to j***@e***.com. The code is valid for ten minutes.", "email",
		"j***@e***.com", 6, 600 },
	{ "en, a clock", "Please enter the verification code sent by text message to •••• 12. Time left: 4:59", "sms", "•••• 12", 0, 299 },
	{ "he", "הזינו את קוד האימות בן 6 ספרות שנשלח ב-SMS למספר המסתיים ב-34. הקוד תקף ל-5 דקות. שליחה"
		" חוזרת בעוד 30 שניות", "sms", "34", 6, 300, 30 },
	{ "he, a masked number", "שלחנו לך קוד חד פעמי בהודעת טקסט אל 05*-***-**34. הקוד בתוקף למשך שתי דקות.", "sms", "05*-***-**34", 0, 120 },
	{ "pt", "Digite o código de 6 dígitos que enviamos por SMS para (**) *****-1234. O código expira em 5 minutos. Reenviar código em 60"
		" segundos.", "sms", "(**) *****-1234", 6, 300, 60 },
	{ "pt, by e-mail", "Enviamos um código de verificação para j***@e***.com.br, com validade de dez minutos.", "email", "j***@e***.com.br",
		0, 600 },
	{ "es", "Introduce el código de seis dígitos que te hemos enviado por SMS al número terminado en 34. Caduca en 10 minutos. Volver a enviar"
		" en 45 segundos.", "sms", "34", 6, 600, 45 },
	{ "es, by e-mail", "Se ha enviado un código de verificación a tu correo j•••@e•••.com. El código vence en 1 hora.", "email",
		"j•••@e•••.com", 0, 3600 },
	{ "de", "Geben Sie den sechsstelligen Code ein, den wir per SMS an die Nummer mit der Endnummer 34 gesendet haben. Er ist 5 Minuten"
		" gültig. Erneut senden in 30 Sekunden.", "sms", "34", 6, 300, 30 },
	{ "de, an address", "Ein Bestätigungscode wurde an m***@beispiel.de gesendet. Der Code läuft in fünf Minuten ab.", "email",
		"m***@beispiel.de", 0, 300 },
	{ "fr", "Saisissez le code à 6 chiffres envoyé par SMS au numéro se terminant par 34. Ce code est valable 10 minutes. Renvoyer le"
		" code dans 30 secondes.", "sms", "34", 6, 600, 30 },
	{ "fr, a greeting", "Bonjour, saisissez le code de vérification envoyé par SMS.", "sms" },
	{ "fr, with hard spaces", "Un code de vérification à 8 chiffres a été envoyé par e-mail à j***@e***.fr ; il expire dans"
		" 15 minutes.", "email", "j***@e***.fr", 8, 900 },
	{ "it", "Inserisci il codice a 6 cifre inviato via SMS al numero che termina con 34. Il codice scade tra 5 minuti. Invia di nuovo tra 30"
		" secondi.", "sms", "34", 6, 300, 30 },
	{ "it, by e-mail", "Abbiamo inviato un codice di verifica a j***@e***.it via email. Valido per dieci minuti.", "email", "j***@e***.it",
		0, 600 },
	{ "nl", "Voer de 6-cijferige code in die we per sms hebben gestuurd naar het nummer eindigend op 34. De code is 10 minuten geldig."
		" Verstuur opnieuw over 30 seconden.", "sms", "34", 6, 600, 30 },
	{ "nl, in words", "We hebben een zescijferige verificatiecode naar j***@e***.nl gemaild. De code verloopt over vijf minuten.", "email",
		"j***@e***.nl", 6, 300 },
	{ "nl, an hour", "Er is een verificatiecode per e-mail verzonden. Deze blijft 1 uur geldig.", "email", NULL, 0, 3600 },
	{ "pl", "Wprowadź 6-cyfrowy kod, który wysłaliśmy SMS-em na numer kończący się na 34. Kod jest ważny 5 minut. Wyślij ponownie za 30"
		" sekund.", "sms", "34", 6, 300, 30 },
	{ "pl, in words", "Wysłaliśmy sześciocyfrowy kod weryfikacyjny na adres e-mail j***@e***.pl. Kod wygasa za dziesięć minut.", "email",
		"j***@e***.pl", 6, 600 },
	{ "pl, an hour", "Podaj kod z wiadomości SMS. Kod traci ważność po 2 godzinach.", "sms", NULL, 0, 7200 },
	{ "ru", "Введите 6-значный код, отправленный по SMS на номер, заканчивающийся на 34. Код действует 5 минут. Отправить повторно через"
		" 30 секунд.", "sms", "34", 6, 300, 30 },
	{ "ru, in words", "Мы отправили шестизначный код подтверждения на почту j***@e***.ru. Срок действия истекает через десять минут.",
		"email", "j***@e***.ru", 6, 600 },
	{ "tr", "Sonu 34 ile biten numaraya SMS ile gönderilen 6 haneli kodu girin. Kod 3 dakika geçerlidir. Tekrar gönder: 60 saniye", "sms",
		"34", 6, 180, 60 },
	{ "tr, in words", "j***@e***.com.tr e-posta adresinize altı haneli doğrulama kodu gönderildi. Kodun süresi on dakika içinde dolacak.",
		"email", "j***@e***.com.tr", 6, 600 },
	{ "tr, short", "Doğrulama kodu SMS ile gönderildi. Geçerlilik süresi: 120 sn", "sms", NULL, 0, 120 },
	{ "ar", "أدخل رمز التحقق المكون من ٦ أرقام المرسل عبر الرسائل القصيرة إلى الرقم المنتهي بـ ٣٤. الرمز صالح"
		" لمدة ٥ دقائق. إعادة الإرسال خلال ٣٠ ثانية", "sms",
		"34", 6, 300, 30 },
	{ "ar, in words", "تم إرسال رمز التحقق المكون من ستة أرقام إلى بريدك الإلكتروني. تنتهي صلاحيته خلال عشر دقائق.", "email", NULL, 6, 600 },
	{ "ar, two minutes", "تم إرسال رمز التحقق عبر واتساب إلى ***34، وهو صالح لمدة دقيقتين.", "whatsapp", "***34", 0, 120 },
	{ "ja", "SMSで末尾34の番号に送信された6桁の認証コードを入力してください。有効期限は10分です。再送は30秒後に可能です。", "sms", "34", 6, 600, 30 },
	{ "ja, full width", "メールでお送りした６桁の確認コードを入力してください。１０分以内に入力してください。", "email", NULL, 6, 600 },
	{ "ko", "끝자리 34 번호로 문자 전송된 6자리 인증번호를 입력하세요. 유효시간 3분. 30초 후 재전송할 수 있습니다.", "sms", "34", 6, 180, 30 },
	{ "ko, by e-mail", "이메일로 여섯 자리 인증 코드를 보냈습니다. 코드는 10분 후 만료됩니다.", "email", NULL, 6, 600 },
	{ "ko, a clock", "인증번호를 입력해주세요. 남은 시간 02:59", "unknown", NULL, 0, 179 },
	{ "zh", "请输入发送至尾号1234的手机号的6位短信验证码，5分钟内有效。60秒后重新发送", "sms", "1234", 6, 300, 60 },
	{ "zh, traditional", "驗證碼已發送至您的信箱 j***@e***.tw。請輸入六位數驗證碼，10分鐘內有效。", "email", "j***@e***.tw", 6, 600 },
	{ "zh, a call", "语音验证码已拨打，请输入验证码", "call" },
};

static const struct sentence complaining[] = {
	{ "en, wrong", "The verification code you entered is incorrect.", .problem = PROBLEM_WRONG },
	{ "en, old", "Your code has expired. Request a new one.", .problem = PROBLEM_EXPIRED },
	{ "en, too often", "Too many incorrect codes. Try again in 5 minutes.", .retry_after = 300, .problem = PROBLEM_TOO_MANY },
	{ "he, wrong", "קוד האימות שהוזן שגוי", .problem = PROBLEM_WRONG },
	{ "he, old", "פג תוקפו של הקוד", .problem = PROBLEM_EXPIRED },
	{ "pt, wrong", "Código de verificação inválido.", .problem = PROBLEM_WRONG },
	{ "pt, old", "Seu código expirou.", .problem = PROBLEM_EXPIRED },
	{ "es, wrong", "El código de verificación no es válido.", .problem = PROBLEM_WRONG },
	{ "es, old", "El código ha caducado.", .problem = PROBLEM_EXPIRED },
	{ "de, wrong", "Der eingegebene Code ist falsch.", .problem = PROBLEM_WRONG },
	{ "de, old", "Der Code ist abgelaufen.", .problem = PROBLEM_EXPIRED },
	{ "de, too often", "Zu viele Fehlversuche mit dieser TAN. Bitte versuchen Sie es in 15 Minuten erneut.", .retry_after = 900,
		.problem = PROBLEM_TOO_MANY },
	{ "fr, wrong", "Le code saisi est incorrect.", .problem = PROBLEM_WRONG },
	{ "fr, old", "Ce code a expiré.", .problem = PROBLEM_EXPIRED },
	{ "it, wrong", "Il codice inserito non è corretto.", .problem = PROBLEM_WRONG },
	{ "it, old", "Il codice è scaduto.", .problem = PROBLEM_EXPIRED },
	{ "nl, wrong", "De ingevoerde code is onjuist.", .problem = PROBLEM_WRONG },
	{ "nl, old", "De code is verlopen.", .problem = PROBLEM_EXPIRED },
	{ "pl, wrong", "Nieprawidłowy kod weryfikacyjny.", .problem = PROBLEM_WRONG },
	{ "pl, old", "Kod wygasł.", .problem = PROBLEM_EXPIRED },
	{ "ru, wrong", "Неверный код подтверждения.", .problem = PROBLEM_WRONG },
	{ "ru, old", "Срок действия кода истёк.", .problem = PROBLEM_EXPIRED },
	{ "tr, wrong", "Doğrulama kodu geçersiz.", .problem = PROBLEM_WRONG },
	{ "tr, old", "Kodun süresi doldu.", .problem = PROBLEM_EXPIRED },
	{ "ar, wrong", "رمز التحقق غير صحيح", .problem = PROBLEM_WRONG },
	{ "ar, old", "انتهت صلاحية الرمز", .problem = PROBLEM_EXPIRED },
	{ "ja, wrong", "認証コードが正しくありません", .problem = PROBLEM_WRONG },
	{ "ja, old", "認証コードの有効期限が切れました", .problem = PROBLEM_EXPIRED },
	{ "ko, wrong", "인증번호가 일치하지 않습니다.", .problem = PROBLEM_WRONG },
	{ "ko, old", "인증번호가 만료되었습니다.", .problem = PROBLEM_EXPIRED },
	{ "zh, wrong", "验证码错误", .problem = PROBLEM_WRONG },
	{ "zh, old", "验证码已过期", .problem = PROBLEM_EXPIRED },
};

/* Of the false friends of each language, and what only speaks of codes. */
static const struct sentence others[] = {
	{ "en, a coupon", "Enter the promo code we sent to your email." },
	{ "en, help", "A verification code keeps your account safe." },
	{ "en, a link", "We sent a link to j***@e***.com. Click it to sign in." },
	{ "he, wrong password", "שם המשתמש או הסיסמה שגויים" },
	{ "he, a zip", "נא להזין מיקוד" },
	{ "pt, wrong password", "E-mail ou senha incorretos." },
	{ "pt, a coupon", "Digite o código do cupom para ganhar desconto." },
	{ "es, wrong password", "El usuario o la contraseña no son correctos." },
	{ "es, a postal code", "Introduzca su código postal." },
	{ "de, wrong password", "Benutzername oder Passwort ist falsch." },
	{ "de, a coupon", "Geben Sie Ihren Gutscheincode ein." },
	{ "fr, wrong password", "Identifiant ou mot de passe incorrect." },
	{ "fr, a promotion", "Saisissez votre code promo." },
	{ "it, wrong password", "Nome utente o password errati." },
	{ "it, a tax code", "Inserisci il codice fiscale." },
	{ "nl, wrong password", "Gebruikersnaam of wachtwoord is onjuist." },
	{ "nl, a discount", "Vul je kortingscode in." },
	{ "pl, wrong password", "Nieprawidłowy login lub hasło." },
	{ "pl, a postal code", "Podaj kod pocztowy." },
	{ "ru, wrong password", "Неверный логин или пароль." },
	{ "ru, a promotion", "Введите промокод." },
	{ "tr, wrong password", "Kullanıcı adı veya parola hatalı." },
	{ "tr, a discount", "İndirim kodunu girin." },
	{ "ar, wrong password", "اسم المستخدم أو كلمة المرور غير صحيحة" },
	{ "ar, a coupon", "أدخل رمز القسيمة" },
	{ "ja, wrong password", "メールアドレスまたはパスワードが違います" },
	{ "ja, a coupon", "クーポンコードを入力してください" },
	{ "ko, wrong password", "아이디 또는 비밀번호가 올바르지 않습니다." },
	{ "ko, a picture", "자동입력 방지문자를 입력하세요." },
	{ "zh, wrong password", "用户名或密码错误" },
	{ "zh, a picture", "请输入图形验证码" },
	{ "zh, a discount", "请输入优惠码" },
};

static struct answer_book *book;

static int wrong_in(const struct sentence *sentences, size_t count)
{
	int wrong = 0;

	for (const struct sentence *one = sentences; one < sentences + count; one++) {
		AUTO(json) cJSON *json = json_object(JSON_STR("message", one->text));
		AUTO(text) char *body = json_print(json);
		const struct answer_row row = { .why = one->why, .status = 401, .body = body, .type = one->type,
			.destination = one->destination ? one->destination : NULL, .digits = one->digits, .expires_in = one->expires_in,
			.retry_after = one->retry_after, .problem = one->problem };
		wrong += answer_row_wrong(book, &row);
	}
	return wrong;
}

#define SENTENCES(rows) (rows), sizeof(rows) / sizeof *(rows)

static void reads_what_is_asked(void **state)
{
	(void)state;
	assert_int_equal(wrong_in(SENTENCES(asking)), 0);
}

static void reads_what_was_wrong(void **state)
{
	(void)state;
	assert_int_equal(wrong_in(SENTENCES(complaining)), 0);
}

static void leaves_false_friends_alone(void **state)
{
	(void)state;
	assert_int_equal(wrong_in(SENTENCES(others)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_is_asked),
		cmocka_unit_test(reads_what_was_wrong),
		cmocka_unit_test(leaves_false_friends_alone),
	};

	book = answer_book_new(NULL, NULL);
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);
	answer_book_free(book);
	return failed;
}
