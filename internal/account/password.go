package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"bevis/internal/fault"
)

const (
	passwordMin = 12  // characters (ASVS 6.2.1 asks for eight, recommends fifteen)
	passwordMax = 512 // bytes

	// Argon2id as RFC 9106 section 4 recommends where memory is scarce: three
	// passes over 64 MiB in four lanes, salt of 16 bytes, key of 32.
	argonTime    = 3
	argonMemory  = 64 * 1024 // KiB
	argonLanes   = 4
	argonSaltLen = 16
	argonKeyLen  = 32

	hashesAtOnce = 2 // bounds memory to 128 MiB, however many people sign in
)

// phc is a password hash in the PHC string format.
type phc struct {
	time, memory uint32
	lanes        uint8
	salt, key    []byte
}

var errHash = errors.New("account: a stored password hash cannot be read")

// String writes the hash as $argon2id$v=19$m=…,t=…,p=…$salt$key.
func (h phc) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.time, h.lanes, b64.EncodeToString(h.salt), b64.EncodeToString(h.key))
}

// parsePHC reads a hash. Its costs are bounded, so that a row somebody wrote into
// the database cannot exhaust the machine.
func parsePHC(s string) (phc, error) {
	var h phc
	f := strings.Split(s, "$")
	if len(f) != 6 || f[0] != "" || f[1] != "argon2id" || f[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return phc{}, errHash
	}
	if _, err := fmt.Sscanf(f[3], "m=%d,t=%d,p=%d", &h.memory, &h.time, &h.lanes); err != nil {
		return phc{}, fmt.Errorf("%w: %w", errHash, err)
	}
	var errS, errK error
	h.salt, errS = base64.RawStdEncoding.DecodeString(f[4])
	h.key, errK = base64.RawStdEncoding.DecodeString(f[5])
	if err := errors.Join(errS, errK); err != nil {
		return phc{}, fmt.Errorf("%w: %w", errHash, err)
	}
	if h.time < 1 || h.time > 16 || h.lanes < 1 || h.memory < 8*uint32(h.lanes) || h.memory > 256*1024 ||
		len(h.salt) < 8 || len(h.salt) > 64 || len(h.key) < 16 || len(h.key) > 64 || h.String() != s {
		return phc{}, errHash
	}
	return h, nil
}

func (h phc) derive(password string) []byte {
	return argon2.IDKey([]byte(password), h.salt, h.time, h.memory, h.lanes, uint32(len(h.key)))
}

// blank is a hash of the present cost, still without salt and key.
func (s *Service) blank() phc {
	h := phc{time: argonTime, memory: argonMemory, lanes: argonLanes, salt: make([]byte, argonSaltLen), key: make([]byte, argonKeyLen)}
	if s.cheap {
		h.time, h.memory, h.lanes = 1, 64, 1
	}
	return h
}

// nobody is what the password of an unknown e-mail address is held against: the
// same work, and no password has the key of zeros.
func (s *Service) nobody() string { return s.blank().String() }

// slot waits for one of the few places in which a password may be hashed.
func (s *Service) slot(ctx context.Context) (release func(), err error) {
	s.once.Do(func() { s.hashing = make(chan struct{}, hashesAtOnce) })
	select {
	case s.hashing <- struct{}{}:
		return func() { <-s.hashing }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// hash makes the PHC string of a password with a new salt.
func (s *Service) hash(ctx context.Context, password string) (string, error) {
	release, err := s.slot(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	h := s.blank()
	if _, err := rand.Read(h.salt); err != nil {
		return "", fmt.Errorf("account: salt: %w", err)
	}
	h.key = h.derive(password)
	return h.String(), nil
}

// matches reports whether the password is the stored hash's, in time that does
// not depend on where they differ. The caller holds a slot.
func matches(stored, password string) (bool, error) {
	h, err := parsePHC(stored)
	if err != nil {
		return false, err
	}
	fits := len(password) <= passwordMax
	if !fits {
		password = ""
	}
	return subtle.ConstantTimeCompare(h.derive(password), h.key) == 1 && fits, nil
}

// acceptable says why a password may not be set, nil if it may. Length is what
// counts; there are no rules about kinds of characters (NIST SP 800-63B 3.1.1.2).
func acceptable(password, email, name string) error {
	switch {
	case !utf8.ValidString(password):
		return fault.New(fault.Invalid, "account.password_text")
	case utf8.RuneCountInString(password) < passwordMin:
		return fault.New(fault.Invalid, "account.password_short", "Min", passwordMin)
	case len(password) > passwordMax:
		return fault.New(fault.Invalid, "account.password_long", "Max", passwordMax)
	}
	p := plain(password)
	local, _, _ := strings.Cut(fold(email), "@")
	if p == plain(email) || p == plain(local) || p == plain(name) {
		return fault.New(fault.Invalid, "account.password_own")
	}
	if isCommon(p) {
		return fault.New(fault.Invalid, "account.password_common")
	}
	return nil
}

// plain is a text without blanks, in lower case.
func plain(s string) string { return strings.Join(strings.Fields(fold(s)), "") }
