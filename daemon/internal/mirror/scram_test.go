package mirror

import (
	"encoding/base64"
	"net/url"
	"testing"
)

// The salt and the password are those of the example in RFC 7677, whose proofs follow from these keys.
func TestScramVerifier(t *testing.T) {
	salt, err := base64.StdEncoding.DecodeString("W22ZaJ0SNY7soEsUEjb6gQ==")
	if err != nil {
		t.Fatal(err)
	}
	got, err := scramVerifier("pencil", salt, 4096)
	const want = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
	if err != nil || got != want {
		t.Errorf("verifier is %s, %v, want %s", got, err, want)
	}
}

func TestPasswordsNeedNoEscaping(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		password := newSecret()
		if len(password) < 32 || url.UserPassword("u", password).String() != "u:"+password || seen[password] {
			t.Fatalf("password %q is short, has to be escaped or is no secret", password)
		}
		seen[password] = true
	}
}
