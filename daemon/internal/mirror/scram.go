package mirror

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
)

// scramRounds is what PostgreSQL itself takes.
const scramRounds = 4096

// newSecret is a password of 256 bits, of characters that a URL takes as they are.
func newSecret() string {
	secret := make([]byte, 32)
	rand.Read(secret) // it never fails
	return base64.RawURLEncoding.EncodeToString(secret)
}

// newVerifier is what a server is given in a password's place, so that its log never has that.
func newVerifier(password string) (string, error) {
	salt := make([]byte, 16)
	rand.Read(salt)
	return scramVerifier(password, salt, scramRounds)
}

// scramVerifier is a SCRAM-SHA-256 verifier as PostgreSQL stores it, by RFC 5803. The password is of ASCII alone, for which
// SASLprep changes nothing.
func scramVerifier(password string, salt []byte, rounds int) (string, error) {
	salted, err := pbkdf2.Key(sha256.New, password, salt, rounds, sha256.Size)
	if err != nil {
		return "", fmt.Errorf("derive key: %w", err)
	}
	sign := func(what string) []byte {
		mac := hmac.New(sha256.New, salted)
		mac.Write([]byte(what))
		return mac.Sum(nil)
	}
	stored := sha256.Sum256(sign("Client Key"))
	text := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s", rounds, text(salt), text(stored[:]), text(sign("Server Key"))), nil
}
