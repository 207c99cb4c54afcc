package pack_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bevis/internal/fault"
	"bevis/internal/pack"
)

func certificate(t *testing.T) string {
	t.Helper()
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(7)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, pub, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// A certificate demands a timestamp, so one that cannot be read is never passed
// over.
func TestTrustFileCertificates(t *testing.T) {
	finger := strings.Repeat("0a", 32)
	cert := certificate(t)
	lines := strings.SplitAfter(cert, "\n")
	cut := strings.Join(lines[:len(lines)-2], "") // the END line is lost
	torn := lines[0] + "AAAA" + strings.Join(lines[1:], "")
	for name, tc := range map[string]struct {
		text         string
		fingerprints int
		roots        int
		key          string // of the fault
	}{
		"a certificate alone":           {cert, 0, 1, ""},
		"both":                          {finger + "\n" + cert + cert, 1, 2, ""},
		"a certificate cut short":       {finger + "\n" + cut, 0, 0, "pack.trust_certificate"},
		"a certificate with wrong text": {finger + "\n" + torn, 0, 0, "pack.trust_certificate"},
		"a private key":                 {strings.ReplaceAll(cert, "CERTIFICATE", "PRIVATE KEY"), 0, 0, "pack.trust_certificate"},
	} {
		file := filepath.Join(t.TempDir(), "trust")
		if err := os.WriteFile(file, []byte(tc.text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := pack.ReadTrust(file)
		if tc.key != "" {
			if !fault.Is(err, tc.key) || fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %v, want %s", name, err, tc.key)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if n := strings.Count(string(got.Roots), "BEGIN CERTIFICATE"); len(got.Fingerprints) != tc.fingerprints || n != tc.roots {
			t.Errorf("%s: %d fingerprints and %d certificates", name, len(got.Fingerprints), n)
		}
	}
}
