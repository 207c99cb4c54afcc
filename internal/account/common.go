package account

import "strings"

// isCommon reports whether a password, as plain makes it, is among the first that
// anybody would guess: on the list, or of no more than three different characters.
func isCommon(p string) bool {
	different := map[rune]bool{}
	for _, r := range p {
		different[r] = true
	}
	if len(different) <= 3 {
		return true
	}
	for w := range strings.FieldsSeq(common) {
		if w == p {
			return true
		}
	}
	return false
}

// common is a hundred or so passwords of the lengths that are allowed here, English and
// Swedish. It stops the worst, not all that has leaked somewhere.
const common = `
123456789012 1234567890123 12345678901234 123456789012345 1234567890123456 12345678910111 123456123456
012345678901 0123456789012 0987654321098 098765432109 987654321098 112233445566 123123123123 123412341234
1q2w3e4r5t6y 1q2w3e4r5t6y7u 1q2w3e4r5t6y7u8i 1qaz2wsx3edc 1qaz2wsx3edc4rfv qazwsxedcrfv qazwsxedc123
1a2b3c4d5e6f a1b2c3d4e5f6 abcdefghijkl abcdefghijklm abcdef123456 abc123abc123 abcd1234abcd abcd12345678
abc123456789 qwertyuiop12 qwertyuiop123 qwertyuiop1234 qwertyuiopasdf qwertyuiop[] qwerty123456 qwerty1234567
qwerty12345678 qwertyqwerty qwerty123qwerty asdfghjkl123 asdfghjkl1234 asdfasdfasdf zxcvbnm12345 zxcvbnm123456
password1234 password12345 password123456 passwordpassword password1234! p@ssw0rd1234 p@ssword1234 passw0rd1234
mypassword123 newpassword1 newpassword123 thisismypassword changemeplease changeme1234 changeme12345
letmeinletmein letmein12345 letmein123456 welcome12345 welcome123456 welcomewelcome welcometothejungle
administrator administrator1 administrator123 admin1234567 admin12345678 adminadminadmin adminadmin123 rootrootroot
iloveyou1234 iloveyou12345 iloveyouiloveyou iloveyousomuch ilovemyfamily sunshine1234 princess1234 football1234
baseball1234 superman1234 dragon123456 monkey123456 master123456 trustno1trustno1 correcthorsebatterystaple
whatever1234 computer1234 internet1234 secretsecret supersecret1 topsecret123 testtesttest test12345678
testing12345 summer202412 sommar202412 lösenord1234 lösenord12345 lösenordlösenord hemligt12345
hejhejhejhej jagälskardig jagälskardig1
`
