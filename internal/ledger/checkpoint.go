package ledger

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is what is signed: origin, size and root (C2SP tlog-checkpoint).
type Checkpoint struct {
	Origin string
	Size   int64
	Root   tlog.Hash
}

// Text is the note text: three lines.
func (c Checkpoint) Text() string {
	return c.Origin + "\n" + strconv.FormatInt(c.Size, 10) + "\n" + base64.StdEncoding.EncodeToString(c.Root[:]) + "\n"
}

// Mark is how leaves name a checkpoint: "size root".
func (c Checkpoint) Mark() string {
	return strconv.FormatInt(c.Size, 10) + " " + base64.StdEncoding.EncodeToString(c.Root[:])
}

// ParseCheckpoint reads a note text. It accepts exactly what Text makes.
func ParseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] == "" {
		return Checkpoint{}, errors.New("ledger: a checkpoint has three lines")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 {
		return Checkpoint{}, errors.New("ledger: checkpoint size is not a number")
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return Checkpoint{}, errors.New("ledger: checkpoint root is not a hash")
	}
	c := Checkpoint{Origin: lines[0], Size: size, Root: root}
	if c.Text() != text {
		return Checkpoint{}, errors.New("ledger: checkpoint is not in canonical form")
	}
	return c, nil
}

// Key is the ledger's public key.
type Key struct {
	Origin string            // the note key name: names the ledger
	Public ed25519.PublicKey // 32 bytes
	verify note.Verifier
	vkey   string
}

// ParseKey reads a verifier key in the notes' text form "name+hash+base64".
func ParseKey(vkey string) (Key, error) {
	vkey = strings.TrimSpace(vkey)
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return Key{}, fmt.Errorf("ledger: public key: %w", err)
	}
	parts := strings.SplitN(vkey, "+", 3)
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) != 1+ed25519.PublicKeySize {
		return Key{}, errors.New("ledger: public key: not an Ed25519 key")
	}
	if base64.StdEncoding.EncodeToString(raw) != parts[2] {
		return Key{}, errors.New("ledger: public key: not in canonical form")
	}
	return Key{Origin: v.Name(), Public: ed25519.PublicKey(raw[1:]), verify: v, vkey: vkey}, nil
}

// String is the key in the notes' text form.
func (k Key) String() string { return k.vkey }

// Fingerprint is the lower-case hex SHA-256 of the 32 key bytes: what two people
// compare over another channel.
func (k Key) Fingerprint() string {
	sum := sha256.Sum256(k.Public)
	return hex.EncodeToString(sum[:])
}

// OpenCheckpoint verifies a signed checkpoint. It accepts one signature, made by
// k, in canonical form: no byte of the note can be changed unnoticed.
func (k Key) OpenCheckpoint(signed []byte) (Checkpoint, error) {
	n, err := note.Open(signed, note.VerifierList(k.verify))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("ledger: checkpoint signature: %w", err)
	}
	if len(n.Sigs) != 1 || len(n.UnverifiedSigs) != 0 {
		return Checkpoint{}, errors.New("ledger: checkpoint has other signatures")
	}
	raw, err := base64.StdEncoding.DecodeString(n.Sigs[0].Base64)
	if err != nil || base64.StdEncoding.EncodeToString(raw) != n.Sigs[0].Base64 {
		return Checkpoint{}, errors.New("ledger: checkpoint signature is not in canonical form")
	}
	if want := n.Text + "\n— " + n.Sigs[0].Name + " " + n.Sigs[0].Base64 + "\n"; want != string(signed) {
		return Checkpoint{}, errors.New("ledger: checkpoint note is not in canonical form")
	}
	c, err := ParseCheckpoint(n.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	if c.Origin != k.Origin {
		return Checkpoint{}, fmt.Errorf("ledger: checkpoint of %q, not of %q", c.Origin, k.Origin)
	}
	return c, nil
}

// Verify checks a signature that PrivateKey.Sign made over message.
func (k Key) Verify(message, signature []byte) bool {
	return len(signature) == ed25519.SignatureSize && ed25519.Verify(k.Public, message, signature)
}

// PrivateKey signs checkpoints and package manifests.
type PrivateKey struct {
	Key
	sign note.Signer
	skey string
}

// GenerateKey makes a key for a ledger. origin names the ledger for ever and may
// hold neither blanks nor "+".
func GenerateKey(origin string) (PrivateKey, error) {
	skey, _, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return PrivateKey{}, fmt.Errorf("ledger: generate key: %w", err)
	}
	return ParsePrivateKey(skey)
}

// ParsePrivateKey reads a key in the notes' text form.
func ParsePrivateKey(skey string) (PrivateKey, error) {
	skey = strings.TrimSpace(skey)
	s, err := note.NewSigner(skey)
	if err != nil {
		return PrivateKey{}, errors.New("ledger: not a private ledger key") // the cause could quote the key
	}
	parts := strings.SplitN(skey, "+", 5)
	raw, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(raw) != 1+ed25519.SeedSize {
		return PrivateKey{}, errors.New("ledger: not a private ledger key")
	}
	public, ok := ed25519.NewKeyFromSeed(raw[1:]).Public().(ed25519.PublicKey)
	if !ok {
		return PrivateKey{}, errors.New("ledger: not a private ledger key")
	}
	vkey, err := note.NewEd25519VerifierKey(s.Name(), public)
	if err != nil {
		return PrivateKey{}, fmt.Errorf("ledger: public key: %w", err)
	}
	k, err := ParseKey(vkey)
	if err != nil {
		return PrivateKey{}, err
	}
	return PrivateKey{Key: k, sign: s, skey: skey}, nil
}

// Secret is the key's text form for its file. It goes nowhere else.
func (p PrivateKey) Secret() string { return p.skey }

// Sign signs a message (Ed25519, 64 bytes).
func (p PrivateKey) Sign(message []byte) ([]byte, error) {
	sig, err := p.sign.Sign(message)
	if err != nil {
		return nil, fmt.Errorf("ledger: sign: %w", err)
	}
	return sig, nil
}

// SignCheckpoint makes the signed note.
func (p PrivateKey) SignCheckpoint(c Checkpoint) ([]byte, error) {
	signed, err := note.Sign(&note.Note{Text: c.Text()}, p.sign)
	if err != nil {
		return nil, fmt.Errorf("ledger: sign checkpoint: %w", err)
	}
	return signed, nil
}
