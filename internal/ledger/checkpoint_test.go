package ledger_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"bevis/internal/fault"
	"bevis/internal/ledger"
)

func newKey(t testing.TB, origin string) ledger.PrivateKey {
	t.Helper()
	k, err := ledger.GenerateKey(origin)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestCheckpointText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := ledger.Checkpoint{Origin: rapid.StringMatching(`[a-z.]{1,12}`).Draw(t, "origin"), Size: rapid.Int64Min(0).Draw(t, "size")}
		copy(c.Root[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "root"))
		got, err := ledger.ParseCheckpoint(c.Text())
		if err != nil || got != c {
			t.Fatalf("%+v, %v", got, err)
		}
	})
	good := ledger.Checkpoint{Origin: "example.ledger", Size: 7}.Text()
	for name, bad := range map[string]string{
		"plus":           strings.Replace(good, "\n7\n", "\n+7\n", 1),
		"leading zero":   strings.Replace(good, "\n7\n", "\n07\n", 1),
		"negative":       strings.Replace(good, "\n7\n", "\n-7\n", 1),
		"blank":          strings.Replace(good, "\n7\n", "\n7 \n", 1),
		"no origin":      strings.Replace(good, "example.ledger", "", 1),
		"a fourth line":  good + "more\n",
		"no last line":   strings.TrimSuffix(good, "\n"),
		"short root":     "example.ledger\n7\nAAAA\n",
		"too large":      strings.Replace(good, "\n7\n", "\n9223372036854775808\n", 1),
		"carriage":       strings.ReplaceAll(good, "\n", "\r\n"),
		"nothing at all": "",
	} {
		if c, err := ledger.ParseCheckpoint(bad); err == nil {
			t.Errorf("%s: read as %+v", name, c)
		}
	}
}

// No byte of a signed checkpoint can be changed, removed or added unnoticed.
func TestCheckpointEveryByte(t *testing.T) {
	key := newKey(t, "example.ledger")
	want := ledger.Checkpoint{Origin: key.Origin, Size: 42, Root: ledger.Hash([]byte("x"))}
	signed, err := key.SignCheckpoint(want)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := key.OpenCheckpoint(signed); err != nil || got != want {
		t.Fatalf("%+v, %v", got, err)
	}
	for i := range signed {
		for x := 1; x < 256; x++ {
			changed := bytes.Clone(signed)
			changed[i] ^= byte(x)
			if _, err := key.OpenCheckpoint(changed); err == nil {
				t.Fatalf("byte %d ^ %d accepted: %q", i, x, changed)
			}
		}
		if _, err := key.OpenCheckpoint(append(bytes.Clone(signed[:i]), signed[i+1:]...)); err == nil {
			t.Fatalf("byte %d removed: accepted", i)
		}
		if _, err := key.OpenCheckpoint(append(append(bytes.Clone(signed[:i]), '\n'), signed[i:]...)); err == nil {
			t.Fatalf("a line feed at %d: accepted", i)
		}
	}
	for _, extra := range []string{"\n", " ", "— example.ledger AAAA\n", "\x00"} {
		if _, err := key.OpenCheckpoint(append(bytes.Clone(signed), extra...)); err == nil {
			t.Errorf("%q behind the note: accepted", extra)
		}
	}
}

func TestCheckpointOfOthers(t *testing.T) {
	key, other := newKey(t, "example.ledger"), newKey(t, "example.ledger")
	c := ledger.Checkpoint{Origin: key.Origin, Size: 1}
	signed, err := other.SignCheckpoint(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := key.OpenCheckpoint(signed); err == nil {
		t.Error("another key of the same name: accepted")
	}
	foreign, err := key.SignCheckpoint(ledger.Checkpoint{Origin: "other.ledger", Size: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := key.OpenCheckpoint(foreign); err == nil {
		t.Error("a checkpoint of another ledger: accepted")
	}
	// A second signature beside the right one.
	a, err := note.NewSigner(key.Secret())
	if err != nil {
		t.Fatal(err)
	}
	b, err := note.NewSigner(newKey(t, "witness").Secret())
	if err != nil {
		t.Fatal(err)
	}
	both, err := note.Sign(&note.Note{Text: c.Text()}, a, b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := key.OpenCheckpoint(both); err == nil {
		t.Error("two signatures: accepted")
	}
}

func TestParseKey(t *testing.T) {
	key := newKey(t, "example.ledger")
	for _, text := range []string{key.String(), "  " + key.String() + "\n"} {
		k, err := ledger.ParseKey(text)
		if err != nil || k.Fingerprint() != key.Fingerprint() || k.String() != key.String() || k.Origin != "example.ledger" {
			t.Errorf("%q: %+v, %v", text, k, err)
		}
	}
	parts := strings.SplitN(key.String(), "+", 3)
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil {
		t.Fatal(err)
	}
	bad := map[string]string{
		"nothing":        "",
		"two parts":      parts[0] + "+" + parts[1],
		"no name":        "+" + parts[1] + "+" + parts[2],
		"other name":     "other.ledger+" + parts[1] + "+" + parts[2],
		"other hash":     parts[0] + "+00000000+" + parts[2],
		"url alphabet":   parts[0] + "+" + parts[1] + "+" + base64.URLEncoding.EncodeToString(append(raw, 0xff)),
		"one byte less":  parts[0] + "+" + parts[1] + "+" + base64.StdEncoding.EncodeToString(raw[:32]),
		"one byte more":  parts[0] + "+" + parts[1] + "+" + base64.StdEncoding.EncodeToString(append(raw, 0)),
		"other kind":     parts[0] + "+" + parts[1] + "+" + base64.StdEncoding.EncodeToString(append([]byte{2}, raw[1:]...)),
		"line in it":     parts[0] + "+" + parts[1] + "+" + parts[2][:10] + "\n" + parts[2][10:],
		"two keys":       key.String() + "\n" + key.String(),
		"a private key":  key.Secret(),
		"other encoding": parts[0] + "+" + parts[1] + "+" + lastBits(parts[2]),
	}
	for name, text := range bad {
		if k, err := ledger.ParseKey(text); err == nil {
			t.Errorf("%s: read as %s", name, k.Fingerprint())
		}
	}
	// Every other letter of a key is another key or none.
	for i := range key.String() {
		s := []byte(key.String())
		s[i] ^= 1
		if k, err := ledger.ParseKey(string(s)); err == nil && k.Fingerprint() == key.Fingerprint() {
			t.Errorf("letter %d changed: the same key", i)
		}
	}
}

// lastBits changes bits of base64 text that stand for nothing, if it has any.
func lastBits(s string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	i := len(strings.TrimRight(s, "=")) - 1
	at := strings.IndexByte(alphabet, s[i])
	return s[:i] + string(alphabet[at^1]) + s[i+1:]
}

func TestParsePrivateKey(t *testing.T) {
	key := newKey(t, "example.ledger")
	again, err := ledger.ParsePrivateKey(key.Secret() + "\n")
	if err != nil || again.Fingerprint() != key.Fingerprint() {
		t.Fatal(err)
	}
	for i := range key.Secret() {
		_, err := ledger.ParsePrivateKey(key.Secret()[:i])
		if err == nil {
			t.Errorf("the first %d letters are a key", i)
		} else if i > 30 && strings.Contains(err.Error(), key.Secret()[20:i]) {
			t.Errorf("the fault quotes the key: %v", err)
		}
	}
	if _, err := ledger.ParsePrivateKey(key.String()); err == nil {
		t.Error("a public key signs")
	}
	msg := []byte("manifest")
	sig, err := key.Sign(msg)
	if err != nil || !key.Verify(msg, sig) || key.Verify([]byte("other"), sig) || key.Verify(msg, sig[:63]) || key.Verify(msg, nil) || !ed25519.Verify(key.Public, msg, sig) {
		t.Errorf("signature: %v", err)
	}
	for _, bad := range []string{"", "has blank", "has+plus"} {
		if _, err := ledger.GenerateKey(bad); err == nil {
			t.Errorf("a ledger named %q", bad)
		}
	}
}

// signing is a signer with its memory in a file.
func signing(t *testing.T) (*ledger.Signer, ledger.PrivateKey, string) {
	key := newKey(t, "example.ledger")
	state := filepath.Join(t.TempDir(), "signed")
	return ledger.NewSigner(key, state), key, state
}

func TestSignerFollowsItsTree(t *testing.T) {
	s, key, state := signing(t)
	g := grow(t, 20)
	if _, ok, err := s.Last(); ok || err != nil {
		t.Fatalf("remembers before the first signature: %v", err)
	}
	for n := int64(1); n <= 20; n++ {
		signed, err := s.Checkpoint(n, g.roots[n], g)
		if err != nil {
			t.Fatalf("%d: %v", n, err)
		}
		again, err := s.Checkpoint(n, g.roots[n], g)
		if err != nil || !bytes.Equal(signed, again) {
			t.Fatalf("%d: the same tree gives another note: %v", n, err)
		}
		c, err := key.OpenCheckpoint(signed)
		if err != nil || c.Size != n || c.Root != g.roots[n] {
			t.Fatalf("%d: %+v, %v", n, c, err)
		}
		s = ledger.NewSigner(key, state) // as after a restart
		if last, ok, err := s.Last(); !ok || err != nil || last != c {
			t.Fatalf("%d: remembers %+v, %v", n, last, err)
		}
	}
}

// Threat T23: a fork is never signed, and what was signed stays remembered.
func TestThreat_T23_SignerRefusesAFork(t *testing.T) {
	g := grow(t, 13)
	fork := grow(t, 5)
	for i := 5; i < 16; i++ { // goes on differently after five leaves
		fork.tree.Append(ledger.Hash([]byte{byte(i)}), func(n ledger.Node) { fork.hashes = append(fork.hashes, n.Hash) })
		fork.roots = append(fork.roots, fork.tree.Root())
	}
	for name, tc := range map[string]struct {
		size   int64
		root   tlog.Hash
		hashes tlog.HashReader
	}{
		"smaller":                  {9, g.roots[9], g},
		"one less":                 {10, g.roots[10], g},
		"empty":                    {0, g.roots[0], g},
		"same size, other root":    {11, fork.roots[11], fork},
		"larger, another history":  {16, fork.roots[16], fork},
		"larger, a made-up root":   {13, tlog.Hash{1}, g},
		"larger, hashes are gone":  {13, g.roots[13], &grown{}},
		"larger, other's hashes":   {13, g.roots[13], fork},
		"larger, root of a prefix": {13, g.roots[12], g},
	} {
		s, key, state := signing(t)
		if _, err := s.Checkpoint(11, g.roots[11], g); err != nil {
			t.Fatal(err)
		}
		before, err := os.ReadFile(state)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := s.Checkpoint(tc.size, tc.root, tc.hashes)
		if !fault.Is(err, "ledger.fork") || fault.KindOf(err) != fault.Conflict || signed != nil {
			t.Errorf("%s: %q, %v", name, signed, err)
		}
		after, err := os.ReadFile(state)
		if err != nil || !bytes.Equal(before, after) {
			t.Errorf("%s: the memory changed: %v", name, err)
		}
		if _, err := ledger.NewSigner(key, state).Checkpoint(13, g.roots[13], g); err != nil {
			t.Errorf("%s: the true history is not signed any more: %v", name, err)
		}
	}
}

// A damaged memory stops signing: it might have remembered more.
func TestSignerStateDamaged(t *testing.T) {
	s, _, state := signing(t)
	g := grow(t, 6)
	if _, err := s.Checkpoint(4, g.roots[4], g); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	other, err := newKey(t, "example.ledger").SignCheckpoint(ledger.Checkpoint{Origin: "example.ledger", Size: 1})
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string][]byte{"empty": {}, "cut": good[:len(good)/2], "another key's": other, "zeros": make([]byte, len(good))}
	for i := range good {
		c := bytes.Clone(good)
		c[i] ^= 4
		cases["byte "+string(rune('0'+i%10))+" of "+string(c[:1])] = c
	}
	for name, content := range cases {
		if err := os.WriteFile(state, content, 0o600); err != nil {
			t.Fatal(err)
		}
		signed, err := s.Checkpoint(6, g.roots[6], g)
		if !fault.Is(err, "ledger.state_damaged") || signed != nil {
			t.Errorf("%s: %q, %v", name, signed, err)
		}
	}
	if err := os.Remove(state); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(state, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Checkpoint(6, g.roots[6], g); err == nil {
		t.Error("signed without being able to remember")
	}
}
