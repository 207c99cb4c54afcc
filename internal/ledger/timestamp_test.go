package ledger_test

import (
	"bytes"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/digitorus/pkcs7"

	"bevis/internal/ledger"
	"bevis/internal/ledger/tsatest"
)

// token has message stamped by a real authority.
func token(t *testing.T, tsa *tsatest.Authority, message []byte) []byte {
	t.Helper()
	query, nonce, err := ledger.TimestampQuery(message)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := tsa.Ask(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	tok, err := ledger.TimestampToken(answer, message, nonce)
	if err != nil {
		t.Fatal(err)
	}
	for name, wrong := range map[string]struct {
		answer, message []byte
		nonce           *big.Int
	}{
		"another nonce":   {answer, message, new(big.Int).Add(nonce, big.NewInt(1))},
		"another message": {answer, []byte("other"), nonce},
		"no answer":       {nil, message, nonce},
		"the query":       {query, message, nonce},
		"cut":             {answer[:len(answer)-1], message, nonce},
	} {
		if _, err := ledger.TimestampToken(wrong.answer, wrong.message, wrong.nonce); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	return tok
}

func TestTimestamp(t *testing.T) {
	tsa, other := tsatest.New(t), tsatest.New(t)
	message := []byte("a signed checkpoint\n")
	tok := token(t, tsa, message)
	for name, tc := range map[string]struct {
		roots   []byte
		trusted bool
	}{
		"no roots":         {nil, false},
		"the root":         {tsa.Root, true},
		"another root":     {other.Root, false},
		"both":             {append(bytes.Clone(other.Root), tsa.Root...), true},
		"no certificates":  {[]byte("nothing of the kind"), false},
		"broken and right": {append([]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), tsa.Root...), true},
	} {
		ts, err := ledger.VerifyTimestamp(tok, message, tc.roots)
		if err != nil || ts.Trusted != tc.trusted || ts.Time.IsZero() || ts.Signer != "CN=Example Time Stamping" || ts.Policy != "1.3.6.1.4.1.99999.1" || ts.Serial == "" {
			t.Errorf("%s: %+v, %v", name, ts, err)
		}
	}
	for _, wrong := range [][]byte{nil, []byte("a signed checkpoint"), []byte("other")} {
		if ts, err := ledger.VerifyTimestamp(tok, wrong, tsa.Root); err == nil {
			t.Errorf("%q: %+v", wrong, ts)
		}
	}
}

// A changed token is refused, or the change lies where it means nothing: never
// another time, another serial number, or more trust.
func TestTimestampTampered(t *testing.T) {
	tsa := tsatest.New(t)
	message := []byte("a signed checkpoint\n")
	tok := token(t, tsa, message)
	want, err := ledger.VerifyTimestamp(tok, message, tsa.Root)
	if err != nil {
		t.Fatal(err)
	}
	p7, err := pkcs7.Parse(tok)
	if err != nil {
		t.Fatal(err)
	}
	content := bytes.Index(tok, p7.Content)
	if content < 0 {
		t.Fatal("the token does not hold its content as it is")
	}
	refused := 0
	for i := range tok {
		for _, x := range []byte{1, 0x80} {
			changed := bytes.Clone(tok)
			changed[i] ^= x
			got, err := ledger.VerifyTimestamp(changed, message, tsa.Root)
			if err != nil {
				refused++
				continue
			}
			if i >= content && i < content+len(p7.Content) {
				t.Errorf("byte %d of what is signed changed: accepted", i-content)
			}
			if got.Time != want.Time || got.Serial != want.Serial || got.Policy != want.Policy {
				t.Errorf("byte %d changed: %+v", i, got)
			}
		}
	}
	if refused < len(tok) {
		t.Errorf("%d of %d changes refused", refused, 2*len(tok))
	}
}

// A token made by anyone, with the certificate of a trusted authority lying beside
// the signer's own, is not that authority's.
func TestTimestampWithABorrowedCertificate(t *testing.T) {
	trusted, forger := tsatest.New(t), tsatest.New(t)
	message := []byte("a signed checkpoint\n")
	good, bad := token(t, trusted, message), token(t, forger, message)
	p7, err := pkcs7.Parse(good)
	if err != nil {
		t.Fatal(err)
	}
	for _, first := range []bool{true, false} {
		forged := withCertificate(t, bad, p7.GetOnlySigner().Raw, first)
		ts, err := ledger.VerifyTimestamp(forged, message, trusted.Root)
		if err == nil && ts.Trusted {
			t.Errorf("borrowed certificate first=%v: trusted as %s", first, ts.Signer)
		}
		if ts, err = ledger.VerifyTimestamp(forged, message, forger.Root); err != nil || !ts.Trusted {
			t.Errorf("first=%v: the test's forgery is not even well made: %+v, %v", first, ts, err)
		}
	}
}

// withCertificate adds a certificate to a token's bundle and writes the lengths
// around it again.
func withCertificate(t *testing.T, tok, cert []byte, first bool) []byte {
	t.Helper()
	var outer struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue `asn1:"tag:0,explicit"`
	}
	if _, err := asn1.Unmarshal(tok, &outer); err != nil {
		t.Fatal(err)
	}
	var signed asn1.RawValue
	if _, err := asn1.Unmarshal(outer.Content.FullBytes, &signed); err != nil {
		t.Fatal(err)
	}
	if signed.Class == asn1.ClassContextSpecific {
		if _, err := asn1.Unmarshal(signed.Bytes, &signed); err != nil {
			t.Fatal(err)
		}
	}
	var parts []byte
	for rest := signed.Bytes; len(rest) > 0; {
		var v asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &v); err != nil {
			t.Fatal(err)
		}
		if v.Class == asn1.ClassContextSpecific && v.Tag == 0 {
			all := append(bytes.Clone(v.Bytes), cert...)
			if first {
				all = append(bytes.Clone(cert), v.Bytes...)
			}
			v = asn1.RawValue{Class: v.Class, Tag: v.Tag, IsCompound: true, Bytes: all}
			v.FullBytes = nil
		}
		raw, err := asn1.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, raw...)
	}
	seq := func(class, tag int, b []byte) []byte {
		raw, err := asn1.Marshal(asn1.RawValue{Class: class, Tag: tag, IsCompound: true, Bytes: b})
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	oid, err := asn1.Marshal(outer.Type)
	if err != nil {
		t.Fatal(err)
	}
	inner := seq(asn1.ClassContextSpecific, 0, seq(asn1.ClassUniversal, asn1.TagSequence, parts))
	return seq(asn1.ClassUniversal, asn1.TagSequence, append(oid, inner...))
}

// A token without the signer's certificate cannot be checked by anyone.
func TestTimestampWithoutCertificate(t *testing.T) {
	tsa := tsatest.New(t)
	message := []byte("a signed checkpoint\n")
	dir := t.TempDir()
	data, query := filepath.Join(dir, "data"), filepath.Join(dir, "query")
	if err := os.WriteFile(data, message, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("openssl", "ts", "-query", "-data", data, "-sha256", "-out", query).CombinedOutput(); err != nil { // no -cert
		t.Fatalf("%v: %s", err, out)
	}
	q, err := os.ReadFile(query)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := tsa.Ask(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	var res struct {
		Status asn1.RawValue
		Token  asn1.RawValue
	}
	if _, err := asn1.Unmarshal(answer, &res); err != nil {
		t.Fatal(err)
	}
	if ts, err := ledger.VerifyTimestamp(res.Token.FullBytes, message, tsa.Root); err == nil {
		t.Errorf("a signature that nobody checked counts: %+v", ts)
	}
}

func FuzzVerifyTimestamp(f *testing.F) {
	f.Add([]byte{0x30, 0x80}, []byte("m"))
	f.Add([]byte{0x30, 0x84, 0xff, 0xff, 0xff, 0xff}, []byte("m"))
	sample, err := os.ReadFile("testdata/token.pem") // a real token over "m"
	if err != nil {
		f.Fatal(err)
	}
	block, _ := pem.Decode(sample)
	if _, err := ledger.VerifyTimestamp(block.Bytes, []byte("m"), nil); err != nil {
		f.Fatal(err)
	}
	f.Add(block.Bytes, []byte("m"))
	f.Fuzz(func(t *testing.T, tok, message []byte) {
		if ts, err := ledger.VerifyTimestamp(tok, message, nil); err == nil && (ts.Trusted || ts.Signer == "") {
			t.Fatalf("trusted without a root: %+v", ts)
		}
		if _, err := ledger.TimestampToken(tok, message, big.NewInt(1)); err == nil {
			t.Fatal("answers a nonce nobody sent")
		}
	})
}
